"""The graph of tasks, groups, fine metrics and the smaller pages on a real scheduler, and a page that is not there."""

from __future__ import annotations

import json
import re

import pytest
from harness import procs
from harness.pages import App
from playwright.sync_api import expect

TREE = """
import time
from distributed import default_client, Event
client = default_client()
gate = Event("gate")
def leaf(i):
    return i
def gated(x):
    Event("gate").wait()
    return x + 1
def fails(x):
    raise ValueError(x)
leaves = [client.submit(leaf, i, key=f"leaf-{i}") for i in range(6)]
middles = [client.submit(gated, leaf_, key=f"gated-{i}") for i, leaf_ in enumerate(leaves)]
top = client.submit(sum, middles, key="top-of-it")
bad = client.submit(fails, top, key="fails-after")
kept = [leaves, middles, top, bad]
"""
BOTH = ["new", pytest.param("old", marks=[pytest.mark.old, pytest.mark.matrix])]
EXECUTE = """
def ask(dask_scheduler):
    spans = dask_scheduler.extensions.get("spans")
    metrics = spans.merge_all().cumulative_worker_metrics if spans and spans.spans else dask_scheduler.cumulative_worker_metrics
    out = {}
    for key, amount in metrics.items():
        if isinstance(key, tuple) and len(key) == 4 and key[0] == "execute" and key[3] == "seconds":
            out[str(key[2])] = out.get(str(key[2]), 0) + amount
    return out
import json
open(WHERE, "w").write(json.dumps(client.run_on_scheduler(ask)))
"""


@pytest.mark.parametrize("version", BOTH)
def test_the_graph_of_a_computation(app: App, version: str, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler(version, workers=2, threads=1)
    notebook = new_notebook(version)
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    app.open("/panel/graph", url=scheduler.url)
    expect(app.page.get_by_text("The graph appears when a client submits tasks.")).to_be_visible()
    notebook.do("snippet", code=TREE)
    canvas = app.id("graph-canvas")
    expect(canvas).to_have_attribute("data-tasks", "14")
    expect(canvas).to_have_attribute("data-links", "13")
    # Two threads wait at the gate, the others wait for them.
    expect(app.id("graph-t-processing")).to_contain_text("processing")
    expect(app.id("graph-t-memory")).to_contain_text("6")
    expect(app.id("graph-t-waiting")).to_contain_text("2")
    # By keyboard: the first one is marked, and what hangs on it is counted.
    canvas.focus()
    app.page.keyboard.press("n")
    words = app.id("graph-words")
    expect(words).to_contain_text("leaf-")
    expect(words).to_contain_text("nothing before it; 3 after it, 3 not done")
    link = words.get_by_role("link")
    expect(link).to_have_attribute("href", re.compile(f"^{re.escape(scheduler.url)}/info/task/leaf-\\d.html$"))
    notebook.do("snippet", code="gate.set()\nfrom distributed import wait\nwait(kept[1:])")
    expect(app.id("graph-t-memory")).to_contain_text("13")
    expect(app.id("graph-t-erred")).to_contain_text("1")
    expect(app.id("graph-t-processing")).to_have_count(0)
    expect(words).to_contain_text("3 after it, all done")
    app.page.keyboard.press("Escape")
    expect(words).to_contain_text("Click a task")
    # By pointer: the task that is under it is told, a click marks it, the wheel makes it larger.
    box = canvas.bounding_box()
    assert box
    app.page.mouse.move(box["x"] + box["width"] - 14, box["y"] + box["height"] / 2)
    found = False
    for step in range(60):
        app.page.mouse.move(box["x"] + box["width"] - 14, box["y"] + box["height"] * (step + 0.5) / 60)
        if words.get_by_text("fails-after").count():
            found = True
            break
    assert found, "the last task stands at the right edge"
    app.page.mouse.down()
    app.page.mouse.up()
    expect(words).to_contain_text("erred; 13 before it, all done; nothing after it")
    app.page.mouse.wheel(0, -300)
    app.page.get_by_role("button", name="Whole graph").click()
    app.page.get_by_role("button", name="Unmark").click()
    expect(words).to_contain_text("Click a task")
    # What is let go leaves the graph.
    notebook.do("snippet", code="del leaves, middles, top, bad, kept")
    expect(app.page.get_by_text("The graph appears when a client submits tasks.")).to_be_visible()


def test_too_many_tasks_are_shown_by_prefix(app: App, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=1, threads=1, DASK_DISTRIBUTED__DASHBOARD__GRAPH_MAX_ITEMS="50")
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("hold", nonce="g", count=80, erred=3)
    app.open("/panel/graph", url=scheduler.url)
    pane = app.id("pane-graph")
    expect(pane).to_contain_text("More tasks than Dask draws as a graph")
    expect(pane.locator("[role=row]", has_text="heldg")).to_contain_text("80 of 80")


def test_groups_are_the_schedulers(app: App, site, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=2, threads=1)
    site.proxies["/far"] = scheduler.url
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("hold", nonce="g", count=30, erred=4)
    app.open("/panel/groups", url=f"{site.url}/far")
    pane = app.id("pane-groups")
    expect(pane.locator("[role=row]", has_text="heldg")).to_contain_text("30 of 30")
    pane.get_by_role("button", name="Table").click()
    truth = notebook.do("prefixes")
    head = pane.locator("thead th").all_inner_texts()
    for prefix in ("heldg", "badg"):
        cells = pane.locator("tbody tr", has=app.page.get_by_role("rowheader", name=prefix)).locator("td").all_inner_texts()
        said = dict(zip(head[1:], cells, strict=True))
        assert int(said["in memory"]) == truth[prefix]["memory"], said
        assert int(said["erred"]) == truth[prefix]["erred"], said
    # The page of Dask's own that fails on the scheduler is not asked, nor the one that keeps it busy.
    assert not site.sockets("individual-group-progress") and not site.sockets("individual-groups")


@pytest.mark.parametrize("version", BOTH)
def test_fine_metrics_are_the_schedulers(app: App, version: str, new_scheduler, new_notebook, tmp_path) -> None:
    scheduler = new_scheduler(version, workers=2, threads=1)
    notebook = new_notebook(version)
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    notebook.do("mixed", nonce="f")
    notebook.do("snippet", code="from distributed import default_client; client = default_client()")
    app.open("/panel/fine-metrics", url=scheduler.url)
    pane = app.id("pane-fine-metrics")
    running = pane.get_by_role("region", name="Running tasks")
    expect(running.get_by_role("button", name=re.compile("^thread-cpu"))).to_be_visible()
    where = tmp_path / "metrics.json"

    def same() -> bool:
        notebook.do("snippet", code=f"WHERE = {str(where)!r}\n{EXECUTE}")
        theirs = json.loads(where.read_text())
        ours = dict(
            running.locator(".stack-key").evaluate_all(
                "all => all.map(one => [one.title.replace('Sort by ', ''), Number(one.dataset.amount)])"
            )
        )
        names = [name for name in theirs if not name.startswith("idle")]
        return len(names) > 3 and all(abs(ours.get(name, -1) - theirs[name]) < 1e-4 for name in names)

    procs.until(same, 30, "the same sums as the scheduler has")
    expect(pane).to_contain_text(re.compile(r"\d+ % of .+ spent computing, (under )?\d+ % of the busy time"))
    # Sorting by an activity puts its longest bar first.
    key = running.get_by_role("button", name=re.compile("^thread-noncpu"))
    key.click()
    expect(key).to_have_attribute("aria-pressed", "true")
    expect(running.locator("[role=row]").first).to_contain_text(re.compile("nap|fail|block|random"))
    running.get_by_role("button", name="Table").click()
    expect(running.locator("thead th").first).to_have_text("Prefix")


def test_measuring_waits_for_threads_and_says_so(app: App, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=2, threads=1)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    blocked = "from distributed import Event, default_client\nclient = default_client()\n"
    blocked += "kept = [client.submit(lambda: Event('gate').wait(), workers=['w1'], pure=False)]"
    notebook.do("snippet", code=blocked)
    pane = app.id("pane-hardware")
    app.open("/panel/hardware", url=scheduler.url)
    app.id("pane-ask").click()
    expect(pane).to_contain_text("All threads of w1 may be at work", timeout=60_000)
    app.id("pane-give-up").click()
    notebook.do("snippet", code="from distributed import Event\nEvent('gate').set()")
    app.id("pane-ask").click()
    expect(pane.locator("[role=row]", has_text="MiB").first).to_be_visible(timeout=60_000)


# Seventy groups of one prefix each.
GROUPS = """
from distributed import default_client, wait
client = default_client()
kept = [client.submit(lambda i: i, number, key=(f"group{number:02}-{'0' * 31}{number % 10}", 0)) for number in range(70)]
wait(kept)
globals()["_groups"] = kept
"""


def test_very_many_groups_are_watched_only_when_asked(app: App, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=2, threads=1)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    app.open("/panel/group-progress", url=scheduler.url)
    pane = app.id("pane-group-progress")
    expect(pane).to_contain_text("Nothing to show yet")
    notebook.do("snippet", code=GROUPS)
    # Dask's page tells of groups only while something goes on, and of new ones when it likes.
    asks = pane.get_by_text("so many task groups that telling who works on which keeps it busy")
    for number in range(12):
        if asks.count():
            break
        notebook.do("steady", nonce=f"s{number}", seconds=3)
    expect(asks).to_be_visible()
    # Its page is closed: what is left are those that are always open.
    expect(app.id("feed-cost")).to_have_text(re.compile("^4 sockets"))
    app.id("pane-ask").click()
    expect(app.id("feed-cost")).to_have_text(re.compile("^5 sockets"))
    expect(pane.locator("li", has_text="group").first).to_be_visible(timeout=60_000)
    expect(app.id("pane-ask")).to_have_count(0)


def test_the_smaller_pages(app: App, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=2, threads=1)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    app.open("/panel/stealing", url=scheduler.url)
    expect(app.id("pane-stealing").locator("canvas")).to_be_visible()
    expect(app.id("pane-stealing")).to_contain_text("2 workers idle, 0 saturated")
    app.open("/panel/counters", url=scheduler.url)
    expect(app.id("pane-counters").locator("tbody tr", has_text="heartbeat")).to_be_visible()
    app.open("/panel/shuffle", url=scheduler.url)
    expect(app.id("pane-shuffle")).to_contain_text("No shuffle is under way.")
    # Nothing is measured before a person asks.
    app.open("/panel/hardware", url=scheduler.url)
    expect(app.id("pane-ask")).to_be_visible()
    app.id("pane-ask").click()
    expect(app.id("pane-hardware").locator("[role=row]", has_text="MiB").first).to_be_visible(timeout=90_000)
    app.open("/panel/group-progress", url=scheduler.url)
    notebook.do("steady", nonce="s", seconds=3)
    pane = app.id("pane-group-progress")
    expect(pane.locator("li", has_text="nap")).to_be_visible()
    # The amounts of a moment, by pointer and by keyboard.
    when = pane.locator(".chart-when")
    expect(when).to_contain_text("Last seen")
    pane.locator(".area-plot").hover(position={"x": 120, "y": 60})
    expect(when).to_contain_text("threads busy")
    expect(pane.locator(".chart-over line")).to_have_count(1)
    pane.locator("h2").hover()
    expect(when).to_contain_text("Last seen")
    pane.locator(".area-plot").press("ArrowLeft")
    expect(when).to_contain_text("s before")


def test_nothing_is_wider_than_a_phone(new_app, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=2, threads=1)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("hold", nonce="n", count=30, erred=3)
    app = new_app(viewport={"width": 380, "height": 800})
    for name, what in (
        ("graph", "[data-testid=graph-canvas]"), ("groups", ".stack-key"), ("fine-metrics", ".stack-key"),
        ("counters", "tbody tr"), ("stealing", "canvas"), ("hardware", "[data-testid=pane-ask]"), ("dask:info", "iframe"),
    ):  # fmt: skip
        app.open(f"/panel/{name}", url=scheduler.url)
        app.page.locator(what).first.wait_for()
        if what == ".stack-key":
            app.page.get_by_role("button", name="Table").first.click()
        app.no_overflow()


def test_a_page_that_the_scheduler_does_not_have(app: App, new_scheduler) -> None:
    # As an older version: the page is taken out before the dashboard starts.
    code = "import distributed.dashboard.scheduler as d; d.applications.pop('/individual-contention', None)"
    scheduler = new_scheduler("new", workers=1, DASK_DISTRIBUTED__SCHEDULER__PRELOAD=repr([code]))
    app.open("/panel/contention", url=scheduler.url)
    pane = app.id("pane-contention")
    expect(pane).to_contain_text("does not offer this: its dashboard has no page /individual-contention")
    expect(pane).to_contain_text("2023.3.2")
    app.live()
