"""Child processes that are certain to end: every one carries a marker in its environment and is found by it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MARKER = "DASKSCOPE_E2E_RUN"
RUN_ID = uuid.uuid4().hex

# Where the children write and what they log; set by the session fixture before anything starts.
work_dir = Path("/nonexistent")


def child_env(**extra: str) -> dict[str, str]:
    """The environment of a child: ours, the marker, and no Dask settings of the person who runs the tests."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DASK_", "JUPYTERHUB_"))}
    env[MARKER] = RUN_ID
    # A marked process must not read or write the person's own Dask configuration.
    env["DASK_CONFIG"] = str(work_dir / "dask-config")
    env["PYTHONUNBUFFERED"] = "1"
    # A worker that computes with several BLAS threads starves the two cores of a small runner.
    env["OMP_NUM_THREADS"] = env["OPENBLAS_NUM_THREADS"] = "1"
    env.update(extra)
    return env


def start(command: list[str], log: str, **kwargs: Any) -> subprocess.Popen:
    """Starts a marked child whose output goes to `<work_dir>/<log>.log`."""
    env = kwargs.pop("env", None) or child_env()
    with open(work_dir / f"{log}.log", "ab") as out:
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **kwargs)


def _environ(pid: int) -> dict[str, str]:
    try:
        raw = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (item.split(b"=", 1) for item in raw.split(b"\0") if b"=" in item)
    return {k.decode(errors="replace"): v.decode(errors="replace") for k, v in pairs}


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (OSError, IndexError):
        return True


def command_line(pid: int) -> str:
    """The command of a process, or an empty text where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def marked(**also: str) -> Iterator[int]:
    """The living processes that these tests started, in any session, whose environment also has `also`."""
    want = {MARKER: RUN_ID, **also}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        env = _environ(int(entry.name))
        if all(env.get(k) == v for k, v in want.items()) and not _zombie(int(entry.name)):
            yield int(entry.name)


def of_cluster(name: str, part: str = "") -> list[int]:
    """The processes of one gateway cluster; `part` is a word of the command (`scheduler`, `worker`)."""
    return [p for p in marked(DASK_GATEWAY_CLUSTER_NAME=name) if f" {part}" in command_line(p)]


def end(pids: list[int], grace: float = 3.0) -> None:
    """Asks the processes to end, then insists."""
    for sig, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        for pid in pids:
            try:
                os.kill(pid, sig)
            except ProcessLookupError:
                pass
        try:
            until(lambda: all(_zombie(p) for p in pids), patience, "processes end")
            return
        except TimeoutError:
            continue


def stop(process: subprocess.Popen, grace: float = 10.0) -> None:
    """Ends one child and reaps it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def until(condition: Callable[[], Any], timeout: float, what: str, every: float = 0.1) -> Any:
    """Waits for a condition and gives its value; `TimeoutError` names what was awaited and the last value."""
    limit = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise TimeoutError(f"no {what} within {timeout:g} s (last: {value!r})")
        time.sleep(every)


@contextlib.contextmanager
def stopped(page: Any) -> Iterator[None]:
    """The processes that draw pages stand still, as on a computer that sleeps; other programs go on."""
    session = page.context.browser.new_browser_cdp_session()
    info = session.send("SystemInfo.getProcessInfo")["processInfo"]
    drawing = [process["id"] for process in info if process["type"] == "renderer"]
    assert drawing, info
    for pid in drawing:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in drawing:
            os.kill(pid, signal.SIGCONT)
        session.detach()


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0
