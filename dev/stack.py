"""The processes behind `cargo xtask run`: starting them, finding them again, ending them."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import psutil

HERE = pathlib.Path(__file__).resolve().parent
NAME = "DASKSCOPE_RUN"


class Failed(Exception):
    """A sentence for the person at the terminal."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def own_mark():
    """What all processes of this run carry in their environment: who started them. The time tells two processes with one number apart."""
    return f"{os.getpid()}:{int(psutil.Process().create_time())}"


def marked(mark=None):
    """Pairs of (mark, process), for one run or for every run on this machine that we may look at."""
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            found = process.environ().get(NAME)
            if found and (mark is None or found == mark) and process.status() != psutil.STATUS_ZOMBIE:
                yield found, process
        except psutil.Error:
            continue


def end(mark, patience=6.0):
    """Ends all processes of a run, those included that start meanwhile. Gives how many there were."""
    seen = {}
    begin = time.monotonic()
    while True:
        alive = [process for _, process in marked(mark)]
        if not alive:
            return len(seen)
        hard = time.monotonic() - begin > patience
        for process in alive:
            try:
                if hard:
                    process.kill()
                elif process.pid not in seen:
                    process.terminate()
            except psutil.Error:
                pass
            seen[process.pid] = process
        psutil.wait_procs(alive, timeout=0.3)
        if time.monotonic() - begin > patience + 10:
            left = ", ".join(str(p.pid) for p in alive)
            raise Failed(f"these processes do not end: {left}")


def sweep():
    """Ends what runs left behind that could not clean up (killed, or the machine slept). Gives how many processes."""
    count = 0
    for mark in {mark for mark, _ in marked()}:
        pid, _, born = mark.partition(":")
        if not (pid.isdigit() and born.isdigit()):
            continue  # not a mark of ours
        try:
            alive = int(psutil.Process(int(pid)).create_time()) == int(born)
        except psutil.Error:
            alive = False
        if not alive:
            count += end(mark, patience=2.0)
    return count


class Gateway:
    """A real dask-gateway-server on loopback. Its clusters are ended with `end(mark)`."""

    def __init__(self, log, mark=None, password=""):
        self.mark = mark or own_mark()
        self.log = pathlib.Path(log)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daskscope-"))
        self.port = free_port()
        self.api_port = free_port()
        self.password = password
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, patience=60.0):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        clusters = self.folder / "clusters"
        clusters.mkdir(exist_ok=True)
        env = {
            **os.environ,
            NAME: self.mark,
            "DASKSCOPE_GATEWAY_ADDRESS": f"127.0.0.1:{self.port}",
            "DASKSCOPE_GATEWAY_API": f"127.0.0.1:{self.api_port}",
            "DASKSCOPE_GATEWAY_CLUSTERS": str(clusters),
            "DASKSCOPE_GATEWAY_PASSWORD": self.password,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dask_gateway_server", "-f", str(HERE / "gateway_config.py")],
                env=env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only the one who starts it: the order of ending is ours.
                start_new_session=True,
            )
        begin = time.monotonic()
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - begin > patience:
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
                raise Failed(f"dask-gateway-server did not start; the end of {self.log}:\n{tail}")
            time.sleep(0.1)

    def _answers(self):
        # Not through a proxy that the environment names: this is loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/api/health", timeout=2) as answer:
                return b"pass" in answer.read()
        except OSError:
            return False

    def stop(self):
        """Ends the server, its proxy, and every scheduler and worker of this run. Gives how many processes."""
        count = end(self.mark)
        if self.process:
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        return count


def start_workload(gateway_url, mark, log, user=None):
    """Starts dev/workload.py in a process of the run: on the newest cluster of the run, or of a user of another gateway."""
    which = ["--mark", mark] if user is None else ["--user", user]
    arguments = [sys.executable, str(HERE / "workload.py"), gateway_url, *which]
    with pathlib.Path(log).open("wb") as out:
        return subprocess.Popen(
            arguments,
            env={**os.environ, NAME: mark},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def on_termination(callback, loop):
    """Ctrl-C, `kill`, and a closed terminal all mean: end everything."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, callback, name)
