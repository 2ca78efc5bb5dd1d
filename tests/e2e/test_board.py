"""The board: panes found, moved, sized, named, shared, saved, and open only while they are in sight."""

from __future__ import annotations

import csv
import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from harness import procs
from harness.pages import App
from playwright.sync_api import Locator, expect

RUN = [["task-stream", 12], ["progress", 4], ["workers", 8]]


@pytest.fixture
def board(watched_pair) -> App:
    """A scheduler with two workers that has done some work."""
    app, notebook = watched_pair
    app.must_hold(notebook.do("tutorial")["rows"])
    return app


def middle(place: Locator) -> tuple[float, float]:
    """The middle of an element."""
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_arranged_kept_and_shared(board: App, new_app, subtests) -> None:
    app = board
    assert app.board() == RUN
    app.id("pane-add").click()
    # What it was opened for can be typed at once.
    expect(app.id("pane-find")).to_be_focused()
    app.page.keyboard.type("individual-cpu")
    expect(app.page.locator(".pane-offer")).to_have_count(1)
    app.id("pane-find").fill("no such pane")
    expect(app.page.get_by_text("No pane matches.")).to_be_visible()
    app.id("pane-find").fill("progress")
    expect(app.id("pane-add-here")).to_have_text("On the board already: Progress.")
    app.id("pane-find").fill("")
    app.id("pane-add-cpu").click()
    expect(app.id("pane-add-cpu")).to_have_count(0)
    app.page.keyboard.press("Escape")
    expect(app.id("pane-find")).to_have_count(0)
    app.arrange("cpu", "earlier", "earlier", "wider", "later")
    app.arrange("workers", "narrower", "narrower")
    mine = [["task-stream", 12], ["progress", 4], ["cpu", 7], ["workers", 6]]
    assert app.board() == mine
    with subtests.test("kept"):
        app.reload()
        app.live()
        assert app.board() == mine
    link = app.page.url
    with subtests.test("shared"):
        other = new_app()
        other.page.goto(link)
        other.live()
        assert other.board() == mine
        # What somebody sent is not kept before anything is changed.
        other.go(re.sub("&panes=[^&]*", "", link.split("#")[1]))
        other.reload()
        other.live()
        assert other.board() == RUN
    with subtests.test("strange"):
        other = new_app()
        other.page.goto(re.sub("panes=[^&]*", "panes=cpu.6~no-such.4", link))
        other.live()
        assert other.board() == [["cpu", 6]]
        expect(other.page.get_by_text("Unknown panes: no-such")).to_be_visible()
    with subtests.test("reset"):
        app.id("layout-reset").click()
        assert app.board() == RUN
        expect(app.id("layout-choose")).to_have_value("Run")
        assert "panes=" not in app.page.url


def test_named_layouts(board: App) -> None:
    app = board
    app.id("layout-choose").select_option("Memory")
    assert "memory" in [name for name, _ in app.board()]
    expect(app.id("layout-name")).to_have_count(0)
    app.arrange("memory", "remove")
    expect(app.id("layout-choose")).to_have_value("")
    mine = app.board()
    app.id("layout-name").click()
    expect(app.id("layout-name-text")).to_be_focused()
    app.id("layout-name-text").fill("Run")
    expect(app.page.get_by_text("This name belongs to a built-in layout")).to_be_visible()
    app.id("layout-name-text").fill("my own")
    app.id("layout-name-text").press("Enter")
    expect(app.id("layout-choose")).to_have_value("my own")
    app.id("layout-choose").select_option("Run")
    assert app.board() == RUN
    app.reload()
    app.live()
    app.id("layout-choose").select_option("my own")
    assert app.board() == mine
    app.id("layout-forget").click()
    expect(app.id("layout-choose").locator("option", has_text="my own")).to_have_count(0)
    assert app.board() == mine


def test_by_pointer(board: App) -> None:
    app, mouse = board, board.page.mouse
    head = app.id("pane-workers").locator("header h2")
    head.scroll_into_view_if_needed()
    target = app.id("pane-progress").bounding_box()
    mouse.move(*middle(head))
    mouse.down()
    mouse.move(target["x"] + 20, target["y"] + 60, steps=5)
    expect(app.page.locator(".cell.drop-before")).to_have_attribute("data-pane", "progress")
    mouse.up()
    assert app.board() == [RUN[0], RUN[2], RUN[1]]
    # Let go of with Escape, it stays where it was.
    target = app.id("pane-workers").bounding_box()
    mouse.move(*middle(app.id("pane-progress").locator("header h2")))
    mouse.down()
    mouse.move(target["x"] + 20, target["y"] + 60, steps=5)
    app.page.keyboard.press("Escape")
    mouse.up()
    assert app.board() == [RUN[0], RUN[2], RUN[1]]
    # By its corner, in columns and px.
    grip = app.page.locator("[data-pane=progress] > .pane-grip")
    grip.scroll_into_view_if_needed()
    before = app.id("pane-progress").bounding_box()
    x, y = middle(grip)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - before["width"] / 4, y + 60, steps=5)
    mouse.up()
    assert app.board()[2] == ["progress", 3]
    after = app.id("pane-progress").bounding_box()
    assert abs(after["height"] - before["height"] - 60) < 12, (before, after)
    app.reload()
    app.live()
    assert abs(app.id("pane-progress").bounding_box()["height"] - after["height"]) < 2
    app.arrange("progress", "own-height")
    procs.until(lambda: app.id("pane-progress").bounding_box()["height"] < after["height"], 5, "its own height")


def test_one_fills_the_board(board: App) -> None:
    app = board
    app.arrange("workers", "maximise")
    assert app.board() == [["workers", 8]]
    wide = app.id("pane-workers").bounding_box()["width"]
    assert wide > 0.9 * app.page.viewport_size["width"]
    app.page.locator("body").press("Escape")
    assert app.board() == RUN
    app.arrange("progress", "maximise")
    app.arrange("progress", "restore")
    assert app.board() == RUN
    # What is chosen in the bar is seen, whatever fills the board.
    app.arrange("progress", "maximise")
    app.id("layout-choose").select_option("Communication")
    assert len(app.board()) > 3
    app.arrange("transfers", "maximise")
    app.id("layout-reset").click()
    assert app.board() == RUN
    app.arrange("progress", "maximise")
    app.id("layout-undo").click()
    assert len(app.board()) > 3
    app.id("layout-reset").click()
    app.arrange("progress", "maximise")
    app.add_pane("cpu")
    assert app.board() == [*RUN, ["cpu", 6]]
    # And what an address brings.
    app.arrange("cpu", "maximise")
    app.go(re.sub("&panes=[^&]*", "", app.page.url.split("#")[1]) + "&panes=workers.12")
    assert app.board() == [["workers", 12]]


def test_saved_and_as_a_table(board: App, tmp_path: Path) -> None:
    app = board
    app.add_pane("memory", "scheduler")

    def save(pane: str, kind: str) -> Path:
        app.id(f"pane-menu-{pane}").click()
        with app.page.expect_download() as download:
            app.id(f"save-{kind}").click()
        app.page.keyboard.press("Escape")
        where = tmp_path / download.value.suggested_filename
        download.value.save_as(where)
        return where

    where = save("memory", "csv")
    assert where.name == "memory.csv"
    rows = list(csv.DictReader(where.read_text().splitlines()))
    assert [row["Name"] for row in rows] == ["w0", "w1"]
    assert all(int(row["limit (B)"]) == 1 << 30 and int(row["unmanaged old (B)"]) > 1 << 20 for row in rows)
    drawing = ElementTree.parse(save("memory", "svg")).getroot()
    assert drawing.tag.endswith("svg")
    texts = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Memory by worker", "w0", "w1"} <= set(texts)
    picture = save("memory", "png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (2 * int(drawing.get("width")), 2 * int(drawing.get("height")))
    procs.until(lambda: len(save("scheduler", "csv").read_text().splitlines()) > 3, 20, "samples of the scheduler")
    assert ElementTree.parse(save("scheduler", "svg")).getroot().tag.endswith("svg")
    app.arrange("scheduler", "table")
    table = app.id("pane-scheduler").locator("table")
    expect(table.locator("th").first).to_have_text("Time")
    expect(table.locator("tbody td").nth(1)).to_contain_text("MiB")
    app.arrange("scheduler", "table")
    expect(app.id("pane-scheduler").locator("canvas").first).to_be_visible()


def test_pages_are_open_only_while_they_are_in_sight(board: App) -> None:
    app = board

    def sockets() -> int:
        return int(app.page.locator(".foot").inner_text().split(" sockets")[0].split()[-1])

    procs.until(lambda: sockets() <= 4, 15, "the usual ones")
    usual = sockets()
    app.id("layout-choose").select_option("Scheduler")
    procs.until(lambda: sockets() > usual, 15, "its pages")
    app.id("layout-choose").select_option("Run")
    for pane in ("occupancy", "transfers"):
        app.add_pane(pane)
    app.id("pane-transfers").scroll_into_view_if_needed()
    procs.until(lambda: sockets() == usual + 2, 25, "those in sight")
    app.page.set_viewport_size({"width": 1200, "height": 420})
    app.id("pane-task-stream").locator("h2").scroll_into_view_if_needed()
    procs.until(lambda: sockets() == usual, 25, "those out of sight closed")
