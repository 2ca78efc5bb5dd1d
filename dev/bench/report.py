"""Tables of what was measured: medians of the rounds, ratios, and where the goals stand."""

from __future__ import annotations

import math
import os
import platform
import re
import statistics
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- measured: `cargo xtask bench` writes this -->", "<!-- end of what was measured -->"


def machine(browser: str) -> dict[str, Any]:
    """What the figures depend on. No names."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "browser": browser,
        "versions": f"distributed {version('distributed')}, bokeh {version('bokeh')}, Python {platform.python_version()}",
    }


def count(n: float) -> str:
    """1k, 10k, 1M."""
    return f"{n / 1e6:g}M" if n >= 1e6 else f"{n / 1e3:g}k" if n >= 1e3 else f"{n:g}"


def number(value: float | None) -> str:
    """Three digits, or a dash."""
    if value is None or math.isnan(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def median(rounds: list[dict[str, float]], name: str) -> float | None:
    """The median of one figure."""
    values = [it[name] for it in rounds if name in it and not math.isnan(it[name])]
    return statistics.median(values) if values else None


def cell(rounds: list[dict[str, float]], name: str) -> str:
    """The median, and the range where there were several rounds."""
    values = [it[name] for it in rounds if name in it and not math.isnan(it[name])]
    if not values:
        return "–"
    middle = number(statistics.median(values))
    low, high = number(min(values)), number(max(values))
    return middle if low == high else f"{middle} [{low}..{high}]"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table that reads well on a terminal and in Markdown."""
    wide = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    line: Callable[[list[str]], str] = lambda row: "| " + " | ".join(t.ljust(w) for t, w in zip(row, wide, strict=True)) + " |"
    rule = "|" + "|".join("-" * (w + 2) for w in wide) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


def profile(events: list[dict], begin: float, end: float, frames: int) -> str:
    """What threads did for a frame, own time by kind of event, in ms: where to look first."""
    threads = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e.get("name") == "thread_name"}
    inside = [e for e in events if e.get("ph") == "X" and begin <= e["ts"] / 1e6 <= end]
    inside.sort(key=lambda e: (e["pid"], e["tid"], e["ts"], -e.get("dur", 0)))
    own: dict[tuple[str, str], float] = {}
    stack: list[tuple[tuple[int, int], float, tuple[str, str]]] = []
    for e in inside:
        # The thread's own time where the trace has it: not what other processes took from it.
        at, dur, used = (e["pid"], e["tid"]), e.get("dur", 0), e.get("tdur", e.get("dur", 0))
        while stack and (stack[-1][0] != at or stack[-1][1] <= e["ts"]):
            stack.pop()
        name = (threads.get(at, "?"), e["name"])
        own[name] = own.get(name, 0) + used
        if stack:
            own[stack[-1][2]] -= used
        stack.append((at, e["ts"] + dur, name))
    most = sorted(own.items(), key=lambda item: -item[1])[:22]
    return table(["thread", "event", "ms a frame"], [[a, b, number(us / 1000 / frames)] for (a, b), us in most])


def functions(profile: dict, frames: int) -> str:
    """Which functions had the time, in ms a frame. The release bundle has no names: see docs/benchmarks.md."""
    names = {node["id"]: node["callFrame"]["functionName"] for node in profile["nodes"]}
    own: dict[str, float] = {}
    for sample, us in zip(profile["samples"], profile["timeDeltas"], strict=True):
        name = re.sub(r"\[[0-9a-f]{16}\]", "", names[sample]) or "(no name)"
        own[name] = own.get(name, 0) + us
    most = [item for item in sorted(own.items(), key=lambda item: -item[1]) if item[0] != "(idle)"][:14]
    return table(["function", "ms a frame"], [[name, number(us / 1000 / frames)] for name, us in most])


DRAWING = [
    ("pan frames/s", "pan_fps"),
    ("gap p50", "pan_gap50"),
    ("gap p95", "pan_gap95"),
    ("main thread p50", "pan_cost50"),
    ("p95", "pan_cost95"),
    ("busy %", "pan_busy"),
    ("CPU/frame", "pan_cpu"),
    ("zoom frames/s", "zoom_fps"),
    ("gap p95", "zoom_gap95"),
    ("CPU/frame", "zoom_cpu"),
]
LOADING = [
    ("first task ms", "first"),
    ("all tasks ms", "all"),
    ("HTTP MB", "http_mb"),
    ("websocket MB", "ws_mb"),
    ("renderer MB", "rss_mb"),
    ("lost", "lost"),
]
OWN = [
    ("frame p50", "own50"),
    ("frame p95", "own95"),
    ("layout", "phase_layout"),
    ("strip", "phase_strip"),
    ("overlay", "phase_overlay"),
    ("present", "phase_present"),
    ("hover p50", "hover50"),
    ("hover p95", "hover95"),
    ("on screen p50", "shown50"),
    ("p95", "shown95"),
    ("within a frame %", "hover_within"),
    ("unanswered %", "hover_silent"),
    ("store MB", "store_mb"),
]
LIVE = [
    ("sent", "sent"),
    ("lost", "lost"),
    ("frame p50", "own50"),
    ("frame p95", "own95"),
    ("rAF/s", "raf"),
    ("gap p95", "gap95"),
    ("over 50 ms", "long"),
    ("busy %", "busy"),
    ("CPU % of a core", "cpu"),
    ("hover p50", "hover50"),
    ("hover p95", "hover95"),
    ("within a frame %", "hover_within"),
    ("unanswered %", "hover_silent"),
    ("sender late ms", "behind"),
    ("renderer MB", "rss_mb"),
]


def lines(cases: list[dict], wanted: list[tuple[str, str]], keep: Callable[[dict], bool]) -> str:
    """A table with a line for each case."""
    head = ["page", "tasks", "lanes", "rounds", *(title for title, _ in wanted)]
    rows = [
        [c["page"], count(c["tasks"]) if c["tasks"] else "", str(c["lanes"] or ""), str(len(c["rounds"])),
         *(cell(c["rounds"], name) for _, name in wanted)]
        for c in cases if keep(c) and c["rounds"]
    ]  # fmt: skip
    return table(head, rows) if rows else "nothing was measured"


def tables(found: dict[str, Any]) -> str:
    """All of them, as Markdown."""
    cases = found["cases"]
    ours = lambda c: c["page"] == "Daskscope"  # noqa: E731
    parts = ["### While panning and zooming", lines(cases, DRAWING, lambda _: True)]
    parts += ["### Loading", lines(cases, LOADING, lambda c: c["page"] != "floor")]
    parts += ["### What Daskscope says of its own frames (ms)", lines(cases, OWN, ours)]
    for it in found["live"]:
        if it["rounds"]:
            parts += [
                f"### {it['rate']} tasks a second for {it['seconds']} s over {it['lanes']} lanes",
                table([title for title, _ in LIVE], [[cell(it["rounds"], name) for _, name in LIVE]]),
            ]
    parts += ["### Daskscope\u2019s figures as parts of Dask\u2019s", ratios(found)]
    parts += ["### Against the goals", goals(found)]
    return "\n\n".join(parts)


RATIOS = [
    ("pan frames/s", "pan_fps"),
    ("gap p95", "pan_gap95"),
    ("main thread p50", "pan_cost50"),
    ("busy", "pan_busy"),
    ("CPU/frame", "pan_cpu"),
    ("zoom frames/s", "zoom_fps"),
    ("gap p95", "zoom_gap95"),
    ("CPU/frame", "zoom_cpu"),
    ("first task", "first"),
    ("HTTP bytes", "http_mb"),
    ("websocket bytes", "ws_mb"),
    ("renderer memory", "rss_mb"),
]


def ratios(found: dict[str, Any]) -> str:
    """Ours divided by theirs, of medians, where both pages were measured."""
    by = {(c["page"], c["tasks"]): c["rounds"] for c in found["cases"] if c["rounds"]}
    rows = []
    for tasks in sorted(tasks for page, tasks in by if page == "Dask" and ("Daskscope", tasks) in by):
        row = [count(tasks)]
        for _, name in RATIOS:
            ours, theirs = (median(by[page, tasks], name) for page in ("Daskscope", "Dask"))
            row.append(number(None if ours is None or not theirs else ours / theirs))
        rows.append(row)
    return table(["tasks", *(title for title, _ in RATIOS)], rows) if rows else "nothing was measured on both pages"


def goals(found: dict[str, Any]) -> str:
    """Where each goal stands; only those that this run has figures for."""
    by = {(c["page"], c["tasks"]): c["rounds"] for c in found["cases"] if c["rounds"]}
    get: Callable[[str, int, str], float | None] = lambda page, tasks, name: median(by.get((page, tasks), []), name)
    rows: list[list[str]] = []

    def say(goal: str, value: float | None, limit: float, at_most: bool = True, unit: str = "") -> None:
        if value is None:
            return
        met = value <= limit if at_most else value >= limit
        rows.append([goal, ("≤ " if at_most else "≥ ") + number(limit) + unit, number(value) + unit, "yes" if met else "NO"])

    def ratio(a: float | None, b: float | None) -> float | None:
        return None if a is None or not b else a / b

    for n in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        say(f"pan, {count(n)}: frames/s", get("Daskscope", n, "pan_fps"), 57, False)
        say(f"zoom, {count(n)}: frames/s", get("Daskscope", n, "zoom_fps"), 57, False)
    # Below it, an unchanged frame alone takes more than a twelfth of Dask's.
    value = ratio(get("Daskscope", 100_000, "pan_cpu"), get("Dask", 100_000, "pan_cpu"))
    say("pan, 100k: CPU a frame, of Dask's", value, 1 / 12)
    value = ratio(get("Daskscope", 100_000, "zoom_cpu"), get("Dask", 100_000, "zoom_cpu"))
    say("zoom, 100k: CPU a frame, of Dask's", value, 1 / 12)
    floor = get("floor", 0, "pan_cpu")
    for n in (100_000, 10_000_000):
        say(f"pan, {count(n)}: CPU a frame, of an unchanged frame's", ratio(get("Daskscope", n, "pan_cpu"), floor), 2)
    for kind in ("pan", "zoom"):
        value = ratio(get("Daskscope", 10_000_000, f"{kind}_cpu"), get("Daskscope", 10_000, f"{kind}_cpu"))
        say(f"{kind}, 10M over 1000 lanes: CPU a frame, of one at 10k", value, 1.5)
    for n in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        say(f"hover, {count(n)}: answered within a frame", get("Daskscope", n, "hover_within"), 95, False, " %")
    for n in (1_000, 10_000):
        say(f"first task, {count(n)}: of Dask's time", ratio(get("Daskscope", n, "first"), get("Dask", n, "first")), 1 / 3)
    for it in found["live"]:
        say(f"{it['rate']} tasks a second: lost", median(it["rounds"], "lost"), 0)
        # On time: about each frame of the display, and few that come one too late.
        say(f"{it['rate']} tasks a second: frames/s", median(it["rounds"], "raf"), 57, False)
        say(f"{it['rate']} tasks a second: gap p95", median(it["rounds"], "gap95"), 25, unit=" ms")
        say(f"{it['rate']} tasks a second: hover within a frame", median(it["rounds"], "hover_within"), 95, False, " %")
    return table(["goal", "wanted", "measured", "met"], rows) if rows else "no figures"


def write(path: Path, text: str, found: dict[str, Any]) -> None:
    """Puts the tables into the document, between its marks."""
    it = found["machine"]
    said = (
        f"{it['cpu']}, {it['cores']} cores, {it['memory']}, {it['system']}, no GPU; {it['browser']} headless, 1600×900; "
        f"{it['versions']}. {found['rounds']} rounds; load average before the run {it['load_before']:.2f}."
    )
    old = path.read_text()
    new = f"{BEGIN}\n\n{said}\n\n{text}\n\n{END}"
    path.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: new, old, flags=re.S))
