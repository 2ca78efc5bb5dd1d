"""Signing in through JupyterHub's session: a real hub, its own proxy, the gateway and the app behind it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from harness import procs
from harness.front import Loop, Recorder
from harness.hub import Hub
from harness.pages import App
from playwright.sync_api import BrowserContext, Request, expect

pytestmark = pytest.mark.skipif(not os.environ.get("DASKSCOPE_HUB_PYTHON"), reason="DASKSCOPE_HUB_PYTHON is not set")


@pytest.fixture(scope="module")
def hub(loop: Loop, dist) -> Iterator[Hub]:
    """The hub."""
    it = Hub(loop, dist)
    try:
        yield it.start()
    finally:
        it.stop()


def at_hub(app: App, user: str) -> None:
    """Fills in the hub's own page, which the tab shows."""
    app.page.locator("#username_input").fill(user)
    app.page.locator("#password_input").fill("any")
    app.page.locator("#login_submit").click()


def log_in(context: BrowserContext, hub: Hub, user: str) -> None:
    """Logs in at the hub in a tab of its own."""
    page = context.new_page()
    page.goto(f"{hub.origin}/hub/login")
    page.locator("#username_input").fill(user)
    page.locator("#password_input").fill("any")
    page.locator("#login_submit").click()
    page.wait_for_url(re.compile("/hub/home"))
    page.close()


def one_token(hub: Hub, user: str, but: str = "") -> dict:
    """The one token that there is, once it is another one than `but`."""

    def look() -> dict | None:
        found = hub.tokens(user)
        return found[0] if len(found) == 1 and found[0]["id"] != but else None

    return procs.until(look, 75, "one token of ours")


def test_from_the_hubs_session_to_a_cluster_and_out(contexts: Callable[..., BrowserContext], new_app, hub: Hub, subtests) -> None:
    asked: list[Request] = []
    context = contexts()
    app: App = new_app(context, to=hub)
    app.page.on("request", lambda request: asked.append(request))
    with subtests.test("nobody is signed in at the hub: a link there, and no loop"):
        app.open()
        expect(app.id("hub-out")).to_be_visible()
        before = len(asked)
        app.page.wait_for_timeout(2500)
        assert not [r for r in asked[before:] if "/hub/" in r.url]
    app.id("hub-login").click()
    at_hub(app, "alice")
    app.at_clusters()
    expect(app.id("token")).to_have_count(0)
    token = one_token(hub, "alice")
    with subtests.test("a narrow token, for an hour at most"):
        assert "access:services!service=dask-gateway" in token["scopes"] and len(token["scopes"]) <= 3
        lasts = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(token["created"])
        assert 0 < lasts.total_seconds() <= 3600
    expect(app.page.locator(".top .user")).to_have_text("alice")
    form = app.options()
    form.create()
    app.page.wait_for_url(re.compile(r"/clusters/\w"))
    name = app.page.url.rsplit("/", 1)[1].split("?")[0]
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    app.live()
    cluster.scale(1)
    cluster.arrived(1)
    with subtests.test("the token is in no address and nowhere it could be read"):
        held = json.loads(app.page.evaluate("sessionStorage.getItem('daskscope.credentials')"))["secret"]
        assert held not in app.secrets() and not [r for r in asked if held in r.url]
    with subtests.test("a reload takes the same token"):
        app.reload()
        cluster.status("RUNNING")
        assert one_token(hub, "alice")["id"] == token["id"]
    app.page.evaluate("window.notReloaded = true")
    with subtests.test("revoked elsewhere: another one, and nothing leaves the screen"):
        app.live()
        hub.revoke("alice")
        one_token(hub, "alice")
        expect(app.id("signed-out-banner")).to_have_count(0)
        cluster.status("RUNNING")
    with subtests.test("signed out of the hub: a banner over what is still live, and one press resumes"):
        other = context.new_page()
        other.goto(f"{hub.origin}/hub/logout")
        other.close()
        hub.revoke("alice")
        expect(app.id("signed-out-banner")).to_be_visible()
        expect(app.id("workers-arrived")).to_have_text("1")
        app.live()
        calls = len([r for r in asked if "/api/v1/" in r.url])
        app.page.wait_for_timeout(4000)
        assert len([r for r in asked if "/api/v1/" in r.url]) == calls, "nothing refused is asked again"
        log_in(context, hub, "alice")
        app.id("sign-in-again").click()
        expect(app.id("signed-out-banner")).to_have_count(0)
        cluster.status("RUNNING")
        app.live()
        assert app.page.evaluate("window.notReloaded") is True
    cluster.shut_down()
    cluster.status("STOPPED")
    with subtests.test("signing out revokes it, and stays"):
        one_token(hub, "alice")
        app.id("sign-out").click()
        expect(app.id("connect-submit")).to_be_visible()
        procs.until(lambda: not hub.tokens("alice"), 20, "end of the token")
        app.reload()
        expect(app.id("connect-submit")).to_be_enabled()
        assert not hub.tokens("alice")
        expect(app.id("token-hint")).to_be_visible()
        app.id("connect-submit").click()
        app.at_clusters()
        one_token(hub, "alice")


def test_who_gets_no_token(contexts: Callable[..., BrowserContext], new_app, hub: Hub, recorder: Recorder, subtests) -> None:
    context = contexts()
    asked: list[Request] = []
    app: App = new_app(context, to=hub)
    app.page.on("request", lambda request: asked.append(request))
    log_in(context, hub, "bob")

    def minted() -> list[dict]:
        posts = [r for r in asked if r.method == "POST" and r.url.endswith("/tokens")]
        return [json.loads(r.post_data or "{}") for r in posts]

    with subtests.test("a gateway that a link names"):
        for gateway in (recorder.url, f"{hub.origin}/user/mallory/proxy/8000", "/services/other"):
            app.open("/connect", gateway=gateway, auth="jupyterhub")
            expect(app.id("gateway-address")).to_have_value(gateway)
            app.id("connect-submit").click()
            expect(app.id("connect-error")).to_be_visible()
        assert not minted() and not hub.tokens("bob")
        assert not [s for s in recorder.seen if "Authorization" in s.headers or "Cookie" in s.headers]
    with subtests.test("an account without the scope: asked again without it, and told what is missing"):
        app.open("/clusters")
        expect(app.id("connect-error")).to_contain_text("access:services!service=")
        assert [one["scopes"] for one in minted()] == [["access:services!service=dask-gateway"], []]
        procs.until(lambda: not hub.tokens("bob"), 20, "end of a token that is of no use")
    with subtests.test("a hub on another host: a token has to be pasted"):
        kept = hub.app.config
        try:
            hub.app.config = json.dumps({**json.loads(kept or ""), "hub": "https://hub.example.org/hub"})
            app.open("/connect")
            expect(app.id("token-hint")).to_contain_text("another host")
            assert len(minted()) == 2
        finally:
            hub.app.config = kept


def test_a_token_that_cannot_be_revoked(contexts: Callable[..., BrowserContext], new_app, hub: Hub) -> None:
    # A tab that was closed without signing out has left its token.
    hub.revoke("alice")
    context = contexts(timezone_id="UTC")
    app: App = new_app(context, to=hub)
    log_in(context, hub, "alice")
    app.open()
    app.at_clusters()
    token = one_token(hub, "alice")
    # Who has left the hub cannot end a token there: the page says when it ends by itself.
    other = context.new_page()
    other.goto(f"{hub.origin}/hub/logout")
    other.close()
    app.id("sign-out").click()
    said = app.page.get_by_text("JupyterHub could not revoke the token, which ends by itself at")
    expect(said).to_be_visible()
    found = re.search(r"ends by itself at (\d+):(\d+):(\d+)", said.inner_text())
    assert found, said.inner_text()
    hours, minutes, seconds = map(int, found.groups())
    ends = datetime.fromisoformat(token["expires_at"])
    apart = (hours - ends.hour) * 3600 + (minutes - ends.minute) * 60 + seconds - ends.second
    # The page counts from when the token came to it.
    assert -2 <= (apart + 43_200) % 86_400 - 43_200 <= 60, (found[0], token["expires_at"])
    expect(app.id("connect-submit")).to_be_visible()
    assert one_token(hub, "alice")["id"] == token["id"], "it is still there, as the page says"
    hub.revoke("alice")


@pytest.mark.matrix
def test_tokens_that_end_in_seconds(contexts: Callable[..., BrowserContext], new_app, loop: Loop, dist) -> None:
    """The site allows less than an hour; each token is replaced before it ends, and none is left over."""
    hub = Hub(loop, dist, longest=20)
    try:
        hub.start()
        context = contexts()
        app: App = new_app(context, to=hub)
        log_in(context, hub, "carol")
        app.open()
        app.at_clusters()
        for _ in range(3):
            before = one_token(hub, "carol")
            lasts = datetime.fromisoformat(before["expires_at"]) - datetime.fromisoformat(before["created"])
            assert lasts.total_seconds() <= 20
            one_token(hub, "carol", but=before["id"])
            expect(app.id("signed-out-banner")).to_have_count(0)
        # A laptop that slept: its tab wakes with a token that has ended.
        context.set_offline(True)
        procs.until(lambda: not hub.tokens("carol"), 40, "end of the last token")
        context.set_offline(False)
        one_token(hub, "carol")
        app.at_clusters()
        expect(app.id("signed-out-banner")).to_have_count(0)
    finally:
        hub.stop()
