"""Fixtures: servers for the session, a browser, a site and a page for each test, and a check that nothing is left."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from harness import procs  # noqa: E402
from harness.front import Loop, Recorder, Site  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.notebook import Notebook  # noqa: E402
from harness.pages import App  # noqa: E402
from harness.schedulers import Scheduler, python_of  # noqa: E402

ARTIFACTS = Path(__file__).parent / "artifacts"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_users = itertools.count()
# The app looks at the gateway's list every few seconds: what it has not seen at once is not missing.
expect.set_options(timeout=25_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of other versions of Dask are skipped, loudly, where those are not installed."""
    for marker, variable in (("old", "DASKSCOPE_PYTHON_2024_5"), ("newer", "DASKSCOPE_PYTHON_BOKEH_3_10")):
        if os.environ.get(variable):
            continue
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{variable} is not set"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Writes down how each test of the matrix ended, for the table at its end."""
    where = os.environ.get("DASKSCOPE_TABLE")
    if where and "matrix" in report.keywords and (report.when == "call" or not report.passed and report.when == "setup"):
        with open(where, "a") as out:
            out.write(f"{report.nodeid.removeprefix('tests/e2e/')}\t{report.outcome}\t{report.duration:.1f}\n")


# Servers.


@pytest.fixture(scope="session", autouse=True)
def nothing_left() -> Iterator[None]:
    """A folder for the session; at its end no process that the tests started may live."""
    procs.work_dir = Path(tempfile.mkdtemp(prefix="daskscope-e2e-"))
    yield
    left = {pid: procs.command_line(pid) for pid in procs.marked()}
    procs.end(list(left))
    logs = ARTIFACTS / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    for log in procs.work_dir.glob("*.log"):
        shutil.copy(log, logs)
    shutil.rmtree(procs.work_dir, ignore_errors=True)
    assert not left, f"processes left behind: {left}"


@pytest.fixture(scope="session")
def loop(nothing_left: None) -> Iterator[Loop]:
    """The event loop of the harness."""
    it = Loop()
    yield it
    it.close()


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built app."""
    where = Path(os.environ.get("DASKSCOPE_DIST") or Path(__file__).parents[2] / "dist").resolve()
    assert (where / "index.html").is_file(), f"no built app in {where}: build it, or set DASKSCOPE_DIST"
    return where


@pytest.fixture(scope="session")
def gateway(nothing_left: None) -> Iterator[Gateway]:
    """The gateway that most tests share; each test is a user of its own on it."""
    it = Gateway("shared").start()
    yield it
    it.stop()


@pytest.fixture
def user(gateway: Gateway) -> Iterator[str]:
    """A user whom no other test is; what it leaves running on the shared gateway is shut down."""
    name = f"user{next(_users)}"
    yield name
    gateway.delete(name, *gateway.clusters(name))


@pytest.fixture
def site(loop: Loop, dist: Path, gateway: Gateway) -> Iterator[Site]:
    """The app and the shared gateway on one origin of their own (so nothing is remembered from other tests)."""
    it = Site(loop, dist, gateway.url)
    yield it
    it.close()


@pytest.fixture
def recorder(loop: Loop) -> Iterator[Recorder]:
    """Someone else's server."""
    it = Recorder(loop)
    yield it
    it.close()


@pytest.fixture
def new_scheduler() -> Iterator[Callable[..., Scheduler]]:
    """Makes bare schedulers, which end with the test."""
    made: list[Scheduler] = []

    def make(*args: Any, **kwargs: Any) -> Scheduler:
        made.append(Scheduler(*args, **kwargs))
        return made[-1]

    yield make
    for it in made:
        it.stop()


@pytest.fixture
def new_notebook() -> Iterator[Callable[..., Notebook]]:
    """Makes notebooks (`version`: `new` or `old`), which end with the test."""
    made: list[Notebook] = []

    def make(version: str = "new", **env: str) -> Notebook:
        made.append(Notebook(python_of(version), **env))
        return made[-1]

    yield make
    for it in made:
        it.close()


# The browser.


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, without any browser of its own."""
    with sync_playwright() as it:
        yield it


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium."""
    path = os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium")
    it = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
    yield it
    it.close()


class Watched:
    """A page with everything that it said, so that a failure can be read afterwards."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        self.crashes: list[str] = []
        page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: self.crashes.append(str(e)))
        page.on("requestfailed", lambda r: self.console.append(f"request failed: {r.method} {r.url} {r.failure}"))


@pytest.fixture
def contexts(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (profiles). On failure each page's picture, console and HTML are kept."""
    made: list[BrowserContext] = []
    watched: list[Watched] = []

    def make(**options: Any) -> BrowserContext:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = browser.new_context(**options)
        context.set_default_timeout(25_000)
        context.on("page", lambda page: watched.append(Watched(page)))
        made.append(context)
        return context

    yield make
    failed = any(getattr(request.node, f"report_{w}", None) and getattr(request.node, f"report_{w}").failed
                 for w in ("setup", "call"))  # fmt: skip
    crashes = [c for w in watched for c in w.crashes]
    panics = [line for w in watched for line in w.console if "panicked at" in line]
    if failed or crashes or panics:
        keep(request.node.name, watched)
    for context in made:
        context.close()
    assert not crashes, f"uncaught errors in the page: {crashes}"
    assert not panics, f"the app panicked: {panics}"


def keep(name: str, watched: list[Watched]) -> None:
    """Writes what is known about the pages of a failed test to the artifacts folder."""
    stem = re.sub(r"[^\w.-]+", "_", name)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for number, it in enumerate(watched):
        where = ARTIFACTS / f"{stem}.{number}"
        said = [*it.console, *(f"pageerror: {c}" for c in it.crashes)]
        try:
            said.insert(0, it.page.url)
            it.page.screenshot(path=f"{where}.png", timeout=5000)
            Path(f"{where}.html").write_text(it.page.content())
        except Exception as error:  # the page may have closed or crashed: keep the rest
            said.append(f"no picture: {error}")
        Path(f"{where}.log").write_text("\n".join(said) + "\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Lets fixtures know whether their test failed."""
    outcome: Any = yield
    report = outcome.get_result()
    setattr(item, f"report_{report.when}", report)


@pytest.fixture
def new_app(contexts: Callable[..., BrowserContext], site: Site) -> Callable[..., App]:
    """Opens the app in a tab: of its own profile, or of the one given as `context`."""

    def make(context: BrowserContext | None = None, to: Site | None = None, **options: Any) -> App:
        context = context or contexts(**options)
        return App(context.new_page(), to or site)

    return make


@pytest.fixture
def app(new_app: Callable[..., App]) -> App:
    """The app in a tab."""
    return new_app()


@pytest.fixture
def signed_in(app: App, user: str) -> App:
    """The app, signed in as this test's user, at its list of clusters."""
    app.sign_in(user)
    return app


@pytest.fixture
def new_crew(new_scheduler: Callable[..., Scheduler], new_notebook: Callable[..., Notebook]) -> Callable[..., tuple[Scheduler, Notebook]]:
    """Makes a scheduler with so many workers that are there, and a notebook at it."""

    def make(workers: int, **more: object) -> tuple[Scheduler, Notebook]:
        scheduler = new_scheduler("new", workers=workers, **more)
        notebook = new_notebook()
        notebook.do("connect", address=scheduler.address)
        notebook.do("workers", count=workers)
        return scheduler, notebook

    return make


@pytest.fixture
def watched_pair(app: App, new_crew: Callable[..., tuple[Scheduler, Notebook]]) -> tuple[App, Notebook]:
    """The page of a scheduler with two workers, and a notebook at it."""
    scheduler, notebook = new_crew(2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    return app, notebook


@pytest.fixture
def board(watched_pair: tuple[App, Notebook]) -> App:
    """The page of a scheduler with two workers."""
    return watched_pair[0]
