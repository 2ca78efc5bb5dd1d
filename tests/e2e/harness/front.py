"""The site a browser visits: the built app and, on the same origin, the gateway; every request is remembered.

In front of it stands a relay of plain TCP, which can be cut (connections broken and refused) or frozen (they
stay open, no byte passes), as networks do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import aiohttp
from aiohttp import web
from yarl import URL

HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-authorization", "host"}


class Loop:
    """One event loop in a thread for all servers of the harness."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="harness", daemon=True)
        self.thread.start()

    def run(self, work: Coroutine, timeout: float = 30) -> Any:
        """Runs a coroutine there and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def close(self) -> None:
        """Stops the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


@dataclass
class Seen:
    """One request that reached a server of the harness."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Relay:
    """Forwards TCP from a port of its own to `target`."""

    def __init__(self, loop: Loop, target: int) -> None:
        self.loop, self.target, self.mode = loop, target, "pass"
        self.writers: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task] = set()
        self.thaw = asyncio.Event()
        self.thaw.set()
        self.accepted = self.refused = 0
        self.server = loop.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        pair = {writer}
        try:
            if self.mode == "cut":
                self.refused += 1
                return
            self.accepted += 1
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
            pair.add(up_writer)
            self.writers |= pair
            await asyncio.wait(
                {asyncio.create_task(self._pump(reader, up_writer)), asyncio.create_task(self._pump(up_reader, writer))},
                return_when=asyncio.ALL_COMPLETED,
            )
        except OSError:
            pass
        finally:
            self.writers -= pair
            self.tasks.discard(task)
            for w in pair:
                w.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while data := await reader.read(65536):
                await self.thaw.wait()
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    async def _set(self, mode: str) -> None:
        self.mode = mode
        if mode == "frozen":
            self.thaw.clear()
        else:
            self.thaw.set()
        if mode == "cut":
            for w in list(self.writers):
                w.transport.abort()

    def cut(self) -> None:
        """Breaks every connection and refuses new ones, until `mend`."""
        self.loop.run(self._set("cut"))

    def freeze(self) -> None:
        """No byte passes in either direction; connections stay open, until `mend`."""
        self.loop.run(self._set("frozen"))

    def mend(self) -> None:
        """Everything passes again."""
        self.loop.run(self._set("pass"))

    def cut_for(self, seconds: float) -> None:
        """A cut that mends itself; returns at once."""

        async def go() -> None:
            await self._set("cut")
            await asyncio.sleep(seconds)
            await self._set("pass")

        asyncio.run_coroutine_threadsafe(go(), self.loop.loop)

    def close(self) -> None:
        """Stops listening and breaks what is open."""

        async def go() -> None:
            self.server.close()
            self.thaw.set()
            for w in list(self.writers):
                w.transport.abort()

        self.loop.run(go())


class Site:
    """The app's folder at `/`, a gateway at `/gateway/`, extra pages by `pages`; what came in is in `seen`."""

    def __init__(self, loop: Loop, dist: Path, gateway: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.loop, self.dist, self.tls = loop, dist, tls
        self.proxies = {"/gateway": gateway} if gateway else {}
        self.config: str | None = json.dumps({"gateway": "/gateway", "auth": "basic"})
        # Origins of schedulers that `config.json` names, so that links to them need no question.
        self.schedulers: list[str] = []
        self.pages: dict[str, tuple[str, str]] = {}
        # Where the app's folder is, below a proxy that leaves paths as they are.
        self.under = ""
        # What happens to websockets: passed on; refused, as by a proxy that knows none; without their subprotocol.
        self.upgrade = "passed"
        # Whether paths behind this site are taken apart and put together anew, as nginx does it: `%2F` becomes a slash,
        # and slashes in a row become one.
        self.cleans = False
        self.seen: list[Seen] = []
        # Path → websockets open now.
        self.open: Counter[str] = Counter()
        loop.run(self._start())
        self.relay = Relay(loop, self.port)
        self.url = self.relay.url.replace("http:", "https:") if tls else self.relay.url

    async def _start(self) -> None:
        self.session = aiohttp.ClientSession(
            auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=60)
        )
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stops the site."""

        async def go() -> None:
            await self.session.close()
            await self.runner.cleanup()

        self.relay.close()
        self.loop.run(go())

    def sockets(self, page: str) -> int:
        """How many websockets to a Bokeh page are open now."""
        return sum(n for path, n in self.open.items() if path.endswith(f"/{page}/ws"))

    def since(self, at: float, method: str = "", part: str = "") -> list[Seen]:
        """Requests since a `time.monotonic()` with this method whose path holds `part`."""
        return [s for s in self.seen if s.at >= at and (not method or s.method == method) and part in s.path]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(Seen(request.method, request.path_qs, dict(request.headers), body))
        for prefix, target in self.proxies.items():
            if request.path.startswith(prefix + "/"):
                rest = request.raw_path[len(prefix) :]
                to = URL(target + (cleaned(rest) if self.cleans else rest), encoded=True)
                if request.headers.get("Upgrade", "").lower() == "websocket":
                    if self.upgrade == "refused":
                        return web.Response(status=400, text="no websockets here")
                    return await self._socket(request, to)
                return await self._forward(request, to, body)
        return self._static(request)

    def _static(self, request: web.Request) -> web.StreamResponse:
        fresh = {"Cache-Control": "no-store"}
        asked = request.path.removeprefix(self.under)
        if asked in self.pages:
            kind, text = self.pages[asked]
            return web.Response(text=text, content_type=kind, headers=fresh)
        if asked == "/config.json":
            if self.config is None:
                return web.Response(status=404, text="not found")
            return web.Response(text=self._config(), content_type="application/json", headers=fresh)
        path = (self.dist / asked.lstrip("/")).resolve()
        if path.is_dir():
            path = path / "index.html"
        if not path.is_relative_to(self.dist.resolve()) or not path.is_file():
            return web.Response(status=404, text="not found")
        hashed = re.match(r"daskscope-[0-9a-f]{16}[._]", path.name)
        return web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache"})

    def know(self, url: str) -> None:
        """Names the origin of a scheduler in `config.json`, from the next load of a page on."""
        origin = "/".join(url.split("/")[:3])
        if url.startswith("http") and origin not in self.schedulers:
            self.schedulers.append(origin)

    def _config(self) -> str:
        """The configuration with the schedulers in it, where it is one."""
        with contextlib.suppress(ValueError):
            config = json.loads(self.config)
            if isinstance(config, dict) and self.schedulers:
                return json.dumps({"schedulers": self.schedulers, **config})
        return self.config

    async def _forward(self, request: web.Request, to: URL, body: bytes) -> web.StreamResponse:
        head = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
        try:
            async with self.session.request(
                request.method, to, headers=head, data=body or None, allow_redirects=False
            ) as up:
                answer = await up.read()
                out = {k: v for k, v in up.headers.items() if k.lower() not in HOP | {"content-length"}}
                return web.Response(status=up.status, body=answer, headers=out)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            return web.Response(status=502, text=f"Bad Gateway: {error}")

    async def _socket(self, request: web.Request, to: URL) -> web.StreamResponse:
        offered = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if p.strip()]
        head = {"Origin": request.headers["Origin"]} if "Origin" in request.headers else {}
        drops = self.upgrade == "bare"
        try:
            up = await self.session.ws_connect(to, protocols=[] if drops else offered, headers=head, max_msg_size=0)
        except aiohttp.WSServerHandshakeError as error:
            return web.Response(status=error.status, text=error.message)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            return web.Response(status=502, text=f"Bad Gateway: {error}")
        spoken = offered[:1] if drops else [up.protocol] if up.protocol else []
        down = web.WebSocketResponse(protocols=spoken, max_msg_size=0, compress=False)
        await down.prepare(request)
        self.open[request.path] += 1
        pumps = {asyncio.create_task(_pump_ws(up, down)), asyncio.create_task(_pump_ws(down, up))}
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.open[request.path] -= 1
            for pump in pumps:
                pump.cancel()
            with contextlib.suppress(Exception):
                await up.close()
            # A dropped upstream is a dropped connection for the browser, never a clean goodbye.
            if not down.closed and request.transport is not None:
                request.transport.abort()
        return down


def cleaned(raw: str) -> str:
    """What nginx makes of a path before it passes it on (`merge_slashes`, and `proxy_pass` with a path)."""
    path, mark, query = raw.partition("?")
    return quote(re.sub("/+", "/", unquote(path)), safe="/:@!$&'()*+,;=~") + mark + query


async def _pump_ws(source: Any, sink: Any) -> None:
    with contextlib.suppress(ConnectionError, RuntimeError, aiohttp.ClientError):
        async for message in source:
            if message.type is aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)


class Recorder:
    """A server of someone else: it answers like a gateway that wants a password, with CORS for all, and remembers."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.seen: list[Seen] = []
        loop.run(self._start())
        self.url = f"http://127.0.0.1:{self.port}"

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def _handle(self, request: web.Request) -> web.Response:
        self.seen.append(Seen(request.method, request.path_qs, dict(request.headers), await request.read()))
        head = {
            "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
            "Access-Control-Allow-Headers": "authorization, content-type, x-requested-with",
            "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
            "Access-Control-Allow-Credentials": "true",
        }
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=head)
        if request.path.endswith("/api/health"):
            return web.json_response({"status": "pass"}, headers=head)
        if request.path.endswith("/api/version"):
            return web.json_response({"version": "2026.3.0"}, headers=head)
        head["WWW-Authenticate"] = "Basic"
        return web.json_response({"error": "Authentication required"}, status=401, headers=head)

    def close(self) -> None:
        """Stops the server."""
        self.loop.run(self.runner.cleanup())
