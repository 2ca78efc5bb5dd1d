"""Tables of panes: sorted by their heads, the rest of their rows, figures of what is held; panels of two schedulers."""

from __future__ import annotations

import re

from harness import procs
from harness.pages import App
from playwright.sync_api import Locator, expect


def column(table: Locator, at: int) -> list[str]:
    """The texts of a column."""
    return [row[at] for row in table.evaluate("t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.innerText))")]


def seconds(text: str) -> float:
    """A duration as it is written for people."""
    scale = {"s": 1, "ms": 1e-3, "µs": 1e-6, "min": 60, "h": 3600}
    parts = text.removeprefix("≈ ").split(" ")
    return sum(float(n) * scale[unit] for n, unit in zip(parts[::2], parts[1::2], strict=True))


def test_figures_beside_totals_sort(watched_pair: tuple[App, object]) -> None:
    app, notebook = watched_pair
    app.add_pane("prefix-times", "action-times")
    rows = notebook.do("mixed", nonce="t")["rows"]
    app.must_hold(rows)
    pane = app.id("pane-prefix-times")
    table = pane.locator("table.grid")
    held = sum(one["action"] == "compute" for one in app.tasks())
    procs.until(lambda: sum(int(n) for n in column(table, 2) if n != "–") == held, 20, "all that are held are counted")
    expect(pane.locator(".pane-note")).to_contain_text("recorded here")
    before = column(table, 0)
    head = table.locator("thead th").nth(3)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    longest = [seconds(text) for text in column(table, 3) if text != "–"]
    assert longest == sorted(longest, reverse=True) and len(longest) > 2
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    shortest = [seconds(text) for text in column(table, 3) if text != "–"]
    assert shortest == sorted(shortest)
    head.get_by_role("button").press("Enter")
    expect(head).not_to_have_attribute("aria-sort", re.compile(".*"))
    assert column(table, 0) == before
    expect(app.id("pane-action-times").locator("tbody tr", has_text="compute").locator("td").nth(2)).to_have_text(str(held))


def test_series_have_the_newest_first(watched_pair: tuple[App, object]) -> None:
    app, _ = watched_pair
    app.add_pane("worker-series")
    pane = app.id("pane-worker-series")
    expect(pane.locator("canvas").first).to_be_visible()
    app.arrange("worker-series", "table")
    rows = pane.locator("tbody tr")
    # A row each half second: the newest first, and in order whatever comes.
    procs.until(lambda: rows.count() >= 8, 30, "some samples")
    times = column(pane.locator("table"), 0)
    assert times == sorted(times, reverse=True), times
    head = pane.locator("thead th").first
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    times = column(pane.locator("table"), 0)
    assert times == sorted(times)


# A group of tasks that sleep.
SLEEP = """
import time
from distributed import default_client, wait
kept = [default_client().submit(time.sleep, {seconds}, key=f"{group}-{{i}}", pure=False) for i in range({count})]
wait(kept)
"""


def test_a_head_sorts_what_it_says_after_columns_came(watched_pair: tuple[App, object]) -> None:
    app, notebook = watched_pair
    app.add_pane("group-progress")
    notebook.do("snippet", code=SLEEP.format(group="first", seconds=0.4, count=6))
    table = app.id("pane-group-progress").locator("table.grid")
    app.arrange("group-progress", "table")
    heads = table.locator("thead th")
    expect(heads).to_have_count(2)
    first = heads.filter(has_text="first")
    first.get_by_role("button").click()
    expect(first).to_have_attribute("aria-sort", "descending")
    # Another group that has run for longer comes before it.
    notebook.do("snippet", code=SLEEP.format(group="second", seconds=0.6, count=12))
    expect(heads).to_have_text([re.compile("^Before"), "second", re.compile("^first")])
    expect(first).to_have_attribute("aria-sort", "descending")
    expect(heads.nth(1)).not_to_have_attribute("aria-sort", re.compile(".*"))

    def amounts(at: int) -> list[float]:
        return [float(text) for text in column(table, at) if text]

    procs.until(lambda: amounts(2) == sorted(amounts(2), reverse=True) and max(amounts(2)) > 0, 10, "sorted by the first")
    first.get_by_role("button").click()
    expect(first).to_have_attribute("aria-sort", "ascending")
    assert amounts(2) == sorted(amounts(2))
    second = heads.nth(1)
    second.get_by_role("button").click()
    expect(second).to_have_attribute("aria-sort", "descending")
    expect(first).not_to_have_attribute("aria-sort", re.compile(".*"))
    assert amounts(1) == sorted(amounts(1), reverse=True)
    assert max(amounts(1)) > 0


def test_more_workers_than_are_drawn_at_once(app: App, new_crew) -> None:
    scheduler, notebook = new_crew(1)
    # In one process each: that many would be slow to start.
    code = """
from distributed import Worker, default_client

async def start():
    client = default_client()
    return [await Worker(client.scheduler.address, name=f"m{i:03}", nthreads=1, memory_limit="1GiB", dashboard=False,
                         host="127.0.0.1") for i in range(210)]

many = default_client().sync(start)
"""
    notebook.do("snippet", code=code)
    app.open("/panel/workers", url=scheduler.url)
    table = app.page.locator("table.workers")
    expect(table.locator("tfoot")).to_contain_text("211", timeout=30_000)
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(200)
    rest = app.page.locator(".table-wrap .empty")
    expect(rest).to_contain_text("11 more workers, included in the totals.")
    assert column(table, 0)[:2] == ["m000", "m001"]
    rest.get_by_role("button", name="Show 11 more").click()
    expect(rows).to_have_count(211)
    expect(rest).to_have_count(0)
    assert column(table, 0)[-1] == "w0"
    table.get_by_role("button", name="Worker").click()
    expect(rows.first).to_contain_text("w0")
    expect(rows).to_have_count(211)


def test_another_cluster_is_another_panel(app: App, new_scheduler) -> None:
    one, other = new_scheduler("new", workers=1), new_scheduler("new", workers=3)
    app.site.know(other.url)
    app.open("/panel/memory", url=one.url)
    rows = app.id("pane-memory").locator("[role=row]")
    expect(rows).to_have_count(1)
    app.page.evaluate("url => { location.hash = location.hash.replace(/url=[^&]*/, 'url=' + encodeURIComponent(url)) }", other.url)
    expect(rows).to_have_count(3)
    app.page.go_back()
    expect(rows).to_have_count(1)
