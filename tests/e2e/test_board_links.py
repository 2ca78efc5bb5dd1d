"""A board that came with a link beside one's own, what can be undone, and tabs that nobody has looked at yet."""

from __future__ import annotations

import re
from typing import Callable

import pytest
from harness import procs
from harness.pages import App
from playwright.sync_api import BrowserContext, Route, WebSocket, expect

RUN = [["task-stream", 12], ["progress", 4], ["workers", 8]]
SENT = "workers.12~progress.6~no-such.4"
SHOWN = [["workers", 12], ["progress", 6]]
HIDE = """
    window.seen = false;
    Object.defineProperty(document, 'hidden', { get: () => !window.seen });
    Object.defineProperty(document, 'visibilityState', { get: () => window.seen ? 'visible' : 'hidden' });
"""


@pytest.fixture
def board(app: App, new_scheduler: Callable) -> App:
    """A scheduler."""
    app.open("/scheduler", url=new_scheduler("new", workers=2).url)
    app.live()
    return app


def address(app: App) -> str:
    """What watches the same scheduler, without a layout."""
    return re.sub("&panes=[^&]*", "", app.page.url.split("#")[1])


def kept(app: App) -> str | None:
    """One's own layout, as the browser keeps it."""
    return app.page.evaluate("localStorage.getItem('daskscope.layout')")


def test_a_link_leaves_ones_own_alone(board: App) -> None:
    app = board
    app.add_pane("cpu")
    app.arrange("progress", "remove")
    mine, text = app.board(), kept(app)
    assert [name for name, _ in mine] == ["task-stream", "workers", "cpu"]
    plain = address(app)
    app.go(f"{plain}&panes={SENT}")
    said = app.id("layout-linked")
    expect(said).to_have_text("This layout came with the link. Yours is unchanged.")
    expect(app.page.get_by_text("Unknown panes: no-such")).to_be_visible()
    assert app.board() == SHOWN
    # What is changed stands in the address, over a reload too.
    app.arrange("workers", "narrower")
    expect(said).to_contain_text("was changed")
    changed = [["workers", 11], ["progress", 6]]
    assert (app.board(), kept(app)) == (changed, text)
    app.reload()
    app.live()
    expect(said).to_be_visible()
    assert (app.board(), kept(app)) == (changed, text)
    # So does another one of those with names.
    app.id("layout-choose").select_option("Run")
    assert (app.board(), kept(app)) == (RUN, text)
    app.reload()
    app.live()
    assert (app.board(), kept(app)) == (RUN, text)
    # Elsewhere one's own is there.
    app.go(plain)
    expect(said).to_have_count(0)
    assert app.board() == mine
    # Back to it by the button, and to the link's.
    app.go(f"{plain}&panes={SENT}")
    app.id("layout-back").click()
    expect(said).to_have_count(0)
    assert (app.board(), kept(app)) == (mine, text)
    app.id("layout-undo").click()
    expect(said).to_be_visible()
    assert app.board() == SHOWN
    # Kept, and thought better of.
    app.id("layout-keep").click()
    expect(said).to_have_count(0)
    expect(app.page.get_by_text("Unknown panes")).to_have_count(0)
    assert (app.board(), kept(app)) == (SHOWN, "workers.12~progress.6")
    app.id("layout-undo").click()
    assert (app.board(), kept(app)) == (SHOWN, text)
    app.id("layout-keep").click()
    app.go(plain)
    app.reload()
    app.live()
    expect(said).to_have_count(0)
    assert app.board() == SHOWN


def test_two_tabs_and_a_copied_link(board: App, new_app: Callable) -> None:
    app = board
    app.arrange("progress", "remove")
    first = app.board()
    other = new_app(context=app.page.context)
    other.page.goto(app.page.url)
    other.live()
    expect(other.id("layout-linked")).to_have_count(0)
    other.arrange("workers", "remove")
    second = other.board()
    # The first one wrote its address itself: that is no link.
    app.reload()
    app.live()
    expect(app.id("layout-linked")).to_have_count(0)
    assert app.board() == second != first
    # What is copied carries the layout, also where the address needs none.
    app.page.goto("about:blank")
    app.page.goto(other.page.url.split("#")[0] + "#" + address(other))
    app.live()
    assert "panes=" not in app.page.url and app.board() == second
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    app.id("layout-link").click()
    link = procs.until(app.clipboard, 10, "a link")
    guest = new_app()
    guest.page.goto(link)
    guest.live()
    assert guest.board() == second
    expect(guest.id("layout-linked")).to_be_visible()
    guest.id("layout-back").click()
    assert guest.board() == RUN


def test_undone_and_named_again(board: App) -> None:
    app = board
    app.arrange("workers", "remove")
    app.id("layout-undo").click()
    expect(app.id("layout-undo")).to_have_count(0)
    assert app.board() == RUN
    app.arrange("progress", "remove")
    mine = app.board()
    app.id("layout-reset").click()
    assert app.board() == RUN
    app.id("layout-undo").click()
    assert app.board() == mine
    for width in (8, 9):
        app.id("layout-name").click()
        app.id("layout-name-text").fill("my own")
        replaced = app.page.get_by_text("A layout of this name will be replaced")
        expect(replaced).to_have_count(width - 8)
        app.id("layout-name-text").press("Enter")
        expect(app.id("layout-choose")).to_have_value("my own")
        app.arrange("workers", "wider")


def test_a_tab_in_the_background(board: App, contexts: Callable[..., BrowserContext], new_app: Callable) -> None:
    context = contexts()
    context.add_init_script(HIDE)
    tab = new_app(context=context)
    opened: list[str] = []
    tab.page.on("websocket", lambda socket: opened.append(socket.url))
    tab.page.goto(board.page.url)
    tab.ready()
    tab.page.wait_for_timeout(2500)
    assert opened == [], "a tab that nobody has looked at watches nothing"
    tab.page.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
    tab.live()
    assert opened


def test_a_scheduler_is_called_before_the_program_is_there(board: App, new_app: Callable) -> None:
    tab = new_app()
    opened: list[str] = []
    pulls: list[str] = []

    def watch(socket: WebSocket) -> None:
        opened.append(socket.url)
        if "/individual-task-stream/" in socket.url:
            socket.on("framesent", lambda frame: pulls.extend([frame] if "PULL-DOC-REQ" in str(frame) else []))

    tab.page.on("websocket", watch)
    # The program is held up: what has been opened by then, boot.js has opened.
    early: list[list[str]] = []

    def hold(route: Route) -> None:
        tab.page.wait_for_timeout(1000)
        early.append(list(opened))
        assert len(pulls) == 1, "asked for its document"
        route.continue_()

    tab.page.route("**/*_bg.wasm", hold)
    tab.page.goto(board.page.url)
    tab.live()
    stream = [url for url in opened if "/individual-task-stream/" in url]
    assert early and early[0] == stream, f"{early}: one socket, opened early"
    assert len(stream) == len(pulls) == 1, "and the program took it over, and asked for nothing again"


def test_a_picture_that_cannot_be_read(board: App) -> None:
    app = board
    app.page.evaluate("() => { HTMLCanvasElement.prototype.toBlob = () => { throw new DOMException('no', 'SecurityError') } }")
    app.add_pane("cpu")
    app.id("pane-menu-cpu").click()
    app.id("save-png").click()
    expect(app.page.get_by_text("does not allow PNG export. Use Save as SVG.")).to_be_visible()
    # Some give nothing instead.
    app.page.reload()
    app.live()
    app.page.evaluate("() => { HTMLCanvasElement.prototype.toBlob = call => call(null) }")
    app.id("pane-menu-cpu").click()
    app.id("save-png").click()
    expect(app.page.get_by_text("does not allow PNG export. Use Save as SVG.")).to_be_visible()
