"""A scheduler without Dask's dashboard: `no-bokeh` (its Python has none) or `off` (switched off), and two workers."""

import asyncio
import sys

how, port, dashboard_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if how == "no-bokeh":
    sys.modules["bokeh"] = None


async def main() -> None:
    from distributed import Scheduler, Worker

    address = f"127.0.0.1:{dashboard_port}"
    async with Scheduler(host="127.0.0.1", port=port, dashboard=how != "off", dashboard_address=address) as scheduler:
        async with Worker(scheduler.address, nthreads=1), Worker(scheduler.address, nthreads=1):
            await scheduler.finished()


asyncio.run(main())
