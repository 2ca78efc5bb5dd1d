"""Tasks faster than any person reads: none is lost, and the pointer is still answered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import procs
from harness.front import Loop
from harness.pages import App
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parents[2] / "dev" / "bench"))

from replay import Replay, serve  # noqa: E402
from tasks import Tasks  # noqa: E402

RATE, SECONDS = 5_000, 3


@pytest.fixture
def replay(loop: Loop) -> Iterator[Callable[[Replay], str]]:
    """Serves a replay; gives its address."""
    runners = []

    def make(it: Replay) -> str:
        runner, port = loop.run(serve(it, 0))
        runners.append(runner)
        return f"http://127.0.0.1:{port}"

    yield make
    for runner in runners:
        loop.run(runner.cleanup())


@pytest.mark.matrix
def test_a_flood_loses_nothing(app: App, replay: Callable[[Replay], str]) -> None:
    flood = Replay(Tasks(RATE * SECONDS, 64, RATE), live=RATE)
    app.open("/scheduler", url=replay(flood))
    app.live()
    procs.until(lambda: flood.done, 60, "end of the flood")
    assert flood.rows == flood.tasks.rows()
    held = {}

    def complete() -> bool:
        held.update(app.stats())
        return held["tasks"] + held["dropped"] >= flood.rows

    procs.until(complete, 30, f"all {flood.rows} intervals; held is {held}", every=0.3)
    assert (held["tasks"], held["dropped"], held["feed"]["gaps"]) == (flood.rows, 0, 0)
    app.idle()
    # What was invented is what is held, not only as many.
    rows = app.tasks()
    keys = {tuple(row["key"]) for row in rows if row["action"] == "compute"}
    assert len(keys) == RATE * SECONDS
    # The picture answers: where all is in view, some task stands under one of these points.
    whole = {"from": min(row["start"] for row in rows), "to": max(row["stop"] for row in rows)}
    app.page.evaluate("async whole => { await daskscope.setView(whole); await daskscope.idle() }", whole)
    box = app.id("task-stream").bounding_box()
    assert box
    card = app.page.locator(".stream-card")
    for share in (0.5, 0.52, 0.55, 0.6, 0.65):
        app.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 3)
        app.page.wait_for_timeout(200)
        if card.is_visible():
            break
    expect(card).to_be_visible()


def test_what_is_kept_is_chosen_and_what_goes_is_counted(app: App, replay: Callable[[Replay], str]) -> None:
    # Twenty minutes of work.
    history = Replay(Tasks(12_000, 64, 10))
    app.open("/scheduler", url=replay(history))
    app.live()
    held = {}

    def complete() -> bool:
        held.update(app.stats())
        return held["tasks"] + held["dropped"] == history.tasks.rows()

    procs.until(complete, 30, f"all intervals; held is {held}", every=0.3)
    assert held["dropped"] == 0
    app.id("stream-view").click()
    app.id("stream-keep").select_option("keep-10min")
    app.idle()
    assert complete(), held
    assert 0 < held["dropped"] < held["tasks"] + held["dropped"]
    app.reload()
    app.live()
    procs.until(complete, 30, f"all intervals; held is {held}", every=0.3)
    told = app.page.locator(f".stream-totals[data-dropped='{held['dropped']}']")
    expect(told).to_contain_text(" dropped")
    rows = app.tasks()
    assert len(rows) == held["tasks"]
    assert max(row["stop"] for row in rows) - min(row["stop"] for row in rows) < 600 * 9 / 8 + 60
    app.id("stream-view").click()
    expect(app.id("stream-keep")).to_have_value("keep-10min")


def test_a_replay_is_the_same_each_time() -> None:
    one, other = (Tasks(25_000, 64, 1000) for _ in range(2))
    # In whatever pieces: a block does not depend on those before it.
    last = one.columns(2)
    assert [len(other.columns(n)["key"]) for n in range(3)][2] == len(last["key"])
    again = other.columns(2)
    for name, column in last.items():
        assert list(column) == list(again[name]), name
    assert sum(len(one.columns(n)["key"]) for n in range(3)) == one.rows()
