"""What `daskscope.tasks()` holds is what the scheduler ran: every interval, once, with its duration, and nothing else.

Through the gateway's own proxy and directly, with an older Dask (Bokeh 3.4), the newest (3.9), and the newest on Bokeh 3.10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from harness import truth
from harness.front import Loop, Relay, Site
from harness.gateway import Gateway
from harness.notebook import Notebook
from harness.pages import App
from playwright.sync_api import expect

WAYS = [
    pytest.param("gateway", "new", id="gateway-2026.8"),
    pytest.param("direct", "new", id="direct-2026.8"),
    pytest.param("gateway", "old", id="gateway-2024.5", marks=pytest.mark.old),
    pytest.param("direct", "old", id="direct-2024.5", marks=[pytest.mark.old, pytest.mark.matrix]),
    pytest.param("direct", "newer", id="direct-bokeh-3.10", marks=pytest.mark.newer),
]


@dataclass
class Run:
    """A watched cluster: the page, the notebook at work on it, and the wire between them to cut."""

    app: App
    notebook: Notebook
    wire: Relay
    route: str


@pytest.fixture
def run(
    request: pytest.FixtureRequest, loop: Loop, site: Site, gateway: Gateway, user: str, app: App, new_scheduler: Callable,
    new_notebook: Callable,
) -> Iterator[Run]:  # fmt: skip
    """Two workers of four threads, watched from before the first task on."""
    way, version = request.param
    notebook = new_notebook(version)
    if way == "gateway":
        name = gateway.running(
            user, workers=2, worker_cores=4, conda_environment="dask-2026" if version == "new" else "dask-2024"
        )
        app.sign_in(user)
        app.cluster(name).status("RUNNING")
        wire, route = site.relay, f"/clusters/{name}"
        connect = {"url": gateway.url, "proxy": f"gateway://127.0.0.1:{gateway.proxy_port}", "cluster": name}
        ways = ("connect_gateway", {**connect, "user": user, "password": ""})
    else:
        scheduler = new_scheduler(version, workers=2, threads=4)
        wire = Relay(loop, scheduler.dashboard_port)
        route = f"/scheduler?url={wire.url}"
        app.open("/scheduler", url=wire.url)
        ways = ("connect", {"address": scheduler.address})
    app.live()
    notebook.do(ways[0], **ways[1])
    notebook.do("workers", count=2)
    yield Run(app, notebook, wire, route)
    if wire is not site.relay:
        wire.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("run", [pytest.param(p.values, id=p.id, marks=p.marks) for p in WAYS], indirect=True)
def test_truth(run: Run, subtests) -> None:
    app, notebook = run.app, run.notebook

    with subtests.test("the tutorial, erred tasks, transfers, keys that finish twice, keys of any shape"):
        rows = notebook.do("tutorial")["rows"]
        app.must_hold(rows, what="tutorial")
        rows = notebook.do("mixed", nonce="m1")["rows"]
        kinds = {(r["action"], r["status"]) for r in rows}
        assert {("compute", "OK"), ("compute", "error"), ("transfer", "OK")} <= kinds, kinds
        assert any(isinstance(r["key"], list) for r in rows)
        app.must_hold(rows, what="mixed")

    with subtests.test("one second and three among thousands of 4 ms"):
        rows = notebook.do("long_among_short", nonce="s2")["rows"]
        assert sum(r["stop"] - r["start"] > 0.9 for r in rows) == 6
        app.must_hold(rows, what="long among short")

    with subtests.test("sockets cut for five seconds in the middle"):
        notebook.begin("steady", nonce="c3", seconds=13)
        app.page.wait_for_timeout(3000)  # a while of work before the cut: this is what is simulated, not a wait
        run.wire.cut_for(5)
        rows = notebook.result(60)["rows"]
        app.must_hold(rows, timeout=60, what="cut")
        app.live()
        assert app.stats()["feed"]["reconnects"] >= 1, "nothing was cut: this test tests nothing"

    with subtests.test("the whole, and nothing else"):
        everything = notebook.do("stream")
        app.must_hold(everything, what="everything")
        invented = truth.keys(app.tasks()) - truth.keys(everything)
        assert not invented, f"tasks that never ran: {sorted(invented)[:10]}"
        assert app.stats()["dropped"] == 0
        assert app.stats()["tasks"] == len(everything)


def test_history_of_an_opened_page(app: App, new_scheduler, new_notebook, loop: Loop) -> None:
    """A page that is opened after the work has the work, as long as the scheduler remembers it."""
    scheduler = new_scheduler("new", workers=2, threads=2)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    rows = notebook.do("mixed", nonce="h1")["rows"]
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.must_hold(rows, what="history")
    app.reload()
    app.live()
    app.must_hold(rows, what="history after a reload")
    # Left for another page and come back to: held once, not twice.
    app.go("/connect")
    app.go(f"/scheduler?url={scheduler.url}")
    app.live()
    app.must_hold(rows, what="history after coming back")
    assert truth.compare(app.tasks(), rows) == ""


@pytest.mark.timeout(300)
def test_a_short_history_is_read_whole_after_a_reload(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    """More rows than the fast feed keeps, but few for the scheduler: nobody is asked, nothing is missing."""
    app = signed_in
    name = gateway.running(user, workers=2, worker_cores=2)
    app.cluster(name).status("RUNNING")
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=2)
    for _ in range(8):
        notebook.do("tutorial")
    everything = notebook.do("stream")
    assert len(everything) > 1100, "this test tests nothing"
    app.reload()
    app.live()
    app.must_hold(everything, timeout=60, what="everything")
    assert app.stats()["tasks"] == len(everything)
    expect(app.page.get_by_text("none dropped")).to_be_visible()
    expect(app.page.get_by_text("Load the whole history")).to_have_count(0)


def test_what_ran_before_anyone_looked(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    """Dask records from the first look at a dashboard on: what ran before is gone, and the page says so."""
    app = signed_in
    name = gateway.running(user, workers=1)
    notebook = new_notebook()
    gateway.join(notebook, user, name, record=False)
    notebook.do("workers", count=1)
    mean = "import dask.array as da; da.random.random((2000, 2000), chunks=(250, 250)).mean().compute()"
    notebook.do("snippet", code=mean)
    app.cluster(name).status("RUNNING")
    app.live()
    expect(app.page.get_by_text("tasks ran earlier")).to_be_visible()
    expect(app.page.get_by_text("earlier tasks not recorded")).to_be_visible()
    notebook.do("tutorial")
    app.must_hold(notebook.do("stream"), what="what ran since")
    expect(app.page.get_by_text("earlier tasks not recorded")).to_be_visible()


def test_within_a_run_times_are_exact(app: App, new_scheduler, new_notebook) -> None:
    """The wire hides the absolute time; against each other the times of one run are the scheduler's."""
    scheduler = new_scheduler("new", workers=2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    rows = notebook.do("tutorial")["rows"]
    app.must_hold(rows)
    least, most = truth.shift(app.tasks(), rows)
    assert most - least < 1e-4, f"starts differ from the scheduler's by {least:.6f} to {most:.6f} s"


def test_local_cluster(app: App, new_notebook) -> None:
    """A LocalCluster on a laptop, as a notebook starts it."""
    from harness.schedulers import LocalCluster

    local = LocalCluster()
    try:
        # As Dask prints it, with the page at its end: people paste that.
        app.open("/scheduler", url=f"{local.url}/status")
        app.live()
        notebook = new_notebook()
        notebook.do("connect", address=local.address)
        notebook.do("workers", count=2)
        app.must_hold(notebook.do("mixed", nonce="l1")["rows"])
        notebook.close()
    finally:
        local.stop()
