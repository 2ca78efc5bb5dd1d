"""A scheduler's dashboard without a scheduler: the websocket pages that the app reads, with made-up tasks in them.

`python dev/bench/replay.py --tasks 100000 --lanes 100` answers on http://127.0.0.1:8799; with `--live RATE` tasks
come while one watches. What has been sent is told by `/sent`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web

sys.path.insert(0, str(Path(__file__).parent))

from tasks import Tasks  # noqa: E402

HEAD = {"Access-Control-Allow-Origin": "*"}
EMPTY = {"start": [1.8e9], "duration": [0.1], "duration_text": ["100 ms"], "key": ["start"], "name": ["start"],
         "color": ["white"], "alpha": [0], "worker": ["foo"], "worker_thread": [1], "y": [0]}  # fmt: skip
PROGRESS = ("name", "show-name", "all", "memory", "erred", "released", "processing", "queued", "done", "color",
            "released-loc", "memory-loc", "erred-loc", "processing-loc", "queued-loc", "no-worker-loc", "left", "right",
            "top", "bottom")  # fmt: skip


class Wire:
    """One message: text frames, and the arrays of its columns as binary ones."""

    def __init__(self) -> None:
        self.buffers: list[tuple[str, bytes]] = []

    def array(self, value: np.ndarray) -> dict[str, Any]:
        """An array, whose bytes follow in a frame of their own."""
        name = f"b{len(self.buffers)}"
        value = value.astype("float64")
        self.buffers.append((name, value.tobytes()))
        return {"type": "ndarray", "array": {"type": "bytes", "data": {"id": name}}, "shape": [len(value)],
                "dtype": "float64", "order": "little"}  # fmt: skip

    def columns(self, columns: dict[str, Any]) -> dict[str, Any]:
        """A map of columns."""
        return {"type": "map", "entries": [
            [name, self.array(value) if isinstance(value, np.ndarray) else value] for name, value in columns.items()
        ]}  # fmt: skip

    def frames(self, kind: str, content: Any, reply_to: str = "") -> list[str | bytes]:
        """All frames of it."""
        header = {"msgid": "m", "msgtype": kind, "num_buffers": len(self.buffers)}
        if reply_to:
            header["reqid"] = reply_to
        out: list[str | bytes] = [json.dumps(header), "{}", json.dumps(content, separators=(",", ":"))]
        for name, raw in self.buffers:
            out += [json.dumps({"id": name}), raw]
        return out


def streamed(columns: dict[str, Any], rollover: int) -> list[str | bytes]:
    """A patch with new rows."""
    wire = Wire()
    data = wire.columns(columns)
    event = {"kind": "ColumnsStreamed", "model": {"id": "source"}, "attr": "data", "data": data, "rollover": rollover}
    return wire.frames("PATCH-DOC", {"events": [event]})


def document(columns: dict[str, Any], reply_to: str, figure: str = "task_stream") -> list[str | bytes]:
    """The answer to a pull: one figure with one source."""
    wire = Wire()
    source = {"type": "object", "name": "ColumnDataSource", "id": "source", "attributes": {"data": wire.columns(columns)}}
    drawn = {"type": "object", "name": "GlyphRenderer", "id": "glyphs", "attributes": {"data_source": source}}
    root = {"type": "object", "name": "Figure", "id": "root", "attributes": {"name": figure, "renderers": [drawn]}}
    return wire.frames("PULL-DOC-REPLY", {"doc": {"version": "3.9.2", "title": "", "roots": [root]}}, reply_to)


class Replay:
    """The dashboard, for one visitor at a time. With `live`, no task is there at first and that many come each second."""

    def __init__(self, tasks: Tasks, live: float = 0, tick: float = 0.1) -> None:
        self.tasks, self.live, self.tick = tasks, live, tick
        # To the last visitor's task stream: rows and bytes sent, whether that has ended, and how late a message was at most (s).
        self.rows = self.bytes = 0
        self.done = False
        self.behind = 0.0
        self.made: list[tuple[int, list[str | bytes]]] = []
        if live:
            self._make()

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_get("/sent", self._sent)
        app.router.add_get("/json/counts.json", self._counts)
        app.router.add_get("/{page}/ws", self._socket)
        return app

    async def _sent(self, _: web.Request) -> web.Response:
        said = {"rows": self.rows, "bytes": self.bytes, "done": self.done, "behind": self.behind}
        return web.json_response(said, headers=HEAD)

    async def _counts(self, _: web.Request) -> web.Response:
        return web.json_response({"tasks": self.rows, "processing": 0, "memory": self.rows, "erred": 0}, headers=HEAD)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=("bokeh",), compress=False, max_msg_size=0, heartbeat=None)
        await ws.prepare(request)
        page = request.match_info["page"]
        await self._send(ws, Wire().frames("ACK", {}), False)
        frames: list[str] = []
        later: asyncio.Task | None = None
        try:
            async for message in ws:
                if message.type is not WSMsgType.TEXT:
                    continue
                frames.append(message.data)
                if len(frames) < 3:
                    continue
                header, frames = json.loads(frames[0]), []
                if header["msgtype"] == "SERVER-INFO-REQ":
                    info = {"version_info": {"bokeh": "3.9.2", "server": "3.9.2"}}
                    await self._send(ws, Wire().frames("SERVER-INFO-REPLY", info, header["msgid"]), False)
                elif header["msgtype"] == "PULL-DOC-REQ" and later is None:
                    later = asyncio.create_task(self._page(ws, page, header["msgid"]))
        finally:
            if later:
                later.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await later
        return ws

    async def _send(self, ws: web.WebSocketResponse, frames: list[str | bytes], count: bool = True) -> None:
        for frame in frames:
            if count:
                self.bytes += len(frame)
            await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))

    async def _page(self, ws: web.WebSocketResponse, page: str, reply_to: str) -> None:
        if page == "individual-task-stream":
            self.rows = self.bytes = 0
            self.done, self.behind = False, 0.0
            await (self._flow(ws, reply_to) if self.live else self._history(ws, reply_to))
            self.done = True
        elif page == "tasks":
            await self._send(ws, document(EMPTY, reply_to), False)
        elif page == "individual-progress":
            await self._send(ws, document({name: [] for name in PROGRESS}, reply_to, "progress"), False)
        else:
            await self._send(ws, document(self._workers(), reply_to, "workers"), False)

    def _workers(self) -> dict[str, Any]:
        n = len(self.tasks.workers)
        numbers = {"cpu": 1.0, "cpu_fraction": 0.5, "memory": 2e9, "memory_limit": 8e9, "memory_percent": 0.25,
                   "memory_managed": 1e9, "memory_unmanaged_old": 1e9, "memory_unmanaged_recent": 0.0,
                   "memory_spilled": 0.0, "num_fds": 30.0, "nthreads": 8.0}  # fmt: skip
        return {"name": [f"w{i}" for i in range(n)], "address": self.tasks.workers,
                **{name: [value] * n for name, value in numbers.items()}}  # fmt: skip

    async def _history(self, ws: web.WebSocketResponse, reply_to: str) -> None:
        """All at once: the newest block in the document, as in Dask, the others as patches in their order.

        Newest first also because the app dates all rows by the newest one: were each patch newer than the one before,
        it would have to move all that it holds again and again.
        """
        last = self.tasks.blocks() - 1
        for number in [last, *range(last)]:
            columns = await asyncio.to_thread(self.tasks.columns, number)
            frames = document(columns, reply_to) if number == last else streamed(columns, 1000)
            await self._send(ws, frames)
            self.rows += len(columns["name"])

    def _make(self) -> None:
        """All messages of a live run, so that sending them costs little and the pace holds."""
        parts = [self.tasks.columns(number) for number in range(self.tasks.blocks())]
        whole = {name: _join([part[name] for part in parts]) for name in parts[0]}
        rows = self.tasks.rows()
        per_tick = self.live * rows / self.tasks.count * self.tick
        at = 0
        while at < rows:
            upto = min(rows, round((len(self.made) + 1) * per_tick))
            some = {name: column[at:upto] for name, column in whole.items()}
            self.made.append((upto - at, streamed(some, 1000)))
            at = upto

    async def _flow(self, ws: web.WebSocketResponse, reply_to: str) -> None:
        """So many a second, a patch each tick, as they would have ended."""
        await self._send(ws, document(EMPTY, reply_to))
        await asyncio.sleep(1)
        # The placeholder goes with the first rows, as in Dask.
        clear = {"kind": "ColumnDataChanged", "model": {"id": "source"}, "attr": "data",
                 "data": {"type": "map", "entries": [[name, []] for name in EMPTY]}, "cols": list(EMPTY)}  # fmt: skip
        await self._send(ws, Wire().frames("PATCH-DOC", {"events": [clear]}))
        begin = time.monotonic()
        for number, (rows, frames) in enumerate(self.made, 1):
            due = begin + number * self.tick
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._send(ws, frames)
            self.behind = max(self.behind, time.monotonic() - due)
            self.rows += rows


def _join(parts: list[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return [item for part in parts for item in part]


async def serve(replay: Replay, port: int) -> tuple[web.AppRunner, int]:
    """Starts it; gives its port."""
    runner = web.AppRunner(replay.app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    return runner, site._server.sockets[0].getsockname()[1]


def main() -> None:
    """Until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--lanes", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1000, help="tasks a second on the time axis")
    parser.add_argument("--live", type=float, default=0, help="tasks a second that come while one watches")
    parser.add_argument("--port", type=int, default=8799)
    args = parser.parse_args()

    async def go() -> None:
        tasks = Tasks(args.tasks, args.lanes, args.live or args.rate)
        _, port = await serve(Replay(tasks, args.live), args.port)
        print(f"http://127.0.0.1:{port}", flush=True)
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(go())


if __name__ == "__main__":
    main()
