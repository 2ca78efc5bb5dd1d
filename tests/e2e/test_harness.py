"""The harness itself, without the app: it cuts what it says it cuts, and its truth notices a lie."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import os
import time
import urllib.request
from pathlib import Path

import aiohttp
import pytest
from harness import procs, truth
from harness.front import Loop, Relay, Site
from harness.gateway import Gateway


class Listener:
    """A Bokeh session that only counts what arrives."""

    def __init__(self, loop: Loop, url: str) -> None:
        self.frames: list[str] = []
        self.protocol: str | None = ""
        self.task = asyncio.run_coroutine_threadsafe(self._listen(url.replace("http:", "ws:")), loop.loop)

    async def _listen(self, url: str) -> int | None:
        session = {"session_id": os.urandom(8).hex(), "session_expiry": int(time.time()) + 9999}
        token = base64.urlsafe_b64encode(json.dumps(session).encode()).decode().rstrip("=")
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(url, protocols=["bokeh", token], max_msg_size=0) as ws:
                self.protocol = ws.protocol
                async for message in ws:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        self.frames.append(message.data)
                        if len(self.frames) == 3:  # the server's ACK: now it may be asked
                            for frame in ('{"msgid":"1","msgtype":"PULL-DOC-REQ"}', "{}", "{}"):
                                await ws.send_str(frame)
                return ws.close_code

    def holds(self, text: str) -> bool:
        """Whether some frame has this text."""
        return any(text in f for f in self.frames)


@pytest.fixture
def bare(loop: Loop, tmp_path: Path, gateway: Gateway):
    """A site without an app."""
    (tmp_path / "index.html").write_text("<!doctype html><title>bare</title>")
    it = Site(loop, tmp_path, gateway.url)
    yield it
    it.close()


def test_the_site_carries_the_gateway_and_its_sockets(loop: Loop, bare: Site, gateway: Gateway, user: str) -> None:
    name = gateway.running(user)
    with urllib.request.urlopen(f"{bare.url}/gateway/api/health", timeout=10) as answer:
        assert json.load(answer) == {"status": "pass"}
    page = f"/gateway/clusters/{name}/individual-task-stream/ws"
    listener = Listener(loop, bare.url + page)
    procs.until(lambda: listener.holds("PULL-DOC-REPLY"), 20, "answer to the pull")
    assert listener.protocol == "bokeh"
    assert bare.sockets("individual-task-stream") == 1
    bare.relay.cut()
    assert listener.task.result(10) == 1006
    assert bare.relay.mode == "cut"
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{bare.url}/", timeout=5)
    bare.relay.mend()
    urllib.request.urlopen(f"{bare.url}/", timeout=5).close()
    procs.until(lambda: bare.sockets("individual-task-stream") == 0, 10, "closed socket at the site")


def test_a_frozen_wire_passes_nothing(loop: Loop, bare: Site) -> None:
    wire = Relay(loop, bare.port)
    wire.freeze()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{wire.url}/", timeout=1)
    wire.mend()
    urllib.request.urlopen(f"{wire.url}/", timeout=5).close()
    wire.close()


def test_the_fast_page_alone_is_not_true(loop: Loop, new_scheduler, new_notebook) -> None:
    """Why the test of 1 s and 3 s tasks among short ones tests something: one page really loses them, the other does not."""
    scheduler = new_scheduler("new", workers=2, threads=4)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    fast = Listener(loop, scheduler.url + "/individual-task-stream/ws")
    full = Listener(loop, scheduler.url + "/tasks/ws")
    procs.until(lambda: fast.holds("PULL-DOC-REPLY") and full.holds("PULL-DOC-REPLY"), 20, "answers to the pulls")
    lost: list[str] = []
    # A busy machine computes too slowly for the fast page to lose anything: then once more.
    for nonce in ("f1", "f2", "f3", "f4"):
        rows = notebook.do("long_among_short", nonce=nonce)["rows"]
        names = [r["key"] for r in rows if r["stop"] - r["start"] > 0.9]
        assert len(names) >= 6
        procs.until(lambda names=names: all(full.holds(n) for n in names), 30, "long tasks on /tasks")
        procs.until(lambda rows=rows: fast.holds(rows[-1]["key"]), 30, "end of the run on the fast page")
        lost = [n for n in names if not fast.holds(n)]
        if lost:
            break
    assert lost, "nothing was lost: make the run faster or the long tasks longer"


def test_the_truth_notices_every_lie() -> None:
    row = {"key": ["a", 1, ["b"]], "action": "compute", "start": 10.0, "stop": 10.5, "worker": "w", "status": "OK"}
    rows = [row, {**row, "action": "transfer", "stop": 10.1}, {**row, "start": 20.0, "stop": 20.25}]
    assert truth.compare(copy.deepcopy(rows), rows) == ""
    assert truth.compare([{**r, "start": r["start"] + 7, "stop": r["stop"] + 7 + 1e-7} for r in rows], rows) == ""
    lies = {
        "missing": rows[:-1],
        "doubled": [*rows, rows[0]],
        "duration": [rows[0], rows[1], {**rows[2], "stop": 20.25001}],
        "status": [{**rows[0], "status": "error"}, *rows[1:]],
        "worker": [rows[0], {**rows[1], "worker": "v"}, rows[2]],
        "missing, ": [{**rows[0], "key": "['a', 1, ['b']]"}, *rows[1:]],
    }
    for word, lie in lies.items():
        assert word.split(",")[0] in truth.compare(lie, rows), word


def test_a_process_left_behind_is_found() -> None:
    before = set(procs.marked())
    child = procs.start(["sleep", "600"], "left", start_new_session=True)
    assert set(procs.marked()) - before == {child.pid}
    procs.end([child.pid])
    child.wait()
    assert set(procs.marked()) == before
