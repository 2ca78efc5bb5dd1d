"""Profiles of a real cluster: what is shown is what Dask's own client says, and what is asked is answered."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from harness.pages import App
from playwright.sync_api import Locator, expect

PRELOAD = json.dumps([str(Path(__file__).parent / "harness" / "sampled.py")])
#: Seconds that a sample stands for.
SAMPLE = 0.01


def seconds(words: str) -> float:
    """The first duration in a text, as the page writes it."""
    found = re.search(r"(?:(\d+) min )?([\d.]+) (s|ms)\b", words)
    assert found, words
    return int(found[1] or 0) * 60 + float(found[2]) * {"s": 1, "ms": 0.001}[found[3]]


class Pane:
    """The pane as a person uses it."""

    def __init__(self, app: App, name: str = "profile") -> None:
        self.app = app
        self.pane = app.id(f"pane-{name}")
        self.note = self.pane.locator(".pane-note")
        self.flame = self.pane.get_by_test_id("flame")
        self.canvas = self.flame.locator("canvas")

    def id(self, name: str) -> Locator:
        return self.pane.get_by_test_id(f"profile-{name}")

    def shows(self, samples: int) -> None:
        """Waits until it shows so many samples."""
        # As exact as the page writes it.
        expect(self.note).to_have_text(re.compile(rf"^{re.escape(say(samples * SAMPLE))} of "))

    def update(self) -> None:
        self.id("update").click()
        expect(self.note).not_to_contain_text("requested")

    def zoomed(self, name: str) -> None:
        expect(self.flame).to_have_attribute("data-zoom", name)

    def point(self, row: int, share: float = 0.5, click: bool = False) -> None:
        """Points at a row, at a share of its width."""
        box: Any = self.canvas.bounding_box()
        at = {"x": box["width"] * share, "y": row * 18 + 9}
        self.canvas.click(position=at) if click else self.canvas.hover(position=at)


def say(n: float) -> str:
    """A duration as the page writes it."""
    return f"{n:.2f} s" if 1 <= n < 60 else f"{int(n) // 60} min {int(n) % 60} s" if n >= 60 else f"{n * 1e3:.2f} ms"


@pytest.fixture
def work(new_scheduler, new_notebook):
    """A cluster whose event loop is sampled, and its notebook."""
    scheduler = new_scheduler("new", workers=2, threads=2, DASK_DISTRIBUTED__SCHEDULER__PRELOAD=PRELOAD)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    return scheduler, notebook


def test_functions_as_dask_counts_them(app: App, work) -> None:
    scheduler, notebook = work
    app.open("/panel/profile", url=scheduler.url)
    pane = Pane(app)
    expect(pane.pane.get_by_text("No samples. Dask looks every 10 ms")).to_be_visible()
    expect(pane.flame).to_have_count(0)
    notebook.do("spend", nonce="a")
    pane.update()
    truth = notebook.do("profile")
    assert truth["count"] > 100
    pane.shows(truth["count"])

    # Rows by keyboard: the caller first, then what it called, each with its time.
    said = pane.pane.get_by_test_id("flame-said")
    pane.flame.focus()
    expect(said).to_contain_text("all samples")
    pane.flame.press("ArrowDown")
    expect(said).to_contain_text("__call__")
    expect(said).to_contain_text(say(truth["names"]["__call__"] * SAMPLE))
    pane.flame.press("ArrowDown")
    expect(said).to_contain_text("spend")
    expect(said).to_contain_text(say(truth["names"]["spend"] * SAMPLE))
    pane.flame.press("Enter")
    pane.zoomed("spend")
    # By pointer: the card, and back by what is above.
    pane.point(2)
    card = pane.pane.get_by_test_id("flame-card")
    expect(card).to_contain_text("spend")
    expect(card).to_contain_text(re.compile(r"workloads\.py:\d+"))
    expect(card).to_contain_text("100.0 % of spend")
    pane.point(0, click=True)
    pane.zoomed("all samples")
    pane.point(2, click=True)
    pane.zoomed("spend")
    expect(pane.id("all")).to_be_visible()
    pane.flame.press("Escape")
    pane.zoomed("all samples")
    expect(pane.id("all")).to_have_count(0)

    # Searched: the share of all, though one calls itself.
    pane.flame.press("/")
    expect(pane.id("search")).to_be_focused()
    pane.id("search").fill("dig")
    share = truth["names"]["dig"] / truth["count"] * 100
    expect(pane.id("found")).to_contain_text(f"{share:.1f} % of all")
    pane.id("search").press("Enter")
    pane.flame.focus()
    expect(said).to_contain_text("dig")
    pane.id("search").press("Escape")
    expect(pane.id("found")).to_have_count(0)

    # Turned around: who has the longest own time stands first.
    rows = int(pane.flame.get_attribute("data-rows") or 0)
    pane.id("invert").click()
    expect(pane.id("invert")).to_have_attribute("aria-pressed", "true")
    pane.flame.focus()
    pane.flame.press("Home")
    pane.flame.press("ArrowDown")
    expect(said).to_contain_text("caller")
    first = (said.text_content() or "").split(",")[0]
    pane.flame.press("i")
    expect(pane.id("invert")).to_have_attribute("aria-pressed", "false")
    expect(pane.flame).to_have_attribute("data-rows", str(rows))

    # The table: the same function leads it, totals are Dask's.
    pane.id("table").click()
    lines = pane.id("functions").locator("tbody tr")
    expect(lines.first).to_contain_text(first)
    line = lines.filter(has=app.page.get_by_role("button", name="spend", exact=True))
    expect(line.locator("td").nth(1)).to_contain_text(say(truth["names"]["spend"] * SAMPLE))
    pane.id("functions").get_by_role("button", name="Function", exact=True).click()
    expect(lines.first).to_contain_text("__call__")
    line.get_by_role("button").click()
    expect(pane.id("search")).to_have_value("spend")


def test_what_is_asked_is_answered(app: App, work) -> None:
    scheduler, notebook = work
    notebook.do("spend", nonce="a")
    notebook.do("spend", nonce="b", count=12)
    app.open("/panel/profile", url=scheduler.url)
    pane = Pane(app)
    pane.shows(notebook.do("profile")["count"])
    # One prefix.
    expect(pane.id("of").locator("option")).to_have_count(3)
    pane.id("of").select_option("spendb")
    only = notebook.do("profile", key="spendb")["count"]
    pane.shows(only)
    # A part of the time: each is less than all, and two that meet are all of it.
    pane.id("of").select_option("All")
    whole = notebook.do("profile")["count"]
    assert only < whole
    pane.shows(whole)
    expect(pane.id("span")).to_contain_text("all samples")
    brush: Any = pane.id("brush").bounding_box()

    def drag(a: float, b: float) -> float:
        middle = brush["y"] + brush["height"] / 2
        app.page.mouse.move(brush["x"] + brush["width"] * a, middle)
        app.page.mouse.down()
        app.page.mouse.move(brush["x"] + brush["width"] * b, middle, steps=5)
        app.page.mouse.up()
        expect(pane.id("times")).to_be_visible()
        expect(pane.note).not_to_contain_text("requested")
        expect(pane.id("span")).not_to_contain_text("all samples")
        empty = pane.pane.get_by_text("No samples for this selection").count()
        return 0 if empty else seconds(pane.note.text_content() or "")

    part = drag(0.0, 0.4)
    assert 0 < part < whole * SAMPLE
    other = drag(0.99, 0.3)
    assert 0 < other < whole * SAMPLE
    assert part + other >= whole * SAMPLE * 0.98
    pane.id("times").click()
    pane.shows(whole)
    expect(pane.id("times")).to_have_count(0)
    # The same by keyboard.
    pane.id("brush").focus()
    pane.id("brush").press("ArrowLeft")
    expect(pane.id("times")).to_be_visible()
    pane.id("brush").press("Escape")
    pane.shows(whole)
    # More work is there after the next Update only; what is zoomed into stays.
    pane.flame.focus()
    pane.flame.press("ArrowDown")
    pane.flame.press("ArrowDown")
    pane.flame.press("Enter")
    pane.zoomed("spend")
    notebook.do("spend", nonce="c")
    pane.shows(whole)
    pane.update()
    more = notebook.do("profile")["count"]
    assert more > whole
    pane.shows(more)
    pane.zoomed("spend")


def test_the_event_loop(app: App, work) -> None:
    scheduler, notebook = work
    notebook.do("mixed", nonce="p")
    app.open("/panel/profile-server", url=scheduler.url)
    pane = Pane(app, "profile-server")
    pane.update()
    expect(pane.flame).to_be_visible()
    expect(pane.pane.get_by_text("shares are right")).to_be_visible()
    assert int(pane.flame.get_attribute("data-rows") or 0) > 5
    expect(pane.id("of")).to_have_count(0)
    pane.id("search").fill("asyncio")
    expect(pane.id("found")).to_contain_text("% of all")


def test_why_there_is_none(app: App, new_scheduler) -> None:
    off = new_scheduler("new", workers=1, DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED="false")
    for name in ("profile", "profile-server"):
        app.open(f"/panel/{name}", url=off.url)
        expect(app.id(f"pane-{name}").get_by_text("distributed.worker.profile.enabled is false")).to_be_visible()
    if sys.version_info[:2] == (3, 11):
        bare = new_scheduler("new", workers=1)
        app.open("/panel/profile-server", url=bare.url)
        expect(app.id("pane-profile-server").get_by_text("does not sample event loops on Python 3.11")).to_be_visible()
        app.open("/panel/profile", url=bare.url)
        expect(app.id("pane-profile").get_by_text("greys out its own buttons")).to_be_visible()


def test_narrow(new_app, work) -> None:
    scheduler, notebook = work
    notebook.do("spend", nonce="a")
    app = new_app(viewport={"width": 380, "height": 800})
    app.open("/panel/profile", url=scheduler.url)
    pane = Pane(app)
    expect(pane.flame).to_be_visible()
    pane.id("table").click()
    app.no_overflow()


@pytest.mark.old
@pytest.mark.matrix
def test_an_older_dask(app: App, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("old", workers=2, threads=2)
    notebook = new_notebook("old")
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    notebook.do("spend", nonce="a")
    app.open("/panel/profile", url=scheduler.url)
    pane = Pane(app)
    pane.shows(notebook.do("profile")["count"])
    notebook.do("spend", nonce="b")
    pane.update()
    pane.shows(notebook.do("profile")["count"])
    pane.id("of").select_option("spendb")
    pane.shows(notebook.do("profile", key="spendb")["count"])
    pane.id("brush").focus()
    pane.id("brush").press("ArrowLeft")
    expect(pane.id("times")).to_be_visible()
    expect(pane.note).not_to_contain_text("requested")
    # Its event loop is sampled on any Python.
    app.open("/panel/profile-server", url=scheduler.url)
    pane = Pane(app, "profile-server")
    notebook.do("mixed", nonce="p")
    pane.update()
    expect(pane.pane.get_by_text("does not sample")).to_have_count(0)
    expect(pane.id("update")).to_be_visible()
