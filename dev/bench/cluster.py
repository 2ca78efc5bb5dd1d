"""Parts of a large Dask cluster on a small machine, each a process of its own: `scheduler`, `workers`, `client`.

Workers are real ones, many to a process, without nannies and dashboards. Each part prints a line when it is ready.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time

import dask


async def scheduler() -> None:
    """A scheduler with its dashboard; prints the dashboard's address and its own."""
    from distributed import Scheduler

    async with Scheduler(host="127.0.0.1", port=0, dashboard=True, dashboard_address="127.0.0.1:0") as it:
        print(f"http://127.0.0.1:{it.services['dashboard'].port} {it.address}", flush=True)
        await asyncio.Event().wait()


async def workers(address: str, first: int, count: int) -> None:
    """So many workers with one thread each."""
    from distributed import Worker

    async with contextlib.AsyncExitStack() as stack:
        for number in range(first, first + count):
            worker = Worker(address, nthreads=1, name=f"w{number:03}", memory_limit="1GiB", dashboard=False,
                            host="127.0.0.1", preload=[])  # fmt: skip
            await stack.enter_async_context(worker)
        print(f"http {count} workers", flush=True)
        await asyncio.Event().wait()


def work(number: int, seconds: float = 0.0) -> int:
    """A task."""
    if seconds:
        time.sleep(seconds)
    return number


async def client(address: str, count: int, held: int, rate: float) -> None:
    """Runs `held` tasks and keeps their results; then `rate` tasks a second, in groups, until it is ended."""
    from distributed import Client, wait

    async with Client(address, asynchronous=True) as it:
        await it.wait_for_workers(count)
        kept = []
        for first in range(0, held, 10_000):
            some = it.map(work, range(first, min(first + 10_000, held)), key=f"held-{first}", pure=False)
            await wait(some)
            kept += some
        print(f"http {len(kept)} tasks", flush=True)
        number = 0
        while True:
            begin = time.monotonic()
            size = max(1, round(rate / 2))
            names = [f"{name}-{number}" for name in ("load", "clean", "fit", "score")]
            for name in names:
                some = it.map(work, range(size // 4), seconds=0.02, key=name, pure=False)
                await wait(some)
                del some
            number += 1
            await asyncio.sleep(max(0.0, 0.5 - (time.monotonic() - begin)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["scheduler", "workers", "client"])
    parser.add_argument("--address", default="")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--held", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=100)
    args = parser.parse_args()
    # As many workers as cores are what Dask expects of a process; here they only wait.
    dask.config.set({"distributed.admin.tick.limit": "60s", "distributed.worker.profile.enabled": False})
    parts = {
        "scheduler": lambda: scheduler(),
        "workers": lambda: workers(args.address, args.first, args.count),
        "client": lambda: client(args.address, args.count, args.held, args.rate),
    }
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(parts[args.part]())
