"""Ways through the task stream: rows, time, fingers, keys and links, over a real scheduler's tasks."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness import procs
from harness.gateway import Gateway
from harness.pages import App, Cluster
from playwright.sync_api import expect
from test_stream import click_task, filled, task_at  # noqa: F401  (a fixture)

GUTTER = 112


def look(app: App, name: str, word: str) -> None:
    """Chooses how the stream looks."""
    app.id("stream-view").click()
    app.id(name).select_option(word)
    app.id("stream-view").click()
    app.idle()


def rows(app: App) -> list[str]:
    """The rows in words, as the keyboard goes over them."""
    app.page.keyboard.press("Escape")
    seen: list[str] = []
    app.id("task-stream").focus()

    def step(key: str) -> tuple[str, str, str]:
        app.page.keyboard.press(key)
        app.idle()
        words = app.id("stream-row").inner_text()
        return re.fullmatch(r"Row (\d+) of (\d+): (.*)", words).groups()

    at, of, words = step("j")
    while at != "1":
        at, of, words = step("k")
    seen.append(words)
    while at != of:
        at, of, words = step("j")
        seen.append(words)
    return seen


def view(app: App) -> tuple[float, float]:
    """The span in view, once it has come to rest."""
    app.idle()
    now = app.page.evaluate("async () => await window.daskscope.view()")
    return now["from"], now["to"]


def near(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether two spans are the same but for a few pixels."""
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) < 0.02 * (b[1] - b[0])


def drag(app: App, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags between two points of the canvas."""
    box = app.id("task-stream").bounding_box()
    mouse = app.page.mouse
    mouse.move(box["x"] + start[0], box["y"] + start[1])
    mouse.down()
    mouse.move(box["x"] + end[0], box["y"] + end[1], steps=5)
    mouse.up()


def test_rows_of_prefixes(filled: tuple[Cluster, list[dict]]) -> None:  # noqa: F811
    app, tasks = filled[0].app, filled[1]
    look(app, "stream-folding", "prefixes")
    folded = rows(app)
    computed = {task["name"] for task in tasks if task["action"] == "compute"}
    assert {words.split(",")[0] for words in folded} >= computed | {"transfer", "erred"}, folded
    assert all(words.endswith(", folded") for words in folded), folded
    app.page.keyboard.press("o")
    app.idle()
    workers = {task["worker"] for task in tasks}
    opened = rows(app)
    assert len(opened) == len(folded) + len(workers), opened
    assert sum(words.endswith(", open") for words in opened) == 1
    app.page.keyboard.press("Escape")
    expect(app.id("stream-row")).to_be_empty()
    app.reload()
    app.live()
    expect(app.id("stream-folding")).to_have_value("prefixes")
    look(app, "stream-folding", "auto")


def test_orders_and_idle_workers(filled: tuple[Cluster, list[dict]], subtests) -> None:  # noqa: F811
    app = filled[0].app
    look(app, "stream-folding", "workers")
    names = rows(app)
    for order in ("address", "arrival", "busy", "name"):
        with subtests.test(order):
            look(app, "stream-order", order)
            assert sorted(rows(app)) == sorted(names)
    assert rows(app) == names, "by name again"
    look(app, "stream-order", "name")
    # The longest time in which one of them works alone; times are looked up late, when they are settled.
    spans = [(task["start"], task["stop"], task["worker"]) for task in app.tasks()]
    edges = sorted({edge for start, stop, _ in spans for edge in (start, stop)})
    alone = (0.0, 0.0, 0.0)
    for a, b in zip(edges, edges[1:], strict=False):
        at_work = {worker for start, stop, worker in spans if start < b - 1e-6 and a + 1e-6 < stop}
        if len(at_work) == 1:
            alone = max(alone, (b - a, a + (b - a) / 4, b - (b - a) / 4))
    assert alone[0] > 0.01, "nobody works alone"
    look(app, "stream-idle", "hide-idle")
    app.page.evaluate("async v => await window.daskscope.setView(v)", {"from": alone[1], "to": alone[2]})
    procs.until(lambda: len(rows(app)) == 1, 10, f"one row of {names} in {alone}")
    look(app, "stream-idle", "show-idle")
    assert len(rows(app)) == len(names)
    look(app, "stream-folding", "auto")


def test_zoom_and_back_and_forward(filled: tuple[Cluster, list[dict]]) -> None:  # noqa: F811
    app = filled[0].app
    box = app.id("task-stream").bounding_box()
    wide = box["width"] - GUTTER - 8
    whole = view(app)
    # The axis: what was dragged over fills the view.
    drag(app, (GUTTER + wide * 0.25, 8), (GUTTER + wide * 0.5, 8))
    span = whole[1] - whole[0]
    zoomed = view(app)
    assert near(zoomed, (whole[0] + span * 0.25, whole[0] + span * 0.5)), (whole, zoomed)
    # The brush of the minimap moves it, and an end of the brush widens it.
    y = box["height"] - 25
    drag(app, (GUTTER + wide * 0.37, y), (GUTTER + wide * 0.57, y))
    moved = view(app)
    assert moved[0] > zoomed[0] + span * 0.1 and near((moved[0], moved[0] + zoomed[1] - zoomed[0]), moved)
    left, right = (GUTTER + wide * (edge - whole[0]) / span for edge in moved)
    drag(app, (left, y), (left - wide * 0.1, y))
    widened = view(app)
    assert near(widened, (moved[0] - span * 0.1, moved[1])), (moved, widened)
    drag(app, (right, y), (right + wide * 0.1, y))
    assert near(view(app), (widened[0], moved[1] + span * 0.1)), (widened, view(app))
    keys = app.page.keyboard
    app.id("task-stream").focus()
    for _ in range(2):
        keys.press("Backspace")
    procs.until(lambda: near(view(app), moved), 10, "the view before both")
    # Keys.
    app.id("task-stream").focus()
    keys.press("a")
    left = view(app)
    assert left[0] < moved[0]
    keys.press("ArrowRight")
    assert near(view(app), moved)
    app.page.wait_for_timeout(600)
    before = view(app)
    keys.press("w")
    closer = view(app)
    assert closer[1] - closer[0] < 0.7 * (before[1] - before[0])
    keys.press("Backspace")
    procs.until(lambda: near(view(app), before), 10, "the view before")
    keys.press("Shift+Backspace")
    procs.until(lambda: near(view(app), closer), 10, "forward again")
    keys.press("ControlOrMeta+z")
    procs.until(lambda: near(view(app), before), 10, "back")
    keys.press("ControlOrMeta+Shift+z")
    procs.until(lambda: near(view(app), closer), 10, "forward")
    # A double click glides to the task under it, one on the axis shows all.
    keys.press("0")
    assert near(view(app), whole)
    app.page.mouse.dblclick(*task_at(app))
    key = app.id("task-key").inner_text()

    def around(task: dict) -> tuple[float, float]:
        """The task has half the view, whatever its length, and at least 5 µs on either side."""
        margin = (task["stop"] - task["start"]) / 2 + 5e-6
        return task["start"] - margin, task["stop"] + margin

    def named(task: dict) -> str:
        return str(tuple(task["key"]) if isinstance(task["key"], list) else task["key"])

    views = [around(task) for task in app.tasks() if named(task) == key]
    procs.until(lambda: any(near(view(app), one) for one in views), 10, f"the view of {key}")
    details = app.id("task-details")
    expect(details).to_be_visible()
    keys.press("Escape")
    expect(details).to_be_hidden()
    app.id("task-stream").dblclick(position={"x": GUTTER + wide / 2, "y": 8})
    assert near(view(app), whole)


def test_the_next_lane_and_markdown(filled: tuple[Cluster, list[dict]]) -> None:  # noqa: F811
    app = filled[0].app
    click_task(app)
    # What ran twice has one key and two places: the facts tell where this one ran, and when.
    facts = app.id("task-details").locator("dl")
    first = facts.inner_text()
    app.page.locator("body").press("j")
    procs.until(lambda: facts.inner_text() != first, 10, "a task on the next lane")
    second = facts.inner_text()
    app.page.locator("body").press("k")
    procs.until(lambda: facts.inner_text() != second, 10, "a task on the lane above")
    app.page.keyboard.press("Escape")
    app.id("stream-numbers").click()
    panel = app.id("selection-panel")
    expect(app.id("selection-sum")).to_be_visible()
    panel.get_by_role("button", name="Markdown").click()
    expect(panel.get_by_text("Copied")).to_be_visible()
    lines = app.clipboard().splitlines()
    assert lines[0].startswith("| name | count |") and lines[1].startswith("| --- | ---: |"), lines[:2]
    # All columns are seen without scrolling.
    app.page.set_viewport_size({"width": 1440, "height": 900})
    inside = panel.locator(".table-wrap").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert inside, "the last column sticks out"


def test_the_legend_keeps_to_one_line(filled: tuple[Cluster, list[dict]], subtests) -> None:  # noqa: F811
    app = filled[0].app
    legend = app.page.locator(".stream-legend")
    for width in (1440, 800, 380):
        with subtests.test(str(width)):
            app.page.set_viewport_size({"width": width, "height": 800})
            assert legend.bounding_box()["height"] < 34
    legend.get_by_role("button", name=re.compile(r"^all \d+")).click()
    assert legend.bounding_box()["height"] > 40
    assert app.page.locator(".stream-swatch path").count() > 0, "patterns"


def test_a_link_to_where_nothing_is(filled: tuple[Cluster, list[dict]]) -> None:  # noqa: F811
    app, tasks = filled[0].app, filled[1]
    first = min(task["start"] for task in tasks)
    app.go(f"/clusters/{filled[0].name}?from={first - 500:.0f}&to={first - 400:.0f}")
    app.reload()
    app.live()
    expect(app.id("stream-back")).to_be_visible()
    expect(app.page.get_by_text(re.compile("first one held began at"))).to_be_visible()
    app.id("stream-back").click()
    expect(app.id("stream-back")).to_be_hidden()
    start, stop = view(app)
    assert start <= min(task["start"] for task in app.tasks()) < stop


def test_fingers(new_app, user: str, gateway: Gateway, new_notebook: Callable) -> None:
    """Two zoom; one that rests and then moves selects."""
    app: App = new_app(has_touch=True, viewport={"width": 800, "height": 900})
    app.sign_in(user)
    cluster = app.cluster(gateway.running(user, workers=1))
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    notebook.do("workers", count=1)
    app.must_hold(notebook.do("tutorial")["rows"])
    app.page.locator("body").press("0")
    app.id("task-stream").scroll_into_view_if_needed()
    whole = view(app)
    box = app.id("task-stream").bounding_box()
    cdp = app.page.context.new_cdp_session(app.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": box["x"] + x, "y": box["y"] + y, "id": i} for i, (x, y) in enumerate(points)]
        cdp.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})

    y = 60
    touch("Start", (300, y))
    touch("Start", (300, y), (400, y))
    for step in range(1, 11):
        touch("Move", (300 - 10 * step, y), (400 + 10 * step, y))
    touch("End")
    procs.until(lambda: view(app)[1] - view(app)[0] < 0.5 * (whole[1] - whole[0]), 10, "pinched view")
    app.page.locator("body").press("0")
    app.idle()
    touch("Start", (200, y))
    app.page.wait_for_timeout(700)
    for step in range(1, 11):
        touch("Move", (200 + 40 * step, y + 2 * step))
    touch("End")
    expect(app.id("selection-sum")).to_have_attribute("data-count", re.compile("[1-9]"))


def test_workers_that_come_and_go_are_marked(app: App, new_crew: Callable) -> None:
    scheduler, notebook = new_crew(2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.must_hold(notebook.do("tutorial")["rows"])

    def marks() -> dict[str, int]:
        """Pixels at the lower edge of the axis in the colours of those who came and those who went."""
        return app.page.evaluate(
            """() => {
                const canvas = document.querySelector('[data-testid=task-stream] canvas');
                const rgb = name => {
                    const probe = document.createElement('span');
                    probe.style.color = `var(${name})`;
                    document.querySelector('.ds-root').append(probe);
                    const found = getComputedStyle(probe).color.match(/[0-9]+/g).slice(0, 3).join();
                    probe.remove();
                    return found;
                };
                const wide = canvas.width - 112, from = 112;
                const bytes = canvas.getContext('2d').getImageData(from, 0, wide, 40).data;
                const count = {};
                for (const [what, name] of [['came', '--accent'], ['went', '--warn']]) {
                    const color = rgb(name);
                    count[what] = 0;
                    for (let i = 0; i < bytes.length; i += 4)
                        if (bytes.slice(i, i + 3).join() === color) count[what]++;
                }
                return count;
            }"""
        )

    stream = app.id("task-stream")
    app.page.locator("body").press("f")
    expect(stream).to_have_attribute("aria-label", re.compile("2 there now"))
    before = marks()
    worker = scheduler.worker("late")
    expect(stream).to_have_attribute("aria-label", re.compile(r"3 there now, one came last at \d\d:\d\d:\d\d"), timeout=30_000)
    procs.until(lambda: marks()["came"] >= before["came"] + 4, 10, "a mark for the one that came")
    assert marks()["went"] == before["went"]
    worker.terminate()
    worker.wait()
    expect(stream).to_have_attribute("aria-label", re.compile("2 there now, one went last at"), timeout=30_000)
    procs.until(lambda: marks()["went"] >= before["went"] + 4, 10, "a mark for the one that went")
    scheduler.worker("late")
    again = re.compile("3 there now, one was restarted last at")
    expect(stream).to_have_attribute("aria-label", again, timeout=30_000)
