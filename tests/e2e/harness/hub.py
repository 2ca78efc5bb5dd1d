"""A real JupyterHub with its proxy, before a real gateway and the app's own folder: one origin for all three."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import playwright

from . import procs
from .front import Loop, Site
from .gateway import Gateway

HERE = Path(__file__).parent
NOTE = "Daskscope made this for a browser tab; it ends by itself"


class Hub:
    """The hub, at `url`; the gateway is its service `dask-gateway`, the app its service `dask-app`."""

    def __init__(self, loop: Loop, dist: Path, longest: int = 0) -> None:
        """`longest`: no token lasts longer than so many seconds."""
        public, inner, proxy_api = procs.free_port(), procs.free_port(), procs.free_port()
        self.origin = f"http://127.0.0.1:{public}"
        # Where the app is: what `App` wants of a site.
        self.url = f"{self.origin}/services/dask-app"
        self.inner = f"http://127.0.0.1:{inner}"
        token, self.token = secrets.token_hex(16), secrets.token_hex(16)
        self.gateway = Gateway("hub", E2E_HUB_API=f"{self.inner}/hub/api", E2E_HUB_TOKEN=token)
        own = self.gateway.url
        self.gateway.url = f"{own}/services/dask-gateway"
        self.app = Site(loop, dist)
        self.app.under = "/services/dask-app"
        self.app.config = json.dumps({"gateway": "/services/dask-gateway", "auth": "jupyterhub", "hub": "/hub"})
        self.env = procs.child_env(
            E2E_HUB_URL=f"{self.origin}/",
            E2E_HUB_INNER=self.inner,
            E2E_HUB_PROXY_API=f"http://127.0.0.1:{proxy_api}",
            E2E_HUB_PROXY_TOKEN=secrets.token_hex(16),
            E2E_HUB_GATEWAY=own,
            E2E_HUB_APP=self.app.url,
            E2E_HUB_TOKEN=token,
            E2E_HUB_TESTS=self.token,
            # Playwright's, as it is there and new enough.
            E2E_NODE=str(Path(playwright.__file__).parent / "driver/node"),
            E2E_HUB_LONGEST=str(longest),
        )
        self.process: Any = None

    def know(self, url: str) -> None:
        """As `Site.know`."""
        self.app.know(url)

    def start(self) -> Hub:
        """Starts all of it. A hub looks for its services while it starts, so the gateway comes first."""
        self.gateway.start()
        home = Path(tempfile.mkdtemp(prefix="hub-", dir=procs.work_dir))
        python = os.environ["DASKSCOPE_HUB_PYTHON"]
        command = [python, "-m", "jupyterhub", "-f", str(HERE / "hub_config.py")]
        self.process = procs.start(command, "hub-server", env=self.env, cwd=home)
        procs.until(self.healthy, 90, "answer of the gateway through the hub's proxy")
        return self

    def healthy(self) -> bool:
        """Whether hub, gateway and app answer through the proxy."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the hub ended with {self.process.returncode}: see hub-server.log")
        paths = ("/hub/api/", "/services/dask-gateway/api/health", "/services/dask-app/index.html")
        try:
            for path in paths:
                with urllib.request.urlopen(self.origin + path, timeout=5) as answer:
                    if answer.status != 200:
                        return False
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Ends all of it."""
        if self.process is not None:
            procs.stop(self.process, 20)
        self.gateway.stop()
        self.app.close()

    # What the hub and the gateway say, asked behind the app's back.

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """One call to the hub's API, with every right that the tests need."""
        head = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        req = urllib.request.Request(f"{self.inner}/hub/api{path}", data=data, headers=head, method=method)
        try:
            with urllib.request.urlopen(req, timeout=30) as answer:
                raw = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from None
        return json.loads(raw) if raw else None

    def tokens(self, user: str) -> list[dict]:
        """The tokens that pages of ours hold of a user."""
        found = self.api("GET", f"/users/{user}/tokens")["api_tokens"]
        return [token for token in found if token["note"] == NOTE]

    def revoke(self, user: str) -> None:
        """Ends them, as the hub's Token page does it."""
        for token in self.tokens(user):
            self.api("DELETE", f"/users/{user}/tokens/{token['id']}")
