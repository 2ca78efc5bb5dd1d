"""A real dask-gateway-server on loopback, which can be killed and started again."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import procs

HERE = Path(__file__).parent


class Gateway:
    """One server with its proxy. `keep=True` gives it a database, so that clusters outlive it."""

    def __init__(self, name: str, *, password: str = "", keep: bool = False, unknown_kind: bool = False, **env: str) -> None:
        self.name = name
        self.password = password
        self.api_port, self.proxy_port = procs.free_port(), procs.free_port()
        self.url = f"http://127.0.0.1:{self.proxy_port}"
        self.process: Any = None
        clusters = procs.work_dir / f"{name}-clusters"
        clusters.mkdir(exist_ok=True)
        self.env = procs.child_env(
            E2E_API_PORT=str(self.api_port),
            E2E_PROXY_PORT=str(self.proxy_port),
            E2E_GATEWAY=name,
            E2E_PASSWORD=password,
            E2E_CLUSTERS=str(clusters),
            E2E_PYTHON=sys.executable,
            E2E_PYTHON_OLD=os.environ.get("DASKSCOPE_PYTHON_2024_5", ""),
            E2E_SLOW=str(HERE / "slow_start.py"),
            E2E_UNKNOWN_KIND="1" if unknown_kind else "",
            **env,
        )
        if keep:
            self.env["E2E_DB"] = str(procs.work_dir / f"{name}.sqlite")
            self.env["E2E_DB_KEY"] = base64.b64encode(secrets.token_bytes(32)).decode()

    def start(self) -> Gateway:
        """Starts the server and waits until its proxy answers for it."""
        command = [sys.executable, "-m", "dask_gateway_server", "-f", str(HERE / "gateway_config.py")]
        self.process = procs.start(command, f"{self.name}-server", env=self.env, cwd=procs.work_dir)
        procs.until(self.healthy, 60, "answer from the gateway")
        return self

    def healthy(self) -> bool:
        """Whether `/api/health` answers through the proxy."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the gateway ended with {self.process.returncode}: see {self.name}-server.log")
        try:
            with urllib.request.urlopen(f"{self.url}/api/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """As a crash does it: the server gets no chance to say goodbye; its clusters go on."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # The proxy is in its own session and ends when its parent's pipe closes; the ports must be free again.
        procs.until(lambda: not procs.listening(self.proxy_port), 15, "free proxy port")

    def stop(self, orphans: bool = False) -> None:
        """Ends the server, which ends its clusters. With `orphans`, also the clusters that it forgot."""
        if self.process is not None:
            procs.stop(self.process, 25)
        if orphans:
            procs.end(list(procs.marked(E2E_GATEWAY=self.name)))

    # What the server itself says, asked behind the app's back.

    def request(self, method: str, path: str, user: str, body: Any = None) -> tuple[int, Any]:
        """One REST call as `user`: status and JSON (or text)."""
        cred = base64.b64encode(f"{user}:{self.password}".encode()).decode()
        data = None if body is None else json.dumps(body).encode()
        head = {"Authorization": f"Basic {cred}", "Content-Type": "application/json"}
        req = urllib.request.Request(self.url + path, data=data, headers=head, method=method)
        try:
            with urllib.request.urlopen(req, timeout=30) as answer:
                status, raw = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, raw = error.code, error.read()
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw.decode(errors="replace")

    def clusters(self, user: str, status: str = "pending,running,stopping") -> dict[str, dict]:
        """Name → record of the user's clusters with one of these statuses."""
        code, answer = self.request("GET", f"/api/v1/clusters/?status={status}", user)
        assert code == 200, (code, answer)
        return answer

    def status(self, user: str, name: str) -> str:
        """The status of one cluster."""
        return self.request("GET", f"/api/v1/clusters/{name}", user)[1]["status"]

    def create(self, user: str, **options: Any) -> str:
        """A cluster made elsewhere; returns its name at once."""
        code, answer = self.request("POST", "/api/v1/clusters/", user, {"cluster_options": options})
        assert code == 201, (code, answer)
        return answer["name"]

    def join(self, notebook: Any, user: str, name: str, *, record: bool = True) -> None:
        """Connects a notebook to a cluster, behind the app's back; `record` makes the scheduler keep what it runs."""
        proxy = f"gateway://127.0.0.1:{self.proxy_port}"
        args = {"cluster": name, "user": user, "password": self.password, "record": record}
        notebook.do("connect_gateway", url=self.url, proxy=proxy, **args)

    def running(self, user: str, *, workers: int = 0, **options: Any) -> str:
        """A cluster that is RUNNING, with this many workers asked for."""
        name = self.create(user, **options)
        procs.until(lambda: self.status(user, name) == "RUNNING", 60, "RUNNING cluster")
        if workers:
            code, answer = self.request("POST", f"/api/v1/clusters/{name}/scale", user, {"count": workers})
            assert code == 200 and answer["ok"], answer
        return name

    def delete(self, user: str, *names: str) -> None:
        """Shuts clusters down without waiting."""
        for name in names:
            self.request("DELETE", f"/api/v1/clusters/{name}", user)
