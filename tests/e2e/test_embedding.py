"""The bundle in someone else's page: mounted where the host says, and gone without a trace when it says so."""

from __future__ import annotations

import json

import pytest
from harness.front import Site
from harness.pages import App
from playwright.sync_api import Locator, Page, expect

HOST = """<!doctype html><html><head><meta charset="utf-8"><title>host</title>
<style>button { background: rgb(255, 0, 0) !important; font-size: 40px } div { letter-spacing: 3px }</style></head>
<body><h1>A host</h1><div id="one" style="height: 400px"></div><div id="two" style="height: 400px"></div>
<script type="module" src="/host.js"></script></body></html>"""
SCRIPT = """import init, { mount } from './daskscope.js';
await init();
window.mount = mount;
window.handles = {};
"""


@pytest.fixture
def host(site: Site, new_app) -> App:
    """A host's page, with nothing mounted in it yet."""
    site.pages["/host.html"] = ("text/html", HOST)
    site.pages["/host.js"] = ("text/javascript", SCRIPT)
    app: App = new_app()
    app.page.goto(f"{site.url}/host.html#somewhere-of-the-host")
    app.page.wait_for_function("() => window.mount")
    return app


def mount(page: Page, where: str, config: dict | None) -> Locator:
    """Mounts the app; gives the place."""
    page.evaluate(
        "([where, config]) => { window.handles[where] = window.mount(document.getElementById(where), config) }",
        [where, None if config is None else json.dumps(config)],
    )
    return page.locator(f"#{where}")


def test_nothing_is_mounted_by_itself(host: App) -> None:
    assert host.page.evaluate("document.getElementById('one').shadowRoot") is None
    expect(host.id("connect-submit")).to_have_count(0)


def test_two_in_a_page_and_one_destroyed(host: App, user: str) -> None:
    page, config = host.page, {"gateway": "/gateway", "auth": "basic"}
    one, two = mount(page, "one", config), mount(page, "two", config)
    for place in (one, two):
        expect(place.get_by_test_id("connect-submit")).to_be_visible()
        assert place.evaluate("e => !!e.shadowRoot")
    # Each has its own state; neither touches the host's address.
    one.get_by_test_id("username").fill(user)
    expect(two.get_by_test_id("username")).to_have_value("")
    one.get_by_test_id("connect-submit").click()
    expect(one.get_by_test_id("new-cluster").or_(one.get_by_test_id("options-form")).first).to_be_visible()
    expect(two.get_by_test_id("connect-submit")).to_be_visible()
    assert page.url.endswith("/host.html#somewhere-of-the-host")
    assert page.title() == "host"
    page.evaluate("window.handles.one.destroy()")
    assert page.evaluate("document.getElementById('one').shadowRoot.querySelectorAll('.ds-root').length") == 0
    expect(two.get_by_test_id("connect-submit")).to_be_visible()
    two.get_by_test_id("username").fill(user)
    two.get_by_test_id("connect-submit").click()
    expect(two.get_by_test_id("new-cluster").or_(two.get_by_test_id("options-form")).first).to_be_visible()
    # Destroyed twice is destroyed; its place can be used again.
    page.evaluate("window.handles.one.destroy()")
    mount(page, "one", config)
    expect(one.get_by_test_id("connect-submit").or_(one.get_by_test_id("new-cluster")).first).to_be_visible()


def test_a_destroyed_app_closes_its_sockets(host: App, site: Site, user: str, gateway) -> None:
    from harness import procs

    name = gateway.running(user, workers=1)
    page = host.page
    one = mount(page, "one", {"gateway": "/gateway", "auth": "basic"})
    one.get_by_test_id("username").fill(user)
    one.get_by_test_id("connect-submit").click()
    one.get_by_test_id(f"cluster-row-{name}").click()
    expect(one.get_by_test_id("feed-status")).to_have_attribute("data-state", "live", timeout=60_000)
    assert site.sockets("individual-task-stream") == 1
    page.evaluate("window.handles.one.destroy()")
    procs.until(lambda: sum(site.open.values()) == 0, 20, "closed sockets")


def test_styles_do_not_leak(host: App) -> None:
    """Neither way: the host's rules do not reach in, ours do not reach out."""
    before = host.page.evaluate("getComputedStyle(document.querySelector('h1')).cssText || getComputedStyle(document.querySelector('h1')).font")
    one = mount(host.page, "one", {"gateway": "/gateway"})
    button = one.get_by_test_id("connect-submit")
    expect(button).to_be_visible()
    assert button.evaluate("e => getComputedStyle(e).backgroundColor") != "rgb(255, 0, 0)"
    after = host.page.evaluate("getComputedStyle(document.querySelector('h1')).cssText || getComputedStyle(document.querySelector('h1')).font")
    assert before == after


def test_a_question_keeps_from_the_app_and_not_from_the_host(host: App) -> None:
    page = host.page
    one, two = mount(page, "one", {"gateway": "/gateway"}), mount(page, "two", {"gateway": "/gateway"})
    opener = one.get_by_label("Keyboard", exact=True)
    opener.click()
    dialog = one.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button")).to_be_focused()
    inert = "e => [...e.shadowRoot.querySelectorAll('[inert]')].map(one => one.tagName)"
    assert {"HEADER", "MAIN"} <= set(one.evaluate(inert))
    assert two.evaluate(inert) == []
    assert page.evaluate("document.querySelector(':modal')") is None
    # What is in the host's page, another app of ours too, can be used meanwhile.
    two.get_by_test_id("gateway-address").fill("/other")
    expect(two.get_by_test_id("gateway-address")).to_have_value("/other")
    dialog.get_by_role("heading").click()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert one.evaluate(inert) == []
    opener.click()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_bad_configurations_are_refused_with_words(host: App) -> None:
    for config in ("{", "[]", "7"):
        said = host.page.evaluate(
            "c => { try { window.mount(document.getElementById('one'), c); return '' } catch (e) { return e.message } }", config
        )
        assert said, config
    one = mount(host.page, "one", {})
    expect(one.get_by_test_id("connect-submit")).to_be_visible()
    host.page.evaluate("c => window.handles.one.set_config(c)", json.dumps({"title": "Ours"}))
    expect(one.get_by_test_id("connect-submit")).to_be_visible()


def test_under_any_sub_path(site: Site, new_app, user: str) -> None:
    """Static hosting under a folder: every address is relative."""
    app: App = new_app()
    site.proxies["/some/folder"] = site.url
    app.page.goto(f"{site.url}/some/folder/index.html#/connect?gateway=/gateway&auth=basic")
    app.ready()
    app.fill_connect(user)
    app.id("connect-submit").click()
    app.at_clusters()
