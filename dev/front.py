"""One origin for the app: its files, and what it talks to, passed on byte for byte.

`/gateway/…` goes to the gateway's own proxy, `/scheduler/…` to a bare scheduler. The same port also takes the TLS
connections of Dask clients (`gateway://`), so that `Gateway("http://127.0.0.1:8050/gateway")` works in a notebook
without a second address.
"""

import asyncio
import gzip
import hashlib
import json
import pathlib
import re

import aiohttp
from aiohttp import WSMsgType, web
from yarl import URL

# Between two neighbours only, RFC 9110 §7.6.1.
HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def passed_on(headers):
    named = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    return [(name, value) for name, value in headers.items() if name.lower() not in HOP | named]


# How a compressed copy beside a file is called, and its name in `Accept-Encoding`; the smallest first.
PACKED = {".br": "br", ".gz": "gzip"}
# Files with a hash in their name never change; all others are asked for anew at every visit.
HASHED = re.compile(r"daskscope-[0-9a-f]{16}[._]")


class Files:
    """The bundle, sent compressed and revalidated at every visit."""

    def __init__(self, folder, config):
        self.folder = pathlib.Path(folder).resolve()
        self.config = json.dumps(config).encode()
        self.kept = {}

    def find(self, name):
        """(raw, compressed by encoding, etag, type), or None."""
        if name == "config.json":
            return self.pack(name, self.config, {})
        try:
            path = (self.folder / (name or "index.html")).resolve()
        except (OSError, ValueError):  # a name that no file system has
            return None
        if not path.is_relative_to(self.folder) or not path.is_file():
            return None
        copies = {encoding: copy for ending, encoding in PACKED.items() if is_newer(copy := path.with_name(path.name + ending), path)}
        key = tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in (path, *copies.values()))
        if key not in self.kept:
            self.kept[key] = self.pack(path.name, path.read_bytes(), {encoding: copy.read_bytes() for encoding, copy in copies.items()})
        return self.kept[key]

    @staticmethod
    def pack(name, raw, compressed):
        kind = TYPES.get(pathlib.PurePath(name).suffix, "application/octet-stream")
        if not compressed:
            packed = gzip.compress(raw, 6, mtime=0)
            compressed = {"gzip": packed} if len(packed) < len(raw) else {}
        return raw, compressed, f'"{hashlib.sha256(raw).hexdigest()[:32]}"', kind

    async def answer(self, request):
        found = await asyncio.to_thread(self.find, request.match_info["path"])
        if found is None:
            raise web.HTTPNotFound(text="There is no such file in the bundle.\n")
        raw, compressed, etag, kind = found
        headers = {"ETag": etag, "Cache-Control": keep(request.match_info["path"]), "Content-Type": kind, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        accepted = {word.split(";")[0].strip() for word in request.headers.get("Accept-Encoding", "").split(",")}
        encoding = next((encoding for encoding in compressed if encoding in accepted), None)
        if encoding:
            headers["Content-Encoding"] = encoding
            raw = compressed[encoding]
        return web.Response(body=raw, headers=headers)


def keep(name):
    """How long a browser may keep a file of the bundle."""
    return "public, max-age=31536000, immutable" if HASHED.match(name) else "no-cache"


def is_newer(copy, path):
    """Whether `cargo xtask dist` wrote this compressed copy of this very file: one that is older than its file is of an earlier one."""
    return copy.is_file() and copy.stat().st_mtime_ns >= path.stat().st_mtime_ns


class Passage:
    """Passes requests and websockets on to one address, as they come."""

    def __init__(self, prefix, target, what):
        self.prefix = prefix
        self.target = target.rstrip("/")
        self.what = what
        self.session = None

    async def open(self, _app):
        # No time limit: `?wait` holds for 20 s, a dashboard's socket for days. No cookies of our own.
        self.session = aiohttp.ClientSession(
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=15),
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        yield
        await self.session.close()

    def address(self, request):
        # As it was written: %2F in a name is not a slash.
        return URL(self.target + request.rel_url.raw_path_qs[len(self.prefix) :], encoded=True)

    async def handle(self, request):
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self.socket(request)
            return await self.request(request)
        except aiohttp.WSServerHandshakeError as error:
            return web.json_response({"error": f"{self.what} refused the websocket: {error.status} {error.message}"}, status=error.status)
        except (aiohttp.ClientConnectionError, OSError) as error:
            if request.protocol.transport is None:
                raise
            return web.json_response({"error": f"{self.what} does not answer at {self.target}: {error}"}, status=502)

    async def request(self, request):
        headers = passed_on(request.headers)
        headers += [("X-Forwarded-For", request.remote or ""), ("X-Forwarded-Proto", request.scheme), ("X-Forwarded-Host", request.host)]
        body = request.content if request.body_exists else None
        async with self.session.request(
            request.method, self.address(request), headers=headers, data=body, allow_redirects=False, skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding", "Content-Type"]
        ) as upstream:
            answer = web.StreamResponse(status=upstream.status, reason=upstream.reason)
            for name, value in passed_on(upstream.headers):
                answer.headers.add(name, value)
            await answer.prepare(request)
            async for chunk in upstream.content.iter_any():
                await answer.write(chunk)
            await answer.write_eof()
            return answer

    async def socket(self, request):
        headers = [(name, value) for name, value in passed_on(request.headers) if not name.lower().startswith("sec-websocket-")]
        wanted = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if p.strip()]
        plain = dict(autoping=False, max_msg_size=0)
        # First the other side: its refusal must arrive as a status, and its choice of a protocol with the 101.
        upstream = await self.session.ws_connect(
            self.address(request), headers=headers, protocols=wanted, autoclose=False, compress=0, **plain
        )
        try:
            browser = web.WebSocketResponse(protocols=[upstream.protocol] if upstream.protocol else [], compress=False, autoclose=False, **plain)
            await browser.prepare(request)
            ways = [asyncio.ensure_future(relay(upstream, browser)), asyncio.ensure_future(relay(browser, upstream))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            # A side that vanished without a word: the other shall see the same (1006), not a polite end.
            if upstream.close_code in (None, 1006) and not browser.closed and request.transport:
                request.transport.abort()
            return browser
        finally:
            await upstream.close()


async def relay(source, sink):
    """Passes messages on, pings included, until one side closes; then its code."""
    while True:
        message = await source.receive()
        if message.type is WSMsgType.BINARY:
            await sink.send_bytes(message.data)
        elif message.type is WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type is WSMsgType.PING:
            await sink.ping(message.data)
        elif message.type is WSMsgType.PONG:
            await sink.pong(message.data)
        else:
            if message.type is WSMsgType.CLOSE:
                await sink.close(code=message.data or 1000, message=(message.extra or "").encode())
            return


class Door(asyncio.Protocol):
    """What comes in on the port: TLS is a Dask client for the gateway, everything else speaks http."""

    def __init__(self, server, tls_target):
        self.server = server
        self.tls_target = tls_target
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if data[0] == 0x16 and self.tls_target:
            self.transport.pause_reading()
            self.task = asyncio.ensure_future(self.tunnel(data))
            return
        handler = self.server()
        self.transport.set_protocol(handler)
        handler.connection_made(self.transport)
        handler.data_received(data)

    async def tunnel(self, data):
        loop = asyncio.get_running_loop()
        here = Pipe(self.transport)
        try:
            there, _ = await loop.create_connection(lambda: Pipe(None, here), *self.tls_target)
        except OSError:
            self.transport.abort()
            return
        there.write(data)
        here.other = there
        self.transport.set_protocol(here)
        self.transport.resume_reading()


class Pipe(asyncio.Protocol):
    """One end of two connections that are one."""

    def __init__(self, transport, other=None):
        self.transport = transport
        self.other = other.transport if other else None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.other.write(data)

    def eof_received(self):
        if self.other and self.other.can_write_eof():
            self.other.write_eof()
        return True

    def pause_writing(self):
        if self.other:
            self.other.pause_reading()

    def resume_writing(self):
        if self.other and not self.other.is_closing():
            self.other.resume_reading()

    def connection_lost(self, _error):
        if self.other:
            self.other.close()


class Front:
    """The server of one address."""

    def __init__(self, folder, config, gateway=None, scheduler=None, app=None, tls_target=None, frame_ancestors=()):
        # Two locks for one list: the browser shows the app in frames of these pages only, and the app itself
        # (`frame_ancestors` of config.json) does nothing that costs or ends work in a frame of any other.
        if frame_ancestors:
            config = {**config, "frame_ancestors": list(frame_ancestors)}
        self.policy = " ".join(["frame-ancestors 'self'", *frame_ancestors])
        self.passages = []
        site = web.Application(client_max_size=0)
        site.on_response_prepare.append(self.protect)
        for prefix, target, what in [("/gateway", gateway, "The gateway"), ("/scheduler", scheduler, "The scheduler")]:
            if target:
                self.add(site, prefix, Passage(prefix, target, what))
        files = Files(folder, config)
        if app:
            site.router.add_get("/{path:config.json}", files.answer)
            self.add(site, "", Passage("", app, "trunk serve"))
        else:
            site.router.add_get("/{path:.*}", files.answer)
        self.runner = web.AppRunner(site, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        self.tls_target = tls_target
        self.listener = None

    async def protect(self, request, response):
        """What is passed on keeps its own headers; the app gets the one that no page can say of itself."""
        if not request.path.startswith(("/gateway/", "/scheduler/")):
            response.headers["Content-Security-Policy"] = self.policy

    @staticmethod
    def add(site, prefix, passage):
        site.cleanup_ctx.append(passage.open)
        site.router.add_route("*", prefix + "/{path:.*}", passage.handle)

    async def start(self, port, host="127.0.0.1"):
        """Listens, and gives the port."""
        await self.runner.setup()
        loop = asyncio.get_running_loop()
        self.listener = await loop.create_server(lambda: Door(self.runner.server, self.tls_target), host, port, backlog=256)
        return self.listener.sockets[0].getsockname()[1]

    async def stop(self):
        if self.listener:
            self.listener.close()
        await self.runner.cleanup()
