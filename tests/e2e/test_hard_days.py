"""What a long day brings: frozen and restarted schedulers, many workers, long histories, full memory."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest
from harness import procs
from harness.front import Loop, Relay
from harness.pages import App
from harness.schedulers import Script
from playwright.sync_api import expect

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(560)]
LATE = 90_000


@pytest.fixture
def day() -> Iterator[Callable[..., Script]]:
    """Makes hard days (see `hard_day.py`), whose clusters are there."""
    made: list[Script] = []

    def make(name: str, **env: str) -> Script:
        made.append(Script("hard_day.py", name, **env))
        made[-1].wait("there", 120)
        return made[-1]

    yield make
    for it in made:
        it.stop()


def computed(app: App, prefix: str) -> list[str]:
    """The keys of a prefix whose computing is held."""
    app.idle()
    return [t["key"] for t in app.tasks() if t["name"] == prefix and t["action"] == "compute"]


def holds(app: App, prefix: str, count: int) -> None:
    """Waits until so many tasks of a prefix are held, each once."""
    procs.until(lambda: len(computed(app, prefix)) >= count, 90, f"{count} of {prefix}")
    keys = computed(app, prefix)
    assert (len(keys), len(set(keys))) == (count, count)


def test_a_scheduler_that_is_frozen(app: App, new_crew) -> None:
    """Stopped for half a minute, then continued: nothing is lost, and it is no other scheduler."""
    scheduler, notebook = new_crew(2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    before = notebook.do("tutorial")["rows"]
    app.must_hold(before)
    os.kill(scheduler.process.pid, signal.SIGSTOP)
    try:
        time.sleep(32)
        expect(app.id("feed-status")).to_have_attribute("data-state", re.compile("stale|retrying|connecting"))
    finally:
        os.kill(scheduler.process.pid, signal.SIGCONT)
    app.live()
    after = notebook.do("mixed", nonce="thaw")["rows"]
    app.must_hold(after)
    app.must_hold(before)
    assert "another scheduler" not in app.page.content()


def test_a_restart_under_load(app: App, new_crew, loop: Loop) -> None:
    first, notebook = new_crew(2)
    wire = Relay(loop, first.dashboard_port)
    app.open("/scheduler", url=wire.url)
    app.live()
    notebook.begin("mixed", nonce="load")
    procs.until(lambda: len(app.tasks()) > 5, 60, "tasks")
    first.process.kill()
    first.stop()
    # It waits for what will never come.
    procs.stop(notebook.process, 3)
    held = len(app.tasks())
    second, notebook = new_crew(2)
    wire.target = second.dashboard_port
    app.live()
    rows = notebook.do("tutorial")["rows"]
    app.must_hold(rows)
    assert len(app.tasks()) >= held + len(rows)
    expect(app.id("pane-task-stream").locator("[aria-label*='another scheduler since']")).to_have_count(1)
    wire.close()


def test_a_hundred_and_forty_workers(app: App, day) -> None:
    it = day("many_workers")
    app.open("/scheduler", url=it.url)
    app.live()
    it.say("go")
    holds(app, "many", int(it.wait("done", 120)))
    expect(app.id("pane-workers")).to_contain_text("140 workers")


def test_a_long_history_before_anybody_looks(app: App, day) -> None:
    """It is not read unasked; loaded, what the recorder keeps is here."""
    it = day("long_history")
    # Dask records from when somebody first looks.
    urlopen(f"{it.url}/individual-task-stream").read()
    it.say("go")
    it.wait("done", 400)
    app.open("/scheduler", url=it.url)
    app.live()
    load = app.page.get_by_role("button", name="Load the whole history")
    expect(load).to_be_visible(timeout=LATE)
    assert len(computed(app, "short")) <= 1000
    load.click()
    procs.until(lambda: app.stats()["tasks"] >= 100_000, 120, "the whole history")
    app.live()


def test_cores_are_busy_without_a_task(app: App, day) -> None:
    it = day("no_tasks")
    app.open("/scheduler", url=it.url)
    app.live()
    it.say("go")
    # Functions that are run on workers are no tasks.
    expect(app.page.locator("[data-testid=pane-workers] tfoot")).to_contain_text(re.compile(r"(1[5-9]|[2-9])\d %"), timeout=LATE)
    it.wait("done")
    assert {t["key"] for t in app.tasks()} <= {"counter-1"}
    expect(app.id("feed-status")).to_have_attribute("data-state", "live")


def test_workers_without_a_limit_of_memory(app: App, day) -> None:
    it = day("no_limit")
    app.open("/scheduler", url=it.url)
    app.live()
    it.say("go")
    holds(app, "free", int(it.wait("done")))
    table = app.id("pane-workers")
    expect(table).to_contain_text("2 workers")
    expect(table).not_to_contain_text("NaN")
    expect(table).not_to_contain_text("of 0 B")
    app.add_pane("memory")
    expect(app.id("pane-memory")).not_to_contain_text("NaN")


def test_memory_that_is_full(app: App, day) -> None:
    it = day("spilling")
    app.open("/scheduler", url=it.url, panes="task-stream.12~workers.12~advice.12")
    app.live()
    it.say("go")
    done = int(it.wait("held", 120))
    spilled = app.page.locator("[data-testid=pane-workers] tfoot td").nth(4)
    expect(spilled).not_to_have_text("0 B")
    expect(app.id("pane-advice")).to_contain_text(re.compile("memory|disk|spill", re.I), timeout=LATE)
    procs.until(lambda: len(computed(app, "block")) >= done, 60, "blocks")
    it.say("free")
    it.wait("done")
    expect(app.id("feed-status")).to_have_attribute("data-state", "live")


def test_workers_that_come_and_go(app: App, day) -> None:
    it = day("restless", RESTLESS_S=os.environ.get("RESTLESS_S", "120"))
    app.open("/scheduler", url=it.url)
    app.live()
    it.say("go")
    count = int(it.wait("done", 700))
    procs.until(lambda: len(set(computed(app, "restless"))) >= count, 90, "all of them")
    expect(app.id("feed-status")).to_have_attribute("data-state", "live")
    assert "another scheduler" not in app.page.content()
