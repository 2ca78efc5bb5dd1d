"""`cargo xtask bench scale`: what a watched page costs a scheduler with 200 workers and 100 000 tasks.

One real scheduler, under a steady light load, is watched by nobody, by Daskscope, and by Dask's own page, in turns and
in one browser. What its process uses of a core in each turn is what is compared.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent))

import report  # noqa: E402
from chrome import Chrome  # noqa: E402
from run import WATCH, Servers, site  # noqa: E402

BEGIN, END = "<!-- measured: `cargo xtask bench scale` writes this -->", "<!-- end of what was measured at scale -->"
# Dask's front page shows memory, tasks on workers, the task stream and progress. The same of ours, and our usual board.
SAME = "task-stream.12~progress.4~memory.4~processing.4"
RUN = "task-stream.12~progress.4~workers.8"


def cpu(process: psutil.Process) -> float:
    """Seconds of a core that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


async def turn(scheduler: psutil.Process, seconds: float) -> float:
    """What the scheduler uses, % of a core."""
    before = cpu(scheduler)
    await asyncio.sleep(seconds)
    return 100 * (cpu(scheduler) - before) / seconds


async def run(args: argparse.Namespace) -> tuple[dict[str, list[dict[str, float]]], dict]:
    """Everything."""
    parts = Servers()
    chrome = await Chrome().start(args.chromium)
    runner, origin = await site(Path(args.dist), 2_000_000, parts.origins)
    load = psutil.getloadavg()
    try:
        url, address = (await parts.start("cluster.py", "scheduler")).split()
        scheduler = psutil.Process(parts.children[0].pid)
        each = max(1, args.workers // 4)
        for first in range(0, args.workers, each):
            await parts.start("cluster.py", "workers", address=address, first=first, count=min(each, args.workers - first))
        print(f"    {args.workers} workers", flush=True)
        # Dask records rectangles from when somebody first looks.
        await asyncio.to_thread(lambda: __import__("urllib.request").request.urlopen(url + "/individual-task-stream").read())
        print("   ", await parts.start("cluster.py", "client", address=address, count=args.workers, held=args.tasks, rate=args.rate), flush=True)
        ours = f"{origin}/index.html#/scheduler?url={url}&panes="
        pages = {"nobody": "", "Daskscope, usual board": ours + RUN, "Daskscope, the same view": ours + SAME,
                 "Dask's /status": f"{url}/status"}  # fmt: skip
        found: dict[str, list[dict[str, float]]] = {name: [] for name in pages}
        for number in range(args.rounds):
            for name in list(pages) if number % 2 == 0 else list(pages)[::-1]:
                it: dict[str, float] = {}
                page = None
                if pages[name]:
                    page = await chrome.page(WATCH)
                    before = cpu(scheduler)
                    await page.call("Page.navigate", url=pages[name])
                    await asyncio.sleep(args.settle)
                    it["opening"] = cpu(scheduler) - before
                    before_bytes = await page.eval("bench.bytes")
                    before_busy = await page.busy_ms()
                    before_all = chrome.cpu_ms()
                it["cpu"] = await turn(scheduler, args.seconds)
                if page:
                    it["bytes"] = (await page.eval("bench.bytes") - before_bytes) / args.seconds / 1e3
                    it["busy"] = (await page.busy_ms() - before_busy) / args.seconds / 10
                    it["browser"] = (chrome.cpu_ms() - before_all) / args.seconds / 10
                    if "Daskscope" in name:
                        stats = await page.eval("daskscope.stats()")
                        it["own50"] = stats["frame"]["p50_ms"]
                        it["own95"] = stats["frame"]["p95_ms"]
                        it["tasks"] = stats["tasks"]
                    if args.shots:
                        shot = await page.call("Page.captureScreenshot", format="png")
                        import base64

                        where = Path(args.shots) / f"{name.replace('/', '')}.png"
                        where.write_bytes(base64.b64decode(shot["data"]))
                    await page.close()
                    # Sessions that were left go on until the server sweeps them, 15 to 32 s later.
                    await asyncio.sleep(args.rest)
                found[name].append(it)
                print(f"    {name}: " + ", ".join(f"{k} {v:.4g}" for k, v in it.items()), flush=True)
    finally:
        parts.stop()
        await chrome.close()
        await runner.cleanup()
    return found, report.machine(chrome.version) | {"load_before": load[0]}


def tables(found: dict[str, list[dict[str, float]]], args: argparse.Namespace, machine: dict) -> str:
    """What was found, as text."""
    nobody = report.median(found["nobody"], "cpu") or 0.0
    theirs = (report.median(found["Dask's /status"], "cpu") or 0.0) - nobody
    head = ["watched by", "scheduler, % of a core", "more than nobody", "of Dask's", "opening, s of CPU", "kB/s",
            "page's main thread %", "browser, % of a core", "frame p50 ms", "p95"]  # fmt: skip
    rows = []
    for name, rounds in found.items():
        more = (report.median(rounds, "cpu") or 0.0) - nobody
        beside = name != "nobody"
        rows.append([
            name, report.cell(rounds, "cpu"),
            report.number(more) if beside else "–",
            report.number(more / theirs) if beside and theirs > 0 else "–",
            *(report.cell(rounds, key) for key in ("opening", "bytes", "busy", "browser", "own50", "own95")),
        ])  # fmt: skip
    about = (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}, no GPU; {machine['browser']} headless; "
        f"{machine['versions']}. {args.workers} workers in four processes, {args.tasks} tasks held, {args.rate:g} tasks a second; "
        f"{args.rounds} rounds of {args.seconds:g} s; load average before the run {machine['load_before']:.2f}."
    )
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return about + "\n\n" + "\n".join(lines)


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--settle", type=float, default=12, help="seconds after a page was opened")
    parser.add_argument("--rest", type=float, default=35, help="seconds after a page was closed")
    parser.add_argument("--dist", default=os.environ.get("DASKSCOPE_DIST", "dist"))
    parser.add_argument("--chromium", default=os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--shots", default="", help="a folder for pictures")
    parser.add_argument("--write", default="", help="the document to write the table into")
    args = parser.parse_args()
    found, machine = asyncio.run(run(args))
    text = tables(found, args, machine)
    print(text)
    if args.write:
        where = Path(args.write)
        before, _, rest = where.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        where.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
        print(f"written: {args.write}")


if __name__ == "__main__":
    main()
