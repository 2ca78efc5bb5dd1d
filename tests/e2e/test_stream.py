"""The questions that people ask of the task stream, over a real scheduler's tasks."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import procs
from harness.gateway import Gateway
from harness.pages import App, Cluster
from playwright.sync_api import expect


def number(text: str) -> int:
    """A count with its groups of three."""
    return int(re.sub(r"\D", "", text))


@pytest.fixture
def filled(signed_in: App, user: str, gateway: Gateway, new_notebook: Callable) -> tuple[Cluster, list[dict]]:
    """A cluster whose stream holds erred tasks, transfers and tuple keys, all in view."""
    signed_in.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cluster = signed_in.cluster(gateway.running(user, workers=2))
    cluster.status("RUNNING")
    signed_in.live()
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    notebook.do("workers", count=2)
    rows = notebook.do("mixed", nonce="q")["rows"]
    signed_in.must_hold(rows)
    signed_in.page.locator("body").press("0")
    signed_in.idle()
    return cluster, signed_in.tasks()


def find(app: App, query: str) -> int:
    """How many match, by the page."""
    app.id("stream-filter").fill(query)
    app.idle()
    matches = app.id("stream-matches")
    expect(matches).to_contain_text(" of ")
    return int(matches.get_attribute("data-count") or -1)


def task_at(app: App) -> tuple[float, float]:
    """Points at a task on one of the first lanes; where on the page that is."""
    box = app.id("task-stream").bounding_box()
    assert box
    for lane in range(4):
        for share in sorted((step / 40 for step in range(1, 40)), key=lambda share: abs(share - 0.5)):
            at = box["x"] + 112 + (box["width"] - 120) * share, box["y"] + 52 + 28 * lane
            app.page.mouse.move(*at)
            app.page.wait_for_timeout(100)
            if app.id("task-card").count():
                return at
    pytest.fail("no task on the first lanes")


def click_task(app: App) -> None:
    """Clicks a task on one of the first lanes."""
    app.page.mouse.click(*task_at(app))


def test_queries_find_what_the_scheduler_ran(filled: tuple[Cluster, list[dict]], subtests) -> None:
    app, rows = filled[0].app, filled[1]
    some = sorted(row["stop"] - row["start"] for row in rows)[len(rows) // 2]
    cases = {
        "prefix:inc": lambda r: "inc" in r["name"],
        "action:transfer": lambda r: r["action"] == "transfer",
        "status:erred": lambda r: r["status"] == "error",
        "prefix:inc -key:inc-q-7": lambda r: "inc" in r["name"] and "inc-q-7" not in str(r["key"]),
        f"dur>{round(some * 1e6)}us": lambda r: round((r["stop"] - r["start"]) * 1e6) > round(some * 1e6),
        "nothing-of-this-name": lambda r: False,
    }
    for query, meant in cases.items():
        with subtests.test(query):
            assert find(app, query) == sum(map(meant, rows)), query
    expect(app.id("stream-matches")).to_contain_text("of")
    assert number(app.id("stream-matches").inner_text().split("of")[1]) == len(rows)
    app.id("stream-filter").fill("mean colour:red")
    expect(app.id("filter-fault").locator("mark")).to_have_text("colour:red")
    app.id("stream-filter").press("Escape")
    expect(app.id("stream-filter")).to_have_value("")
    expect(app.id("stream-matches")).to_be_hidden()


def test_completion_by_keyboard(filled: tuple[Cluster, list[dict]]) -> None:
    app = filled[0].app
    app.page.locator("body").press("/")
    app.page.keyboard.type("act")
    expect(app.id("filter-ways").get_by_role("option").first).to_have_text("action:")
    app.page.keyboard.press("ArrowDown")
    app.page.keyboard.press("Tab")
    expect(app.id("stream-filter")).to_have_value("action:")
    app.page.keyboard.type("tra")
    app.page.keyboard.press("ArrowDown")
    app.page.keyboard.press("Enter")
    expect(app.id("stream-filter")).to_have_value(re.compile("action:transfer ?"))
    app.page.keyboard.press("ArrowDown")
    app.page.keyboard.press("Escape")
    expect(app.id("filter-ways")).to_be_hidden()


def test_matches_one_after_another(filled: tuple[Cluster, list[dict]]) -> None:
    app, rows = filled[0].app, filled[1]
    count = find(app, "status:erred")
    assert count >= 4
    seen = []
    field = app.id("stream-filter")
    app.page.evaluate("async v => await window.daskscope.setView(v)", {"from": 0, "to": 10})
    for _ in range(count):
        field.press("Enter")
        app.idle()
        view = app.page.evaluate("async () => await window.daskscope.view()")
        inside = [r for r in rows if r["status"] == "error" and r["start"] >= view["from"] and r["stop"] <= view["to"]]
        assert inside, view
        seen.append(app.id("stream-matches").inner_text().split(":")[0])
    assert sorted(seen) == sorted(str(i + 1) for i in range(count)), seen
    field.press("Shift+Enter")
    expect(app.id("stream-matches")).to_have_text(re.compile(rf"^{count - 1 if seen[-1] == str(count) else ''}"))


def test_a_task_in_detail(filled: tuple[Cluster, list[dict]]) -> None:
    app, rows = filled[0].app, filled[1]
    click_task(app)
    details = app.id("task-details")
    expect(details).to_be_visible()
    key = app.id("task-key").inner_text()
    assert any(key == r["key"] or isinstance(r["key"], list) and key.startswith("(") for r in rows), key
    details.get_by_role("button", name="Copy").click()
    expect(details.get_by_text("Copied")).to_be_visible()
    assert app.clipboard() == key
    link = details.get_by_role("link", name="Dask's page of the task")
    assert "/info/task/" in (link.get_attribute("href") or "")
    app.page.locator("body").press("]")
    procs.until(lambda: app.id("task-key").inner_text() != key, 10, "next task on the lane")
    app.page.keyboard.press("Escape")
    expect(details).to_be_hidden()


def test_what_a_task_needs(signed_in: App, user: str, gateway: Gateway, new_notebook: Callable) -> None:
    app = signed_in
    cluster = app.cluster(gateway.running(user, workers=1))
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    notebook.do("workers", count=1)
    app.must_hold(notebook.do("tutorial", keep=True)["rows"])
    assert find(app, "prefix:mean_agg-aggregate") >= 1
    field = app.id("stream-filter")
    # The last of them is the result that the client keeps, so that the scheduler still knows what it needed.
    field.press("Shift+Enter")
    app.id("task-stream").focus()
    app.page.keyboard.press("Enter")
    expect(app.id("task-key")).to_contain_text("mean_agg-aggregate")
    app.id("task-family-load").click()
    family = app.id("task-family")
    expect(family).to_contain_text(re.compile(r"Dependencies: [1-9]"))
    expect(family).to_contain_text("Dependents: ")
    first = family.get_by_role("button").first
    held = first.inner_text()
    first.click()
    procs.until(lambda: app.id("task-key").inner_text() in held, 10, "the dependency's details")


def test_an_area_in_numbers(filled: tuple[Cluster, list[dict]]) -> None:
    app, rows = filled[0].app, filled[1]
    box = app.id("task-stream").bounding_box()
    assert box
    mouse, keyboard = app.page.mouse, app.page.keyboard
    keyboard.down("Shift")
    mouse.move(box["x"] + 113, box["y"] + 44)
    mouse.down()
    mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] - 60, steps=4)
    mouse.up()
    keyboard.up("Shift")
    panel = app.id("selection-panel")
    expect(panel).to_be_visible()
    app.idle()
    expect(app.id("selection-sum")).to_have_attribute("data-count", str(len(rows)))
    counts = {}
    for line in panel.locator("tbody tr").all():
        # Long names are cut in the middle.
        counts[line.locator("th").get_attribute("title")] = number(line.locator("td").first.inner_text())
    for prefix in {row["name"] for row in rows}:
        assert counts[prefix] == sum(row["name"] == prefix for row in rows), prefix
    panel.get_by_role("button", name="action", exact=True).click()
    expect(panel.locator("tbody")).to_contain_text("transfer")
    panel.get_by_role("button", name="TSV").click()
    expect(panel.get_by_text("Copied")).to_be_visible()
    assert app.clipboard().splitlines()[0].split("\t")[:2] == ["name", "count"]
    app.id("selection-longest").get_by_role("button").first.click()
    expect(app.id("task-details")).to_be_visible()
    expect(app.id("task-key")).to_contain_text("nap-q")
    app.page.keyboard.press("Escape")
    expect(app.id("task-details")).to_be_hidden()
    app.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_picture_as_a_table(filled: tuple[Cluster, list[dict]]) -> None:
    app, rows = filled[0].app, filled[1]
    app.id("stream-table-open").focus()
    app.page.keyboard.press("Enter")
    table = app.id("stream-table")
    expect(table.get_by_role("columnheader")).to_have_count(8)
    shown = min(len(rows), 200)
    expect(table.locator("tbody tr")).to_have_count(shown)
    if len(rows) > 200:
        expect(table.locator("caption")).to_contain_text(f"1 to 200 of {len(rows)}")
        app.page.get_by_role("button", name="Next 200").click()
        expect(table.locator("caption")).to_contain_text("201 to ")
        expect(table.locator("tbody tr")).to_have_count(min(len(rows) - 200, 200))
    app.page.keyboard.press("Escape")
    expect(table).to_be_hidden()


def test_tasks_in_view_are_saved(filled: tuple[Cluster, list[dict]]) -> None:
    app, rows = filled[0].app, filled[1]
    app.id("stream-view").click()
    with app.page.expect_download() as saving:
        app.id("stream-save-csv").click()
    lines = list(csv.DictReader(Path(saving.value.path()).open(newline="")))
    assert len(lines) == len(rows)
    spent = sum(row["stop"] - row["start"] for row in rows)
    assert abs(sum(float(line["duration (s)"]) for line in lines) - spent) < 1e-6 * len(rows)
    assert {line["address"] for line in lines} == {row["worker"] for row in rows}
    assert sum(line["status"] == "failed" for line in lines) == sum(row["status"] == "error" for row in rows)
    with app.page.expect_download() as saving:
        app.id("stream-save-png").click()
    picture = Path(saving.value.path()).read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 5_000
    app.id("stream-view").click()
