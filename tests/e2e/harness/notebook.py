"""The parent's end of `workloads.py`: a person's notebook in a process of its own."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

from . import procs

HERE = Path(__file__).parent


class NotebookError(AssertionError):
    """What the notebook raised."""


class Notebook:
    """Runs workloads; `begin` does not wait, `result` does."""

    def __init__(self, python: str, **env: str) -> None:
        log = open(procs.work_dir / f"notebook-{procs.free_port()}.log", "ab")  # noqa: SIM115 (closed below)
        self.process = subprocess.Popen(
            [python, str(HERE / "workloads.py")],
            env=procs.child_env(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=procs.work_dir,
            text=True,
        )
        log.close()
        self.answer: dict | None = None
        self.reader: threading.Thread | None = None

    def begin(self, do: str, **args: Any) -> None:
        """Starts a workload."""
        assert self.reader is None, "one at a time"
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, "args": args}) + "\n")
        self.process.stdin.flush()
        self.answer = None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.answer = json.loads(line) if line else {"error": f"the notebook ended: {self.process.poll()}"}

    @property
    def busy(self) -> bool:
        """Whether a workload runs."""
        return self.reader is not None and self.reader.is_alive()

    def result(self, timeout: float = 120) -> Any:
        """The answer of what `begin` started."""
        assert self.reader is not None
        self.reader.join(timeout)
        if self.reader.is_alive():
            raise TimeoutError(f"the notebook works longer than {timeout:g} s")
        self.reader = None
        assert self.answer is not None
        if "error" in self.answer:
            raise NotebookError(self.answer["error"] + "\n" + self.answer.get("traceback", ""))
        return self.answer["ok"]

    def do(self, what: str, timeout: float = 120, **args: Any) -> Any:
        """Runs a workload and waits for it."""
        self.begin(what, **args)
        return self.result(timeout)

    def close(self) -> None:
        """Ends the process; futures it held are forgotten."""
        if self.process.poll() is None and not self.busy:
            try:
                self.do("close", timeout=10)
            except (TimeoutError, NotebookError, OSError):
                pass
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
        procs.stop(self.process, 3)
