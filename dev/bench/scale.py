"""`cargo xtask bench scale`: what it costs a scheduler, and the browser, to open a page and to leave it open.

Three parts, each beside Dask's own page in the same run and browser: *opening* and *following* (`cheap.py`), and a
scheduler with 200 workers and 100 000 tasks under a steady light load, which is watched by nobody, by Daskscope, and by
Dask's own page, in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import sys
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent))

import report  # noqa: E402
from cheap import HELD, OURS, RATE, STATUS, TASKS, Rounds, cpu, following, opening, ready, turn, used  # noqa: E402
from chrome import Chrome  # noqa: E402
from run import WATCH, Servers, site  # noqa: E402

BEGIN, END = "<!-- measured: `cargo xtask bench scale` writes this -->", "<!-- end of what was measured at scale -->"
# Dask's front page shows memory, tasks on workers, the task stream and progress. The same of ours, and our usual board.
SAME = "task-stream.12~progress.4~memory.4~processing.4"
RUN = "task-stream.12~progress.4~workers.8"
NOBODY, STREAM, USUAL, SAME_VIEW = "nobody", "Daskscope, task stream", "Daskscope, usual board", "Daskscope, the same view"


async def board(args: argparse.Namespace, chrome: Chrome, parts: Servers, origin: str) -> Rounds:
    """A scheduler with many workers, watched by each page in turns."""
    url, address = (await parts.start("cluster.py", "scheduler")).split()
    scheduler = psutil.Process(parts.children[-1].pid)
    each = max(1, args.workers // 4)
    for first in range(0, args.workers, each):
        await parts.start("cluster.py", "workers", address=address, first=first, count=min(each, args.workers - first))
    print(f"    {args.workers} workers", flush=True)
    # Dask records rectangles from when somebody first looks.
    await asyncio.to_thread(lambda: __import__("urllib.request").request.urlopen(url + "/individual-task-stream").read())
    print("   ", await parts.start("cluster.py", "client", address=address, count=args.workers, held=args.tasks, rate=args.rate), flush=True)
    ours = f"{origin}/index.html#/scheduler?url={url}&panes="
    pages = {NOBODY: "", STREAM: f"{origin}/index.html#/panel/task-stream?url={url}", USUAL: ours + RUN,
             SAME_VIEW: ours + SAME, STATUS: f"{url}/status"}  # fmt: skip
    found: Rounds = {name: [] for name in pages}
    for number in range(args.rounds):
        for name in list(pages) if number % 2 == 0 else list(pages)[::-1]:
            it: dict[str, float] = {}
            if not pages[name]:
                it["cpu"] = await turn(scheduler, args.seconds)
            else:
                page = await chrome.page(WATCH)
                before = cpu(scheduler)
                await page.call("Page.navigate", url=pages[name])
                await ready(page, OURS in name)
                await asyncio.sleep(args.settle)
                it["opening"] = cpu(scheduler) - before
                before_bytes, before = await page.eval("bench.bytes"), cpu(scheduler)
                it |= await used(chrome, page, args.seconds)
                passed = args.seconds + 2
                it["cpu"] = 100 * (cpu(scheduler) - before) / passed
                it["bytes"] = (await page.eval("bench.bytes") - before_bytes) / passed / 1e3
                if OURS in name:
                    stats = await page.eval("daskscope.stats()")
                    it["own50"] = stats["frame"]["p50_ms"]
                    it["own95"] = stats["frame"]["p95_ms"]
                if args.shots:
                    shot = await page.call("Page.captureScreenshot", format="png")
                    where = Path(args.shots) / f"{name.replace('/', '')}.png"
                    where.write_bytes(base64.b64decode(shot["data"]))
                await page.close()
                # Sessions that were left go on until the server sweeps them, 15 to 32 s later.
                await asyncio.sleep(args.rest)
            found[name].append(it)
            print(f"    {name}: " + ", ".join(f"{k} {v:.4g}" for k, v in it.items()), flush=True)
    return found


async def run(args: argparse.Namespace) -> tuple[dict[str, Rounds], dict]:
    """The parts that are wanted."""
    parts = Servers()
    chrome = await Chrome().start(args.chromium)
    runner, origin = await site(Path(args.dist), 2_000_000, parts.origins)
    machine = report.machine(chrome.version) | {"load_before": psutil.getloadavg()[0]}
    found: dict[str, Rounds] = {}
    try:
        if "opening" in args.only:
            found["opening"] = await opening(chrome, parts, origin, args.rounds, 3 if args.quick else 8)
        if "following" in args.only:
            found["following"] = await following(chrome, parts, origin, args.rounds, args.seconds)
        if "board" in args.only:
            found["board"] = await board(args, chrome, parts, origin)
    finally:
        parts.stop()
        await chrome.close()
        await runner.cleanup()
    return found, machine


def plain(found: Rounds, names: list[tuple[str, str]], first: str) -> str:
    """A table of medians and ranges."""
    rows = [[name, *(report.cell(rounds, key) for _, key in names)] for name, rounds in found.items()]
    return report.table([first, *(title for title, _ in names)], rows)


def watched(found: Rounds) -> str:
    """The table of the scheduler with many workers."""
    nobody = report.median(found[NOBODY], "cpu") or 0.0
    theirs = (report.median(found[STATUS], "cpu") or 0.0) - nobody
    head = ["watched by", "scheduler, % of a core", "more than nobody", "of Dask's", "opening, s of CPU", "kB/s",
            "page's main thread %", "browser, % of a core", "frames/s", "frame p50 ms", "p95"]  # fmt: skip
    rows = []
    for name, rounds in found.items():
        more = (report.median(rounds, "cpu") or 0.0) - nobody
        beside = name != NOBODY
        rows.append([
            name, report.cell(rounds, "cpu"),
            report.number(more) if beside else "–",
            report.number(more / theirs) if beside and theirs > 0 else "–",
            *(report.cell(rounds, key) for key in ("opening", "bytes", "busy", "browser", "frames", "own50", "own95")),
        ])  # fmt: skip
    return report.table(head, rows)


def goals(found: dict[str, Rounds]) -> str:
    """What is wanted, and whether it was reached."""
    rows: list[list[str]] = []

    def goal(what: str, most: float, measured: float | None, unit: str = "") -> None:
        if measured is not None:
            met = "yes" if measured <= most else "NO"
            rows.append([what, f"≤ {most:g}{unit}", report.number(measured) + unit, met])

    def share(part: str, ours: str, theirs: str, key: str, less: float = 0.0) -> float | None:
        mine, other = (report.median(found[part][name], key) for name in (ours, theirs))
        return None if mine is None or not other or other <= less else (mine - less) / (other - less)

    for size in HELD if "opening" in found else ():
        goal(f"opening with {size} intervals, of Dask's /tasks", 1, share("opening", f"{size}, {OURS}", f"{size}, {TASKS}", "opening"))
    if "following" in found:
        goal(f"following {RATE} tasks a second: browser, of Dask's /status", 0.333, share("following", OURS, STATUS, "browser"))
        goal(f"following {RATE} tasks a second: main thread", 15, report.median(found["following"][OURS], "busy"), " %")
    if "board" in found:
        nobody = report.median(found["board"][NOBODY], "cpu") or 0.0
        for name in (STREAM, SAME_VIEW):
            goal(f"{name}: each further minute, of Dask's /status", 0.333, share("board", name, STATUS, "cpu", nobody))
        goal(f"{USUAL}: main thread", 15, report.median(found["board"][USUAL], "busy"), " %")
    return report.table(["goal", "wanted", "measured", "met"], rows)


def tables(found: dict[str, Rounds], args: argparse.Namespace, machine: dict) -> str:
    """What was found, as text."""
    out = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}, no GPU; {machine['browser']} headless; "
        f"{machine['versions']}. {args.rounds} rounds of {args.seconds:g} s; load average before the run {machine['load_before']:.2f}."
    ]
    if "opening" in found:
        names = [("opening, s of the scheduler's CPU", "opening"), ("thrown away, s", "leaving"), ("websocket kB", "kB")]
        out += ["### Opening", plain(found["opening"], names, "intervals held, page")]
    if "following" in found:
        names = [("page's main thread %", "busy"), ("browser, % of a core", "browser"), ("frames/s", "frames")]
        out += [f"### Following {RATE} tasks a second", plain(found["following"], names, "page")]
    if "board" in found:
        out += [f"### {args.workers} workers in four processes, {args.tasks} tasks held, {args.rate:g} tasks a second", watched(found["board"])]
    return "\n\n".join([*out, "### Against the goals", goals(found)])


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--only", default="opening,following,board", help="some of opening,following,board")
    parser.add_argument("--quick", action="store_true", help="one short round, written nowhere")
    parser.add_argument("--rounds", type=int, default=0, help="2 unless told")
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--settle", type=float, default=10, help="seconds after a page was opened")
    parser.add_argument("--rest", type=float, default=35, help="seconds after a page was closed")
    parser.add_argument("--dist", default=os.environ.get("DASKSCOPE_DIST", "dist"))
    parser.add_argument("--chromium", default=os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--shots", default="", help="a folder for pictures")
    parser.add_argument("--write", default="", help="the document to write the table into")
    args = parser.parse_args()
    args.only = args.only.split(",")
    args.rounds = args.rounds or (1 if args.quick else 2)
    if args.quick:
        args.workers, args.tasks, args.seconds, args.settle = min(args.workers, 40), min(args.tasks, 10_000), 5, 5
    found, machine = asyncio.run(run(args))
    text = tables(found, args, machine)
    print(text)
    if args.write and not args.quick and len(args.only) == 3:
        where = Path(args.write)
        before, _, rest = where.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        where.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
        print(f"written: {args.write}")


if __name__ == "__main__":
    main()
