"""The one origin: files, and everything that is passed on."""

import asyncio
import gzip
import hashlib
import os

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from yarl import URL

from front import Front

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html>" + "x" * 5000)
    (folder / "a.wasm").write_bytes(b"\0asm" * 1000)
    (folder / "daskscope.js").write_text("export * from './daskscope-0123456789abcdef.js'")
    (folder / "daskscope-0123456789abcdef.js").write_text("export default 1")
    (tmp_path / "secret.txt").write_text("outside")
    return folder


async def serve(app):
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, site._server.sockets[0].getsockname()[1]


def with_front(bundle, upstream, test, **more):
    """Runs `test(session, origin)` against a front before an upstream gateway."""

    async def go():
        runner, port = await serve(upstream) if upstream is not None else (None, 1)
        front = Front(bundle, {"gateway": "/gateway"}, gateway=f"http://127.0.0.1:{port}", **more)
        origin = f"http://127.0.0.1:{await front.start(0)}"
        try:
            async with aiohttp.ClientSession(auto_decompress=False) as session:
                await test(session, origin)
        finally:
            await front.stop()
            if runner:
                await runner.cleanup()

    asyncio.run(go())


def test_files_have_types_tags_and_are_compressed(bundle):
    async def test(session, origin):
        plain = {"Accept-Encoding": "identity"}
        async with session.get(f"{origin}/", headers=plain) as answer:
            assert answer.content_type == "text/html"
            assert await answer.read() == (bundle / "index.html").read_bytes()
            assert answer.headers["Cache-Control"] == "no-cache"
            tag = answer.headers["ETag"]
        async with session.get(f"{origin}/index.html", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        async with session.get(f"{origin}/a.wasm", headers={"Accept-Encoding": "gzip, br"}) as answer:
            assert answer.content_type == "application/wasm"
            assert answer.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await answer.read()) == b"\0asm" * 1000
        (bundle / "index.html").write_text("new")
        async with session.get(f"{origin}/", headers={**plain, "If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (200, b"new")
        async with session.get(f"{origin}/config.json") as answer:
            assert await answer.json() == {"gateway": "/gateway"}

    with_front(bundle, None, test)


def test_only_names_with_a_hash_are_kept_without_asking(bundle):
    async def test(session, origin):
        for name, kept in [("", False), ("daskscope.js", False), ("a.wasm", False), ("daskscope-0123456789abcdef.js", True)]:
            async with session.get(f"{origin}/{name}") as answer:
                assert answer.headers["Cache-Control"] == ("public, max-age=31536000, immutable" if kept else "no-cache"), name

    with_front(bundle, None, test)


def test_compressed_copies_are_sent_as_they_are(bundle):
    (bundle / "a.wasm.br").write_bytes(b"brotli")
    (bundle / "a.wasm.gz").write_bytes(b"gzip")

    async def test(session, origin):
        async def get(accepted):
            async with session.get(f"{origin}/a.wasm", headers={"Accept-Encoding": accepted}) as answer:
                assert answer.content_type == "application/wasm"
                assert answer.headers["Vary"] == "Accept-Encoding"
                return answer.headers.get("Content-Encoding"), await answer.read()

        raw = b"\0asm" * 1000
        assert await get("gzip, deflate, br;q=0.9") == ("br", b"brotli")
        assert await get("gzip") == ("gzip", b"gzip")
        assert await get("identity") == (None, raw)
        # A copy that is older than its file is of an earlier one.
        for copy in ("a.wasm.br", "a.wasm.gz"):
            os.utime(bundle / copy, (1, 1))
        encoding, packed = await get("br, gzip")
        assert encoding == "gzip" and gzip.decompress(packed) == raw
        assert await get("br") == (None, raw)

    with_front(bundle, None, test)


def test_only_named_pages_may_show_the_app_in_a_frame(bundle):
    async def closed(session, origin):
        for path in ("/", "/index.html", "/a.wasm", "/config.json", "/nope"):
            async with session.get(origin + path) as answer:
                assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'", path
        async with session.get(f"{origin}/config.json") as answer:
            assert "frame_ancestors" not in await answer.json()
        # The gateway's own answers stay as they are.
        async with session.get(f"{origin}/gateway/api/health") as answer:
            assert "Content-Security-Policy" not in answer.headers

    upstream = web.Application()
    upstream.router.add_get("/api/health", lambda _request: web.Response(text="fine"))
    with_front(bundle, upstream, closed)

    async def opened(session, origin):
        async with session.get(f"{origin}/") as answer:
            assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self' http://localhost:8888 https://lab.example.org"
        async with session.get(f"{origin}/config.json") as answer:
            assert (await answer.json())["frame_ancestors"] == ["http://localhost:8888", "https://lab.example.org"]

    with_front(bundle, None, opened, frame_ancestors=["http://localhost:8888", "https://lab.example.org"])


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/nope", "/%00"])
def test_nothing_outside_the_bundle(bundle, path):
    async def test(_session, origin):
        host, port = origin.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.split()[1] in (b"404", b"400"), answer
        assert b"outside" not in answer

    with_front(bundle, None, test)


def test_requests_pass_as_they_came(bundle):
    seen = {}

    async def echo(request):
        seen.update(path=request.raw_path, headers=dict(request.headers), method=request.method)
        return web.Response(body=await request.read(), status=422, headers={"X-Kept": "1", "Set-Cookie": "a=b; Path=/"})

    upstream = web.Application(client_max_size=0)
    upstream.router.add_route("*", "/{tail:.*}", echo)

    async def test(session, origin):
        body = b"x" * 3_000_000
        headers = {"Authorization": "Basic abc", "Origin": "http://evil.example", "Content-Type": "text/strange"}
        async with session.post(URL(f"{origin}/gateway/api/v1/a%2Fb/?a=%2Fb&c", encoded=True), data=body, headers=headers) as answer:
            assert (answer.status, answer.headers["X-Kept"], answer.headers["Set-Cookie"]) == (422, "1", "a=b; Path=/")
            assert await answer.read() == body
        assert seen["path"] == "/api/v1/a%2Fb/?a=%2Fb&c"
        assert seen["method"] == "POST"
        assert {name: seen["headers"][name] for name in headers} == headers
        assert seen["headers"]["Host"] == origin.removeprefix("http://")
        async with session.delete(f"{origin}/gateway/api/v1/clusters/x") as answer:
            assert await answer.read() == b""
        assert seen["method"] == "DELETE"

    with_front(bundle, upstream, test)


def test_an_answer_arrives_while_it_is_written(bundle):
    go_on = asyncio.Event()

    async def slow(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first")
        await go_on.wait()
        await answer.write(b"second")
        return answer

    upstream = web.Application()
    upstream.router.add_get("/slow", slow)

    async def test(session, origin):
        async with session.get(f"{origin}/gateway/slow") as answer:
            # Were it buffered, this would wait for the second part, which waits for this.
            assert await answer.content.readany() == b"first"
            go_on.set()
            assert await answer.content.read() == b"second"

    with_front(bundle, upstream, test)


def socket_app(behave, **options):
    async def handle(request):
        socket = web.WebSocketResponse(protocols=["bokeh"], autoping=False, max_msg_size=0, **options)
        await socket.prepare(request)
        await behave(socket, request)
        return socket

    upstream = web.Application()
    upstream.router.add_get("/clusters/a/status/ws", handle)
    return upstream


def test_a_websocket_keeps_its_protocol_pings_and_big_messages(bundle):
    seen = {}

    async def behave(socket, request):
        seen.update(request.headers)
        await socket.ping(b"alive?")
        async for message in socket:
            if message.type is WSMsgType.PONG:
                await socket.send_str(f"pong {message.data.decode()}")
            elif message.type is WSMsgType.BINARY:
                await socket.send_str(hashlib.sha256(message.data).hexdigest())
                await socket.send_bytes(message.data)
            elif message.data == "bye":
                await socket.close(code=4321, message=b"so long")
                return

    async def test(session, origin):
        address = f"{origin}/gateway/clusters/a/status/ws"
        headers = {"Origin": "http://page.example"}
        async with session.ws_connect(address, protocols=["bokeh", "token"], headers=headers, max_msg_size=0) as socket:
            assert socket.protocol == "bokeh"
            assert await socket.receive_str() == "pong alive?"
            big = bytes(range(256)) * 100_000
            await socket.send_bytes(big)
            assert await socket.receive_str() == hashlib.sha256(big).hexdigest()
            assert await socket.receive_bytes() == big
            await socket.send_str("bye")
            message = await socket.receive()
            assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 4321, "so long")
        assert seen["Origin"] == "http://page.example"
        assert seen["Sec-WebSocket-Protocol"] == "bokeh,token"

    with_front(bundle, socket_app(behave), test)


def test_a_socket_that_is_cut_is_cut_on_both_sides(bundle):
    async def behave(socket, request):
        await socket.send_str("hello")
        request.transport.abort()

    async def test(session, origin):
        async with session.ws_connect(f"{origin}/gateway/clusters/a/status/ws", protocols=["bokeh"]) as socket:
            assert await socket.receive_str() == "hello"
            await socket.receive()
            assert socket.close_code == 1006

    with_front(bundle, socket_app(behave), test)


def test_a_browser_that_leaves_closes_the_other_side(bundle):
    gone = asyncio.Event()

    async def behave(socket, _request):
        async for _ in socket:
            pass
        gone.set()

    async def test(session, origin):
        socket = await session.ws_connect(f"{origin}/gateway/clusters/a/status/ws", protocols=["bokeh"])
        socket._response.connection.transport.abort()
        await asyncio.wait_for(gone.wait(), 10)

    with_front(bundle, socket_app(behave), test)


def test_a_refused_socket_is_a_status(bundle):
    async def test(session, origin):
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            await session.ws_connect(f"{origin}/gateway/clusters/none/status/ws")
        assert error.value.status == 404

    with_front(bundle, web.Application(), test)


def test_a_gateway_that_is_away_is_told(bundle):
    async def test(session, origin):
        async with session.get(f"{origin}/gateway/api/health") as answer:
            assert answer.status == 502
            assert "does not answer" in (await answer.json())["error"]

    with_front(bundle, None, test)


def test_tls_goes_to_the_gateway(bundle):
    async def test(_session, origin):
        async def echo(reader, writer):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        front = Front(bundle, {}, tls_target=server.sockets[0].getsockname())
        port = await front.start(0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = b"\x16\x03\x01" + bytes(5_000_000)
        writer.write(sent)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 20) == sent
        writer.close()
        await front.stop()
        server.close()

    with_front(bundle, None, test)
