"""A P2P shuffle whose worker is killed in the middle: Dask begins it anew, and all that is shown goes along."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

from harness import procs
from harness.pages import App, Cluster
from playwright.sync_api import expect

# 32 blocks of rows become 32 blocks of columns: 312.5 MiB, each byte of which is sent once. A file lets the second half
# begin, so that a worker can be killed while the shuffle surely is under way.
RECHUNK = """
import os, time, numpy
import dask.array as da
from distributed import default_client
def slow(block):
    time.sleep(0.2)
    return block
def held(block):
    while not os.path.exists(GO):
        time.sleep(0.05)
    return slow(block)
none = numpy.array(())
rows = da.random.random((6400, 6400), chunks=(200, 6400)).map_blocks(slow, dtype=float, meta=none)
columns = rows.rechunk((6400, 200), method="p2p").map_blocks(held, dtype=float, meta=none)
future = default_client().compute(columns.sum(), optimize_graph=False)
"""


def test_a_worker_is_killed_in_a_shuffle(app: App, new_crew: Callable, subtests) -> None:
    scheduler, notebook = new_crew(2)
    victim = scheduler.worker("victim")
    notebook.do("workers", count=3)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.add_pane("shuffle", "advice")
    pane = app.id("pane-shuffle")
    expect(pane).to_contain_text("No shuffle is under way.")
    go = procs.work_dir / f"go-{scheduler.port}"
    notebook.do("snippet", code=f"GO = {str(go)!r}" + RECHUNK)
    said = pane.locator("header")

    def moved() -> tuple[int, float]:
        found = re.search(r"(\d) workers?, ([\d.]+) MiB sent", said.inner_text())
        return (int(found[1]), float(found[2])) if found else (0, 0.0)

    procs.until(lambda: moved()[0] == 3, 60, "a shuffle of three workers")
    expect(pane).to_contain_text("victim")
    procs.until(lambda: moved()[1] >= 312.5, 60, "the end of the first half")
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    with subtests.test("until it begins anew, which takes a free thread, what is shown is of before"):
        # Dask's page stands still, and names the worker that is gone.
        expect(said).to_contain_text("Before victim left: 3 workers, ")
        expect(app.id("pane-workers")).not_to_contain_text("victim")
    notebook.begin("snippet", code="from distributed import wait; wait(future); assert future.status == 'finished'")
    go.touch()
    with subtests.test("then it is that of the two that are left"):
        procs.until(lambda: moved()[0] == 2, 60, "the new run of the shuffle")
        expect(pane).not_to_contain_text("victim")
        # What was moved before is not counted again. (The last of it may go unreported: Dask tells of a run only while
        # it lasts.)
        most = 0.0
        while notebook.busy:
            most = max(most, moved()[1])
            app.page.wait_for_timeout(100)
        assert 0 < most < 315, most
        notebook.result()
    with subtests.test("the stream has what ran, also on the worker that is gone"):
        rows = notebook.do("stream")
        app.must_hold(rows)
        assert len({row["worker"] for row in rows}) == 3
    with subtests.test("progress is the scheduler's"):
        truth = notebook.do("prefixes")
        shown = Cluster(app, "")
        held = [prefix for prefix in ("rechunk-transfer", "slow", "held") if any(truth[prefix].values())]
        assert held
        for prefix in held:
            states = truth[prefix]

            def same(prefix: str = prefix, states: dict = states) -> bool:
                have = shown.progress(prefix)
                return all(have[name] == states[name] for name in ("memory", "erred", "released", "processing"))

            procs.until(same, 20, f"the scheduler's counts of {prefix}")
    with subtests.test("nothing stands still, nothing is called a failure"):
        app.live()
        expect(app.id("pane-advice")).not_to_contain_text("victim")
        expect(pane.get_by_role("alert")).to_have_count(0)
        before = app.stats()["feed"]["messages"]
        procs.until(lambda: app.stats()["feed"]["messages"] > before + 10, 20, "messages")
    with subtests.test("who comes later is told that nothing can be known of it"):
        app.open("/panel/shuffle", url=scheduler.url)
        expect(app.id("pane-shuffle")).to_contain_text("No shuffle is under way.")
