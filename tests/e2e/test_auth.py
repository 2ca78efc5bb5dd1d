"""Signing in and out, and secrets: where they go, and where they must never be found."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator

import pytest
from harness import procs
from harness.front import Loop, Recorder, Seen, Site
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import expect

PASSWORD = "Zq7-not-for-your-eyes"
FIRST, SECOND = "Qx7-the-first", "Qx7-the-second"
ENCODED = base64.b64encode(f"eve:{PASSWORD}".encode()).decode()


@pytest.fixture(scope="module")
def guarded(nothing_left: None) -> Iterator[Gateway]:
    """A gateway that wants a password."""
    it = Gateway("guarded", password=PASSWORD).start()
    yield it
    it.delete("eve", *it.clusters("eve"))
    it.stop()


@pytest.fixture
def safe(loop: Loop, dist, guarded: Gateway) -> Iterator[Site]:
    """The site of that gateway."""
    it = Site(loop, dist, guarded.url)
    yield it
    it.close()


def sign_out(app: App) -> None:
    """Signs out, which is always one click away."""
    app.page.get_by_role("button", name=re.compile("sign out", re.I)).or_(
        app.page.get_by_role("link", name=re.compile("sign out", re.I))
    ).first.click()


def api(seen: list[Seen]) -> list[Seen]:
    """The requests that need to be signed in."""
    return [s for s in seen if "/api/v1/" in s.path]


def assert_no_secret(seen: list[Seen], *also: str) -> None:
    """None of these requests carries anything that could sign in."""
    for one in seen:
        names = {k.lower() for k in one.headers}
        assert not names & {"authorization", "cookie", "x-xsrftoken"}, (one.path, names)
        text = one.path + json.dumps(one.headers) + one.body.decode(errors="replace")
        for secret in (PASSWORD, ENCODED, *also):
            assert secret not in text, one.path


def test_wrong_password(new_app, safe: Site) -> None:
    app: App = new_app(to=safe)
    app.open("/connect", gateway="/gateway", auth="basic")
    app.fill_connect("eve", "wrong")
    app.id("connect-submit").click()
    expect(app.id("connect-error")).to_be_visible()
    expect(app.id("connect-error")).to_contain_text("Authentication required")
    expect(app.id("new-cluster")).to_be_hidden()
    # Nothing is lost: the right one in the same form signs in.
    app.id("password").fill(PASSWORD)
    app.id("connect-submit").click()
    app.at_clusters()
    expect(app.id("connect-error")).to_be_hidden()


def test_a_user_name_alone(app: App, user: str, site: Site) -> None:
    app.sign_in(user)
    credential = base64.b64encode(f"{user}:".encode()).decode()
    sent = api(site.seen)
    assert sent and all(s.headers.get("Authorization") == f"Basic {credential}" for s in sent)


def test_the_header_every_time_and_never_a_cookie(signed_in: App, site: Site) -> None:
    """The server believes its cookie before the header, and sets one with every answer."""
    signed_in.open("/clusters")
    signed_in.at_clusters()
    sent = api(site.seen)
    assert len(sent) >= 2
    assert all("Authorization" in s.headers for s in sent)
    assert not any("Cookie" in s.headers for s in sent)


def test_sign_out_and_in_as_another(signed_in: App, user: str, gateway: Gateway, site: Site) -> None:
    app = signed_in
    other = f"{user}-other"
    mine, theirs = gateway.create(user, gpu=True), gateway.create(other, start_delay=25)
    expect(app.row(mine)).to_be_visible()
    app.page.evaluate("window.notReloaded = true")
    sign_out(app)
    expect(app.id("connect-submit")).to_be_visible()
    since = time.monotonic()
    app.fill_connect(other)
    app.id("connect-submit").click()
    expect(app.row(theirs)).to_be_visible()
    expect(app.row(mine)).to_have_count(0)
    assert app.page.evaluate("window.notReloaded") is True
    credential = base64.b64encode(f"{other}:".encode()).decode()
    assert {s.headers.get("Authorization") for s in api(site.since(since))} == {f"Basic {credential}"}
    sign_out(app)
    app.reload()
    expect(app.id("connect-submit")).to_be_visible()
    assert user not in json.dumps(app.page.evaluate("({...sessionStorage})")), "kept after signing out"
    gateway.delete(other, theirs)


def test_signing_out_ends_what_was_watched(signed_in: App, user: str, gateway: Gateway, site: Site) -> None:
    """What one person watched is not the next one's to see."""
    name = gateway.running(user, workers=1)
    signed_in.cluster(name).status("RUNNING")
    signed_in.live()
    assert sum(site.open.values()) > 0
    sign_out(signed_in)
    expect(signed_in.id("connect-submit")).to_be_visible()
    procs.until(lambda: sum(site.open.values()) == 0, 20, "closed sockets")


@pytest.fixture
def changing(nothing_left: None) -> Iterator[Gateway]:
    """A gateway whose password changes; its clusters outlive a restart."""
    it = Gateway("changing", password=FIRST, keep=True).start()
    yield it
    it.delete("eve", *it.clusters("eve"))
    it.stop(orphans=True)


def test_an_expired_sign_in_takes_nothing_off_the_screen(
    new_app, loop: Loop, dist, changing: Gateway, new_scheduler, subtests
) -> None:
    site = Site(loop, dist, changing.url)
    app: App = new_app(to=site)
    scheduler = new_scheduler("new", workers=1)
    site.know(scheduler.url)
    app.sign_in("eve", FIRST)
    name = changing.running("eve", workers=1)
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    cluster.arrived(1)
    app.live()
    app.page.evaluate("window.notReloaded = true")
    changing.kill()
    changing.password = changing.env["E2E_PASSWORD"] = SECOND
    changing.start()
    banner = app.id("signed-out-banner")
    with subtests.test("everything stays under a banner"):
        expect(banner).to_be_visible()
        expect(app.row(name)).to_be_visible()
        expect(app.id("workers-arrived")).to_have_text("1")
        app.live()
        kept = app.page.evaluate("JSON.stringify({...sessionStorage})")
        assert "eve" in kept and FIRST not in kept and FIRST not in app.secrets()
    with subtests.test("nothing that was refused is asked again"):
        since = time.monotonic()
        app.page.wait_for_timeout(5000)
        assert not api(site.since(since))
    with subtests.test("a wrong password takes nothing away either"):
        app.id("again-secret").fill("wrong")
        app.id("sign-in-again").click()
        expect(banner).to_contain_text("Could not sign in")
        expect(app.row(name)).to_be_visible()
    app.id("again-secret").fill(SECOND)
    app.id("again-secret").press("Enter")
    expect(banner).to_have_count(0)
    with subtests.test("and it goes on"):
        cluster.scale(2)
        cluster.arrived(2)
        assert app.page.evaluate("window.notReloaded") is True
    with subtests.test("a refused sign-in as somebody else changes nothing"):
        app.go("/connect?gateway=/gateway&auth=basic")
        app.fill_connect("mallory", "wrong")
        app.id("connect-submit").click()
        expect(app.id("connect-error")).to_be_visible()
        app.go(f"/clusters/{name}")
        expect(app.id("workers-arrived")).to_have_text("2")
        app.live()
    with subtests.test("signing out leaves schedulers of their own alone"):
        app.go(f"/scheduler?url={scheduler.url}")
        app.live()
        sign_out(app)
        app.go(f"/scheduler?url={scheduler.url}")
        app.live()
        procs.until(lambda: sum(site.open.values()) == 0, 20, "closed sockets of the gateway's cluster")
    site.close()


def test_untold_options_do_not_keep_anybody_out(new_app, loop: Loop, dist) -> None:
    untold = procs.work_dir / "untold"
    gateway = Gateway("untold", E2E_UNTOLD=str(untold)).start()
    site = Site(loop, dist, gateway.url)
    try:
        name = gateway.running("eve")
        untold.touch()
        app: App = new_app(to=site)
        app.open("/connect", gateway="/gateway", auth="basic")
        app.fill_connect("eve")
        app.id("connect-submit").click()
        expect(app.row(name)).to_be_visible()
        app.go("/clusters?new")
        code, said = gateway.request("GET", "/api/v1/options", "eve")
        words = said["error"] if isinstance(said, dict) else said.split("\n")[0]
        assert code == 500 and words
        expect(app.id("options-trouble")).to_contain_text(words)
        cluster = app.cluster(name)
        app.live()
        cluster.shut_down()
        procs.until(lambda: name not in gateway.clusters("eve", "running"), 30, "end of the cluster")
        app.go("/clusters?new")
        untold.unlink()
        app.id("options-again").click()
        expect(app.id("options-form")).to_be_visible()
    finally:
        site.close()
        gateway.stop()


def test_a_reload_keeps_the_session(new_app, safe: Site) -> None:
    app: App = new_app(to=safe)
    app.sign_in("eve", PASSWORD)
    app.reload()
    app.at_clusters()


def test_a_hostile_link_gets_nothing(new_app, safe: Site, recorder: Recorder, subtests) -> None:
    """Credentials are bound to the address they were given for."""
    app: App = new_app(to=safe)
    app.sign_in("eve", PASSWORD)
    links = [
        f"/connect?gateway={recorder.url}&auth=basic",
        f"/clusters?gateway={recorder.url}",
        f"/clusters/0123456789abcdef?gateway={recorder.url}&auth=basic",
        f"/connect?gateway={recorder.url}/gateway&auth=jupyterhub",
        f"/connect?gateway={recorder.url.replace('http:', '')}&auth=basic",
        f"/connect?gateway={safe.url.replace('http://', 'http://x@')}/..//{recorder.url[7:]}",
        f"/scheduler?url={recorder.url}",
    ]
    for link in links:
        with subtests.test(f"loaded {link.split('?')[0]}"):
            app.open(link)
            app.page.wait_for_timeout(400)  # time to do wrong; nothing to wait for when it does right
            assert_no_secret(recorder.seen)
        with subtests.test(f"followed {link.split('?')[0]}"):
            app.open("/clusters")
            app.go(link)
            app.page.wait_for_timeout(400)
            assert_no_secret(recorder.seen)
    with subtests.test("the way back"):
        app.open("/clusters")
        app.at_clusters()
        app.go(links[1])
        expect(app.id("gateway-address")).to_have_value(recorder.url)
        app.page.go_back()
        app.at_clusters()
        assert_no_secret(recorder.seen)
    # It asks: the form for the other address is empty. Whoever fills it in has decided to.
    app.open("/connect", gateway=recorder.url, auth="basic")
    expect(app.id("password")).to_have_value("")
    app.fill_connect("mallory", "given-by-hand")
    app.id("connect-submit").click()
    expect(app.id("connect-error").or_(app.id("connect-doctor")).first).to_be_visible()
    assert_no_secret([s for s in recorder.seen if "Authorization" not in s.headers])
    given = "Basic " + base64.b64encode(b"mallory:given-by-hand").decode()
    assert {s.headers["Authorization"] for s in recorder.seen if "Authorization" in s.headers} <= {given}
    # And the way back to the own gateway does not take that along.
    since = time.monotonic()
    app.open("/clusters", gateway="/gateway")
    app.page.wait_for_timeout(400)
    assert not any("given-by-hand" in base64.b64decode(s.headers.get("Authorization", "Basic ")[6:]).decode()
                   for s in safe.since(since))  # fmt: skip


def test_secrets_are_nowhere(contexts, new_app, safe: Site, guarded: Gateway) -> None:
    said: list[str] = []
    app: App = new_app(contexts(), to=safe)
    app.page.on("console", lambda m: said.append(m.text))
    app.sign_in("eve", PASSWORD)
    name = guarded.running("eve", workers=1)
    key = guarded.request("GET", f"/api/v1/clusters/{name}", "eve")[1]["tls_key"]
    assert "PRIVATE KEY" in key, "the server hands out the key: it must be there for this test to test"
    body = key.splitlines()[1]
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    app.live()
    cluster.arrived(1)
    for route in (f"/clusters/{name}", "/clusters", "/connect"):
        app.go(route)
        app.page.wait_for_load_state("networkidle") if route == "/connect" else app.page.wait_for_timeout(200)
        kept = app.secrets()
        for secret in (PASSWORD, ENCODED, "PRIVATE KEY", body):
            assert secret not in kept, f"{route} shows or keeps a secret"
        tab = app.page.evaluate("JSON.stringify({...sessionStorage})")
        assert "PRIVATE KEY" not in tab and body not in tab
        databases = app.page.evaluate("async () => (await indexedDB.databases()).map(d => d.name)")
        assert isinstance(databases, list)
    everything = "\n".join(said)
    assert PASSWORD not in everything and ENCODED not in everything and "PRIVATE KEY" not in everything
    assert not any(PASSWORD in s.path or ENCODED in s.path or PASSWORD.encode() in s.body for s in safe.seen)


def test_a_hub_token_is_not_a_password(new_app, safe: Site) -> None:
    """The gateway refuses the kind; the message helps, and the token is neither in the address nor kept for good."""
    app: App = new_app(to=safe)
    app.open("/connect", gateway="/gateway", auth="jupyterhub")
    expect(app.id("auth-kind")).to_have_value("jupyterhub")
    app.id("token").fill("hub-token-123")
    app.id("connect-submit").click()
    expect(app.id("connect-error")).to_be_visible()
    sent = api(safe.seen)
    assert sent and {s.headers.get("Authorization") for s in sent} == {"jupyterhub hub-token-123"}
    assert "hub-token-123" not in app.secrets()
    assert "hub-token-123" not in json.dumps(app.page.evaluate("({...localStorage})"))
    assert "hub-token-123" not in app.page.url


def test_a_token_never_becomes_a_password(app: App) -> None:
    """What was typed for one kind of authentication is gone when another one is chosen."""
    app.open("/connect", gateway="/gateway", auth="jupyterhub")
    app.id("token").fill("hub-token-123")
    app.id("auth-kind").select_option("basic")
    expect(app.id("password")).to_have_value("")


def test_kinds_without_anything_to_type(app: App, subtests) -> None:
    for kind, shown in (("none", set()), ("kerberos", set()), ("basic", {"username", "password"}), ("jupyterhub", {"token"})):
        with subtests.test(kind):
            app.open("/connect", gateway="/gateway", auth=kind)
            expect(app.id("auth-kind")).to_have_value(kind)
            for name in ("username", "password", "token"):
                expect(app.id(name)).to_be_visible() if name in shown else expect(app.id(name)).to_be_hidden()


def test_other_users_clusters_cannot_be_seen(signed_in: App, user: str, gateway: Gateway) -> None:
    other = f"{user}-b"
    name = gateway.running(other)
    signed_in.go(f"/clusters/{name}")
    expect(signed_in.page.get_by_text(f"User {user} lacks permissions to view cluster").first).to_be_visible()
    gateway.delete(other, name)
    procs.until(lambda: not procs.of_cluster(name), 30, "end of the cluster")
