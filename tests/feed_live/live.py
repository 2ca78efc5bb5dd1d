"""Follows a real LocalCluster through the compiled sessions and compares what they hold with
Client.get_task_stream(). Run by hand: cargo build --example feed_bridge, then
python tests/feed_live/live.py target/debug/examples/feed_bridge [--cut]"""

import asyncio
import base64
import collections
import json
import sys
import time

import aiohttp
from dask.distributed import Client, LocalCluster

PAGES = 4


class Bridge:
    def __init__(self, program, base):
        self.program, self.base = program, base
        self.sockets = [None] * PAGES
        self.wakes = [None] * PAGES
        self.dump = asyncio.Queue()
        self.last = {}

    async def start(self):
        self.http = aiohttp.ClientSession()
        self.process = await asyncio.create_subprocess_exec(
            self.program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 28
        )
        self.reader = asyncio.create_task(self.read())

    def tell(self, page, event, **more):
        line = {"p": page, "t": time.time() * 1000, "e": event, **more}
        self.process.stdin.write((json.dumps(line) + "\n").encode())

    async def read(self):
        async for line in self.process.stdout:
            line = json.loads(line)
            page, kind = line.get("p"), line["c"]
            if kind == "connect":
                asyncio.create_task(self.socket(page, line))
            elif kind == "send":
                await self.sockets[page].send_str(line["d"])
            elif kind == "close":
                socket, self.sockets[page] = self.sockets[page], None
                if socket:
                    asyncio.create_task(socket.close())
            elif kind == "wake":
                if self.wakes[page]:
                    self.wakes[page].cancel()
                delay = max(0, line["at"] / 1000 - time.time())
                self.wakes[page] = asyncio.get_running_loop().call_later(delay, self.tell, page, "tick")
            elif kind == "dump":
                self.dump.put_nowait(line)
            else:
                if kind == "state":
                    print(f"  {time.strftime('%X')} page {page}: {line['state']}")
                self.last[(page, kind)] = line

    async def socket(self, page, line):
        try:
            socket = await self.http.ws_connect(
                self.base + line["path"], protocols=line["protocols"], autoclose=True, max_msg_size=0
            )
        except Exception:
            self.tell(page, "closed", code=1006, clean=False)
            return
        self.sockets[page] = socket
        self.tell(page, "opened")
        async for message in socket:
            if self.sockets[page] is not socket:
                return
            if message.type == aiohttp.WSMsgType.TEXT:
                self.tell(page, "text", d=message.data)
            elif message.type == aiohttp.WSMsgType.BINARY:
                self.tell(page, "binary", b=base64.b64encode(message.data).decode())
        if self.sockets[page] is socket:
            self.sockets[page] = None
            self.tell(page, "closed", code=socket.close_code or 1006, clean=False)

    def cut(self, page):
        """As a lost network does it."""
        socket, self.sockets[page] = self.sockets[page], None
        if socket:
            socket._response.connection.transport.abort() if socket._response.connection else None
        self.tell(page, "closed", code=1006, clean=False)

    async def held(self):
        self.tell(0, "dump")
        return await self.dump.get()


def key_text(key):
    return key if isinstance(key, str) else json.dumps(key, separators=(",", ":"))


def truth(client):
    rows = []
    for message in client.get_task_stream(count=100_000):
        for part in message["startstops"]:
            thread = f"{message['worker']}-{message['thread']}"
            erred = message["status"] != "OK" and part["action"] == "compute"
            duration = round((part["stop"] - part["start"]) * 1e6)
            rows.append((key_text(message["key"]), part["action"], erred, thread, duration, part["start"]))
    return rows


def work(client, tag, short):
    """Many tasks of 4 ms with some of 1 s among them, failures, transfers, tuple keys."""

    def nap(seconds):
        time.sleep(seconds)
        return bytes(2000)

    def fail(i):
        raise ValueError(i)

    long = [client.submit(nap, 1.0, key=f"long-{tag}-{i}", pure=False) for i in range(3)]
    many = [client.submit(nap, 0.004, key=f"short-{tag}-{i}") for i in range(short)]
    bad = [client.submit(fail, i, key=f"bad-{tag}-{i}") for i in range(5)]
    pairs = [
        client.submit(lambda a, b: len(a) + len(b), many[i], many[-i - 1], key=("pair", tag, i))
        for i in range(200)
    ]
    client.gather(pairs)
    client.gather(long)
    client.gather(many)
    client.gather(bad, errors="skip")
    return long, many, bad, pairs


async def main():
    cuts = "--cut" in sys.argv
    cluster = LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address="127.0.0.1:0")
    client = Client(cluster)
    base = cluster.dashboard_link.replace("http://", "ws://").removesuffix("/status")
    bridge = Bridge(sys.argv[1], base)
    await bridge.start()
    for page in range(PAGES):
        bridge.tell(page, "start")
    await asyncio.sleep(2)
    keep = []
    for tag in range(2):
        running = asyncio.create_task(asyncio.to_thread(work, client, tag, 3000))
        if cuts:
            await asyncio.sleep(3)
            for page in range(PAGES):
                bridge.cut(page)
            print("  cut")
            await asyncio.sleep(5)
        keep.append(await running)
        await asyncio.sleep(12)
    early = await bridge.held()
    print(len(early["rows"]), "held before a fresh look", early["stats"])
    bridge.tell(1, "refresh")
    await asyncio.sleep(3)
    dump = await bridge.held()
    print(dump["stats"], dump["gaps"], dump["states"])
    for counters in dump["counters"]:
        print(" ", counters)
    print(bridge.last.get((2, "progress")), bridge.last.get((3, "workers")))
    real = truth(client)
    rows = [tuple(row[:4]) for row in dump["rows"]]
    wanted = collections.Counter(row[:4] for row in real)
    got = collections.Counter(rows)
    print("true", len(real), "held", len(rows), "missing", (wanted - got).total(), "extra", (got - wanted).total())
    print(list((wanted - got).items())[:5], list((got - wanted).items())[:5])
    by_real, by_ours = collections.defaultdict(list), collections.defaultdict(list)
    for row in real:
        by_real[row[:4]].append((row[4], row[5]))
    for row in dump["rows"]:
        by_ours[tuple(row[:4])].append((row[5], row[4] / 1e6))
    worst, errors = 0, []
    for name, ours in by_ours.items():
        for (a, start), (b, at) in zip(sorted(by_real[name]), sorted(ours)):
            worst = max(worst, abs(a - b))
            errors.append(at - start)
    errors.sort()
    print("worst duration error", worst, "µs; start errors", errors[0], errors[len(errors) // 2], errors[-1], "s")
    bridge.process.stdin.close()
    await bridge.http.close()
    client.close()
    cluster.close()


if __name__ == "__main__":
    asyncio.run(main())
