"""`cargo xtask bench`: the task stream against Dask's own page, in one browser, with the same tasks.

Every round visits every case once; every other round backwards, so that a drift of the machine falls on all alike.
What is printed and written is the median of the rounds. Nothing is asserted: a figure is not a test.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import mimetypes
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from math import pi, sin
from pathlib import Path
from typing import Any

import psutil
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))

import report  # noqa: E402
from chrome import HEIGHT, WIDTH, Chrome, Page, frames_of  # noqa: E402

HERE = Path(__file__).parent
# More tasks than this are loaded while their picture is not shown, and not compared with Dask.
LARGE = 100_000
# Runs in each page before its own scripts: counts what its websockets bring, frames, and answers to the pointer.
WATCH = """
(() => {
  const bench = (window.bench = { bytes: 0, frames: 0, gaps: [], answers: [], moves: 0, first: 0, move: null });
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (e) => (bench.bytes += e.data.length ?? e.data.byteLength ?? e.data.size));
    }
  };
  bench.count = () => {
    let last = 0;
    const tick = (now) => {
      if (last) bench.gaps.push(now - last);
      last = now;
      bench.frames++;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  };
  bench.listen = (selector) => {
    // A move counts until the next one: what is still unanswered then was over nothing, or is late by the
    // whole time between two. How many those are is told.
    addEventListener("pointermove", (e) => {
      bench.moves++;
      bench.move = { at: e.timeStamp, frames: bench.frames };
    }, true);
    const card = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(".stream-card");
    new MutationObserver((changes) => {
      // Words elsewhere change on their own.
      const ours = (it) => card(it.target) || [...it.addedNodes, ...it.removedNodes].some(card);
      if (!bench.move || !changes.some(ours)) return;
      const now = performance.now();
      bench.answers.push([now - bench.move.at, bench.frames - bench.move.frames, now]);
      bench.move = null;
    }).observe(document.querySelector(selector), { subtree: true, childList: true, attributes: true, characterData: true });
  };
  // When a frame begins before which tasks were drawn: `drawn()` says whether they were.
  bench.await = (drawn) => {
    const look = async () => {
      let done = false;
      try { done = await drawn(); } catch {}
      if (done) bench.first = performance.now();
      else requestAnimationFrame(look);
    };
    look();
  };
})();
"""
OURS = """bench.await(async () => {
  const it = await window.daskscope.stats();
  // A frame has begun and ended since there are tasks.
  return it.frame.filled > 0 && document.querySelector("[data-testid=task-stream] canvas").width > 1;
})"""
SOURCE = """(() => { for (const model of Bokeh.documents[0]._all_models.values())
  if (model.type === "ColumnDataSource" && model.data.worker_thread) return model; })()"""
THEIRS = f"""bench.await(() => Bokeh.documents[0].is_idle && {SOURCE}.data.start.length > 1)"""


@dataclass
class Case:
    """What is measured: a page, and how many tasks over how many lanes."""

    page: str
    tasks: int
    lanes: int
    url: str = ""
    rounds: list[dict[str, float]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As in the table."""
        return self.page


@dataclass
class Live:
    """Tasks that come while one watches."""

    rate: int
    seconds: int
    lanes: int
    rounds: list[dict[str, float]] = field(default_factory=list)


class Servers:
    """Child processes that serve tasks, by what they were asked for."""

    def __init__(self) -> None:
        self.children: list[subprocess.Popen] = []
        self.origins: list[str] = []

    async def start(self, script: str, *words: str, **args: object) -> str:
        """Starts one; gives the line that says it is ready: its address, and what else it tells."""
        command = [sys.executable, str(HERE / script), *words]
        for name, value in args.items():
            command += [f"--{name}", str(value)]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 text=True, start_new_session=True)  # fmt: skip
        self.children.append(child)
        assert child.stdout
        line = await asyncio.wait_for(asyncio.to_thread(child.stdout.readline), 600)
        if not line.startswith("http"):
            raise RuntimeError(f"{script} did not start: {line!r}")
        self.origins.append("/".join(line.split()[0].split("/")[:3]))
        return line.strip()

    def stop(self, count: int = 0) -> None:
        """Ends all but the first `count`."""
        for child in self.children[count:]:
            child.terminate()
        for child in self.children[count:]:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        del self.children[count:]


async def site(dist: Path, limit: int, schedulers: list[str]) -> tuple[web.AppRunner, str]:
    """The built app as a web server gives it (compressed), with a limit that holds all tasks, and the floor.

    Its config.json names `schedulers`, which may grow: before it contacts any other the app asks.
    """
    files: dict[str, tuple[bytes, str]] = {}
    for path in dist.rglob("*"):
        if path.is_file():
            kind = "application/wasm" if path.suffix == ".wasm" else mimetypes.guess_type(path.name)[0]
            files[str(path.relative_to(dist))] = gzip.compress(path.read_bytes(), 9), kind or "text/plain"
    files["floor.html"] = gzip.compress((HERE / "floor.html").read_bytes()), "text/html"

    async def answer(request: web.Request) -> web.Response:
        name = request.path.lstrip("/") or "index.html"
        found = files.get(name)
        if name == "config.json":
            found = gzip.compress(json.dumps({"limit": limit, "schedulers": schedulers}).encode()), "application/json"
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found[0], headers={"Content-Encoding": "gzip", "Content-Type": found[1]})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    it = web.TCPSite(runner, "127.0.0.1", 0)
    await it.start()
    return runner, f"http://127.0.0.1:{it._server.sockets[0].getsockname()[1]}"


def fetch(url: str) -> dict:
    """JSON of an address."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


class Bench:
    """One run."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.seconds = 2.0 if args.quick else 4.0

    async def drag(self, page: Page) -> None:
        """A hand that draws the picture to and fro."""
        x, y = WIDTH / 2, HEIGHT / 2
        await page.mouse("mouseMoved", x, y)
        await page.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        await page.paced(
            self.seconds,
            lambda t: page.mouse("mouseMoved", x + 300 * sin(pi * t), y, button="left", buttons=1),
        )
        await page.mouse("mouseReleased", x, y, button="left", clickCount=1)

    async def wheel(self, page: Page) -> None:
        """A wheel that goes in for a while and out again."""
        x, y = WIDTH / 2, HEIGHT / 2
        turn = self.seconds / 4
        await page.paced(
            self.seconds,
            lambda t: page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-40 if t // turn % 2 == 0 else 40),
        )

    async def measure(self, page: Page, name: str, act: Any) -> dict[str, float]:
        """Frames, their cost, and what all processes used while `act` goes on."""
        chrome = page.chrome
        if self.args.profile:
            await page.call("Profiler.enable")
            await page.call("Profiler.start")
        await page.trace(self.args.profile)
        cpu, busy, begin = chrome.cpu_ms(), await page.busy_ms(), time.monotonic()
        await act(page)
        # A page that is behind answers when it has caught up.
        spent_busy = await page.busy_ms() - busy
        end = time.monotonic()
        wall, cpu = end - begin, chrome.cpu_ms() - cpu
        events = await page.end_trace()
        gaps, costs = frames_of(events, begin, end)
        drawn = len(gaps) + 1
        if self.args.profile:
            print(f"\n{name}\n" + report.profile(events, begin, end, drawn), flush=True)
            print(report.functions((await page.call("Profiler.stop"))["profile"], drawn), flush=True)
        return {
            f"{name}_fps": drawn / wall,
            f"{name}_gap50": quantile(gaps, 0.5),
            f"{name}_gap95": quantile(gaps, 0.95),
            f"{name}_cost50": quantile(costs, 0.5),
            f"{name}_cost95": quantile(costs, 0.95),
            f"{name}_busy": 100 * spent_busy / (wall * 1000),
            f"{name}_cpu": cpu / drawn,
        }

    async def open(self, case: Case, origin: str) -> Page:
        """A page in a fresh profile, loaded; `first` and bytes are known."""
        ours = case.page.startswith("Daskscope")
        script = WATCH + f"addEventListener('DOMContentLoaded', () => {{ {OURS if ours else THEIRS if 'Dask' in case.page else ''} }});"
        page = await self.chrome.page(script)
        # So many rows would have to be drawn again and again while they come: that is not what is measured here.
        pane = "progress" if case.tasks > LARGE else "task-stream"
        address = f"{origin}/#/panel/{pane}?url={case.url}" if ours else f"{case.url}/tasks"
        if case.page == "floor":
            address = f"{origin}/floor.html"
        await page.call("Page.navigate", url=address)
        return page

    async def visit(self, case: Case, origin: str) -> dict[str, float]:
        """All figures of one case, once."""
        page = await self.open(case, origin)
        try:
            return await self.figures(page, case)
        finally:
            await page.close()
            await asyncio.sleep(0.5)

    async def figures(self, page: Page, case: Case) -> dict[str, float]:
        """The figures of an open page."""
        out: dict[str, float] = {}
        patience = 60 + case.tasks / 5_000
        ours = case.page.startswith("Daskscope")
        if case.page != "floor":
            if case.tasks <= LARGE:
                out["first"] = await page.until("bench.first", patience, "first task")
            # The whole document, where it comes in pieces.
            if ours:
                await page.until("window.daskscope?.stats", 60, "app")
                await asyncio.to_thread(self.until_sent, case, patience)
                sent = (await asyncio.to_thread(fetch, f"{case.url}/sent"))["rows"]
                held = "daskscope.stats().then(it => it.tasks + it.dropped)"
                await page.until(f"{held}.then(n => n >= {sent})", patience, "all tasks")
                out["all"] = await page.eval("performance.now()")
                if case.tasks > LARGE:
                    await page.eval(f"location.hash = '#/panel/task-stream?url={case.url}'")
                    await page.until("bench.first", 60, "first task")
                # Everything in view, as Dask shows it.
                for kind in ("keyDown", "keyUp"):
                    await page.call("Input.dispatchKeyEvent", type=kind, key="0", text="0" if kind == "keyDown" else "")
                await page.eval("daskscope.idle()")
                out["lost"] = sent - await page.eval(held)
            http = await page.eval(
                "performance.getEntries().reduce((sum, it) => sum + (it.transferSize || 0), 0)"
            )
            out["http_mb"], out["ws_mb"] = http / 1e6, await page.eval("bench.bytes") / 1e6
        if case.page == "Dask":
            # Dask leaves zooming by the wheel off.
            await page.eval(
                """(() => { for (const it of Bokeh.documents[0]._all_models.values())
                  if (it.type === "WheelZoomTool") { it.active = true;
                    for (const bar of Bokeh.documents[0]._all_models.values())
                      if (bar.type === "Toolbar") bar.active_scroll = it; } })()"""
            )
        await asyncio.sleep(1)
        before = await self.span(page, case)
        out |= await self.measure(page, "pan", self.drag)
        await asyncio.sleep(0.7)
        if case.page != "floor":
            out |= await self.measure(page, "zoom", self.wheel)
            out["moved"] = float(await self.span(page, case) != before)
        if ours:
            out |= await self.hover(page)
            stats = await page.eval("daskscope.stats()")
            out["own50"], out["own95"] = stats["frame"]["p50_ms"], stats["frame"]["p95_ms"]
            for name, ms in stats["frame"]["phases_ms"].items():
                out[f"phase_{name}"] = ms
            out["store_mb"] = stats["memory_bytes"] / 1e6
            out["held"] = stats["tasks"]
        out["rss_mb"] = self.chrome.rss_mb()
        if self.args.shots:
            await self.shot(page, case)
        return out

    def until_sent(self, case: Case, patience: float) -> None:
        """Waits until the replay has sent all."""
        limit = time.monotonic() + patience
        while not fetch(f"{case.url}/sent")["done"]:
            if time.monotonic() > limit:
                raise TimeoutError("the replay did not end")
            time.sleep(0.1)

    async def hover(self, page: Page) -> dict[str, float]:
        """From a move of the pointer to the words beside it: ms, and frames begun meanwhile."""
        await page.eval("bench.count(); bench.listen('.stream'); bench.answers.length = bench.moves = 0")
        await page.trace()
        ahead = await clock_ahead(page)
        await page.paced(1.0 if self.args.quick else 3.0, self.wander(page), 20)
        await asyncio.sleep(0.1)
        pairs, moves = await page.eval("[bench.answers, bench.moves]")
        return answers(pairs, moves) | shown(pairs, await page.end_trace(), ahead)

    @staticmethod
    def wander(page: Page) -> Any:
        """Moves over the picture, never twice to one place."""
        return lambda t: page.mouse("mouseMoved", 500 + (t * 1373) % 900, 200 + (t * 311) % 400)

    async def span(self, page: Page, case: Case) -> Any:
        """What is in view."""
        if case.page.startswith("Daskscope"):
            return await page.eval("Promise.resolve(daskscope.view()).then(it => it.from)")
        if case.page == "Dask":
            return await page.eval(
                """(() => { for (const it of Bokeh.documents[0]._all_models.values())
                  if (it.type === "Plot" || it.type === "Figure") return it.x_range.start; })()"""
            )
        return 0

    async def shot(self, page: Page, case: Case) -> None:
        """A picture, to see that there was something to see."""
        import base64

        data = (await page.call("Page.captureScreenshot"))["data"]
        folder = Path(self.args.shots)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{case.page}-{case.tasks}.png").write_bytes(base64.b64decode(data))

    async def flood(self, live: Live, url: str, origin: str) -> dict[str, float]:
        """Tasks come at a rate; the pointer wanders meanwhile."""
        page = await self.open(Case("Daskscope", 0, live.lanes, url), origin)
        try:
            await page.until("bench.first", 60, "first task")
            await page.eval("bench.count(); bench.listen('.stream')")
            cpu, busy, begin = self.chrome.cpu_ms(), await page.busy_ms(), time.monotonic()
            await page.paced(max(1.0, live.seconds - 3.0), self.wander(page), 10)
            spent_busy = await page.busy_ms() - busy
            wall = time.monotonic() - begin
            cpu = self.chrome.cpu_ms() - cpu
            gaps = await page.eval("bench.gaps")
            said = answers(*await page.eval("[bench.answers, bench.moves]"))
            stats = await page.eval("daskscope.stats()")
            await asyncio.to_thread(self.until_sent, Case("", 0, 0, url), live.seconds + 60)
            sent = await asyncio.to_thread(fetch, f"{url}/sent")
            held = "daskscope.stats().then(it => it.tasks + it.dropped)"
            for _ in range(200):
                if await page.eval(held) >= sent["rows"]:
                    break
                await asyncio.sleep(0.1)
            return {
                "sent": sent["rows"],
                "lost": sent["rows"] - await page.eval(held),
                "behind": 1000 * sent["behind"],
                "own50": stats["frame"]["p50_ms"],
                "own95": stats["frame"]["p95_ms"],
                "gap50": quantile(gaps, 0.5),
                "gap95": quantile(gaps, 0.95),
                "long": sum(gap > 50 for gap in gaps),
                "raf": len(gaps) / wall,
                "busy": 100 * spent_busy / (wall * 1000),
                "cpu": 100 * cpu / (wall * 1000),
                "rss_mb": self.chrome.rss_mb(),
                **said,
            }
        finally:
            await page.close()

    async def run(self) -> dict[str, Any]:
        """Everything; gives what was found."""
        args = self.args
        servers = Servers()
        self.chrome = await Chrome().start(args.chromium)
        runner, origin = await site(Path(args.dist), 20_000_000, servers.origins)
        load = psutil.getloadavg()
        try:
            cases, lives = await self.cases(servers)
            large = [c for c in cases if c.tasks > LARGE]
            small = [c for c in cases if c.tasks <= LARGE]
            for number in range(args.rounds):
                for case in small if number % 2 == 0 else small[::-1]:
                    await self.once(case, origin)
                for live in lives:
                    url = await servers.start("replay.py", tasks=live.rate * live.seconds, lanes=live.lanes,
                                              live=live.rate, port=0)  # fmt: skip
                    found = await self.attempt(f"live {live.rate}/s", self.flood(live, url, origin))
                    if found:
                        live.rounds.append(found)
                    servers.stop(len(servers.children) - 1)
            for number in range(min(args.rounds, 2) if not args.quick else 1):
                for case in large:
                    await self.once(case, origin)
        finally:
            servers.stop()
            await self.chrome.close()
            await runner.cleanup()
        return {
            "cases": [vars(c) for c in cases],
            "live": [vars(it) for it in lives],
            "machine": report.machine(self.chrome.version) | {"load_before": load[0]},
            "rounds": args.rounds,
            "quick": args.quick,
        }

    async def once(self, case: Case, origin: str) -> None:
        """One case, once; a failure is said and the others go on."""
        found = await self.attempt(f"{case.page} {case.tasks}", self.visit(case, origin))
        if found:
            case.rounds.append(found)

    async def attempt(self, name: str, work: Any) -> dict[str, float] | None:
        """Runs a measurement; says in a line how it went."""
        begin = time.monotonic()
        try:
            found = await work
        except (RuntimeError, TimeoutError, OSError) as error:
            print(f"    {name}: no figures ({type(error).__name__}: {error})", flush=True)
            return None
        kept = ("first", "pan_fps", "pan_cpu", "pan_cost50", "zoom_fps", "zoom_cpu", "hover50", "lost", "own50", "own95", "rss_mb")
        said = ", ".join(f"{k} {found[k]:.4g}" for k in kept if k in found)
        print(f"    {name}: {said} ({time.monotonic() - begin:.0f} s)", flush=True)
        return found

    async def cases(self, servers: Servers) -> tuple[list[Case], list[Live]]:
        """What to measure, with servers started."""
        args = self.args
        wanted = args.only.split(",") if args.only else ["floor", "1k", "10k", "100k", "1M", "10M", "live"]
        if args.quick and not args.only:
            wanted = ["floor", "1k", "10k", "live"]
        # 64 lanes fill the window in both pages; what is compared with Dask has as many.
        sizes = {"1k": (1_000, 64), "10k": (10_000, 64), "100k": (100_000, 64), "1M": (1_000_000, 1000),
                 "10M": (10_000_000, 1000)}  # fmt: skip
        cases: list[Case] = []
        if "floor" in wanted or not args.only:
            cases.append(Case("floor", 0, 0))
        for name, (tasks, lanes) in sizes.items():
            if name not in wanted:
                continue
            rate = tasks / 600
            url = await servers.start("replay.py", tasks=tasks, lanes=lanes, rate=rate, port=0)
            cases.append(Case("Daskscope", tasks, lanes, url))
            if tasks <= LARGE:
                url = await servers.start("scheduler.py", tasks=tasks, lanes=lanes, rate=rate)
                cases.append(Case("Dask", tasks, lanes, url))
        lives = []
        if "live" in wanted:
            lives.append(Live(20_000, 10 if args.quick else 60, 64))
        return cases, lives


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of them do not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def clock_ahead(page: Page) -> float:
    """By how much a trace's clock is ahead of the page's, ms. From the quickest of some answers, which took a
    millisecond or less."""
    tries = []
    for _ in range(20):
        before = time.monotonic()
        now = await page.eval("performance.now()")
        after = time.monotonic()
        tries.append((after - before, (before + after) * 500 - now))
    return min(tries)[1]


def shown(pairs: list[list[float]], events: list[dict], ahead: float) -> dict[str, float]:
    """From a move of the pointer to the end of the frame that has the new words: ms."""
    drawn = sorted(e["ts"] / 1000 for e in events if e.get("name") == "DrawFrame")
    late = []
    for ms, _, at in pairs:
        after = next((ts for ts in drawn if ts >= at + ahead), None)
        if after is not None:
            late.append(after - ahead - at + ms)
    return {"shown50": quantile(late, 0.5), "shown95": quantile(late, 0.95)}


def answers(pairs: list[list[float]], moves: int) -> dict[str, float]:
    """How soon the pointer was answered, and how many of its moves were not before the next one."""
    return {
        "hover50": quantile([ms for ms, *_ in pairs], 0.5),
        "hover95": quantile([ms for ms, *_ in pairs], 0.95),
        "hover_frames95": quantile([frames for _, frames, *_ in pairs], 0.95),
        "hover_within": statistics.mean([frames <= 1 for _, frames, *_ in pairs]) * 100 if pairs else float("nan"),
        "hover_count": len(pairs),
        "hover_silent": (1 - len(pairs) / moves) * 100 if moves else float("nan"),
    }


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of the small cases, written nowhere")
    parser.add_argument("--only", default="", help="some of floor,1k,10k,100k,1M,10M,live")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--dist", default=os.environ.get("DASKSCOPE_DIST", "dist"))
    parser.add_argument("--chromium", default=os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--json", default="", help="where to put all figures")
    parser.add_argument("--shots", default="", help="a folder for pictures")
    parser.add_argument("--profile", action="store_true", help="say what the time of a frame goes to")
    parser.add_argument("--write", default="", help="the document to write the tables into")
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.quick else 3)
    found = asyncio.run(Bench(args).run())
    if args.json:
        Path(args.json).write_text(json.dumps(found, indent=1))
    tables = report.tables(found)
    print(tables)
    if args.write and not args.quick and not args.only:
        report.write(Path(args.write), tables, found)
        print(f"written: {args.write}")


if __name__ == "__main__":
    main()
