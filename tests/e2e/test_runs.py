"""One pane that fails, a notebook that is run again, schedulers and proxies without websockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from harness.front import Site
from harness.gateway import Gateway
from harness.pages import App
from harness.schedulers import PlainScheduler, Script
from playwright.sync_api import expect

LATE = 60_000


@pytest.fixture
def runs() -> Iterator[Script]:
    it = Script("two_runs.py")
    it.wait("first-there")
    yield it
    it.stop()


@pytest.fixture
def plain() -> Iterator[Callable[[str], PlainScheduler]]:
    made: list[PlainScheduler] = []

    def make(how: str) -> PlainScheduler:
        made.append(PlainScheduler(how))
        return made[-1]

    yield make
    for it in made:
        it.stop()


def computed(app: App) -> list[str]:
    """The keys that were computed, as far as they are held."""
    app.idle()
    return sorted(task["key"] for task in app.tasks() if task["action"] == "compute")


def test_a_pane_that_fails_and_a_notebook_that_is_run_again(app: App, runs: Script) -> None:
    app.open("/scheduler", url=runs.url, panes="task-stream.12~prefix-times.6~progress.6~workers.12")
    app.live()
    # Dask cannot make this page before the first task: that is this pane's affair.
    pane = app.id("pane-prefix-times")
    expect(pane).to_contain_text("The scheduler could not make this page")
    expect(pane).to_contain_text(re.compile(r"asked for again in \d+ s"))
    expect(app.id("feed-status")).to_have_attribute("data-state", "live")
    expect(app.page.locator(".panes.lost")).to_have_count(0)
    runs.say("first-go")
    runs.wait("first")
    expect(pane).to_contain_text("first", timeout=LATE)
    expect(app.id("feed-status")).to_have_attribute("data-state", "live")
    assert len(computed(app)) == 40
    expect(app.id("progress-row-first")).to_be_visible()

    # The notebook is run again: another cluster at the same address.
    runs.say("next")
    runs.wait("second-there")
    runs.say("second-go")
    runs.wait("second")
    expect(app.id("progress-row-second")).to_be_visible(timeout=LATE)
    expect(app.id("progress-row-first")).to_have_count(0)
    app.live()
    expect(app.id("pane-workers")).to_contain_text("2 workers", timeout=LATE)
    expect(app.page.locator("[data-testid=pane-workers] tbody tr")).to_have_count(2)
    assert computed(app) == sorted([f"first-{n}" for n in range(40)] + [f"second-{n}" for n in range(15)])
    expect(app.id("pane-task-stream").locator("[aria-label*='another scheduler since']")).to_have_count(1)


@pytest.mark.parametrize(
    ("how", "words"),
    [("no-bokeh", "its Python has no bokeh"), ("off", "its dashboard is switched off")],
)
def test_a_scheduler_without_dashboard(app: App, site: Site, plain, how: str, words: str) -> None:
    scheduler = plain(how)
    site.proxies["/scheduler"] = scheduler.url
    app.open("/scheduler", url="/scheduler")
    expect(app.id("connect-doctor")).to_contain_text(words, timeout=LATE)
    expect(app.id("over-http")).to_contain_text("2 workers with 2 threads")
    expect(app.id("feed-why")).to_contain_text("no bokeh")
    # Of another origin nothing can be read: the possibility is named.
    app.open("/scheduler", url=scheduler.url)
    expect(app.id("connect-doctor")).to_contain_text("has no bokeh, or its dashboard is switched off", timeout=LATE)


def test_a_proxy_without_websockets(signed_in: App, site: Site, user: str, gateway: Gateway) -> None:
    app = signed_in
    name = gateway.running(user, workers=1)
    site.upgrade = "refused"
    app.cluster(name).status("RUNNING")
    expect(app.id("connect-doctor")).to_contain_text("HTTP gets through and the websocket is refused", timeout=LATE)
    expect(app.id("connect-doctor")).to_contain_text("Upgrade and Connection")
    expect(app.id("over-http")).to_contain_text("1 worker")
    site.upgrade = "bare"
    app.reload()
    expect(app.id("connect-doctor")).to_contain_text("a proxy between drops the subprotocol", timeout=LATE)
    expect(app.id("feed-why")).to_contain_text("Sec-WebSocket-Protocol", timeout=LATE)
    site.upgrade = "passed"
    app.page.get_by_role("button", name="Try now").click()
    app.live()
    expect(app.id("connect-doctor")).to_have_count(0)
