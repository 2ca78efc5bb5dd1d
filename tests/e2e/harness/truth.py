"""Compares what the app holds with what the scheduler says that it ran."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

# The wire carries milliseconds as float64: a duration is true to far less than this (seconds).
TOLERANCE = 2e-6


def key_text(key: Any) -> str:
    """A key in one form, whether a text, a tuple or nested lists."""
    return json.dumps(key, ensure_ascii=False, separators=(",", ":"))


def keys(rows: list[dict]) -> set[str]:
    """The keys of rows, normalised."""
    return {key_text(r["key"]) for r in rows}


def only(rows: list[dict], of: set[str]) -> list[dict]:
    """The rows with these keys."""
    return [r for r in rows if key_text(r["key"]) in of]


def _grouped(rows: list[dict]) -> dict[tuple[str, str], list[dict]]:
    groups: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in rows:
        groups[key_text(row["key"]), row["action"]].append(row)
    for group in groups.values():
        group.sort(key=lambda r: r["stop"] - r["start"])
    return groups


def compare(app: list[dict], scheduler: list[dict]) -> str:
    """An empty text where the multisets of (key, action, duration) are equal, else what differs, shortly."""
    ours, theirs = _grouped(app), _grouped(scheduler)
    said: list[str] = []
    counts: Counter[str] = Counter()
    for group in sorted(set(ours) | set(theirs)):
        a, b = ours.get(group, []), theirs.get(group, [])
        key, action = group[0][:90], group[1]
        if len(a) != len(b):
            counts["missing" if len(a) < len(b) else "doubled or invented"] += abs(len(b) - len(a))
            durations = [round(r["stop"] - r["start"], 6) for r in b[:3] or a[:3]]
            said.append(f"{key} {action}: app {len(a)}, scheduler {len(b)}, durations {durations}")
            continue
        for mine, true in zip(a, b, strict=True):
            d_mine, d_true = mine["stop"] - mine["start"], true["stop"] - true["start"]
            if abs(d_mine - d_true) > TOLERANCE:
                counts["wrong duration"] += 1
                said.append(f"{key} {action}: app {d_mine:.7f} s, scheduler {d_true:.7f} s")
            if action == "compute" and (mine["status"] == "OK") != (true["status"] == "OK"):
                counts["wrong status"] += 1
                said.append(f"{key}: app {mine['status']}, scheduler {true['status']}")
            if len(b) == 1 and mine["worker"] != true["worker"]:
                counts["wrong worker"] += 1
                said.append(f"{key} {action}: app {mine['worker']}, scheduler {true['worker']}")
    if not said:
        return ""
    head = f"app {len(app)} rows, scheduler {len(scheduler)}: " + ", ".join(f"{n} {what}" for what, n in counts.items())
    return "\n  ".join([head, *said[:15], *(["…"] if len(said) > 15 else [])])


def shift(app: list[dict], scheduler: list[dict]) -> tuple[float, float]:
    """By how much the app's starts differ from the scheduler's, least and most (s), over keys that ran once."""
    ours, theirs = _grouped(app), _grouped(scheduler)
    offsets = [
        ours[g][0]["start"] - theirs[g][0]["start"]
        for g in theirs
        if len(theirs[g]) == 1 and len(ours.get(g, [])) == 1
    ]
    return min(offsets), max(offsets)
