"""What it costs to open a page, and to leave it open: parts of `cargo xtask bench scale`.

*Opening* watches schedulers that hold a history, *following* one where 2000 tasks end each second. Each figure of ours
stands beside Dask's own in the same run. All of them are CPU time, so that other programs change them little.
"""

from __future__ import annotations

import asyncio

import psutil
from chrome import Chrome, Page
from run import WATCH, Servers

Rounds = dict[str, list[dict[str, float]]]
# The history that is loaded without being asked for, and one that a person has to ask for.
HELD = {"10k": 10_000, "100k": 100_000}
OURS, TASKS, STATUS = "Daskscope", "Dask's /tasks", "Dask's /status"
# Tasks a second in the part where tasks come, and over how many threads.
RATE, LANES = 2000, 64
# After so many seconds a page that follows shows as much time as it will (30 s): until then it zooms out.
GROWN = 34
# After so many seconds the server has thrown away what a closed page has left.
LEAVING = 34
HISTORY = "[...document.querySelectorAll('button')].find(it => it.textContent.includes('whole history'))"


def cpu(process: psutil.Process) -> float:
    """Seconds of a core that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


async def turn(process: psutil.Process, seconds: float) -> float:
    """What a process uses, % of a core."""
    before = cpu(process)
    await asyncio.sleep(seconds)
    return 100 * (cpu(process) - before) / seconds


async def opening(chrome: Chrome, parts: Servers, origin: str, rounds: int, seconds: float) -> Rounds:
    """Opens each page on a scheduler of its own, so that what one leaves behind does not count for the other."""
    pages = {}
    for size, tasks in HELD.items():
        for name in (OURS, TASKS):
            url = await parts.start("scheduler.py", tasks=tasks, lanes=LANES, rate=200)
            process = psutil.Process(parts.children[-1].pid)
            ours = f"{origin}/index.html#/panel/task-stream?url={url}"
            pages[f"{size}, {name}"] = (process, ours if name == OURS else f"{url}/tasks", tasks)
    found: Rounds = {name: [] for name in pages}
    left: dict[str, asyncio.Task] = {}

    async def leaving(name: str, it: dict[str, float]) -> None:
        """Sessions that were left are thrown away by the server, 15 to 32 s later."""
        process = pages[name][0]
        before = cpu(process)
        await asyncio.sleep(LEAVING)
        it["leaving"] = cpu(process) - before - it["idle"] / 100 * LEAVING

    for _ in range(rounds):
        for name, (process, url, tasks) in pages.items():
            if name in left:
                await left[name]
            idle = await turn(process, 2)
            page = await chrome.page(WATCH)
            before, begin = cpu(process), asyncio.get_running_loop().time()
            await page.call("Page.navigate", url=url)
            await ready(page, OURS in name)
            if OURS in name:
                await held(page, tasks)
            await asyncio.sleep(seconds)
            passed = asyncio.get_running_loop().time() - begin
            it = {"opening": cpu(process) - before - idle / 100 * passed, "idle": idle}
            it["kB"] = await page.eval("bench.bytes") / 1e3
            await page.close()
            left[name] = asyncio.create_task(leaving(name, it))
            found[name].append(it)
            print(f"    opening, {name}: " + ", ".join(f"{k} {v:.4g}" for k, v in it.items()), flush=True)
    await asyncio.gather(*left.values())
    parts.stop(len(parts.children) - len(pages))
    return found


async def ready(page: Page, ours: bool) -> None:
    """Waits until a page shows something, however slow the machine is."""
    if ours:
        await page.until("window.daskscope?.stats", 60, "app")
    else:
        await page.until("window.Bokeh?.documents[0]?.is_idle", 120, "picture")


async def held(page: Page, tasks: int) -> None:
    """Waits until all tasks are held; asks for the long history where a person has to."""
    there = f"daskscope.stats().then(it => it.tasks >= {tasks})"
    await page.until(f"{there}.then(yes => yes || !!{HISTORY})", 60, "task or question")
    if not await page.eval(there) and await page.eval(f"!!{HISTORY}"):
        await page.eval(f"{HISTORY}.click()")
    await page.until(there, 120, "history")


async def following(chrome: Chrome, parts: Servers, origin: str, rounds: int, seconds: float) -> Rounds:
    """What the browser uses while tasks come, and the frames that it draws."""
    url = await parts.start("scheduler.py", "--live", tasks=1_500_000, lanes=LANES, rate=RATE)
    # The recorder holds more than Dask shows.
    await asyncio.sleep(5)
    pages = {
        OURS: f"{origin}/index.html#/panel/task-stream?url={url}",
        f"{OURS}, pointer moving": f"{origin}/index.html#/panel/task-stream?url={url}",
        STATUS: f"{url}/status",
    }
    found: Rounds = {name: [] for name in pages}
    for number in range(rounds):
        for name in list(pages) if number % 2 == 0 else list(pages)[::-1]:
            page = await chrome.page(WATCH)
            await page.call("Page.navigate", url=pages[name])
            await ready(page, OURS in name)
            await asyncio.sleep(GROWN)
            found[name].append(await used(chrome, page, seconds, "moving" in name))
            await page.close()
            await asyncio.sleep(2)
            print(f"    following, {name}: " + ", ".join(f"{k} {v:.4g}" for k, v in found[name][-1].items()), flush=True)
    parts.stop(len(parts.children) - 1)
    return found


async def used(chrome: Chrome, page: Page, seconds: float, moving: bool = False) -> dict[str, float]:
    """What the browser uses for a while, % of a core; then, for two seconds, the frames that it draws."""
    # The main thread's own time: not what other programs took from it.
    await page.call("Performance.disable")
    await page.call("Performance.enable", timeDomain="threadTicks")
    wait = (lambda s: page.paced(s, lambda t: page.mouse("mouseMoved", 500 + (t * 400) % 600, 300), 60)) if moving else asyncio.sleep
    busy, all_of_it = await page.busy_ms(), chrome.cpu_ms()
    await wait(seconds)
    it = {
        "busy": (await page.busy_ms() - busy) / seconds / 10,
        "browser": (chrome.cpu_ms() - all_of_it) / seconds / 10,
    }
    await page.trace()
    await wait(2)
    drawn = [e for e in await page.end_trace() if e.get("name") == "DrawFrame"]
    layers: dict[tuple[int, int], int] = {}
    for e in drawn:
        at = (e["pid"], e["args"].get("layerTreeId", 0))
        layers[at] = layers.get(at, 0) + 1
    it["frames"] = max(layers.values(), default=0) / 2
    return it
