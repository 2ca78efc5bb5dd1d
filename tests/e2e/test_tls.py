"""Certificates that sign themselves, trusted and not, and plain http under an https page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FLAGS
from harness import procs, tls
from harness.front import Loop, Site
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import BrowserContext, Locator, Playwright, expect
from test_aside import add

# A host that is not this very machine, as far as the browser can tell.
ELSEWHERE = "dask.example.org"
WHAT_TO_DO = "Accept it there, or have the administrator install one that browsers trust; then check again."


@pytest.fixture(scope="module")
def files(nothing_left: None) -> tuple[Path, Path]:
    """A certificate of nobody's, and its key."""
    return tls.certificate(procs.work_dir)


@pytest.fixture
def secure(loop: Loop, dist: Path, gateway: Gateway, files: tuple[Path, Path]) -> Iterator[Site]:
    """App and gateway on one origin, over https."""
    it = Site(loop, dist, gateway.url, tls=tls.server(files))
    yield it
    it.close()


@pytest.fixture
def new_secure_crew(new_crew: Callable, files: tuple[Path, Path]) -> Callable:
    """Makes schedulers whose dashboards speak https, by Dask's own settings."""
    where = "DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__TLS__"

    def make(workers: int) -> tuple:
        scheduler, notebook = new_crew(workers, **{f"{where}CERT": str(files[0]), f"{where}KEY": str(files[1])})
        scheduler.url = scheduler.url.replace("http:", "https:")
        return scheduler, notebook

    return make


@pytest.fixture
def afar(playwright: Playwright, loop: Loop) -> Iterator[BrowserContext]:
    """A browser that trusts every certificate, for which `ELSEWHERE` is here."""
    path = os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium")
    flags = [*FLAGS, f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
    browser = playwright.chromium.launch(executable_path=path, args=flags, headless=True)
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(25_000)
    yield context
    browser.close()


def hop(app: App, name: str) -> Locator:
    """What the connection doctor says of one step."""
    return app.id("connect-doctor").locator(f"[data-hop={name}]")


def test_a_certificate_that_the_browser_does_not_trust(app: App, secure: Site, user: str, new_secure_crew: Callable, subtests) -> None:
    scheduler, _ = new_secure_crew(1)
    with subtests.test("of a scheduler"):
        app.open("/scheduler")
        app.id("scheduler-url").fill(scheduler.url)
        app.id("scheduler-open").click()
        # Without being asked, and with what to do about it.
        answer = hop(app, "reach")
        expect(answer).to_have_attribute("data-state", "bad")
        expect(answer).to_contain_text(f"Open {scheduler.url} in another tab: a certificate that the browser does not trust")
        expect(answer).to_contain_text(WHAT_TO_DO)
        expect(app.id("feed-status")).to_have_attribute("data-state", "retrying")
        expect(app.page.get_by_text("no connection to the dashboard")).to_be_visible()
    with subtests.test("of a gateway"):
        app.open("/connect")
        app.id("gateway-address").fill(f"{secure.url}/gateway")
        app.fill_connect(user)
        app.id("connect-submit").click()
        expect(app.id("connect-error")).to_contain_text("certificates that they do not trust")
        answer = hop(app, "reach")
        expect(answer).to_have_attribute("data-state", "bad")
        expect(answer).to_contain_text(f"Open {secure.url}/gateway in another tab")
        expect(answer).to_contain_text(WHAT_TO_DO)
    assert not secure.seen


def test_certificates_that_are_trusted(new_app: Callable, secure: Site, user: str, gateway: Gateway, new_secure_crew: Callable, new_notebook, subtests) -> None:
    app: App = new_app(to=secure, ignore_https_errors=True)
    sockets: list[str] = []
    app.page.on("websocket", lambda socket: sockets.append(socket.url))
    with subtests.test("a scheduler"):
        scheduler, notebook = new_secure_crew(1)
        app.open("/scheduler")
        app.id("scheduler-url").fill(scheduler.url)
        app.id("scheduler-open").click()
        app.live()
        app.must_hold(notebook.do("tutorial")["rows"])
    with subtests.test("a gateway and its cluster"):
        app.sign_in(user)
        name = gateway.running(user, workers=1)
        cluster = app.cluster(name)
        cluster.status("RUNNING")
        app.live()
        notebook = new_notebook()
        gateway.join(notebook, user, name)
        worker = notebook.do("workers", count=1)[0]
        app.must_hold(notebook.do("tutorial")["rows"])
        assert "https://" in cluster.snippet()
        add(app, "logs")
        app.id("log-of").select_option(worker)
        expect(app.id("log-records").locator(".log-line").first).to_be_visible()
        cluster.shut_down()
        cluster.status("STOPPED")
    assert sockets and all(url.startswith("wss://") for url in sockets), sockets


def test_plain_http_under_an_https_page(afar: BrowserContext, secure: Site, user: str, gateway: Gateway, new_scheduler: Callable, subtests) -> None:
    app = App(afar.new_page(), secure)
    blocked = re.compile("This page came over https: the browser blocks plain http from it")
    scheduler = new_scheduler("new", workers=1)
    there = scheduler.url.replace("127.0.0.1", ELSEWHERE)
    with subtests.test("a scheduler elsewhere"):
        app.open("/scheduler")
        app.id("scheduler-url").fill(there)
        app.id("scheduler-open").click()
        mixed = hop(app, "mixed-content")
        expect(mixed).to_have_attribute("data-state", "bad")
        expect(mixed).to_contain_text(blocked)
        expect(mixed).to_contain_text("Use the scheduler's https address.")
        expect(app.page.get_by_text(re.compile(r"no connection to the dashboard\. The browser says: "))).to_be_visible()
    with subtests.test("Dask's own page of it"):
        app.open("/panel/dask:status", url=there)
        expect(app.page.get_by_text("the browser does not show it inside this page")).to_be_visible()
        expect(app.page.locator("iframe")).to_have_count(0)
    with subtests.test("a gateway elsewhere"):
        app.open("/connect")
        app.id("gateway-address").fill(gateway.url.replace("127.0.0.1", ELSEWHERE))
        app.fill_connect(user)
        app.id("connect-submit").click()
        expect(app.id("connect-error")).to_contain_text("plain http under an https page")
        expect(hop(app, "mixed-content")).to_contain_text(blocked)
        expect(hop(app, "mixed-content")).to_contain_text("Use the gateway's https address.")
    with subtests.test("this very machine is another matter"):
        app.open("/scheduler", url=scheduler.url)
        app.live()
