"""The board by keyboard alone, what it opens at all widths, and panes in a room that is too small for them."""

from __future__ import annotations

import pytest
from harness import procs
from harness.pages import App
from playwright.sync_api import expect


def at(app: App) -> str:
    """What has the focus."""
    return app.page.evaluate("document.activeElement.dataset.testid || document.activeElement.tagName")


def keeps(app: App, name: str) -> None:
    """What has the focus once all is drawn."""
    procs.until(lambda: at(app) == name, 5, f"focus on {name}, is on {at(app)}")


def tab_to(app: App, name: str, key: str = "Tab") -> None:
    """Goes there as far as it takes."""
    for _ in range(80):
        if at(app) == name:
            return
        app.page.keyboard.press(key)
    raise AssertionError(f"{name} cannot be reached: {at(app)}")


def test_a_walk(board: App) -> None:
    app, keys = board, board.page.keyboard
    # Added: the focus stays among what can be added, and goes back to what opened it.
    tab_to(app, "pane-add")
    keys.press("Enter")
    tab_to(app, "pane-find")
    keys.type("by worker")
    tab_to(app, "pane-add-cpu")
    keys.press("Enter")
    expect(app.id("pane-cpu")).to_be_visible()
    procs.until(lambda: at(app).startswith("pane-"), 5, "focus in the library")
    keys.press("Escape")
    expect(app.id("pane-find")).to_have_count(0)
    keeps(app, "pane-add")
    # Arranged: what is pressed again and again stays.
    tab_to(app, "pane-menu-cpu")
    keys.press("Enter")
    tab_to(app, "pane-earlier")
    keys.press("Enter")
    keeps(app, "pane-earlier")
    keys.press("Enter")
    keeps(app, "pane-earlier")
    assert [name for name, _ in app.board()] == ["task-stream", "cpu", "progress", "workers"]
    keys.press("Escape")
    keeps(app, "pane-menu-cpu")
    # Maximised, and back.
    keys.press("Enter")
    tab_to(app, "pane-maximise")
    keys.press("Enter")
    assert len(app.board()) == 1
    keeps(app, "pane-menu-cpu")
    keys.press("Escape")
    assert len(app.board()) == 4
    keeps(app, "pane-menu-cpu")
    # As a table, which is no reason to lose the place either.
    keys.press("Enter")
    tab_to(app, "pane-table")
    keys.press("Enter")
    expect(app.id("pane-cpu").locator("table")).to_be_visible()
    keeps(app, "pane-menu-cpu")
    # Named, at once: what the last press left to do does not take the focus any more.
    tab_to(app, "layout-name", "Shift+Tab")
    keys.press("Enter")
    tab_to(app, "layout-name-text")
    keys.type("by keys")
    keys.press("Enter")
    expect(app.id("layout-choose")).to_have_value("by keys")
    keeps(app, "layout-choose")
    app.page.wait_for_timeout(400)
    keeps(app, "layout-choose")
    # Removed: the next pane's menu is where it was.
    tab_to(app, "pane-menu-cpu")
    keys.press("Enter")
    tab_to(app, "pane-remove")
    keys.press("Enter")
    expect(app.id("pane-cpu")).to_have_count(0)
    keeps(app, "pane-menu-progress")


def test_escape_closes_one_thing_at_a_time(board: App) -> None:
    app, keys = board, board.page.keyboard
    app.add_pane("memory-heat")
    full = len(app.board())
    # A menu of a pane that fills the board.
    app.arrange("memory-heat", "maximise")
    app.id("pane-menu-memory-heat").click()
    expect(app.id("pane-restore")).to_be_visible()
    keys.press("Escape")
    expect(app.id("pane-restore")).to_have_count(0)
    assert len(app.board()) == 1
    # What is pointed at in it.
    plot = app.id("pane-memory-heat").get_by_test_id("heat-plot")
    plot.focus()
    keys.press("ArrowRight")
    expect(app.id("heat-words")).not_to_contain_text("Point at a cell")
    keys.press("Escape")
    expect(app.id("heat-words")).to_contain_text("Point at a cell")
    assert len(app.board()) == 1
    # A dialog over a menu over it.
    keys.press("?")
    dialog = app.page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    dialog.locator("h2").click()
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    assert len(app.board()) == 1
    keys.press("Escape")
    assert len(app.board()) == full
    # The task stream: its menu, then the board.
    app.arrange("task-stream", "maximise")
    view = app.page.locator(".stream-view")
    view.locator("summary").click()
    expect(view).to_have_attribute("open", "")
    keys.press("Escape")
    expect(view).not_to_have_attribute("open", "")
    assert len(app.board()) == 1
    keys.press("Escape")
    assert len(app.board()) == full


@pytest.mark.parametrize("width", [380, 800, 1440])
def test_what_the_board_opens_is_in_the_window(board: App, width: int) -> None:
    app = board
    app.page.set_viewport_size({"width": width, "height": 800})
    app.id("layout-choose").select_option("Memory")

    def inside(opener: str) -> None:
        app.id(opener).click()
        panel = app.page.locator(".board-panel")
        box = panel.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, (opener, box)
        # Nothing lies over it.
        covered = panel.evaluate(
            """panel => { const r = panel.getBoundingClientRect(), bad = []
                for (let y = r.top + 4; y < Math.min(r.bottom, innerHeight) - 2; y += 9)
                    for (let x = r.left + 4; x < r.right - 2; x += 9)
                        if (!panel.contains(document.elementFromPoint(x, y))) bad.push([x, y])
                return bad }"""
        )
        assert not covered, (opener, covered)
        cut = panel.locator(".btn").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
        )
        assert not cut, (opener, cut)
        app.no_overflow()
        app.page.keyboard.press("Escape")

    # Below the end of the window it is scrolled into it.
    low = app.id("pane-menu-cluster-memory")
    app.page.set_viewport_size({"width": width, "height": 520})
    low.evaluate("one => one.scrollIntoView(false)")
    low.click()
    app.id("pane-remove").wait_for()
    box = app.page.locator(".board-panel").bounding_box()
    assert box["y"] + box["height"] <= 521, box
    app.page.keyboard.press("Escape")
    app.page.set_viewport_size({"width": width, "height": 800})
    inside("pane-add")
    inside("pane-menu-cluster-memory")
    app.arrange("cluster-memory", "remove")
    inside("layout-name")


def test_all_of_a_pane_can_be_reached(board: App) -> None:
    """Alone in a small window, its end is above the footer once it is scrolled there; in a large one charts grow."""
    app = board
    url = app.page.evaluate("decodeURIComponent(location.hash.match(/url=([^&]*)/)[1])")
    app.page.set_viewport_size({"width": 600, "height": 320})
    for pane, end in (("worker-series", ".chart-when"), ("scheduler", ".chart-when"), ("memory-heat", ".heat-foot")):
        app.open(f"/panel/{pane}", url=url)
        last = app.id(f"pane-{pane}").locator(end)
        last.scroll_into_view_if_needed()
        foot = app.page.locator(".foot").bounding_box()
        box = last.bounding_box()
        assert box["y"] + box["height"] <= foot["y"] + 1, (pane, box, foot)
    app.open("/panel/scheduler", url=url)
    plot = app.id("pane-scheduler").locator(".chart-plot canvas").first
    low = plot.bounding_box()["height"]
    app.page.set_viewport_size({"width": 600, "height": 1400})
    procs.until(lambda: plot.bounding_box()["height"] > 1.5 * low, 5, "taller charts")
    procs.until(lambda: plot.evaluate("c => c.height === c.clientHeight * devicePixelRatio"), 5, "drawn as tall")
