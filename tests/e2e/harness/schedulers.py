"""Bare Dask schedulers with workers, of any version, and a LocalCluster, without any gateway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from . import procs

HERE = Path(__file__).parent


VERSIONS = {"old": "DASKSCOPE_PYTHON_2024_5", "newer": "DASKSCOPE_PYTHON_BOKEH_3_10"}


def python_of(version: str) -> str:
    """The Python with this version (`new`, `old` Dask, `newer` Bokeh), or an empty text where it is not installed."""
    return sys.executable if version == "new" else os.environ.get(VERSIONS[version], "")


class Scheduler:
    """`dask scheduler` and `workers` workers; `url` is its dashboard."""

    def __init__(self, version: str = "new", workers: int = 2, threads: int = 1, **config: str) -> None:
        self.python = python_of(version)
        self.port, self.dashboard_port = procs.free_port(), procs.free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.url = f"http://127.0.0.1:{self.dashboard_port}"
        self.env = procs.child_env(E2E_SCHEDULER=str(self.port), **config)
        log = f"scheduler-{self.port}"
        dask = [self.python, "-m", "dask"]
        head = ["--host", "127.0.0.1", "--port", str(self.port)]
        self.process = procs.start(
            [*dask, "scheduler", *head, "--dashboard-address", f"127.0.0.1:{self.dashboard_port}"],
            log, env=self.env, cwd=procs.work_dir, start_new_session=True,
        )  # fmt: skip
        procs.until(lambda: procs.listening(self.port) and procs.listening(self.dashboard_port), 60, "scheduler")
        for number in range(workers):
            self.worker(f"w{number}", threads)

    def worker(self, name: str, threads: int = 1) -> subprocess.Popen:
        """Adds a worker (without a nanny: one process)."""
        return procs.start(
            [self.python, "-m", "dask", "worker", self.address, "--name", name, "--nthreads", str(threads),
             "--no-nanny", "--no-dashboard", "--memory-limit", "1GiB", "--host", "127.0.0.1",
             "--local-directory", str(procs.work_dir)],
            f"worker-{self.port}-{name}", env=self.env, cwd=procs.work_dir, start_new_session=True,
        )  # fmt: skip

    def stop(self) -> None:
        """Ends scheduler and workers."""
        procs.end(list(procs.marked(E2E_SCHEDULER=str(self.port))))
        self.process.wait()


class LocalCluster:
    """A `distributed.LocalCluster` in a process of its own, as in a notebook on a laptop."""

    def __init__(self, version: str = "new") -> None:
        where = procs.work_dir / f"local-{procs.free_port()}.json"
        mark = where.stem
        self.env = procs.child_env(E2E_SCHEDULER=mark)
        self.mark = mark
        self.process = procs.start(
            [python_of(version), str(HERE / "local_cluster.py"), str(where)], mark, env=self.env, cwd=procs.work_dir
        )
        procs.until(where.exists, 60, "LocalCluster")
        said = json.loads(where.read_text())
        self.address, self.url = said["address"], said["dashboard"]

    def stop(self) -> None:
        """Ends the process and its workers."""
        procs.end(list(procs.marked(E2E_SCHEDULER=self.mark)))
        self.process.wait()


class PlainScheduler:
    """A scheduler without a dashboard (see `plain_scheduler.py`); `url` is where it answers over HTTP."""

    def __init__(self, how: str) -> None:
        port, dashboard_port = procs.free_port(), procs.free_port()
        self.url = f"http://127.0.0.1:{dashboard_port}"
        self.mark = f"plain-{port}"
        env = procs.child_env(E2E_SCHEDULER=self.mark)
        command = [sys.executable, str(HERE / "plain_scheduler.py"), how, str(port), str(dashboard_port)]
        self.process = procs.start(command, self.mark, env=env, cwd=procs.work_dir)
        procs.until(lambda: procs.listening(dashboard_port), 60, "scheduler without a dashboard")

    def stop(self) -> None:
        """Ends it and its workers."""
        procs.end(list(procs.marked(E2E_SCHEDULER=self.mark)))
        self.process.wait()


class Script:
    """A script with a LocalCluster of its own in a process of its own; files in `folder` are what it says and hears."""

    def __init__(self, name: str, *args: str, **env: str) -> None:
        port = procs.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.mark = f"script-{port}"
        self.folder = procs.work_dir / self.mark
        self.folder.mkdir()
        command = [sys.executable, str(HERE / name), str(self.folder), str(port), *args]
        whole = procs.child_env(E2E_SCHEDULER=self.mark, **env)
        self.process = procs.start(command, self.mark, env=whole, cwd=procs.work_dir)

    def say(self, name: str) -> None:
        """Lets it go on."""
        (self.folder / name).touch()

    def wait(self, name: str, timeout: float = 60) -> str:
        """Waits until it is so far; gives what it said."""
        procs.until((self.folder / name).exists, timeout, name)
        return (self.folder / name).read_text()

    def stop(self) -> None:
        """Ends it."""
        procs.end(list(procs.marked(E2E_SCHEDULER=self.mark)))
        self.process.wait()
