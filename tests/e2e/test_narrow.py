"""Every page at every width, dark and light: nothing sticks out, and the drawer has the list where it is narrow."""

from __future__ import annotations

import re

import pytest
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import expect

WIDTHS = [(380, 800), (420, 700), (800, 600), (1440, 900)]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nothing_sticks_out(new_app, user: str, gateway: Gateway, scheme: str, subtests) -> None:
    app: App = new_app(color_scheme=scheme)
    app.site.know("http://127.0.0.1:9")
    app.sign_in(user)
    name = gateway.running(user, workers=1)
    app.cluster(name).status("RUNNING")
    app.live()
    background = app.page.evaluate("getComputedStyle(document.querySelector('.ds-root')).backgroundColor")
    light = sum(int(n) for n in re.findall(r"\d+", background)[:3]) > 380
    assert light == (scheme == "light"), f"{scheme}: background {background}"
    pages = {
        "connect": lambda: (app.go("/connect"), expect(app.id("gateway-address")).to_be_visible()),
        "list": lambda: (app.go("/clusters"), expect(app.row(name)).to_be_attached()),
        "options": lambda: app.options(),
        "cluster": lambda: app.cluster(name).status("RUNNING"),
        "scheduler": lambda: (app.go("/scheduler?url=http://127.0.0.1:9"), expect(app.id("feed-status")).to_be_visible()),
        "question": lambda: (app.go("/scheduler?url=http://192.168.100.200:8787"), expect(app.id("consent-watch")).to_be_visible()),
        "recordings": lambda: app.go("/recordings"),
    }
    for width, height in WIDTHS:
        app.page.set_viewport_size({"width": width, "height": height})
        for what, show in pages.items():
            with subtests.test(f"{what} at {width}"):
                show()
                app.no_overflow()


def test_drawer(new_app, user: str, gateway: Gateway) -> None:
    """Narrow, the list of clusters is a drawer over the page."""
    app: App = new_app(viewport={"width": 380, "height": 800})
    app.sign_in(user)
    names = [gateway.running(user), gateway.create(user, gpu=True)]
    cluster = app.cluster(names[0])
    cluster.status("RUNNING")
    expect(app.row(names[1])).to_be_hidden()
    opener = app.page.get_by_role("button", name=re.compile("clusters|menu", re.I)).first
    opener.click()
    expect(app.row(names[1])).to_be_visible()
    app.row(names[1]).click()
    expect(cluster.id("cluster-status")).to_have_attribute("data-status", re.compile("PENDING|FAILED"))
    assert names[1] in app.page.url
    expect(app.row(names[0])).to_be_hidden()
    opener.click()
    expect(app.row(names[0])).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(app.row(names[0])).to_be_hidden()
    # All that a person must be able to do is there.
    app.go(f"/clusters/{names[0]}")
    cluster.status("RUNNING")
    cluster.scale(1)
    cluster.arrived(1)
    expect(cluster.id("shutdown")).to_be_visible()


def test_reduced_motion_and_large_text(new_app, user: str) -> None:
    """With text at twice its size nothing sticks out either."""
    app: App = new_app(viewport={"width": 800, "height": 600}, reduced_motion="reduce")
    app.sign_in(user)
    app.page.evaluate("document.documentElement.style.fontSize = '200%'")
    app.options()
    app.no_overflow()
    moving = app.page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length")
    assert moving == 0, "something moves although less motion was asked for"


def test_the_bar_of_the_board_is_one_line_on_a_phone(new_app, new_scheduler) -> None:
    app: App = new_app(viewport={"width": 380, "height": 800})
    app.open("/scheduler", url=new_scheduler("new", workers=1).url)
    app.live()
    lines = app.page.locator(".board-bar").evaluate(
        """bar => {
          const lines = new Map();
          for (const it of bar.querySelectorAll('select, button')) {
            const middle = Math.round((it.getBoundingClientRect().top + it.getBoundingClientRect().bottom) / 8);
            lines.set(middle, [...(lines.get(middle) ?? []), it.value || it.innerText.trim()]);
          }
          return [...lines.values()];
        }"""
    )
    assert lines == [["Run", "Copy link", "Add a pane…"]]


@pytest.mark.parametrize("width", [380, 800, 1200])
def test_panels_of_the_stream_lie_inside_it(new_app, new_crew, width: int) -> None:
    app: App = new_app(viewport={"width": width, "height": 800})
    scheduler, notebook = new_crew(2)
    notebook.do("tutorial")
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.id("stream-numbers").click()
    inside = app.page.locator(".stream-panel").evaluate(
        """panel => {
          const [it, body] = [panel, panel.closest(".stream-body")].map(e => e.getBoundingClientRect());
          const canvas = panel.closest(".stream-body").querySelector("canvas").getBoundingClientRect();
          const apart = canvas.right <= it.left + 1 || canvas.bottom <= it.top + 1;
          return [it.left >= body.left - 1 && it.right <= body.right + 1, apart && canvas.width > 200 && canvas.height > 150];
        }"""
    )
    assert inside == [True, True]
