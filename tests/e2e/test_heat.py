"""Matrices, workers over time, bands and the cluster's memory, with real transfers between real workers."""

from __future__ import annotations

import json
import re
import tempfile
import textwrap
from typing import Any

import pytest
from dask import utils
from harness.notebook import Notebook
from harness.pages import App
from playwright.sync_api import Locator, expect

# Every worker sends to every other.
SEND = """
from distributed import default_client, wait
client = default_client()
info = client.scheduler_info(n_workers=-1)["workers"]
kept = []
for a in info:
    there = client.submit(lambda n: bytes(n), 3_000_000, workers=[a], pure=False)
    kept += [there, *(client.submit(len, there, workers=[b], pure=False) for b in info if b != a)]
wait(kept)
"""
# The scheduler's own numbers, as far as the page should have them.
TRUTH = """
def ask(dask_scheduler):
    name = {address: str(worker.name) for address, worker in dask_scheduler.workers.items()}
    return {f"{name[a]} → {name[b]}": rate for (a, b), rate in dask_scheduler.bandwidth_workers.items()}
import time
for _ in range(100):  # workers tell with their next heartbeats
    before, truth = locals().get("truth"), client.run_on_scheduler(ask)
    if len(truth) == 12 and truth == before:
        break
    time.sleep(1.5)
"""


def format_bytes(amount: float) -> str:
    """As Dask writes it, but for the kilo, which is K in binary units."""
    return utils.format_bytes(amount).replace("kiB", "KiB")


def run(notebook: Notebook, code: str, value: str = "None") -> Any:
    """Runs code in the notebook; gives what an expression is after it."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        end = f"import json\nopen({file.name!r}, 'w').write(json.dumps({value}))"
        notebook.do("snippet", code=f"{textwrap.dedent(code)}\n{end}")
        return json.load(file)


def words(pane: Locator, key: str) -> str:
    """What the matrix says after a key."""
    pane.get_by_test_id("heat-plot").press(key)
    return pane.get_by_test_id("heat-words").inner_text()


def cells(pane: Locator, rows: int, columns: int) -> dict[str, str]:
    """All that a matrix says, by keyboard: where and what."""
    plot = pane.get_by_test_id("heat-plot")
    plot.press("Escape")
    said = [words(pane, "Home")]
    for row in range(rows):
        if row:
            said += [words(pane, "ArrowDown"), words(pane, "Home")]
        said += [words(pane, "ArrowRight") for _ in range(columns - 1)]
    return dict(one.split(": ", 1) for one in said)


@pytest.fixture
def work(new_crew):
    """A scheduler with four workers, and a notebook at it."""
    return new_crew(4, threads=1)


def test_bandwidths_are_the_schedulers(app: App, work) -> None:
    scheduler, notebook = work
    app.open("/panel/bandwidth-workers", url=scheduler.url)
    pane = app.id("pane-bandwidth-workers")
    expect(pane.get_by_text("Bandwidths appear after the first transfer between workers.")).to_be_visible()
    truth = run(notebook, SEND + TRUTH, "truth")
    assert len(truth) == 12, truth
    # The last of them have come when the fastest is at the end of the scale and the pairs are all there.
    expect(pane.locator(".pane-note")).to_contain_text("12 pairs")
    top = format_bytes(max(truth.values()))
    expect(pane.locator(".heat-ends")).to_contain_text(f"{top}/s")
    seen = cells(pane, 4, 4)
    assert len(seen) == 16
    for where, rate in truth.items():
        assert seen[where] == f"{format_bytes(rate)}/s", where
    assert {seen[f"w{i} → w{i}"] for i in range(4)} == {"no transfers"}
    # The same by pointer: the third of the second row.
    plot = pane.get_by_test_id("heat-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": 76 + (box["width"] - 80) * 0.6, "y": 4 + (box["height"] - 26) * 0.3})
    expect(pane.get_by_test_id("heat-words")).to_have_text(f"w1 → w2: {format_bytes(truth['w1 → w2'])}/s")
    app.page.mouse.move(2, 2)
    expect(pane.get_by_test_id("heat-words")).to_contain_text("Point at a cell")


def test_memory_and_the_one_that_is_next(app: App, work) -> None:
    scheduler, notebook = work
    # Without a task stream, on light ground: the key is the picture's, where more is darker.
    app.page.emulate_media(color_scheme="light")
    app.open("/panel/memory-heat", url=scheduler.url)
    scale = app.page.locator(".heat-scale rect")
    expect(scale.last).to_be_attached()
    colors = scale.evaluate_all(
        "all => [all[0], all[all.length - 1]].map(one => parseInt(one.getAttribute('fill').slice(3, 5), 16))"
    )
    assert colors[0] > colors[1] + 60, f"from light to dark: green is {colors}"
    app.page.emulate_media(color_scheme="dark")
    expect(scale.last).to_have_attribute("fill", re.compile("^#[ef]"))
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.id("pane-add").click()
    offered = app.page.locator(".pane-offer").evaluate_all("all => all.map(one => one.dataset.testid.slice(9))")
    assert "memory-heat" in offered and not {"gpu", "rmm", "dask:gpu"} & set(offered), "there are no GPUs here"
    app.page.keyboard.press("Escape")
    app.add_pane("cluster-memory", "memory-heat")
    # Most of what w2 may use, at once: no spilling without a nanny before 70 %, and none is needed.
    hold = """
    from distributed import default_client, wait
    client = default_client()
    address = next(a for a, w in client.scheduler_info(n_workers=-1)["workers"].items() if w["name"] == "w2")
    held = client.submit(lambda: b"x" * 560_000_000, workers=[address])
    wait(held)
    import time
    time.sleep(3)
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    shares = {w["name"]: w["metrics"]["memory"] / w["memory_limit"] for w in workers}
    """
    shares = run(notebook, hold, "shares")
    heat, cluster = app.id("pane-memory-heat"), app.id("pane-cluster-memory")
    expect(heat.locator(".pane-note")).to_contain_text("w2")
    expect(heat.locator(".heat-key")).to_contain_text("restarts at 95 % of its limit (Dask's defaults)")
    for row in range(4):
        plot = heat.get_by_test_id("heat-plot")
        plot.press("Escape")
        for key in ["Home", "PageUp", *["ArrowDown"] * row]:
            plot.press(key)
        # The table may be an update older or newer.
        where, said = words(heat, "End").split(" at ")
        share = int(re.search(r": (\d+) %", said).group(1))
        assert where == f"w{row}" and abs(share - shares[where] * 100) <= 3, (said, shares)
    first = cluster.locator("[role=row]").first
    expect(first).to_contain_text("of 4.00 GiB")
    managed = cluster.locator("[role=row]").nth(1).locator(".count").inner_text()
    assert managed.startswith("534."), f"{managed} of 560 MB"


def test_workers_over_time(app: App, work) -> None:
    scheduler, notebook = work
    app.open("/panel/worker-series", url=scheduler.url)
    pane = app.id("pane-worker-series")
    expect(pane.locator("canvas")).to_have_count(4)
    notebook.do("steady", nonce="s", seconds=4)
    cpu = pane.locator(".chart").first
    expect(cpu.locator(".chart-head .mute")).to_have_count(4)
    expect(cpu.locator(".chart-head")).to_contain_text("w3")
    # A moment by keyboard: all plots show it.
    plot = cpu.locator(".chart-plot")
    plot.press("ArrowLeft")
    expect(pane.locator(".chart-when")).to_have_text(re.compile(r"^At \d\d:\d\d:\d\d$"))
    expect(pane.locator(".chart-over")).to_have_count(4)
    expect(cpu.locator("circle")).to_have_count(4)
    expect(cpu.locator(".chart-head")).to_have_attribute("aria-live", "polite")
    expect(pane.locator(".chart-head[aria-live=polite]")).to_have_count(1)
    plot.press("Escape")
    expect(pane.locator(".chart-over")).to_have_count(0)
    box = plot.bounding_box()
    plot.hover(position={"x": 76 + (box["width"] - 80) / 2, "y": 40})
    expect(pane.locator(".chart-when")).to_contain_text("At ")
    x = cpu.locator("line").get_attribute("x1")
    assert abs(float(x.rstrip("%")) - 50) < 25, x
    app.page.mouse.move(2, 2)
    # Drawn anew when only its size has changed.
    drawn = plot.locator("canvas")
    before = drawn.evaluate("canvas => canvas.width")
    app.page.set_viewport_size({"width": 700, "height": 800})
    expect(drawn).not_to_have_attribute("width", str(before))
    assert drawn.evaluate("canvas => canvas.width === canvas.clientWidth * devicePixelRatio")
    # Many workers are bands.
    more = """
    from distributed import Worker, default_client
    client = default_client()
    async def more():
        return [await Worker(client.scheduler.address, name=f"m{i}", nthreads=1, memory_limit="1GiB",
                             dashboard=False) for i in range(6)]
    made = client.sync(more)
    """
    run(notebook, more)
    expect(pane.locator(".pane-note")).to_contain_text("10 workers, bands")
    expect(cpu.locator(".chart-head")).to_contain_text("median")
    expect(cpu.locator(".chart-head")).to_contain_text("half in")


def test_means_and_no_gpus(app: App, new_scheduler) -> None:
    scheduler = new_scheduler("new", workers=1)
    app.open("/panel/worker-means", url=scheduler.url)
    pane = app.id("pane-worker-means")
    expect(pane.locator("canvas")).to_have_count(4)
    expect(pane.locator(".chart").nth(1)).to_contain_text("MiB")
    app.open("/panel/gpu", url=scheduler.url)
    expect(app.id("pane-gpu")).to_contain_text("No worker reports a GPU.")
    app.open("/panel/rmm", url=scheduler.url)
    expect(app.id("pane-rmm")).to_contain_text("No worker reports memory of RMM")


def test_a_thousand_workers_are_folded(app: App, new_scheduler, new_notebook) -> None:
    """The scheduler is told of bandwidths between a thousand workers that have gone: forty on each host."""
    scheduler = new_scheduler("new", workers=1)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    fill = """
    from distributed import default_client
    def fill(dask_scheduler):
        names = [f"tcp://10.0.0.{i // 40}:{4000 + i}" for i in range(1000)]
        for i in range(1000):
            for step in (1, 40, 41, 137, 500):
                rate = 1e6 * (i // 40 + 1)
                dask_scheduler.bandwidth_workers[names[i], names[(i + step) % 1000]] = rate
    default_client().run_on_scheduler(fill)
    """
    run(notebook, fill)
    app.open("/panel/bandwidth-workers", url=scheduler.url)
    pane = app.id("pane-bandwidth-workers")
    expect(pane).to_contain_text(re.compile(r"1\s000 workers grouped into 25 hosts; each cell shows the average of its pairs"))
    # To the next host: 40 pairs by 40, 39 by 41, and one by 1. All are as fast.
    plot = pane.get_by_test_id("heat-plot")
    plot.press("Home")
    said = words(pane, "ArrowRight")
    assert said == "10.0.0.0 → 10.0.0.1: 0.95 MiB/s, average of 80 pairs, highest 0.95 MiB/s"
    expect(pane.locator(".heat-ends")).to_contain_text(f"{format_bytes(25e6)}/s")
    app.page.set_viewport_size({"width": 380, "height": 800})
    app.no_overflow()
