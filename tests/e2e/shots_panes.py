"""Pictures of every pane beside Dask's own page: `python tests/e2e/shots_panes.py FOLDER [--only TEXT]`.

A scheduler with three workers under a varied workload. For each pane of `docs/panes.md` that is drawn natively there is a picture dark and light, one of the
page that it stands for, and all three beside each other (`<pane>-sheet.png`). Then boards with the ready layouts, the library, a menu, and one pane maximised.
`DASKSCOPE_DIST` is the built app.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from conftest import FLAGS  # noqa: E402
from harness import procs  # noqa: E402
from harness.front import Loop, Site  # noqa: E402
from harness.notebook import Notebook  # noqa: E402
from harness.pages import App  # noqa: E402
from harness.schedulers import Scheduler  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from test_pages import rows  # noqa: E402

ROOT = Path(__file__).parents[2]
ALONE = {"width": 900, "height": 560}
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 380, "height": 800}}
LAYOUTS = ("Run", "Memory", "Communication", "Scheduler")
# Results on every worker, more on one than it may keep in memory, transfers between all, failures, and a graph that waits.
FILL = """
from distributed import Event, default_client, wait
client = default_client()
places = list(client.scheduler_info(n_workers=-1)["workers"])
kept = [client.submit(lambda n: bytes(n), 60_000_000, workers=[a], pure=False, key=f"part-{i}") for i, a in enumerate(places)]
kept += [client.submit(len, there, workers=[a], pure=False, key=f"look-{i}-{j}") for j, there in enumerate(kept) for i, a in enumerate(places)]
kept += [client.submit(lambda i: bytes(70_000_000), i, workers=places[:1], key=f"heavy-{i}") for i in range(12)]
wait(kept)
def leaf(i):
    return i
def gated(x):
    Event("gate").wait()
    return x + 1
def fails(x):
    raise ValueError(f"no result for {x}")
leaves = [client.submit(leaf, i, key=f"leaf-{i}") for i in range(9)]
middles = [client.submit(gated, one, key=f"gated-{i}", workers=places[1:2]) for i, one in enumerate(leaves)]
top = client.submit(sum, middles, key="top-of-it")
bad = [client.submit(fails, one, key=f"fails-{i}") for i, one in enumerate(leaves[:4])]
wait(bad)
"""
OPEN = """
from distributed import Event
Event("gate").set()
"""
# Sums across workers over and over, nothing of them kept: a graph of tens of thousands would be all that the scheduler does.
WORK = """
import time
import dask.array as da
end = time.monotonic() + 3600
while time.monotonic() < end:
    array = da.random.random((2000, 2000), chunks=(250, 250))
    (array + array.T)[::2, 600:].mean(axis=1).compute()
    time.sleep(0.2)
"""


def pages_of_panes() -> dict[str, str]:
    """Pane → the page of Dask's that it stands for: the first of the table that names it first, else that names it at all."""
    found: dict[str, str] = {}
    later: dict[str, str] = {}
    for page, (how, words) in rows().items():
        if how == "native":
            for at, pane in enumerate(re.findall(r"`([a-z-]+)`", words)):
                (later if at else found).setdefault(pane, page)
    return later | found | {"advice": "/status", "logs": "/info/main/logs.html", "call-stacks": "/info/main/workers.html"}


def measured(app: App) -> None:
    """The workers measure once they are asked to."""
    app.id("pane-ask").click()
    app.id("pane-hardware").locator("[role=row]", has_text="MiB").first.wait_for(timeout=120_000)


def advised(app: App) -> None:
    """Advice comes when what it is of has lasted a while."""
    app.id("pane-advice").locator(".badge").wait_for(timeout=60_000)


READY: dict[str, Callable[[App], None]] = {"hardware": measured, "advice": advised}


class Camera:
    """A browser's tab in one scheme, and the folder for its pictures."""

    def __init__(self, browser: Browser, site: Site, folder: Path, size: dict[str, int], scheme: str) -> None:
        self.app = App(browser.new_context(viewport=size, color_scheme=scheme).new_page(), site)
        self.folder = folder

    def take(self, name: str, moment: int = 900) -> str:
        """One picture, when what moves has had a moment."""
        self.app.page.wait_for_timeout(moment)
        self.app.page.screenshot(path=self.folder / f"{name}.png")
        print(name, flush=True)
        return f"{name}.png"


def sheet(page: Page, folder: Path, name: str, pictures: list[str]) -> None:
    """Pictures beside each other in one."""
    page.set_viewport_size({"width": 900 * len(pictures), "height": 560})
    images = "".join(f'<img src="{one}" style="width:900px;height:560px;display:block">' for one in pictures)
    (folder / "sheet.html").write_text(f'<body style="margin:0;display:flex">{images}')
    page.goto((folder / "sheet.html").resolve().as_uri())
    page.screenshot(path=folder / f"{name}-sheet.png")
    (folder / "sheet.html").unlink()


def alone(browser: Browser, site: Site, url: str, folder: Path, wanted: Callable[[str], bool]) -> None:
    """Every pane alone, dark and light, and beside it what Dask shows."""
    cameras = {scheme: Camera(browser, site, folder, ALONE, scheme) for scheme in ("dark", "light")}
    other = browser.new_page(viewport=ALONE)
    paper = browser.new_page()
    for pane, page in pages_of_panes().items():
        if not wanted(pane):
            continue
        other.goto(url + page)
        pictures = []
        for scheme, camera in cameras.items():
            camera.app.open(f"/panel/{pane}", url=url)
            camera.app.live()
            if pane in READY:
                READY[pane](camera.app)
            pictures.append(camera.take(f"{pane}-{scheme}", 2500 if scheme == "dark" else 1200))
            if scheme == "dark":
                other.screenshot(path=folder / f"{pane}-dask.png")
                other.goto("about:blank")  # some of these pages are most of what a scheduler does
        sheet(paper, folder, pane, [*pictures, f"{pane}-dask.png"])


def boards(browser: Browser, site: Site, url: str, folder: Path, wanted: Callable[[str], bool]) -> None:
    """The ready layouts, the library, a menu, a pane maximised."""
    for size, room in SIZES.items():
        for scheme in ("dark", "light"):
            tail = f"{size}-{scheme}"
            if not wanted(f"board-{tail}"):
                continue
            camera = Camera(browser, site, folder, room, scheme)
            app, page = camera.app, camera.app.page
            app.open("/scheduler", url=url)
            app.live()
            for name in LAYOUTS:
                app.id("layout-choose").select_option(name)
                camera.take(f"board-{name}-{tail}", 2500)
            app.id("layout-choose").select_option("Memory")
            app.id("pane-add").click()
            camera.take(f"board-library-{tail}")
            page.keyboard.press("Escape")
            app.id("pane-menu-memory").click()
            camera.take(f"board-menu-{tail}")
            app.id("pane-maximise").click()
            camera.take(f"board-most-{tail}")


def main() -> None:
    """Starts everything, takes the pictures, ends everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only what has one of these words in its name, with commas between: cpu,board-phone")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    procs.work_dir = Path(tempfile.mkdtemp(prefix="daskscope-shots-"))
    loop = Loop()
    site = Site(loop, Path(os.environ.get("DASKSCOPE_DIST") or ROOT / "dist"), "http://127.0.0.1:9")
    scheduler = Scheduler("new", workers=3, threads=2)
    notebooks = [Notebook(sys.executable) for _ in range(2)]

    def wanted(name: str) -> bool:
        return any(word in name for word in args.only.split(","))

    try:
        for notebook in notebooks:
            notebook.do("connect", address=scheduler.address)
        first, second = notebooks
        first.do("workers", count=3)
        first.do("mixed", nonce="p")
        first.do("spend", nonce="p")
        first.do("snippet", code=FILL)
        second.begin("snippet", code=WORK)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
            )
            alone(browser, site, scheduler.url, args.folder, lambda pane: pane != "hardware" and wanted(pane))
            boards(browser, site, scheduler.url, args.folder, wanted)
            if wanted("hardware"):
                # A worker measures in a thread for tasks: none is free where tasks wait for the gate.
                first.do("snippet", code=OPEN)
                alone(browser, site, scheduler.url, args.folder, lambda pane: pane == "hardware")
            browser.close()
    finally:
        for notebook in notebooks:
            notebook.process.kill()
        site.close()
        scheduler.stop()
        loop.close()
        procs.end(list(procs.marked()))
        shutil.rmtree(procs.work_dir, ignore_errors=True)


if __name__ == "__main__":
    main()
