"""Everything can be done without a mouse, and the map of the keys says how."""

from __future__ import annotations

import time

import pytest
from harness import procs
from harness.front import Site
from harness.gateway import Gateway
from harness.pages import App, Cluster
from playwright.sync_api import expect


def focus(app: App) -> str:
    """The name of the element that has the focus."""
    return app.page.evaluate(
        "() => { const e = document.activeElement; return e && (e.dataset.testid || e.tagName) || '' }"
    )


def tab_to(app: App, name: str, limit: int = 60) -> None:
    """Presses Tab until the element has the focus."""
    for _ in range(limit):
        if focus(app) == name:
            return
        app.page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {name}: last at {focus(app)}")


@pytest.fixture
def cluster(signed_in: App, user: str, gateway: Gateway) -> Cluster:
    """The page of a running cluster."""
    it = signed_in.cluster(gateway.running(user, workers=1))
    it.status("RUNNING")
    signed_in.live()
    return it


def test_connect_without_a_mouse(app: App, user: str) -> None:
    app.open("/connect", gateway="/gateway", auth="basic")
    expect(app.id("username")).to_be_visible()
    tab_to(app, "username")
    app.page.keyboard.type(user)
    app.page.keyboard.press("Enter")
    app.at_clusters()


def test_a_cluster_from_form_to_end_without_a_mouse(signed_in: App, user: str, gateway: Gateway, site: Site) -> None:
    app = signed_in
    app.options()
    tab_to(app, "option-image")
    app.page.keyboard.press("ControlOrMeta+a")
    app.page.keyboard.type("typed:1")
    tab_to(app, "create-cluster")
    app.page.keyboard.press("Enter")
    name = next(iter(procs.until(lambda: gateway.clusters(user), 20, "cluster")))
    assert gateway.clusters(user)[name]["options"]["image"] == "typed:1"
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    tab_to(app, "shutdown")
    since = time.monotonic()
    app.page.keyboard.press("Enter")
    expect(cluster.id("shutdown-confirm")).to_be_visible()
    # The focus is in the question, and never on what is behind it: beyond the last button it is with the browser itself.
    assert focus(app) == "shutdown-cancel"
    seen = set()
    for _ in range(6):
        seen.add(app.page.evaluate("() => (document.activeElement.closest('dialog') || document.activeElement).tagName"))
        app.page.keyboard.press("Tab")
    assert seen <= {"DIALOG", "BODY"}, seen
    tab_to(app, "shutdown-confirm")
    app.page.keyboard.press("Escape")
    expect(cluster.id("shutdown-confirm")).to_be_hidden()
    assert not site.since(since, "DELETE")
    assert focus(app) == "shutdown", "the focus goes back to where it came from"
    app.page.keyboard.press("Enter")
    tab_to(app, "shutdown-confirm")
    app.page.keyboard.press("Enter")
    procs.until(lambda: not gateway.clusters(user), 60, "end of the cluster")


def test_the_map_of_keys(cluster: Cluster) -> None:
    app = cluster.app
    app.page.locator("body").press("?")
    expect(cluster.dialog()).to_be_visible()
    for key in ("n", "f", "0", "/"):
        expect(cluster.dialog().get_by_text(key, exact=True).first).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(cluster.dialog()).to_be_hidden()


def test_n_makes_a_cluster_but_not_while_typing(signed_in: App, user: str, gateway: Gateway) -> None:
    app = signed_in
    app.go(f"/clusters/{gateway.running(user)}")
    expect(app.id("cluster-status")).to_be_visible()
    app.page.locator("body").press("n")
    expect(app.id("options-form")).to_be_visible()
    image = app.id("option-image")
    image.fill("")
    image.press_sequentially("n/?f0 wasd")
    expect(image).to_have_value("n/?f0 wasd")


def test_the_stream_by_keyboard(cluster: Cluster, gateway: Gateway, user: str, new_notebook) -> None:
    """Pause, pan, zoom, fit and follow move the view, and never what is held."""
    app = cluster.app
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    notebook.do("workers", count=1)
    rows = notebook.do("tutorial")["rows"]
    app.must_hold(rows)

    def view() -> dict:
        app.idle()
        return app.page.evaluate("async () => await window.daskscope.view()")

    def span(v: dict) -> float:
        return v["to"] - v["from"]

    body = app.page.locator("body")
    body.press("0")
    fitted = view()
    first, last = min(r["start"] for r in app.tasks()), max(r["stop"] for r in app.tasks())
    assert fitted["from"] <= first and fitted["to"] >= last, (fitted, first, last)
    body.press(" ")  # paused: the view stands while time goes on
    stands = view()
    body.press("w")
    procs.until(lambda: span(view()) < span(stands), 10, "smaller span")
    closer = view()
    body.press("d")
    procs.until(lambda: view()["from"] > closer["from"], 10, "later view")
    body.press("s")
    procs.until(lambda: span(view()) > span(closer), 10, "larger span")
    again = app.page.evaluate(
        "async v => { await window.daskscope.setView(v); return await window.daskscope.view() }", {"from": first, "to": last}
    )
    assert abs(again["from"] - first) < 0.01 * span(again) and abs(again["to"] - last) < 0.01 * span(again)
    body.press("f")
    procs.until(lambda: view()["to"] > last, 10, "view that follows")
    app.must_hold(rows)


def test_filter(cluster: Cluster) -> None:
    app = cluster.app
    app.page.locator("body").press("/")
    assert app.page.evaluate("() => document.activeElement.tagName") == "INPUT"
    app.page.keyboard.type("mean")
    app.page.keyboard.press("Escape")


def test_every_control_has_a_name(cluster: Cluster, subtests) -> None:
    """What a screen reader would say: no button, field or link without a name."""
    app = cluster.app
    for route in ("/connect", "/clusters", f"/clusters/{cluster.name}"):
        with subtests.test(route.replace(cluster.name, "…")):
            app.go(route)
            app.idle()
            nameless = app.page.evaluate(
                """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, a[href]')]
                    .filter(e => e.getClientRects().length)
                    .filter(e => !(e.innerText || '').trim() && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')
                        && !e.title && !(e.labels && e.labels.length))
                    .map(e => e.outerHTML.slice(0, 120))"""
            )
            assert not nameless, nameless


def test_a_link_holds_the_view(cluster: Cluster, gateway: Gateway, user: str, new_notebook) -> None:
    """A moved view stands in the address, comes back with it, and goes with *follow*; a step back undoes it. Looks are remembered."""
    app = cluster.app
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    notebook.do("workers", count=1)
    app.must_hold(notebook.do("tutorial")["rows"])
    body = app.page.locator("body")

    def where() -> str:
        return app.page.evaluate("location.hash")

    body.press("0")
    app.idle()
    assert "from=" not in where()
    body.press("w")
    procs.until(lambda: "from=" in where(), 10, "view in the address")
    app.idle()
    view = app.page.evaluate("async () => await window.daskscope.view()")
    app.id("stream-view").click()
    app.id("stream-palette").select_option("safe")
    app.reload()
    app.live()
    procs.until(lambda: app.page.evaluate("async () => await window.daskscope.view()") == view, 20, "the same view")
    expect(app.id("stream-palette")).to_have_value("safe")
    body.press("f")
    procs.until(lambda: "from=" not in where(), 10, "address without a view")
    body.press("Backspace")
    procs.until(lambda: "from=" in where(), 10, "view from before")
    app.id("stream-view").click()
    app.id("stream-palette").select_option("dask")
