"""What hands do with the task stream: wheel, drags, buttons, legend, selections and keys, on one real scheduler."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from harness import procs
from harness.gateway import Gateway
from harness.notebook import Notebook
from harness.pages import App
from harness.schedulers import Scheduler
from playwright.sync_api import Locator, expect
from test_embedding import host, mount  # noqa: F401  (a fixture)
from test_stream import find, number
from test_stream_ways import GUTTER, drag, look, near, rows, view

# Where the lanes begin: below the axis and the line of workers.
TOP = 40


@pytest.fixture
def watched(app: App, new_scheduler: Callable, new_notebook: Callable) -> tuple[App, Scheduler, Notebook]:
    """A page over a scheduler that has run all kinds of tasks, all of them in view."""
    scheduler = new_scheduler("new", workers=2)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    app.open("/scheduler", url=scheduler.url, debug="frame")
    app.live()
    app.must_hold(notebook.do("mixed", nonce="h")["rows"])
    app.page.locator("body").press("0")
    app.idle()
    return app, scheduler, notebook


def hovered(app: App) -> Locator:
    """The card of some task of the first lane, with the pointer on it."""
    box = app.id("task-stream").bounding_box()
    for step in range(1, 60):
        app.page.mouse.move(box["x"] + GUTTER + (box["width"] - 120) * step / 60, box["y"] + TOP + 8)
        app.page.wait_for_timeout(60)
        if app.id("task-card").count():
            return app.id("task-card")
    pytest.fail("no task on the lane")


def put(app: App, start: float, end: float) -> None:
    """Shows exactly that span."""
    app.page.evaluate("async v => await window.daskscope.setView(v)", {"from": start, "to": end})
    app.idle()


def test_mouse(watched: tuple[App, Scheduler, Notebook], subtests) -> None:
    app, scheduler, notebook = watched
    canvas, mouse, keys = app.id("task-stream"), app.page.mouse, app.page.keyboard
    box = canvas.bounding_box()
    wide = box["width"] - GUTTER - 8
    whole = view(app)
    span = whole[1] - whole[0]
    with subtests.test("wheel"):
        mouse.move(box["x"] + GUTTER + wide / 4, box["y"] + TOP + 8)
        mouse.wheel(0, -300)
        procs.until(lambda: view(app)[1] - view(app)[0] < 0.7 * span, 10, "a narrower view")
        start, end = view(app)
        fixed = whole[0] + span / 4
        assert abs(start + (end - start) / 4 - fixed) < 0.01 * span, "about the pointer"
    with subtests.test("drag on the plot"):
        start, end = view(app)
        drag(app, (GUTTER + wide * 0.5, TOP + 8), (GUTTER + wide * 0.3, TOP + 8))
        moved = view(app)
        assert near(moved, (start + 0.2 * (end - start), end + 0.2 * (end - start))), (start, end, moved)
        keys.press("0")
        assert near(view(app), whole)
    with subtests.test("hover card"):
        card = hovered(app)
        said = card.inner_text()
        key = card.locator("dd").first.inner_text()
        same = [task for task in app.tasks() if str(task["key"]) == key or isinstance(task["key"], list) and key.startswith("[")]
        assert same, said
        for word in ("action", "worker", "thread", "start"):
            assert word in said, said
        assert any(task["name"] in said and task["worker"] in said for task in same), said
    with subtests.test("legend"):
        legend = app.page.get_by_role("group", name=re.compile("^Legend"))
        chips = legend.locator(".stream-chip")
        pressed = lambda: [chip.get_attribute("aria-pressed") for chip in chips.all()]  # noqa: E731
        count = chips.count()
        assert count > 3 and pressed() == ["true"] * count
        chips.first.click()
        expect(chips.first).to_have_attribute("aria-pressed", "false")
        assert pressed()[1:] == ["true"] * (count - 1)
        app.page.wait_for_timeout(600)
        chips.first.click()
        expect(chips.first).to_have_attribute("aria-pressed", "true")
        chips.nth(1).click(modifiers=["Shift"])
        procs.until(lambda: pressed().count("true") == 1, 10, "one alone")
        expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
        legend.get_by_role("button", name="show all").click()
        procs.until(lambda: pressed() == ["true"] * count, 10, "all again")
        chips.nth(2).dblclick()
        procs.until(lambda: pressed().count("true") == 1, 10, "one alone by a double click")
        # From anywhere on the page.
        app.page.locator("body").press("Escape")
        procs.until(lambda: pressed() == ["true"] * count, 10, "all again")
    with subtests.test("twins"):
        assert find(app, "action:transfer") > 0
        app.id("stream-filter").press("Enter")
        canvas.focus()
        keys.press("Enter")
        twins = app.id("task-twins")
        expect(twins).to_contain_text(re.compile("compute(, failed)? on "))
        key = app.id("task-key").inner_text()
        twins.get_by_role("button").first.click()
        expect(app.id("task-details")).to_contain_text("compute")
        assert app.id("task-key").inner_text() == key
        app.page.get_by_role("button", name="Close").first.click()
        expect(canvas).to_be_focused()
        app.id("stream-filter").fill("")
    with subtests.test("a worker's tasks"):
        tasks = app.tasks()
        one = tasks[0]["worker"]
        assert find(app, f"worker:{one.split(':')[-1]}") == sum(task["worker"] == one for task in tasks)
        assert find(app, "worker:W1") + find(app, "worker:w0") == len(tasks), "by their names"
        app.id("stream-filter").fill("")
    with subtests.test("hosts"):
        look(app, "stream-folding", "hosts")
        assert len(rows(app)) == 1
        canvas.click(position={"x": 30, "y": TOP + 8})
        app.idle()
        assert len(rows(app)) > 2, "opened by a click on its name"
        look(app, "stream-folding", "auto")
    with subtests.test("times of frames"):
        expect(app.page.locator(".stream-debug")).to_contain_text(re.compile(r"\d+ frames, p50 .* ms, p95 .* ms"))
    with subtests.test("an ended scheduler has no links"):
        keys.press("0")
        app.idle()
        hovered(app)
        mouse.down()
        mouse.up()
        details = app.id("task-details")
        expect(details.get_by_role("link")).to_have_count(2)
        notebook.close()
        scheduler.stop()
        expect(details.get_by_role("link")).to_have_count(0, timeout=60_000)
        expect(app.id("task-family-load")).to_be_hidden()


def test_buttons_and_numbers(watched: tuple[App, Scheduler, Notebook], subtests) -> None:
    app, _, notebook = watched
    canvas, keys = app.id("task-stream"), app.page.keyboard
    button = lambda name: app.page.get_by_role("button", name=name, exact=True)  # noqa: E731
    state = app.page.locator(".stream-state")
    with subtests.test("pause and resume"):
        button("Follow").click()
        expect(state).to_contain_text("Live")
        button("Pause").click()
        held = view(app)
        app.must_hold(notebook.do("tutorial", size=500, chunk=250)["rows"])
        expect(state).to_contain_text(re.compile(r"Paused\+\d+"))
        assert view(app) == held
        app.page.wait_for_timeout(800)
        assert "from=" in app.page.url and "to=" in app.page.url, "a held view has a link"
        button("Resume").click()
        expect(state).not_to_contain_text("+")
        procs.until(lambda: view(app)[1] > held[1], 10, "the newest again")
    keys.press("0")
    app.idle()
    total = len(app.tasks())
    panel, count = app.id("selection-panel"), app.id("selection-sum")
    with subtests.test("columns"):
        button("Numbers").click()
        expect(count).to_have_attribute("data-count", str(total))
        for name, column in (("count", 0), ("total", None)):
            head = panel.get_by_role("columnheader", name=name)
            head.get_by_role("button").click()
            first = head.get_attribute("aria-sort")
            assert first in ("ascending", "descending")
            if column is not None:
                values = [number(row.locator("td").first.inner_text()) for row in panel.locator("tbody tr").all()]
                assert values == sorted(values, reverse=True), values
            head.get_by_role("button").click()
            expect(head).not_to_have_attribute("aria-sort", first)
            if column is not None:
                again = [number(row.locator("td").first.inner_text()) for row in panel.locator("tbody tr").all()]
                assert again == sorted(values), again
        keys.press("Escape")
        expect(panel).to_be_hidden()
    with subtests.test("a selection is live"):
        last = max(task["stop"] for task in app.tasks())
        put(app, last - 5, last + 60)
        button("Numbers").click()
        expect(count).to_have_attribute("data-count", re.compile(r"\d"))
        app.idle()
        before = int(count.get_attribute("data-count"))
        notebook.do("tutorial", size=500, chunk=250)
        procs.until(lambda: int(count.get_attribute("data-count")) > before, 30, "more in it")
        keys.press("Escape")
    with subtests.test("by keyboard"):
        canvas.focus()
        keys.press("0")
        app.idle()
        keys.press("j")
        app.idle()
        keys.press("]")
        expect(app.id("stream-row")).to_have_text(re.compile(r"^Task .*: compute"))
        wide = view(app)
        keys.press("e")
        procs.until(lambda: view(app)[1] - view(app)[0] < 0.9 * (wide[1] - wide[0]), 10, "the task's own view")
        keys.press("0")
        app.idle()
        keys.press("Shift+ArrowDown")
        expect(count).to_contain_text("on 1 thread:")
        keys.press("Shift+ArrowDown")
        expect(count).to_contain_text("on 2 threads:")
        app.idle()
        long = count.inner_text()
        for _ in range(4):
            keys.press("Shift+ArrowLeft")
        procs.until(lambda: count.inner_text() != long, 10, "less time")
        panel.get_by_role("button", name="Close").click()
        expect(canvas).to_be_focused()
        expect(panel).to_be_hidden()
        keys.press("Escape")
    with subtests.test("the table keeps to the filter"):
        meant = find(app, "prefix:inc dur<1h")
        app.id("stream-filter").press("Tab")
        app.id("stream-table-open").click()
        table = app.id("stream-table")
        expect(table.locator("tbody tr")).to_have_count(min(meant, 200))
        expect(table.locator("caption")).to_contain_text("not faded")
        assert all("inc" in name for name in table.locator("tbody td:first-child").all_inner_texts())
        keys.press("Escape")
        app.id("stream-filter").fill("")
    with subtests.test("busiest first"):
        look(app, "stream-folding", "workers")
        work: dict[str, float] = {}
        for task in app.tasks():
            if task["action"] == "compute":
                work[task["worker"]] = work.get(task["worker"], 0) + task["stop"] - task["start"]
        look(app, "stream-order", "busy")
        busiest = rows(app)
        look(app, "stream-order", "address")
        by_address = rows(app)
        order = sorted(work, key=lambda address: int(address.split(":")[-1]))
        names = dict(zip(order, by_address, strict=True))
        assert busiest == [names[worker] for worker in sorted(work, key=work.get, reverse=True)]
        look(app, "stream-order", "name")
        look(app, "stream-folding", "auto")


def test_the_next_match_inside_a_host(
    host: App,  # noqa: F811
    user: str,
    gateway: Gateway,
    new_notebook: Callable,
) -> None:
    """`n` is the next match, and no new cluster, wherever in our part of the page the focus is."""
    name = gateway.running(user, workers=1)
    one = mount(host.page, "one", {"gateway": "/gateway", "auth": "basic"})
    one.get_by_test_id("username").fill(user)
    one.get_by_test_id("connect-submit").click()
    one.get_by_test_id(f"cluster-row-{name}").click()
    expect(one.get_by_test_id("feed-status")).to_have_attribute("data-state", "live", timeout=60_000)
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=1)
    notebook.do("tutorial", size=500, chunk=250)
    field, matches = one.get_by_test_id("stream-filter"), one.get_by_test_id("stream-matches")
    field.fill("action:compute dur>0us")
    expect(matches).to_have_attribute("data-count", re.compile("[1-9]"), timeout=30_000)
    chip = one.locator(".stream-chip").first
    chip.focus()
    chip.press("n")
    expect(matches).to_have_text(re.compile(r"^\d+: "))
    chip.press("n")
    expect(field).to_have_value("action:compute dur>0us")
    expect(one.get_by_test_id("options-form")).to_have_count(0)
    # Without a search it is what it says in the map of keys.
    field.press("Escape")
    expect(matches).to_have_count(0)
    chip.focus()
    chip.press("n")
    expect(one.get_by_test_id("options-form")).to_be_visible()
