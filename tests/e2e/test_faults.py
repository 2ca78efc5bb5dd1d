"""What goes wrong in real life: things that die, come back, answer late or not at all, and several of everything."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import time
from collections.abc import Iterator

import pytest
from harness import procs, truth
from harness.front import Loop, Relay, Site
from harness.gateway import Gateway
from harness.notebook import Notebook
from harness.pages import App
from playwright.sync_api import expect

NOT_LIVE = re.compile("^(connecting|stale|retrying|failed)$")


@pytest.fixture
def mortal(request: pytest.FixtureRequest, loop: Loop, dist) -> Iterator[tuple[Gateway, Site]]:
    """A gateway to kill, and its site; the parameter says whether it has a database."""
    gateway = Gateway(f"mortal-{'kept' if request.param else 'memory'}", keep=request.param).start()
    site = Site(loop, dist, gateway.url)
    yield gateway, site
    site.close()
    gateway.delete("ann", *gateway.clusters("ann"))
    procs.until(lambda: not gateway.clusters("ann"), 60, "end of all clusters")
    gateway.stop(orphans=not request.param)


@pytest.mark.matrix
@pytest.mark.timeout(240)
@pytest.mark.parametrize("mortal", [pytest.param(True, id="database")], indirect=True)
def test_gateway_killed_and_restarted(mortal: tuple[Gateway, Site], new_app, new_notebook) -> None:
    """With a database the clusters outlive their gateway: so does the page, without losing or doubling a task."""
    gateway, site = mortal
    name = gateway.running("ann", workers=2)
    app: App = new_app(to=site)
    app.sign_in("ann")
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, "ann", name)
    notebook.do("workers", count=2)
    app.must_hold(notebook.do("mixed", nonce="k1")["rows"])
    notebook.close()
    gateway.kill()
    expect(app.id("feed-status")).to_have_attribute("data-state", NOT_LIVE, timeout=60_000)
    gateway.start()
    app.live()
    cluster.status("RUNNING")
    notebook = new_notebook()
    gateway.join(notebook, "ann", name)
    notebook.do("workers", count=2)
    notebook.do("mixed", nonce="k2")
    everything = notebook.do("stream")
    app.must_hold(everything)
    assert truth.compare(app.tasks(), everything) == ""
    # The gateway forgot who we are, not what we have: the page still commands.
    cluster.scale(1)
    cluster.arrived(1)


@pytest.mark.matrix
@pytest.mark.timeout(240)
@pytest.mark.parametrize("mortal", [pytest.param(False, id="memory")], indirect=True)
def test_gateway_that_forgot(mortal: tuple[Gateway, Site], new_app, new_notebook) -> None:
    """Without one the clusters are lost to it. The page says so, keeps what it has seen, and works with the new one."""
    gateway, site = mortal
    name = gateway.running("ann", workers=2)
    app: App = new_app(to=site)
    app.sign_in("ann")
    app.cluster(name).status("RUNNING")
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, "ann", name)
    notebook.do("workers", count=2)
    rows = notebook.do("tutorial")["rows"]
    app.must_hold(rows)
    notebook.close()
    gateway.kill()
    gateway.start()
    expect(app.id("feed-status")).to_have_attribute("data-state", NOT_LIVE, timeout=60_000)
    app.cluster(name).status("GONE")
    app.must_hold(rows, what="what was seen")
    app.go("/clusters")
    options = app.options()
    options.set("gpu", True)
    other = options.create_and_wait(gateway, "ann")
    expect(app.row(other)).to_be_visible()


@pytest.mark.matrix
def test_scheduler_that_dies(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    app = signed_in
    name = gateway.running(user, workers=1)
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=1)
    rows = notebook.do("tutorial")["rows"]
    app.must_hold(rows)
    for pid in procs.of_cluster(name, "scheduler"):
        os.kill(pid, signal.SIGKILL)
    expect(app.id("feed-status")).to_have_attribute("data-state", NOT_LIVE, timeout=60_000)
    cluster.status("FAILED")
    app.must_hold(rows, what="what was seen before it died")
    app.go("/clusters")
    expect(app.row(name)).to_have_attribute("data-status", "FAILED")


def test_bare_scheduler_that_dies_and_comes_back(app: App, new_scheduler, new_notebook, loop: Loop) -> None:
    """Another scheduler on the same address is another history: the old one stays, nothing is mixed up."""
    first = new_scheduler("new", workers=2)
    wire = Relay(loop, first.dashboard_port)
    app.open("/scheduler", url=wire.url)
    app.live()
    notebook = new_notebook()
    notebook.do("connect", address=first.address)
    notebook.do("workers", count=2)
    before = notebook.do("tutorial")["rows"]
    app.must_hold(before)
    notebook.close()
    first.stop()
    expect(app.id("feed-status")).to_have_attribute("data-state", NOT_LIVE, timeout=60_000)
    # However far the board goes on below: that what it shows is old stays in view.
    app.add_pane("memory", "cpu", "events")
    expect(app.page.locator(".panes.lost .foot")).to_be_in_viewport(ratio=0.9, timeout=30_000)
    app.page.mouse.wheel(0, -5000)
    expect(app.page.locator(".panes.lost .foot")).to_be_in_viewport(ratio=0.9)
    second = new_scheduler("new", workers=2)
    wire.target = second.dashboard_port
    app.live()
    expect(app.page.locator(".panes.lost")).to_have_count(0)
    notebook = new_notebook()
    notebook.do("connect", address=second.address)
    notebook.do("workers", count=2)
    after = notebook.do("tutorial")["rows"]
    app.must_hold(after, what="the second scheduler")
    app.must_hold(before, what="the first scheduler")
    wire.close()


def test_an_address_where_nothing_is(app: App) -> None:
    """The doctor comes by itself, speaks of a scheduler, and can be sent away."""
    app.open("/scheduler", url=f"http://127.0.0.1:{procs.free_port()}")
    card = app.page.get_by_text("the scheduler").first
    expect(card).to_be_visible(timeout=30_000)
    expect(app.id("doctor-run")).to_be_visible()
    expect(app.page.get_by_text("Connect a client and compute")).to_have_count(0)
    app.page.get_by_role("button", name="Check connection").click()
    expect(app.id("doctor-run")).to_be_hidden()


def test_network_that_freezes(app: App, new_scheduler, loop: Loop) -> None:
    """Nothing is closed, nothing arrives: the page notices by itself, and recovers."""
    scheduler = new_scheduler("new", workers=1)
    wire = Relay(loop, scheduler.dashboard_port)
    app.open("/scheduler", url=wire.url)
    app.live()
    wire.freeze()
    expect(app.id("feed-status")).to_have_attribute("data-state", re.compile("^(stale|retrying|failed)$"), timeout=90_000)
    wire.mend()
    app.live()
    wire.close()


def test_the_session_that_was_begun_early_is_kept(app: App, new_scheduler, loop: Loop) -> None:
    """`boot.js` begins the task stream's session before the program is there. After a cut the program comes back to it, and so
    knows the scheduler for the same."""
    scheduler = new_scheduler("new", workers=1)
    wire = Relay(loop, scheduler.dashboard_port)
    sessions: list[str] = []

    def greeted(said: dict) -> None:
        request = said["request"]["headers"]
        token = request.get("Sec-WebSocket-Protocol", "").split(",")[-1].strip()
        if "/individual-task-stream/" in urls[said["requestId"]]:
            sessions.append(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["session_id"])

    urls: dict[str, str] = {}
    spy = app.page.context.new_cdp_session(app.page)
    spy.on("Network.webSocketCreated", lambda said: urls.update({said["requestId"]: said["url"]}))
    spy.on("Network.webSocketWillSendHandshakeRequest", greeted)
    spy.send("Network.enable")
    app.open("/scheduler", url=wire.url)
    app.live()
    assert len(sessions) == 1 and len(sessions[0]) == 24, f"{sessions}: begun by boot.js"
    wire.cut()
    expect(app.id("feed-status")).to_have_attribute("data-state", "retrying", timeout=30_000)
    wire.mend()
    app.live()
    assert set(sessions) == {sessions[0]} and len(sessions) > 1
    wire.close()


def test_wrong_address(app: App) -> None:
    """The message says what was asked and what came; the doctor names the hop."""
    dead = f"http://127.0.0.1:{procs.free_port()}"
    for address in (dead, "/not-there", "not an address", f"{app.site.url}/config.json"):
        app.open("/connect", auth="basic")
        app.id("gateway-address").fill(address)
        app.fill_connect("ann")
        app.id("connect-submit").click()
        expect(app.id("connect-error")).to_be_visible()
        expect(app.id("connect-error")).not_to_be_empty()
        expect(app.id("connect-doctor")).to_be_visible()
        assert app.id("gateway-address").input_value() == address, "what was typed is kept"


def test_scheduler_at_a_wrong_address(app: App) -> None:
    dead = f"http://127.0.0.1:{procs.free_port()}"
    app.open("/scheduler", url=dead)
    expect(app.id("feed-status")).to_have_attribute("data-state", re.compile("^(retrying|failed)$"), timeout=30_000)
    assert app.tasks() == []
    # Why, in words that are seen, and nothing is said to be open.
    expect(app.id("feed-why")).to_contain_text("no connection to the dashboard")
    expect(app.id("feed-cost")).to_have_text(re.compile("^0 sockets"))


@pytest.mark.parametrize("config", ["{ not json", "[]", '{"gateway": 7, "rates": "much"}', None], ids=str)
def test_broken_config_is_said_and_survived(app: App, site: Site, user: str, config: str | None) -> None:
    site.config = config
    app.open("/connect")
    expect(app.id("connect-submit")).to_be_visible()
    expect(app.page.get_by_text(re.compile(r"config\.json")).first).to_be_visible()
    site.config = config
    app.sign_in(user)


def test_reload_while_pending(signed_in: App, user: str, gateway: Gateway) -> None:
    app = signed_in
    form = app.options()
    form.set("start_delay", 6)
    name = form.create_and_wait(gateway, user)
    app.reload()
    app.go("/clusters")
    expect(app.row(name)).to_have_attribute("data-status", "PENDING")
    cluster = app.cluster(name)
    cluster.status("PENDING")
    app.reload()
    cluster.status("RUNNING")
    app.live()
    # And in the middle of stopping.
    cluster.shut_down()
    app.reload()
    app.go("/clusters")
    expect(app.row(name)).to_have_attribute("data-status", re.compile("STOPPING|STOPPED"))
    expect(app.row(name)).to_have_attribute("data-status", "STOPPED", timeout=60_000)
    assert not gateway.clusters(user)


def test_a_cluster_made_and_ended_elsewhere(signed_in: App, user: str, gateway: Gateway) -> None:
    app = signed_in
    expect(app.page.locator("[data-testid^=cluster-row-]")).to_have_count(0)
    name = gateway.create(user)
    expect(app.row(name)).to_be_visible()
    expect(app.row(name)).to_have_attribute("data-status", "RUNNING", timeout=60_000)
    gateway.delete(user, name)
    expect(app.row(name)).to_have_attribute("data-status", "STOPPED", timeout=60_000)


def test_a_cluster_that_fails_to_start(signed_in: App, user: str, gateway: Gateway) -> None:
    app = signed_in
    form = app.options()
    form.set("gpu", True)
    form.set("image", "fails:always")
    name = form.create_and_wait(gateway, user)
    app.go("/clusters")
    expect(app.row(name)).to_have_attribute("data-status", "FAILED", timeout=60_000)
    app.cluster(name).status("FAILED")
    # Its options are still there, for another try.
    app.page.get_by_role("button", name=re.compile("try again", re.I)).or_(
        app.page.get_by_role("link", name=re.compile("try again", re.I))
    ).first.click()
    form = app.options()
    assert (form.value("image"), form.value("gpu")) == ("fails:always", True)


@pytest.mark.timeout(240)
def test_two_clusters_and_two_tabs(contexts, new_app, user: str, gateway: Gateway, new_notebook, subtests) -> None:
    """Each cluster's page has its own tasks, all of them; a second tab shows the same as the first."""
    context = contexts()
    app: App = new_app(context)
    app.sign_in(user)
    names = [gateway.running(user, workers=2) for _ in range(2)]
    books: list[Notebook] = [new_notebook() for _ in names]
    for book, name in zip(books, names, strict=True):
        gateway.join(book, user, name)
        book.do("workers", count=2)
    for name in names:  # seen once, so that both are watched
        app.cluster(name).status("RUNNING")
        app.live()
    second: App = new_app(context)
    second.page.goto(app.address(f"/clusters/{names[0]}"))
    second.ready()
    if second.id("connect-submit").is_visible():  # a tab has its own session: it may ask
        second.sign_in(user)
        second.cluster(names[0])
    second.live()
    for book in books:
        book.begin("mixed", nonce="two")
    rows = [book.result()["rows"] for book in books]
    second.must_hold(rows[0], what="second tab, first cluster")
    for name, mine, other in ((names[0], rows[0], rows[1]), (names[1], rows[1], rows[0])):
        app.go(f"/clusters/{name}")
        app.live()
        app.must_hold(mine, what=name)
        held = app.tasks()
        # The workloads share their keys but for the array's: durations tell them apart.
        assert truth.compare(truth.only(held, truth.keys(mine)), mine) == ""
        assert not (truth.keys(held) - truth.keys(mine)) & (truth.keys(other) - truth.keys(mine))
    with subtests.test("what one tab does, the other shows"):
        app.go(f"/clusters/{names[0]}")
        app.cluster(names[0]).shut_down()
        expect(second.id("cluster-status")).to_have_attribute(
            "data-status", re.compile("STOPPING|STOPPED"), timeout=60_000
        )


HIDE = """hidden => {
    for (const [name, value] of [['visibilityState', hidden ? 'hidden' : 'visible'], ['hidden', hidden]])
        Object.defineProperty(document, name, {configurable: true, get: () => value});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_hidden_tab(signed_in: App, site: Site, user: str, gateway: Gateway, new_notebook) -> None:
    """In a hidden tab only what must not lose rows stays open; the rest comes back with the tab."""
    app = signed_in
    name = gateway.running(user, workers=2)
    app.cluster(name).status("RUNNING")
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=2)
    procs.until(lambda: site.sockets("individual-progress") == 1, 20, "progress socket")
    assert site.sockets("individual-task-stream") == 1, "one pool of sockets a cluster"
    app.page.evaluate(HIDE, True)
    procs.until(lambda: site.sockets("individual-progress") == 0, 60, "closed progress socket")
    rows = notebook.do("mixed", nonce="hid")["rows"]
    assert site.sockets("individual-task-stream") == 1
    app.must_hold(rows, what="hidden")
    app.page.evaluate(HIDE, False)
    procs.until(lambda: site.sockets("individual-progress") == 1, 30, "progress socket again")
    app.live()


def test_the_forbidden_page_is_never_opened(signed_in: App, site: Site, user: str, gateway: Gateway) -> None:
    """`/eventstream` has one subscriber, and a refused attempt leaves a dead one: nobody may try."""
    name = gateway.running(user, workers=1)
    signed_in.cluster(name).status("RUNNING")
    signed_in.live()
    signed_in.idle()
    asked = {s.path for s in site.seen}
    assert not [p for p in asked if "eventstream" in p], asked
    assert not [p for p in asked if "identity.json" in p], "answers 500 while tasks run"


def test_no_request_leaves_the_site(contexts, new_app, user: str) -> None:
    """No CDN, no font, no telemetry."""
    asked: list[str] = []
    context = contexts()
    context.on("request", lambda r: asked.append(r.url))
    app: App = new_app(context)
    app.sign_in(user)
    app.options()
    away = [u for u in asked if not u.startswith((app.site.url, "about:", "data:", "blob:"))]
    assert not away, away


def test_bad_calls_are_rejected_with_words(app: App, subtests) -> None:
    """`window.daskscope` is total: a promise is rejected with a message, nothing throws past it or hangs."""
    app.open("/connect")
    calls = [
        "tasks('x')", "tasks({from: 'yesterday'})", "tasks({limit: -1})", "tasks([1])", "tasks(7)",
        "setView({})", "setView('x')", "setView({from: 2, to: 1})", "setView({from: NaN, to: 1})",
        "load('x')", "load()", "load(new ArrayBuffer(0), 'empty')", "load(new ArrayBuffer(9), 7)",
    ]  # fmt: skip
    for call in calls:
        with subtests.test(call):
            said = app.page.evaluate(
                f"async () => {{ try {{ await window.daskscope.{call}; return null }} catch (e) {{ return e.message || 'no words' }} }}"
            )
            if not call.startswith("tasks"):
                assert said, f"{call} was taken"
            assert said != "no words"
    assert json.dumps(app.tasks()) == "[]"
    assert app.stats()["tasks"] == 0
    assert re.match(r"\d+\.\d+\.\d+", app.page.evaluate("window.daskscope.version"))
    start = time.monotonic()
    app.idle()
    assert time.monotonic() - start < 60
