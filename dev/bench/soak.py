"""`cargo xtask soak`: a long life in one tab, and whether what is shown is still the truth at its end.

A made-up dashboard (`Dashboard`) runs tasks in bursts with idle gaps, after which it clears its pages as Dask does; some
of its names never repeat. Meanwhile sockets are cut, the scheduler begins anew, the page is frozen as by a sleep of the
computer, and the computer's clock is set to and fro. Every quarter of a minute it is looked what a frame costs and what
is held. Where the page asks whether to load the whole history, it is told to. At the end each task that was sent must be
held once, whole, and at its time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web

sys.path.insert(0, str(Path(__file__).parent))

import report  # noqa: E402
from cheap import HISTORY  # noqa: E402
from chrome import Chrome, Page  # noqa: E402
from replay import EMPTY, PROGRESS, Wire, document, streamed  # noqa: E402
from run import site  # noqa: E402
from tasks import PALETTE, PREFIXES  # noqa: E402

BEGIN, END = "<!-- soaked: `cargo xtask soak` writes this -->", "<!-- end of what was soaked -->"
LANES = 32
# Pages: seconds between two patches, rows kept, seconds of quiet after which it is cleared.
PAGES = {"individual-task-stream": (0.1, 1000, 5.0), "tasks": (5.0, 100_000, 20.0)}
WORKERS = ("name", "address", "nthreads", "cpu", "memory", "memory_limit")
# One name in so many is of a kind that never comes again.
RANDOM = 25
# Runs before the page's own scripts: its clocks can be put off, and WebAssembly's memory be looked at.
SHIM = """
(() => {
  const soak = (window.soak = { ahead: 0, slept: 0, memory: null });
  const date = Date.now.bind(Date), forward = performance.now.bind(performance);
  Date.now = () => date() + soak.ahead;
  performance.now = () => forward() - soak.slept;
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = WebAssembly[name].bind(WebAssembly);
    WebAssembly[name] = async (...args) => {
      const made = await real(...args);
      const memory = (made.instance ?? made).exports?.memory;
      if (memory) soak.memory = memory;
      return made;
    };
  }
})();
"""
# What is held of some time: key, start and stop of each task.
HELD = """
(async () => (await daskscope.tasks({ from: %r, to: %r })).map((it) => [it.key, it.start, it.stop]))()
"""


class Dashboard:
    """Pages of a scheduler whose tasks are made up as they are run, with all that goes wrong with one."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        # Each task that ended: lane, start, stop (Unix time), prefix.
        self.tasks: list[tuple[int, float, float, str]] = []
        # What has been written to a socket.
        self.sent: set[int] = set()
        # The first task that the scheduler of now remembers, and its number.
        self.first = self.life = 0
        self.working = True
        self.sockets: set[web.WebSocketResponse] = set()
        self.random = np.random.default_rng(7)

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_get("/{page}/ws", self._socket)
        app.router.add_get("/metrics", self._metrics)
        return app

    async def _metrics(self, _: web.Request) -> web.Response:
        """How many tasks have ended: by that it is decided whether the long history is read without a question."""
        family, ended = "dask_scheduler_prefix_state_totals", len(self.tasks) - self.first
        text = f'# TYPE {family} counter\n{family}_total{{state="memory",task_prefix_name="all"}} {ended}\n'
        return web.Response(text=text, headers={"Access-Control-Allow-Origin": "*"})

    async def run(self) -> None:
        """Tasks end at their pace, lane after lane."""
        each = LANES / self.rate
        turn = 0
        while True:
            if not self.working:
                await asyncio.sleep(0.05)
                continue
            begin, done = time.time(), 0
            while self.working:
                await asyncio.sleep(0.02)
                now = time.time()
                while begin + done / self.rate <= now:
                    stop = begin + done / self.rate
                    long = each * float(self.random.uniform(0.2, 0.9))
                    name = PREFIXES[done % len(PREFIXES)]
                    if done % RANDOM == 0:
                        name = f"job{self.random.integers(1 << 62):x}"
                    self.tasks.append((turn % LANES, stop - long, stop, name))
                    done, turn = done + 1, turn + 1

    def cut(self) -> None:
        """All sockets end without a word."""
        for ws in self.sockets:
            if ws._req is not None and ws._req.transport is not None:
                ws._req.transport.abort()

    async def restart(self) -> None:
        """Another scheduler at the same address, with other workers; nothing that ran is on its way."""
        self.working = False
        await asyncio.sleep(1)
        self.first, self.life = len(self.tasks), self.life + 1
        self.cut()
        await asyncio.sleep(1)
        self.working = True

    def _columns(self, numbers: range, offset: float) -> dict[str, Any]:
        rows = [self.tasks[n] for n in numbers]
        workers = [f"tcp://10.0.{self.life}.{lane // 8 + 1}:40000" for lane, *_ in rows]
        middle = np.array([(start + stop) / 2 * 1000 for _, start, stop, _ in rows], "float64")
        return {
            "start": middle - offset,
            "duration": np.array([1000 * (stop - start) for _, start, stop, _ in rows], "float64"),
            "duration_text": ["1 ms"] * len(rows),
            "key": [f"{name}-{n}" for n, (_, _, _, name) in zip(numbers, rows, strict=True)],
            "name": [name for *_, name in rows],
            "color": [PALETTE[len(name) % len(PALETTE)] for *_, name in rows],
            "alpha": np.ones(len(rows)),
            "worker": workers,
            "worker_thread": [f"{worker}-{lane}" for worker, (lane, *_) in zip(workers, rows, strict=True)],
            "y": np.array([lane / 2 for lane, *_ in rows], "float64"),
        }

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=("bokeh",), compress=False, max_msg_size=0, heartbeat=None)
        await ws.prepare(request)
        self.sockets.add(ws)
        page = request.match_info["page"]
        frames: list[str] = []
        later: asyncio.Task | None = None
        try:
            await self._send(ws, Wire().frames("ACK", {}))
            async for message in ws:
                if message.type is not WSMsgType.TEXT:
                    continue
                frames.append(message.data)
                if len(frames) < 3:
                    continue
                header, frames = json.loads(frames[0]), []
                if header["msgtype"] == "SERVER-INFO-REQ":
                    info = {"version_info": {"bokeh": "3.9.2", "server": "3.9.2"}}
                    await self._send(ws, Wire().frames("SERVER-INFO-REPLY", info, header["msgid"]))
                elif header["msgtype"] == "PULL-DOC-REQ":
                    if later:
                        later.cancel()
                    later = asyncio.create_task(self._page(ws, page, header["msgid"]))
        except ConnectionError:
            pass
        finally:
            self.sockets.discard(ws)
            if later:
                later.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await later
        return ws

    async def _send(self, ws: web.WebSocketResponse, frames: list[str | bytes]) -> None:
        for frame in frames:
            await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))

    async def _page(self, ws: web.WebSocketResponse, page: str, reply_to: str) -> None:
        if page not in PAGES:
            figure = "progress" if page == "individual-progress" else "workers"
            columns = {name: [] for name in (PROGRESS if figure == "progress" else WORKERS)}
            await self._send(ws, document(columns, reply_to, figure))
            return
        pause, kept, clear = PAGES[page]
        at = max(self.first, len(self.tasks) - kept)
        rows = range(at, len(self.tasks))
        offset, seen = 0.0, time.monotonic()
        await self._send(ws, document(self._columns(rows, offset) if rows else EMPTY, reply_to))
        empty = not rows
        self.sent.update(rows)
        at = len(self.tasks)
        while True:
            await asyncio.sleep(pause)
            rows = range(at, len(self.tasks))
            if not rows:
                continue
            quiet = time.monotonic() - seen > clear
            if empty or quiet:
                gone = {"kind": "ColumnDataChanged", "model": {"id": "source"}, "attr": "data", "cols": list(EMPTY),
                        "data": {"type": "map", "entries": [[name, []] for name in EMPTY]}}  # fmt: skip
                await self._send(ws, Wire().frames("PATCH-DOC", {"events": [gone]}))
                offset = self.tasks[at][1] * 1000 if quiet else offset
            empty, seen, at = False, time.monotonic(), rows.stop
            await self._send(ws, streamed(self._columns(rows, offset), kept))
            self.sent.update(rows)


class Soak:
    """One run."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.board = Dashboard(args.rate)
        self.samples: list[dict[str, float]] = []
        # When the clock of the page was set, and what it said too much from then on, s.
        self.clock = [(0.0, 0.0)]
        # What was done, and when (Unix time): to tell what stands beside a fault.
        self.story: list[tuple[float, str]] = []
        self.done = dict.fromkeys(("idle gaps", "socket cuts", "sleeps", "clock steps", "restarts", "histories asked for"), 0)

    def tell(self, what: str) -> None:
        """Something that goes wrong has been done."""
        self.done[what] += 1
        self.story.append((time.time(), what))

    def _runs(self, numbers: set[int]) -> list[str]:
        """Where these tasks lie, as spans, with what was done last before each."""
        spans: list[list[int]] = []
        for n in sorted(numbers):
            if spans and n - spans[-1][1] < 5:
                spans[-1][1] = n
            else:
                spans.append([n, n])
        told = []
        for first, last in spans:
            at = self.board.tasks[first][2]
            before = [(when, what) for when, what in self.story if when <= at]
            what = f"{at - before[-1][0]:.1f} s after {before[-1][1]}" if before else "at the beginning"
            told.append(f"{first}-{last} ({self.board.tasks[last][2] - at:.1f} s long, {what})")
        return told

    async def look(self, page: Page, begin: float) -> None:
        """Looks every quarter of a minute what a frame costs and what is held."""
        used, at = await page.busy_ms(), time.monotonic()
        while True:
            await asyncio.sleep(15)
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                stats = await asyncio.wait_for(page.eval("daskscope.stats()"), 10)
                if await page.eval(f"!!{HISTORY}"):
                    # Tasks may be missing, and the page says so: a person who wants all of them asks for them.
                    self.tell("histories asked for")
                    await page.eval(f"{HISTORY}.click()")
                memory = await page.eval("soak.memory?.buffer.byteLength ?? 0")
                now, busy = time.monotonic(), await page.busy_ms()
                self.samples.append({
                    "minute": (now - begin) / 60, "busy": (busy - used) / (now - at) / 10, "wasm": memory / 2**20,
                    "p50": stats["frame"]["p50_ms"], "p95": stats["frame"]["p95_ms"], "store": stats["memory_bytes"] / 2**20,
                    **{name: stats.get(name, 0) for name in ("tasks", "dropped", "lanes", "prefixes", "tracks", "folded")},
                })  # fmt: skip
                used, at = busy, now

    async def sleep(self, page: Page, seconds: float) -> None:
        """The computer sleeps: the page stands still, and so does the clock that only goes forward."""
        renderers = [process for process in page.chrome.processes() if "--type=renderer" in process.cmdline()]
        for process in renderers:
            process.suspend()
        try:
            await asyncio.sleep(seconds)
        finally:
            for process in renderers:
                process.resume()
        await page.eval(f"soak.slept += {seconds * 1000}")
        self.clock.append((time.time(), self.clock[-1][1]))
        self.tell("sleeps")

    async def set_clock(self, page: Page, ahead: float) -> None:
        """The computer's clock is set to say so much too much."""
        await page.eval(f"soak.ahead = {ahead * 1000}")
        self.clock.append((time.time(), ahead))
        self.tell("clock steps")

    async def trouble(self, page: Page, until: float, gaps: int) -> None:
        """So many gaps, and one thing that goes wrong between two of them."""
        steps = itertools.cycle([2.0, 0.0, -2.0, 0.0, -3600.0, 0.0, 3600.0, 0.0])
        each = (until - time.monotonic()) / gaps
        for gap in range(gaps):
            due = until - (gaps - gap - 1) * each
            # Every third gap is long enough for all pages to be cleared.
            idle = min(each / 2, 25.0 if gap % 3 == 2 else 6.5)
            match gap % 5:
                case 1:
                    await asyncio.sleep(each / 6)
                    self.board.cut()
                    self.tell("socket cuts")
                case 2:
                    await self.sleep(page, min(10.0, each / 4))
                case 3:
                    await asyncio.sleep(each / 6)
                    await self.set_clock(page, next(steps))
                case 4:
                    await self.board.restart()
                    self.tell("restarts")
            await asyncio.sleep(max(0.0, due - idle - time.monotonic()))
            self.board.working = False
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.board.working = True
            self.tell("idle gaps")

    async def check(self, page: Page) -> dict[str, int]:
        """Holds what is held against what was sent."""
        board, stats = self.board, await page.eval("daskscope.stats()")
        held: dict[int, list[tuple[str, float, float]]] = {}
        first, last = board.tasks[0][1] - 7200, board.tasks[-1][2] + 7200
        seen = set()
        for at in np.arange(first, last, 120.0):
            for key, start, stop in await page.eval(HELD % (float(at), float(at + 120.0))):
                number = int(key.rpartition("-")[2])
                if (number, start) not in seen:
                    seen.add((number, start))
                    held.setdefault(number, []).append((key, start, stop))
        wrong = {"sent": len(board.sent), "held": sum(map(len, held.values())), "dropped": stats["dropped"],
                 "missing": 0, "doubled": 0, "not sent": 0, "changed": 0, "misdated": 0}  # fmt: skip
        wrong["missing"] = len(board.sent - held.keys())
        for span in self._runs(board.sent - held.keys()):
            print(f"missing: {span}", file=sys.stderr)
        wrong["not sent"] = len(held.keys() - board.sent)
        for number, rows in held.items():
            _, start, stop, name = board.tasks[number]
            wrong["doubled"] += len(rows) - 1
            for key, begin, end in rows:
                wrong["changed"] += key != f"{name}-{number}" or abs(end - begin - (stop - start)) > 3e-6
                # Rows that came near a step of the clock may be dated by either side of it.
                near = [ahead for (at, ahead), (then, _) in zip(self.clock, [*self.clock[1:], (1e12, 0)], strict=True)
                        if at - 15 <= stop <= then + 15]  # fmt: skip
                wrong["misdated"] += all(not -0.1 <= begin - start - ahead <= 1.5 for ahead in near)
        return wrong

    async def run(self) -> dict[str, Any]:
        """All of it."""
        runner = web.AppRunner(self.board.app(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        listening = web.TCPSite(runner, "127.0.0.1", 0)
        await listening.start()
        port = listening._server.sockets[0].getsockname()[1]
        files, base = await site(Path(self.args.dist), 2_000_000, [f"http://127.0.0.1:{port}"])
        chrome = await Chrome().start(self.args.chromium)
        working = asyncio.create_task(self.board.run())
        looking: asyncio.Task | None = None
        try:
            page = await chrome.page(SHIM)
            await page.call("Page.navigate", url=f"{base}/#/panel/task-stream?url=http://127.0.0.1:{port}")
            held = "window.daskscope?.stats && daskscope.stats().then((it) => it.tasks > 0)"
            await page.until(held, 60, "task")
            begin = time.monotonic()
            looking = asyncio.create_task(self.look(page, begin))
            gaps = self.args.gaps or max(1, round(self.args.minutes))
            await self.trouble(page, begin + self.args.minutes * 60, gaps)
            # The slow page tells of the last tasks.
            self.board.working = False
            await asyncio.sleep(12)
            looking.cancel()
            said = await self.check(page)
            clock = (await page.eval("daskscope.stats()"))["feed"]["clock"]
        finally:
            for task in filter(None, (looking, working)):
                task.cancel()
            await chrome.close()
            await files.cleanup()
            await runner.cleanup()
        return {"machine": report.machine(chrome.version), "truth": said, "samples": self.samples, "done": self.done,
                "minutes": self.args.minutes, "rate": self.args.rate, "clock": clock}  # fmt: skip


def tables(found: dict[str, Any]) -> str:
    """What was found, for the document: a sixth of the run in each line."""
    it, samples = found["machine"], found["samples"]
    rows = []
    parts = max(1, min(6, len(samples)))
    for part in np.array_split(np.arange(len(samples)), parts):
        some = [samples[i] for i in part]
        middle = lambda name, some=some: statistics.median(one[name] for one in some)  # noqa: E731
        last = some[-1]
        rows.append([
            f"{last['minute']:.0f}", f"{last['tasks']:,.0f}".replace(",", " "), *(f"{last[n]:.0f}" for n in
            ("dropped", "lanes", "tracks", "prefixes")), *(report.number(middle(n)) for n in ("p50", "p95", "busy")),
            f"{last['store']:.0f}", f"{last['wasm']:.0f}",
        ])  # fmt: skip
    head = ["minute", "tasks held", "dropped", "lanes", "tracks of a lane", "names", "frame p50 ms", "p95 ms", "main thread busy %",
            "store MiB", "WebAssembly MiB"]  # fmt: skip
    done = ", ".join(f"{count} {name}" for name, count in found["done"].items())
    truth = ", ".join(f"{name} {count}" for name, count in found["truth"].items())
    return (
        f"{it['cpu']}, {it['cores']} cores, {it['memory']}, {it['system']}; {it['browser']} headless. {found['minutes']:g} minutes at "
        f"{found['rate']:g} tasks a second: {done}.\n\n{report.table(head, rows)}\n\nAt the end: {truth}."
    )


def write(path: Path, text: str) -> None:
    """Puts it into the document, between its marks."""
    old = path.read_text()
    new = f"{BEGIN}\n\n{text}\n\n{END}"
    path.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: new, old, flags=re.S))


def main() -> int:
    """Soaks, prints, writes; says whether the truth was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--gaps", type=int, default=0, help="idle gaps; one a minute if not said")
    parser.add_argument("--rate", type=float, default=200, help="tasks a second")
    parser.add_argument("--dist", default=os.environ.get("DASKSCOPE_DIST", "dist"))
    parser.add_argument("--chromium", default=os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--write", default="", help="the document to write the figures into")
    parser.add_argument("--json", default="", help="where to put all figures")
    args = parser.parse_args()
    found = asyncio.run(Soak(args).run())
    text = tables(found)
    print(text)
    if args.json:
        Path(args.json).write_text(json.dumps(found, indent=1))
    if args.write:
        write(Path(args.write), text)
    wrong = {name: n for name, n in found["truth"].items() if name not in ("sent", "held", "dropped") and n}
    # What the store had no room for is counted, and not missing.
    if wrong and not (set(wrong) == {"missing"} and wrong["missing"] <= found["truth"]["dropped"]):
        print(f"what is shown is not what was: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
