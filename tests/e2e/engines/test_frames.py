"""The app inside of somebody else's page, in each engine: what each tells of the pages around is not the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from harness import procs
from harness.front import Loop, Site
from harness.gateway import Gateway
from test_framing import AROUND
from test_walk import ARTIFACTS, LISTEN, id, screen  # noqa: A004, F401  (`screen` is a fixture)
from webdriver import ELEMENT, Engine, Window, engines


def variants() -> list[Engine]:
    """All engines, and Firefox also as it was before it told the origins of the pages around."""
    chromium, firefox, webkit = engines()
    name = "moz:firefoxOptions"
    silent = {**firefox.capabilities[name], "prefs": {"dom.location.ancestorOrigins.enabled": False}}
    return [chromium, firefox, replace(firefox, name="firefox-silent", capabilities={name: silent}), webkit]


@pytest.fixture
def stranger(loop: Loop, dist) -> Iterator[Site]:
    """A site of somebody else."""
    it = Site(loop, dist)
    yield it
    it.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", variants(), ids=lambda engine: engine.name)
def test_inside_of_a_strangers_page(
    engine: Engine, screen: str, site: Site, stranger: Site, user: str, gateway: Gateway, request: pytest.FixtureRequest, subtests,
) -> None:  # fmt: skip
    if not (engine.program(0) and engine.program(1)):
        pytest.skip(f"{engine.name} is not installed")
    name = gateway.running(user, workers=1)
    here = f"{site.url}/#/connect?gateway=/gateway&auth=basic"
    stranger.pages["/around.html"] = ("text/html", AROUND.format(url=here))
    window = Window(engine, f"{engine.name}-framed", DISPLAY=screen)
    print(f"{engine.name}: {window.version}")
    dialog = "[role=alertdialog]"

    def refused() -> None:
        """What was asked for has not been done, and the page says why."""
        window.element(dialog)
        window.until(id("framed-by"), "innerText", by)
        assert not window.count(id("shutdown-confirm"))
        window.click(id("framed-close"))
        procs.until(lambda: not window.count(dialog), 10, "end of the explanation")

    try:
        window.go(f"{stranger.url}/around.html")
        window.do("POST", "/frame", id={ELEMENT: window.element("#app")})
        window.js(LISTEN)
        told = window.js("return location.ancestorOrigins ? [...location.ancestorOrigins] : null")
        if engine.name == "firefox-silent":
            assert told is None, "this Firefox tells whatever it is asked not to"
        # Signing in takes a secret, so that it is allowed; and then the clusters are shown.
        window.fill(id("username"), user)
        window.click(id("connect-submit"))
        window.element(f"{id('new-cluster')}, {id('options-form')}")
        by = stranger.url if told else "another site"
        before = len(site.seen)
        with subtests.test("no cluster is created"):
            if not window.shown(id("options-form")):
                window.click(id("new-cluster"))
            window.click(id("create-cluster"))
            refused()
        window.js("location.hash = args[0]", f"/clusters/{name}")
        window.until(id("cluster-status"), "@data-status", "RUNNING", 60)
        window.until(id("feed-status"), "@data-state", "live", 60)
        with subtests.test("none is shut down"):
            window.click(id("shutdown"))
            refused()
        with subtests.test("none is scaled"):
            if not window.shown(id("scale-count")):
                window.click(id("scale-open"))
            window.fill(id("scale-count"), "0")
            window.click(id("scale-apply"))
            if os.environ.get("DASKSCOPE_PICTURES"):
                window.element(dialog)
                window.picture(ARTIFACTS / f"framed-{engine.name}.png")
            refused()
        with subtests.test("nobody new is contacted"):
            window.js("location.hash = args[0]", f"/scheduler?url={stranger.url}")
            window.element(id("consent-watch"))
            asked = len(stranger.seen)
            window.click(id("consent-watch"))
            refused()
            assert len(stranger.seen) == asked
        assert {it.method for it in site.seen[before:]} == {"GET"}
        assert list(gateway.clusters(user)) == [name] and gateway.clusters(user)[name]["status"] == "RUNNING"
        assert window.js("return walked") == [], "errors in the page"
    except BaseException:
        window.picture(ARTIFACTS / f"framed-{engine.name}-failed.png")
        raise
    finally:
        window.close()
