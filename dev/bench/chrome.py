"""Chromium by its own protocol: pages in fresh profiles, input at a steady pace, traces, what its processes used."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil

WIDTH, HEIGHT = 1600, 900
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--mute-audio", "--hide-scrollbars",
    "--remote-debugging-port=0", f"--window-size={WIDTH},{HEIGHT}",
]  # fmt: skip
# Frames that were really drawn, and all that the main thread did for them.
TRACED = ["devtools.timeline.frame", "disabled-by-default-devtools.timeline.frame",
          "disabled-by-default-devtools.timeline", "__metadata"]  # fmt: skip


class Chrome:
    """One browser."""

    def __init__(self) -> None:
        self.ids = itertools.count(1)
        self.waiting: dict[int, asyncio.Future] = {}
        self.heard: dict[tuple[str, str], Callable[[dict], None]] = {}

    async def start(self, program: str) -> Chrome:
        """Starts it."""
        self.folder = Path(tempfile.mkdtemp(prefix="daskscope-bench-"))
        command = [program, *FLAGS, f"--user-data-dir={self.folder}", "about:blank"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        told = self.folder / "DevToolsActivePort"
        for _ in range(300):
            if told.exists() and len(told.read_text().split()) == 2:
                break
            await asyncio.sleep(0.1)
        port, path = told.read_text().split()
        self.http = aiohttp.ClientSession()
        self.ws = await self.http.ws_connect(f"http://127.0.0.1:{port}{path}", max_msg_size=0)
        self.reader = asyncio.create_task(self._read())
        self.version = (await self.call("Browser.getVersion"))["product"]
        return self

    async def _read(self) -> None:
        async for message in self.ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            it = json.loads(message.data)
            if "id" in it:
                future = self.waiting.pop(it["id"], None)
                if future and not future.done():
                    future.set_result(it)
            elif hear := self.heard.get((it.get("sessionId", ""), it["method"])):
                hear(it["params"])

    async def post(self, method: str, session: str = "", **params: Any) -> asyncio.Future:
        """Sends a command; its answer is the future's."""
        number = next(self.ids)
        self.waiting[number] = asyncio.get_running_loop().create_future()
        said = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        future = self.waiting[number]
        await self.ws.send_str(json.dumps(said))
        return future

    async def call(self, method: str, session: str = "", timeout: float = 120, **params: Any) -> dict:
        """Sends a command and waits for its answer."""
        answer = await asyncio.wait_for(await self.post(method, session, **params), timeout)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    async def page(self, script: str) -> Page:
        """An empty page in a profile of its own, which runs `script` before any of the page's own."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context)
        session = (await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True))["sessionId"]
        page = Page(self, context, session)
        for domain in ("Page", "Performance", "Runtime"):
            await page.call(f"{domain}.enable")
        await page.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=script)
        return page

    def processes(self) -> list[psutil.Process]:
        """All of its processes."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def cpu_ms(self) -> float:
        """What all of its processes have used since they began, ms."""
        total = 0.0
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total * 1000

    def rss_mb(self) -> float:
        """The largest renderer's resident memory, MB."""
        sizes = [0.0]
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if "--type=renderer" in process.cmdline():
                    sizes.append(process.memory_info().rss / 1e6)
        return max(sizes)

    async def close(self) -> None:
        """Ends it."""
        with contextlib.suppress(Exception):
            await self.call("Browser.close", timeout=10)
        self.reader.cancel()
        await self.http.close()
        try:
            await asyncio.to_thread(self.process.wait, 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    """One page."""

    def __init__(self, chrome: Chrome, context: str, session: str) -> None:
        self.chrome, self.context, self.session = chrome, context, session
        self.traced: list[dict] = []

    async def call(self, method: str, **params: Any) -> dict:
        """A command to this page."""
        return await self.chrome.call(method, self.session, **params)

    async def eval(self, code: str) -> Any:
        """The value of an expression, or of the promise that it is."""
        answer = await self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            it = answer["exceptionDetails"]
            raise RuntimeError(it.get("exception", {}).get("description") or it["text"])
        return answer["result"].get("value")

    async def until(self, code: str, timeout: float, what: str) -> Any:
        """Waits until an expression is true."""
        limit = time.monotonic() + timeout
        while not (value := await self.eval(code)):
            if time.monotonic() > limit:
                raise TimeoutError(f"no {what} within {timeout:g} s")
            await asyncio.sleep(0.05)
        return value

    async def busy_ms(self) -> float:
        """Wall time that the main thread has spent in tasks, ms."""
        metrics = (await self.call("Performance.getMetrics"))["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    async def heap_mb(self) -> float:
        """Live JavaScript heap (without WebAssembly's memory and without arrays), MB."""
        await self.call("HeapProfiler.collectGarbage")
        return (await self.call("Runtime.getHeapUsage"))["usedSize"] / 1e6

    async def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Sends a mouse event and does not wait for the page to take it."""
        await self.chrome.post("Input.dispatchMouseEvent", self.session, type=kind, x=x, y=y, **more)

    async def paced(self, seconds: float, step: Callable[[float], Any], rate: float = 60) -> None:
        """Calls `step(t)` at `rate` a second, however slow the page is."""
        begin = time.monotonic()
        for n in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, begin + n / rate - time.monotonic()))
            await step(n / rate)

    async def trace(self, more: bool = False) -> None:
        """Begins a trace, with `more` of what it tells of scripts, style and paint."""
        self.traced = []
        done = self.traced
        self.chrome.heard[self.session, "Tracing.dataCollected"] = lambda said: done.extend(said["value"])
        self.ended = asyncio.get_running_loop().create_future()
        self.chrome.heard[self.session, "Tracing.tracingComplete"] = lambda said: self.ended.set_result(said)
        config = {"includedCategories": TRACED + (["devtools.timeline", "cc", "viz"] if more else []), "excludedCategories": ["*"]}
        await self.call("Tracing.start", transferMode="ReportEvents", traceConfig=config)

    async def end_trace(self) -> list[dict]:
        """Ends it; gives its events."""
        await self.call("Tracing.end")
        await asyncio.wait_for(self.ended, 120)
        return self.traced

    async def close(self) -> None:
        """Closes the page and forgets its profile."""
        await self.chrome.call("Target.disposeBrowserContext", browserContextId=self.context)


def frames_of(events: list[dict], begin: float, end: float) -> tuple[list[float], list[float]]:
    """From a trace: the gaps between frames that were drawn, and the main thread's work for each, both ms.

    Only of the time between `begin` and `end` (`time.monotonic()`, which is a trace's clock on Linux).
    """
    drawn: dict[tuple[int, int], list[int]] = {}
    for e in events:
        if e.get("name") == "DrawFrame" and begin <= e["ts"] / 1e6 <= end:
            drawn.setdefault((e["pid"], e["args"].get("layerTreeId", 0)), []).append(e["ts"])
    if not drawn:
        return [], []
    (pid, _), times = max(drawn.items(), key=lambda item: len(item[1]))
    times.sort()
    mains = {e["tid"] for e in events if e.get("name") == "thread_name" and e["pid"] == pid
             and e["args"].get("name") == "CrRendererMain"}  # fmt: skip
    # The thread's own time where the trace has it: not what other processes took from it.
    work = sorted((e["ts"], e.get("tdur", e.get("dur", 0))) for e in events
                  if e.get("name") == "RunTask" and e["pid"] == pid and e["tid"] in mains)  # fmt: skip
    gaps = [(b - a) / 1000 for a, b in itertools.pairwise(times)]
    costs, at = [], 0
    for a, b in itertools.pairwise(times):
        while at < len(work) and work[at][0] < a:
            at += 1
        cost = 0
        while at < len(work) and work[at][0] < b:
            cost += work[at][1]
            at += 1
        costs.append(cost / 1000)
    return gaps, costs
