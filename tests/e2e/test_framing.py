"""Nobody else's clicks: the app inside of other pages, and links that name somebody else's server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from harness import procs
from harness.front import Loop, Recorder, Site
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import Frame, Page, expect

# Another port is another origin; the browser still keeps one tab's sign-in for both pages of ours.
AROUND = """<!doctype html><meta charset="utf-8"><title>Somebody else's page</title><body style="margin: 0">
<iframe id="app" src="{url}" style="width: 1400px; height: 860px; border: 0; opacity: 0.5"></iframe>"""


@pytest.fixture
def stranger(loop: Loop, dist) -> Iterator[Site]:
    """A site of somebody else, whose pages the tests write."""
    it = Site(loop, dist)
    yield it
    it.close()


def framed(page: Page, stranger: Site, url: str) -> Frame:
    """The app in a frame of the stranger's page."""
    stranger.pages["/around.html"] = ("text/html", AROUND.format(url=url))
    page.goto(f"{stranger.url}/around.html")
    frame = page.locator("#app").element_handle().content_frame()
    assert frame
    frame.wait_for_function("() => window.daskscope?.version")
    return frame


def test_a_page_around_the_app_presses_no_buttons(
    new_app, site: Site, stranger: Site, gateway: Gateway, user: str, subtests
) -> None:
    app: App = new_app()
    app.sign_in(user)
    name = gateway.running(user, workers=1)
    page, there = app.page, f"{site.url}/#/clusters/{name}"

    with subtests.test("framed from another port: shown, but ended by nobody"):
        frame = framed(page, stranger, there)
        expect(frame.get_by_test_id("cluster-status")).to_have_attribute("data-status", "RUNNING")
        before = len(site.seen)
        button = frame.get_by_test_id("shutdown").bounding_box()
        assert button
        # As a stranger has people do it: presses at places of the outer page, the second where the confirmation would be.
        page.mouse.click(button["x"] + 10, button["y"] + 10)
        dialog = frame.get_by_role("alertdialog")
        expect(dialog).to_be_visible()
        expect(frame.get_by_test_id("framed-by")).to_have_text(stranger.url)
        expect(frame.get_by_test_id("shutdown-confirm")).to_have_count(0)
        box = dialog.bounding_box()
        assert box
        for x, y in ((0.5, 0.5), (0.95, 0.5), (0.5, 0.95)):
            page.mouse.click(box["x"] + box["width"] * x, box["y"] + 2)
            page.mouse.click(box["x"] + 4, box["y"] + box["height"] * y)
        frame.get_by_test_id("framed-close").click()
        expect(dialog).to_have_count(0)
        # Neither in another way.
        frame.get_by_test_id("scope-open").click()
        frame.get_by_test_id("scope-idle").select_option("1")
        expect(dialog).to_be_visible()
        expect(frame.get_by_test_id("scope-idle")).to_have_value("")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(frame.get_by_test_id("scope-open")).to_have_text("Auto stop")
        page.wait_for_timeout(500)
        assert {it.method for it in site.seen[before:]} == {"GET"}
        assert gateway.clusters(user)[name]["status"] == "RUNNING"

    with subtests.test("the same view in a tab of its own can do it"):
        frame.get_by_test_id("shutdown").click()
        link = frame.get_by_test_id("framed-open")
        expect(link).to_have_attribute("rel", "noopener")
        with page.context.expect_page() as opened:
            link.click()
        tab = App(opened.value, site)
        tab.ready()
        assert opened.value.url == there
        expect(tab.id("connect-submit")).to_be_visible()  # a tab of its own has no sign-in yet
        opened.value.close()

    with subtests.test("a page that config.json names may, also behind one of this site's own"):
        site.config = json.dumps({"gateway": "/gateway", "auth": "basic", "frame_ancestors": [stranger.url]})
        frame = framed(page, stranger, there)
        expect(frame.get_by_test_id("cluster-status")).to_have_attribute("data-status", "RUNNING")
        frame.get_by_test_id("shutdown").click()
        frame.get_by_test_id("shutdown-confirm").click()
        procs.until(lambda: name not in gateway.clusters(user), 30, "end of the cluster")


def test_a_link_to_somebody_elses_server_asks_first(new_app, site: Site, recorder: Recorder, watched_origin, subtests) -> None:
    app: App = new_app()
    asked: list[str] = []
    app.page.on("request", lambda request: asked.append(request.url))
    app.page.on("websocket", lambda socket: asked.append(socket.url))

    def reached() -> list[str]:
        port = f":{recorder.port}"
        return [url for url in asked if port in url.split("?")[0].split("#")[0]]

    for link in ("/scheduler", "/panel/workers", "/panel/dask:status"):
        with subtests.test(f"{link} waits for a press"):
            app.page.goto("about:blank")
            app.page.goto(app.address(link, url=f"{recorder.url}/status"))
            expect(app.id("consent-host")).to_have_text(recorder.url)
            app.page.wait_for_timeout(500)  # time to do wrong; nothing to wait for when it does right
            assert recorder.seen == [] and reached() == []
            expect(app.page.locator("iframe")).to_have_count(0)

    with subtests.test("following one inside of the app"):
        app.open("/connect")
        app.go(f"/panel/dask:status?url={quote(recorder.url)}")
        expect(app.id("consent-host")).to_have_text(recorder.url)
        app.id("consent-back").click()
        expect(app.id("connect-submit")).to_be_visible()
        assert recorder.seen == []

    with subtests.test("an address that is none says so, and is no link"):
        for bad in ("javascript:alert(1)", "data:text/html,<p>x"):
            app.page.goto("about:blank")
            app.page.goto(app.address("/scheduler", url=bad))
            expect(app.page.get_by_text(re.compile("begin with http:// or https://"))).to_be_visible()
            assert app.page.locator("a[href^='javascript:'], iframe").count() == 0

    with subtests.test("agreed to, it is watched, and the answer is kept for this origin only"):
        app.page.goto("about:blank")
        app.page.goto(app.address("/scheduler", url=recorder.url))
        app.id("consent-watch").click()
        procs.until(lambda: recorder.seen, 20, "a request to the server that was agreed to")
        kept = app.page.evaluate("localStorage.getItem('daskscope.schedulers')")
        assert json.loads(kept) == [recorder.url]
        app.page.goto("about:blank")
        recorder.seen.clear()
        app.page.goto(app.address("/scheduler", url=recorder.url))
        procs.until(lambda: recorder.seen, 20, "a request without another question")
        app.page.goto(app.address("/scheduler", url="http://127.0.0.1:9"))
        expect(app.id("consent-host")).to_have_text("http://127.0.0.1:9")

    with subtests.test("and taken back"):
        app.open("/scheduler")
        app.id("consent-forget").click()
        expect(app.id("consent-forget")).to_have_count(0)
        app.go(f"/scheduler?url={quote(recorder.url)}")
        expect(app.id("consent-watch")).to_be_visible()

    with subtests.test("who types the address is not asked"):
        app.open("/scheduler")
        app.id("scheduler-url").fill(watched_origin)
        app.id("scheduler-open").click()
        app.live()


@pytest.fixture
def watched_origin(new_scheduler) -> str:
    """A scheduler that nothing has named yet."""
    return new_scheduler("new", workers=1).url


def test_a_stranger_does_not_press_the_question_either(new_app, site: Site, stranger: Site, recorder: Recorder) -> None:
    app: App = new_app()
    frame = framed(app.page, stranger, f"{site.url}/#/scheduler?url={quote(recorder.url)}")
    frame.get_by_test_id("consent-watch").click()
    expect(frame.get_by_test_id("framed-open")).to_be_visible()
    expect(frame.get_by_test_id("consent-host")).to_have_text(recorder.url)
    assert recorder.seen == []
