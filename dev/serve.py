"""The development server of `cargo xtask run`: a real gateway, the app on the same origin, one address."""

import argparse
import asyncio
import getpass
import json
import pathlib
import signal
import sys
import time
import urllib.parse

from front import Front
from stack import Failed, Gateway, end, on_termination, own_mark, start_workload, sweep

ROOT = pathlib.Path(__file__).resolve().parent.parent
PORT = 8050


def say(text):
    print(f"    {text}", flush=True)


def web_address(text):
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as http://127.0.0.1:8787")
    return text.rstrip("/")


def web_origin(text):
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise argparse.ArgumentTypeError(f"{text!r} is not an origin such as http://localhost:8888")
    return f"{parts.scheme}://{parts.netloc}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dist", default=ROOT / "dist", type=pathlib.Path, help="the bundle")
    parser.add_argument("--gateway", type=web_address, help="use this gateway instead of starting one")
    parser.add_argument("--scheduler", type=web_address, help="use this Dask dashboard instead of a gateway")
    parser.add_argument("--app", type=web_address, help="take the app from here (trunk serve) instead of the bundle")
    parser.add_argument("--auth", default="basic", choices=["none", "basic", "jupyterhub", "kerberos"], help="what the gateway asks for")
    parser.add_argument("--user", default="", help="with --workload and --gateway: whose newest cluster")
    parser.add_argument("--workload", action="store_true", help="keep a computation going on the newest cluster")
    parser.add_argument("--frame-ancestor", action="append", default=[], type=web_origin, metavar="ORIGIN", help="let pages of this origin show the app in a frame")
    parser.add_argument("--port", type=int, help=f"default {PORT}, or a free one where it is taken")
    parser.add_argument("--ready-file", type=pathlib.Path, help="write the addresses there as JSON once all is up")
    parser.add_argument("--log", default=ROOT / "target/xtask", type=pathlib.Path, help="folder of the logs")
    chosen = parser.parse_args()
    if chosen.workload and chosen.scheduler and not chosen.gateway:
        parser.error("--workload goes through a gateway; with --scheduler, compute with a client of your own")
    return chosen


async def main(args):
    begin = time.monotonic()
    mark = own_mark()
    stopped = asyncio.Event()
    reason = []

    def stop(name):
        reason.append(name)
        stopped.set()

    on_termination(stop, asyncio.get_running_loop())
    left = await asyncio.to_thread(sweep)
    if left:
        say(f"ended {left} processes that an earlier run left behind")

    gateway = None
    front = None
    try:
        gateway_url = args.gateway
        tls_target = None
        if not args.gateway and not args.scheduler:
            say("starting dask-gateway-server")
            gateway = Gateway(args.log / "gateway.log", mark)
            await asyncio.to_thread(gateway.start)
            gateway_url = gateway.url
            tls_target = ("127.0.0.1", gateway.port)
        config = {"title": "Daskscope"}
        if gateway_url:
            config |= {"gateway": "/gateway", "auth": args.auth}
        front = Front(args.dist, config, gateway_url, args.scheduler, args.app, tls_target, args.frame_ancestor)
        port = await listen(front, args.port)
        origin = f"http://127.0.0.1:{port}"
        page = f"{origin}/"
        if args.scheduler:
            page += "#/scheduler?url=" + urllib.parse.quote(f"{origin}/scheduler", safe="")
        if args.workload:
            start_workload(gateway_url, mark, args.log / "workload.log", None if gateway else args.user)
        tell(args, gateway, origin, page, time.monotonic() - begin)
        if args.ready_file:
            ready = {"page": page, "origin": origin, "gateway": gateway_url, "mark": mark}
            args.ready_file.write_text(json.dumps(ready))
        await stopped.wait()
    finally:
        print(flush=True)
        say("stopping" + (f" ({signal.Signals(reason[0]).name})" if reason else ""))
        if front:
            await front.stop()
        count = await asyncio.to_thread(gateway.stop if gateway else lambda: end(mark))
        say(f"ended {count} processes; nothing of this run is left" if count else "nothing of this run is left")


async def listen(front, port):
    if port is not None:
        try:
            return await front.start(port)
        except OSError as error:
            raise Failed(f"port {port} cannot be used ({error.strerror}): leave out --port, or give another one") from error
    try:
        return await front.start(PORT)
    except OSError:
        return await front.start(0)


def tell(args, gateway, origin, page, seconds):
    say(f"ready after {seconds:.1f} s")
    print(f"\n    Open  {page}\n", flush=True)
    if gateway:
        say(f"Sign in with any user name (for example {getpass.getuser()}), no password.")
        say(f'From Python: dask_gateway.Gateway("{origin}/gateway", auth=dask_gateway.BasicAuth("{getpass.getuser()}"))')
        say(f"with {sys.executable}")
    elif args.gateway:
        say(f"The gateway is {args.gateway}, passed on at {origin}/gateway.")
    if args.scheduler:
        say(f"The dashboard is {args.scheduler}, passed on at {origin}/scheduler.")
    if args.workload:
        say(f"The workload computes on the newest cluster that has workers; it tells in {args.log / 'workload.log'}.")
    if gateway:
        say(f"The gateway tells in {gateway.log}.")
    say("Ctrl-C stops all of it, clusters included.")


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments()))
    except Failed as why:
        sys.exit(f"failed: {why}")
    except KeyboardInterrupt:
        sys.exit(130)
