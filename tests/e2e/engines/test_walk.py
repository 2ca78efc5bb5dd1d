"""One short walk in each browser engine: what a person does in the first ten minutes, on a real gateway and scheduler."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import procs, truth
from harness.front import Site
from harness.gateway import Gateway
from webdriver import Engine, Window, engines

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
# Pane → what must be in it, one for each kind of picture; a canvas must be painted.
PANES = {
    "cpu": "[role=row] svg",
    "groups": "[role=row] svg",
    "scheduler": "canvas",
    "memory-heat": "canvas",
    "profile": "canvas",
    "graph": "canvas",
    "fine-metrics": "[role=row] svg",
    "group-progress": "canvas",
    "logs": "[role=log] > *",
    "advice": "p, li",
    "dask:status": "iframe",
}
LEFT = 112  # of the task stream: the names of workers
# How many colours are in the first canvas that fits; -1 where it has no size.
COLOURS = """
const canvas = document.querySelector(args[0]), { width, height } = canvas;
if (!width || !height) return -1;
const bytes = canvas.getContext('2d').getImageData(0, 0, width, height).data, seen = new Set();
for (let at = 0; at < bytes.length; at += 4) seen.add(bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2]);
return seen.size;
"""
SCROLL = "document.querySelector(args[0]).scrollIntoView({ block: 'center' })"
# Errors of the page, and where the program stopped.
LISTEN = """
window.walked = [];
addEventListener('error', event => walked.push(event.message));
addEventListener('unhandledrejection', event => walked.push(String(event.reason)));
"""


def id(name: str) -> str:  # noqa: A001
    """The selector of an element by the name that it promises."""
    return f'[data-testid="{name}"]'


@pytest.fixture(scope="module")
def screen(nothing_left: None) -> Iterator[str]:
    """A screen that nobody sees, for the engine that needs one."""
    program = os.environ.get("DASKSCOPE_XVFB") or shutil.which("Xvfb")
    if not program:
        yield ""
        return
    read, write = os.pipe()
    flags = ["-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    process = procs.start([program, *flags], "screen", pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as said:
        number = said.readline().strip()
    assert number, "Xvfb did not start: see artifacts/logs/screen.log"
    yield f":{number}"
    procs.stop(process)


@pytest.fixture
def new_window(request: pytest.FixtureRequest, site: Site, screen: str) -> Iterator[Callable[..., Window]]:
    """Opens windows with the app; when the test fails, a picture of each is kept."""
    made: list[Window] = []

    def make(engine: Engine, user: str) -> Window:
        window = Window(engine, f"{engine.name}-{len(made)}", DISPLAY=screen)
        made.append(window)
        window.go(f"{site.url}/#/connect?gateway=/gateway&auth=basic")
        window.js(LISTEN)
        window.fill(id("username"), user)
        window.click(id("connect-submit"))
        window.element(f"{id('new-cluster')}, {id('options-form')}")
        return window

    yield make
    broken = getattr(request.node, "report_call", None) and request.node.report_call.failed
    for number, window in enumerate(made):
        if broken or os.environ.get("DASKSCOPE_PICTURES"):
            window.picture(ARTIFACTS / f"walk-{window.engine.name}-{number}.png")
        window.close()


def listed(name: str) -> str:
    """The row of a cluster."""
    return id(f"cluster-row-{name}")


def at_work(window: Window, name: str) -> None:
    """Goes to the page of a cluster and waits until it is watched."""
    window.js("location.hash = args[0]", f"/clusters/{name}")
    window.until(id("cluster-status"), "@data-status", "RUNNING", 60)
    window.until(id("feed-status"), "@data-state", "live", 60)


def painted(window: Window, css: str) -> None:
    """Waits until there is a picture on a canvas."""
    window.element(css)
    procs.until(lambda: window.js(COLOURS, css) > 2, 30, f"picture on {css} in {window.engine.name}")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
def test_walk(
    engine: Engine, new_window: Callable, site: Site, user: str, gateway: Gateway, new_notebook: Callable, subtests,
) -> None:  # fmt: skip
    missing = [name for name, which in zip(engine.needs, (0, 1), strict=True) if not engine.program(which)]
    if missing:
        pytest.skip(f"{engine.name} is not installed ({' and '.join(missing)} not set): cargo xtask test engines does it")
    step = subtests.test

    one, two = new_window(engine, user), new_window(engine, user)
    print(f"{engine.name}: {one.version}")
    with step("options and create"):
        if not one.shown(id("options-form")):
            one.click(id("new-cluster"))
        one.choose(id("option-profile"), "Medium Worker")
        one.fill(id("option-worker_memory"), "0.5")
        one.click(id("create-cluster"))
    (name,) = procs.until(lambda: gateway.clusters(user), 20, "new cluster on the server")
    chosen = gateway.clusters(user)[name]["options"]
    assert (chosen["profile"], chosen["worker_memory"]) == ("Medium Worker", 0.5), chosen
    with step("a cluster made in one window appears in the other"):
        two.element(listed(name), 40)
    at_work(one, name)
    with step("scale"):
        if not one.shown(id("scale-count")):
            one.click(id("scale-open"))
        one.fill(id("scale-count"), "2")
        one.click(id("scale-apply"))
        one.until(id("workers-arrived"), "innerText", "2", 60)

    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=2)
    rows = notebook.do("mixed", nonce="walk")["rows"]
    with step("stream: what the scheduler ran, and a picture of it"):
        ours: Callable[[], list[dict]] = lambda: one.js("return await daskscope.tasks({})")  # noqa: E731
        differs = lambda: truth.compare(truth.only(ours(), truth.keys(rows)), rows)  # noqa: E731
        procs.until(lambda: not differs(), 40, "all rows")
        one.press("Escape")
        one.press("0")
        one.js("await daskscope.idle()")
        painted(one, f"{id('task-stream')} canvas")
    box = one.box(id("task-stream"))
    x, y = box["x"] + LEFT + (box["w"] - LEFT) / 2, box["y"] + 48
    span = lambda: one.js("const v = await daskscope.view(); return v.to - v.from")  # noqa: E731
    with step("zoom by wheel, and back"):
        whole = span()
        one.wheel(x, y, -300)
        procs.until(lambda: span() < 0.8 * whole, 10, "a narrower view")
        one.press("0")
        procs.until(lambda: span() > 0.95 * whole, 10, "the whole view")
        one.js("await daskscope.idle()")
    with step("a card for the task under the pointer"):
        shares = sorted((n / 40 for n in range(1, 40)), key=lambda share: abs(share - 0.5))
        for share in shares:
            one.point(box["x"] + LEFT + (box["w"] - LEFT - 8) * share, y)
            if one.count(id("task-card")):
                break
        assert one.count(id("task-card")), "no task under the pointer"
        one.point(2, 2)
    with step("search"):
        one.fill(id("stream-filter"), "action:transfer")
        meant = sum(row["action"] == "transfer" for row in rows)
        assert meant
        one.until(id("stream-matches"), "@data-count", str(meant))
        one.press("Enter")
        one.until(id("stream-matches"), "innerText", lambda text: text and re.match(r"\d+: ", text))
        one.press("Escape")
        one.until(id("stream-filter"), "value", "")
    with step("an area in numbers"):
        one.press("Escape")
        one.press("0")
        one.js("await daskscope.idle()")
        one.drag((box["x"] + LEFT + 1, box["y"] + 44), (box["x"] + box["w"] - 10, box["y"] + box["h"] - 60), "Shift")
        one.until(id("selection-sum"), "@data-count", str(len(ours())))
        one.press("Escape")
        procs.until(lambda: not one.shown(id("selection-panel")), 10, "end of the selection")
    with step("keyboard"):
        one.js("document.querySelector(args[0]).focus()", id("task-stream"))
        one.press("j")
        one.until(id("stream-row"), "innerText", lambda text: (text or "").startswith("Row 1 of "))
        one.press("]")
        one.until(id("stream-row"), "innerText", lambda text: (text or "").startswith("Task "))
        one.press("Enter")
        one.until(id("task-details"), "innerText", lambda text: text and "compute" in text or "transfer" in (text or ""))
        one.press("Escape")
        procs.until(lambda: not one.shown(id("task-details")), 10, "end of the details")
        one.press("Tab")
        assert one.js("return document.activeElement.dataset.testid") != "task-stream", "Tab goes on from the stream"
    with step("copy"):
        copy = ".snippet button"
        # The word stands there for a moment only.
        one.js(
            """const button = document.querySelector(args[0]); window.said = [];
            new MutationObserver(() => said.push(button.innerText.trim())).observe(button, { subtree: true, childList: true, characterData: true });""",
            copy,
        )  # fmt: skip
        one.click(copy)
        procs.until(lambda: one.js("return said.length"), 10, "word about the copy")
        assert one.js("return said[0]") == "Copied"
        one.fill(id("stream-filter"), "-")
        one.press("Control+a")
        one.press("Control+v")
        one.until(id("stream-filter"), "value", lambda text: name in (text or ""), 10)
        one.press("Escape")
        one.until(id("stream-filter"), "value", "")
    one.click(id("pane-add"))
    for pane in PANES:
        one.click(id(f"pane-add-{pane}"))
    one.press("Escape")
    # Dask remembers what a page shows over time from when the page is opened: so this one is in sight before the work.
    one.js(SCROLL, id("pane-group-progress"))
    procs.until(lambda: site.sockets("individual-group-progress"), 30, "socket of the pane")
    notebook.do("spend", nonce="walk", count=16)
    # Kept, since a graph shows what the scheduler still knows.
    notebook.do("hold", nonce="walk", count=20)
    for pane, inside in PANES.items():
        with step(f"pane {pane}"):
            css = ", ".join(f"{id(f'pane-{pane}')} {one_of}" for one_of in inside.split(", "))
            one.js(SCROLL, id(f"pane-{pane}"))
            one.element(css, 30)
            if inside == "canvas":
                painted(one, css)
    print(f"  frames: {one.js('return JSON.stringify((await daskscope.stats()).frame)')}")
    notebook.close()
    with step("shut down in one window is seen in the other"):
        one.js("location.hash = '/clusters'")
        at_work(two, name)
        two.click(id("shutdown"))
        two.click(id("shutdown-confirm"))
        procs.until(lambda: gateway.status(user, name) == "STOPPED", 60, "end of the cluster")
        one.until(listed(name), "@data-status", "STOPPED", 60)
    for window in (one, two):
        assert window.js("return walked") == [], "errors in the page"
