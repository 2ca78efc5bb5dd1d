"""What is out of sight costs nothing, and is current once it is seen; series that are sampled while they are shown."""

from __future__ import annotations

import re

import pytest
from harness import procs
from harness.pages import App
from playwright.sync_api import expect

# Counts changes below an element from now on.
COUNT = """pane => {
    pane.changes = 0;
    new MutationObserver(all => pane.changes += all.length)
        .observe(pane, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
HIDE = """hidden => {
    for (const [name, value] of [['visibilityState', hidden ? 'hidden' : 'visible'], ['hidden', hidden]])
        Object.defineProperty(document, name, {configurable: true, get: () => value});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def work(new_crew):
    return new_crew(2, threads=2)


def test_out_of_sight_nothing_is_drawn(app: App, work) -> None:
    scheduler, notebook = work
    app.page.set_viewport_size({"width": 1200, "height": 500})
    app.open("/scheduler", url=scheduler.url, panes="cpu.12.300~memory.12.600~worker-series.12.600~network.12.300~processing.12.300")
    app.live()
    above, below, last = (app.id(f"pane-{name}") for name in ("cpu", "network", "processing"))
    above.locator("h2").scroll_into_view_if_needed()
    expect(above.locator("[role=row]")).to_have_count(2)
    app.page.wait_for_timeout(1000)
    # Both are fed by the worker table, which is always open.
    for pane in (above, below):
        pane.evaluate(COUNT)
    changes = lambda pane: pane.evaluate("pane => pane.changes")  # noqa: E731
    notebook.do("steady", nonce="s", seconds=4)
    procs.until(lambda: changes(above) > 3, 20, "changes of what is in sight")
    assert changes(below) == 0, "out of sight nothing is drawn"
    below.scroll_into_view_if_needed()
    procs.until(lambda: changes(below) > 0, 5, "changes of what came into sight")
    held = "from distributed import default_client; import time; kept = default_client().map(time.sleep, [60] * 40, pure=False)"
    notebook.do("snippet", code=held)
    last.scroll_into_view_if_needed()
    # Two for each worker's threads and one to follow; the others wait on the scheduler.
    expect(last.locator(".pane-note")).to_contain_text("6 tasks processing")
    # In a hidden tab nothing is drawn at all, and all of it once it is seen again.
    app.page.evaluate(HIDE, True)
    app.page.wait_for_timeout(500)
    last.evaluate(COUNT)
    notebook.do("snippet", code="kept = None")
    app.page.wait_for_timeout(2500)
    assert changes(last) == 0, "a hidden tab draws nothing"
    app.page.evaluate(HIDE, False)
    expect(last.locator(".pane-note")).to_contain_text("0 tasks processing")


def test_series_of_what_workers_have_to_do(app: App, work) -> None:
    scheduler, notebook = work
    app.open("/scheduler", url=scheduler.url, panes="processing-series.12~occupancy-series.12")
    app.live()
    held = "from distributed import default_client; import time; kept = default_client().map(time.sleep, [60] * 40, pure=False)"
    notebook.do("snippet", code=held)
    tasks, waiting = app.id("pane-processing-series"), app.id("pane-occupancy-series")
    for pane in (tasks, waiting):
        pane.scroll_into_view_if_needed()
        expect(pane.locator("canvas")).to_have_count(1)
        expect(pane.locator(".pane-note")).to_contain_text("since this pane was opened")
    tasks.scroll_into_view_if_needed()
    shown = tasks.locator(".chart-head .mute")
    expect(shown).to_have_count(2)
    total = lambda: sum(int(re.match(r"\d+", one).group()) for one in shown.all_inner_texts())  # noqa: E731
    # Two for each worker's threads and one to follow; the others wait on the scheduler.
    procs.until(lambda: total() == 6, 20, "tasks on the two workers")
    expect(waiting.locator(".chart-head .mute")).to_have_count(2)
