"""A real Dask scheduler that remembers made-up tasks, so that its own pages show them.

A worker runs a few real tasks first: what it reports is what each made-up task is said to have reported, except for
key, worker, thread and times. `python dev/bench/scheduler.py --tasks 10000` prints the dashboard's address.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from pathlib import Path

import dask

sys.path.insert(0, str(Path(__file__).parent))

from tasks import NAMES, THREADS, Block, Tasks  # noqa: E402

# More than any run asks for: a rectangle is held for each transfer as well.
LONGEST = 1_500_000


async def run(tasks: Tasks, live: bool) -> None:
    """Until interrupted. With `live` no task is there at first, and each is told of when it ends."""
    kept = {"dashboard.tasks.task-stream-length": LONGEST, "dashboard.status.task-stream-length": LONGEST}
    if not live:
        dask.config.set({f"distributed.scheduler.{name}": value for name, value in kept.items()})
    dask.config.set({"distributed.worker.profile.enabled": False, "distributed.admin.tick.limit": "60s"})
    from distributed import Client, Scheduler, Worker
    from distributed.diagnostics.plugin import SchedulerPlugin
    from distributed.diagnostics.task_stream import TaskStreamPlugin

    class Seen(SchedulerPlugin):
        """What a real task reports when it is done."""

        said: dict | None = None

        def transition(self, key: object, start: str, finish: str, *_: object, **said: object) -> None:
            """Keeps the last."""
            if start == "processing" and finish == "memory":
                self.said = said

    async with Scheduler(host="127.0.0.1", port=0, dashboard=True, dashboard_address="127.0.0.1:0") as scheduler:
        seen, plugin = Seen(), TaskStreamPlugin(scheduler)
        scheduler.add_plugin(seen, name="seen")
        scheduler.add_plugin(plugin)
        async with (
            Worker(scheduler.address, nthreads=2, dashboard=False),
            Client(scheduler.address, asynchronous=True) as client,
        ):
            await client.gather(client.map(lambda n: n + 1, range(20)))
        assert seen.said
        scheduler.remove_plugin("seen")
        plugin.buffer.clear()
        plugin.index = 0

        def ended(b: Block, i: int, since: float) -> None:
            """Tells the recorder of one task that has ended."""
            lane, start, stop = int(b.lane[i]), since + float(b.start[i]), since + float(b.stop[i])
            times = [{"action": "compute", "start": start, "stop": stop}]
            if b.moved[i]:
                times.insert(0, {"action": "transfer", "start": start - (stop - start) / 8, "stop": start})
            said = {
                **seen.said,
                "worker": tasks.workers[lane // THREADS],
                "thread": int(tasks.threads[lane].rpartition("-")[2]),
                "startstops": times,
                "status": "error" if b.failed[i] else "OK",
            }
            whole = b.first + i
            key = (NAMES[int(b.prefix[i])], whole // 1000, whole % 1000)
            plugin.transition(key, "processing", "memory", **said)

        if not live:
            since = time.time() - tasks.count / tasks.rate - 5
            for number in range(tasks.blocks()):
                b = tasks.block(number)
                for i in range(len(b)):
                    ended(b, i, since)
        print(f"http://127.0.0.1:{scheduler.services['dashboard'].port}", flush=True)
        since = time.time()
        for number in range(tasks.blocks() if live else 0):
            b = tasks.block(number)
            for i in range(len(b)):
                # As they end, in gulps of a twentieth of a second.
                while float(b.stop[i]) > time.time() - since:
                    await asyncio.sleep(0.05)
                ended(b, i, since)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--lanes", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--live", action="store_true", help="tasks come while one watches, none is there before")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(Tasks(args.tasks, args.lanes, args.rate), args.live))
