"""The tutorial's walk, by hand in the browser and with a real client: nothing of it needs Python but the computation."""

from __future__ import annotations

from harness import procs, truth
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import expect


def notebook_env(gateway: Gateway, user: str) -> dict[str, str]:
    """What a site gives its notebooks, so that the page's snippet needs no addition."""
    return {
        "DASK_GATEWAY__PROXY_ADDRESS": f"gateway://127.0.0.1:{gateway.proxy_port}",
        "DASK_GATEWAY__AUTH__TYPE": "basic",
        "DASK_GATEWAY__AUTH__KWARGS__USERNAME": user,
    }


def test_tutorial(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    app = signed_in

    # Options, and a cluster.
    options = app.options()
    options.set("profile", "Small Worker")
    options.set("worker_cores", 1)
    options.set("worker_memory", 0.5)
    options.set("environment_vars", "GREETING: hello")
    name = options.create_and_wait(gateway, user)
    record = gateway.clusters(user)[name]["options"]
    assert record["worker_cores"] == 1 and record["worker_memory"] == 0.5, record
    assert record["environment_vars"] == {"GREETING": "hello"}, record
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    app.live()

    # Two workers.
    cluster.scale(2)
    cluster.arrived(2)
    expect(cluster.id("workers-requested")).to_contain_text("2")
    expect(cluster.id("threads-total")).to_contain_text("2")
    expect(cluster.id("memory-total")).to_contain_text("1.00 GiB")

    # A notebook, connected by the very text that the page shows.
    code = cluster.snippet()
    assert name in code
    notebook = new_notebook(**notebook_env(gateway, user))
    assert notebook.do("snippet", code=code)["client"], f"no client came of: {code}"
    notebook.do("workers", count=2)

    # The computation: its task stream and its progress.
    done = notebook.do("tutorial", keep=True)
    assert 0.49 < done["value"] < 0.51
    assert len(done["rows"]) > 80
    app.must_hold(done["rows"])
    expect(cluster.id("task-stream")).to_be_visible()

    notebook.do("hold", nonce="one", count=30, erred=3)
    truth_now = notebook.do("prefixes")
    for prefix in ("heldone", "badone"):
        states = truth_now[prefix]
        row = cluster.id(f"progress-row-{prefix}")
        for state in ("memory", "erred", "released", "processing"):
            expect(row).to_have_attribute(f"data-{state}", str(states[state]))
        total = sum(n for state, n in states.items() if state != "forgotten")
        expect(row).to_have_attribute("data-total", str(total))
    app.idle()
    held = truth.keys(notebook.do("stream"))
    assert truth.keys(app.tasks()) == held

    # Adaptive: nothing to do, so the workers go down to the minimum.
    notebook.do("drop")
    cluster.adapt(1, 2)
    cluster.arrived(1)
    expect(cluster.id("adapt-stop")).to_be_visible()
    notebook.close()

    # Shut down, and know that nothing is left.
    assert procs.of_cluster(name)
    cluster.id("shutdown").click()
    expect(cluster.id("shutdown-confirm")).to_be_visible()
    cluster.id("shutdown-cancel").click()
    expect(cluster.id("shutdown-confirm")).to_have_count(0)
    assert gateway.status(user, name) == "RUNNING"
    cluster.shut_down()
    app.go("/clusters")
    expect(app.row(name)).to_have_attribute("data-status", "STOPPED", timeout=60_000)
    assert gateway.status(user, name) == "STOPPED"
    procs.until(lambda: not procs.of_cluster(name), 20, "end of the cluster's processes")


def test_shut_down_all(signed_in: App, user: str, gateway: Gateway) -> None:
    app = signed_in
    names = [gateway.running(user), gateway.create(user, start_delay=20)]
    for name in names:
        expect(app.row(name)).to_be_visible()
    app.id("shutdown-all").click()
    assert set(gateway.clusters(user, "pending,running")) == set(names), "shut down without asking"
    app.id("shutdown-confirm").click()
    procs.until(lambda: not gateway.clusters(user), 60, "end of all clusters")
    for name in names:
        expect(app.row(name)).to_have_attribute("data-status", "STOPPED", timeout=60_000)
        procs.until(lambda n=name: not procs.of_cluster(n), 20, "end of the cluster's processes")
