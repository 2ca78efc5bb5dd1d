"""Makes the recordings of profiles in `tests/fixtures/bokeh`: real threads, sampled and drawn by Dask's own code.

    python dev/record_profile.py tests/fixtures/bokeh/2026.8.0/profiles

What a person would see needs minutes of real work on a cluster, and a Python that is not 3.11. So threads of this
process do the work, `distributed.profile` samples and merges them as a worker would (`process` with `stop`, a new
state each cycle, one for each prefix), and Dask's own components put them into a Bokeh document, whose messages are
written down as a session: the greeting, the whole document, the changes of one "Update". The last line of a
recording says what the samples come to, counted here on Dask's own tree.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import difflib
import fractions
import gzip
import json
import re
import statistics
import sys
import textwrap
import threading
import time
import types
from collections import defaultdict
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.protocol import Protocol
from distributed import profile
from distributed.dashboard.components import shared

HERE = str(Path(__file__).resolve().parent)
#: Where this ran is nobody's business.
HOMES = ((sys.prefix, "/opt/dask"), (HERE, "/home/user/work"), (sys.base_prefix, "/usr"))
CYCLE, EVERY = 1.0, 0.004
SOURCES = [Path(module.__file__).read_text() for module in (textwrap, statistics)]


# The work: deep, wide, and in several modules.


def ackermann(m: int, n: int) -> int:
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def odd(n: int) -> bool:
    return n != 0 and even(n - 1)


def even(n: int) -> bool:
    return n == 0 or odd(n - 1)


class Tree:
    """Sums itself by walking itself."""

    def __init__(self, depth: int) -> None:
        self.kids = [Tree(depth - 1) for _ in range(3)] if depth else []

    def walk(self, weigh: Any) -> float:
        return weigh(self) + sum(kid.walk(weigh) for kid in self.kids)


def simulate() -> None:
    ackermann(2, 12)
    even(70)
    Tree(5).walk(lambda tree: len(tree.kids) ** 0.5)


def parse() -> None:
    tree = ast.parse(SOURCES[0])
    ast.unparse(tree)
    re.purge()
    for word in ("a+b*", r"(\w+)\s*=\s*(\d+|'[^']*')", "(x|y|z){1,9}"):
        re.compile(word)


def compare() -> None:
    lines = SOURCES[1].splitlines()[:160]
    list(difflib.unified_diff(lines, [line.upper() for line in lines]))


def load() -> None:
    data = {str(i): list(range(i)) for i in range(60)}
    json.JSONEncoder(indent=1).encode(data)
    statistics.stdev(fractions.Fraction(i, 7) for i in range(120))


WORK = {"simulate": simulate, "parse": parse, "compare": compare, "load": load}


def run_task(what: Any, until: float) -> None:
    while time.time() < until:
        what()


# Sampling.


def clean(state: dict[str, Any]) -> dict[str, Any]:
    """The same without the folders of this machine."""
    about = dict(state["description"])
    for home, other in HOMES:
        about["filename"] = about["filename"].replace(home, other)
    return {**state, "description": about, "children": {k: clean(kid) for k, kid in state["children"].items()}}


class Samples:
    """What a worker keeps: a state each cycle, and one for each prefix."""

    def __init__(self) -> None:
        self.history: list[tuple[float, dict[str, Any]]] = []
        self.keys: dict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)

    def sample(self, threads: dict[str, threading.Thread], seconds: float) -> None:
        """Looks at the threads for so long. The innermost frame counts here, as it does in Dask's event loops."""
        end = time.time() + seconds
        while time.time() < end:
            recent, by_key = profile.create(), defaultdict(profile.create)
            cycle = time.time() + CYCLE
            while time.time() < cycle:
                frames = sys._current_frames()
                for key, thread in threads.items():
                    if frame := frames.get(thread.ident or 0):
                        for state in (recent, by_key[key]):
                            profile.process(frame, None, state, stop="threading.py")
                del frames
                time.sleep(EVERY)
            self.history.append((time.time(), recent))
            for key, state in by_key.items():
                self.keys[key].append((time.time(), state))

    def whole(self) -> dict[str, Any]:
        return clean(profile.merge(*(state for _, state in self.history)))

    def metadata(self) -> dict[str, Any]:
        counts = [(when, state["count"]) for when, state in self.history]
        return {"counts": counts, "keys": {k: [(t, s["count"]) for t, s in all_] for k, all_ in self.keys.items()}}


def truth(state: dict[str, Any]) -> dict[str, Any]:
    """Samples by function: own, and total with a function that calls itself counted once."""
    own: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)

    def walk(node: dict[str, Any], above: frozenset[str]) -> None:
        about = node["description"]
        name = f"{about['name']}|{about['filename']}"
        own[name] += node["count"] - sum(kid["count"] for kid in node["children"].values())
        if name not in above:
            total[name] += node["count"]
        for kid in node["children"].values():
            walk(kid, above | {name})

    walk(state, frozenset())
    return {"count": state["count"], "interval": shared.profile_interval, "own": own, "total": total}


# The document.


class Session:
    """Messages as they would come from the server."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.protocol = Protocol()

    def put(self, message: Any) -> None:
        for text in (message.header_json, message.metadata_json, message.content_json):
            self.line(type="text", data=text)
        for buffer in message.buffers:
            self.line(type="text", data=json.dumps({"id": buffer.id}))
            self.line(type="binary", b64=base64.b64encode(buffer.to_bytes()).decode())

    def line(self, **what: Any) -> None:
        self.lines.append({"t": len(self.lines) / 100, "dir": "in", **what})

    def save(self, path: Path, said: dict[str, Any]) -> None:
        self.lines.append({"t": len(self.lines) / 100, "dir": "truth", "type": "json", "data": said})
        text = "".join(json.dumps(line) + "\n" for line in self.lines)
        with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
            zipped.write(text.encode())
        print(path.name, len(text), path.stat().st_size)


def record(path: Path, make: Any, first: Any, then: Any, said: dict[str, Any]) -> None:
    """One session: a document, `first` done to it before it is sent and `then` after."""
    session, doc = Session(), Document()
    shared.sys = types.SimpleNamespace(version_info=types.SimpleNamespace(minor=12))  # Nothing to excuse here.
    component = make(doc)
    doc.add_root(component.root)
    first(component)
    session.put(session.protocol.create("ACK"))
    session.put(session.protocol.create("PULL-DOC-REPLY", "1", doc))
    doc.on_change(lambda event: session.put(session.protocol.create("PATCH-DOC", [event])))
    then(component)
    session.save(path, said)


def main() -> None:
    """Makes both recordings."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    until = time.time() + 22
    sys.setswitchinterval(0.001)
    threads = {
        name: threading.Thread(target=run_task, args=(what, until), name=name, daemon=True)
        for name, what in WORK.items()
    }
    log = profile.watch(threading.get_ident(), interval="4ms", cycle="30ms", maxlen=600)
    for thread in threads.values():
        thread.start()
    samples = Samples()
    with contextlib.suppress(KeyboardInterrupt):
        samples.sample(threads, 8)
    half = samples.whole(), samples.metadata()
    samples.sample(threads, 8)
    whole = samples.whole()
    record(
        folder / "individual-profile.jsonl.gz",
        lambda doc: shared.ProfileTimePlot(types.SimpleNamespace(), doc=doc, sizing_mode="stretch_both"),
        lambda plot: plot.update(*half),
        lambda plot: plot.update(whole, samples.metadata()),
        truth(whole),
    )
    log = type(log)([(when, clean(state)) for when, state in log.copy()], maxlen=log.maxlen)
    server = types.SimpleNamespace(io_loop=types.SimpleNamespace(profile=log))
    record(
        folder / "individual-profile-server.jsonl.gz",
        lambda doc: shared.ProfileServer(server, doc=doc, sizing_mode="stretch_both"),
        lambda _: None,
        lambda plot: plot.trigger_update(),
        truth(profile.get_profile(log)),
    )


if __name__ == "__main__":
    main()
