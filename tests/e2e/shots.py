"""Pictures of a running tutorial: `python tests/e2e/shots.py [FOLDER] [--only TEXT]`, by default into `docs/img`.

Every page at every size, dark and light, and the states that are not the happy one. `DASKSCOPE_DIST` is the built app.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from conftest import FLAGS  # noqa: E402
from harness import procs  # noqa: E402
from harness.front import Loop, Site  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.notebook import Notebook  # noqa: E402
from harness.pages import App  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

ROOT = Path(__file__).parents[2]
SIZES = {"wide": (1440, 900), "medium": (800, 600), "narrow": (380, 800), "panel": (420, 700)}
USER, PASSWORD = "ana", "tutorial"


class Camera:
    """Takes pictures of one app at one size and scheme."""

    def __init__(self, browser: Browser, site: Site, folder: Path, size: str, scheme: str, only: str) -> None:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.app = App(context.new_page(), site)
        self.folder, self.tail, self.only = folder, f"{size}-{scheme}", only

    def take(self, what: str) -> None:
        """One picture; what still moves is given a moment to come to rest."""
        name = f"{what}-{self.tail}"
        if self.only in name:
            self.app.page.wait_for_timeout(700)
            self.app.page.screenshot(path=self.folder / f"{name}.png")
            print(name, flush=True)

    def walk(self, name: str) -> None:
        """The pages of the walk."""
        app = self.app
        app.open("/connect", gateway="/gateway", auth="basic")
        self.take("connect")
        app.fill_connect(USER, PASSWORD)
        app.id("connect-submit").click()
        app.at_clusters()
        self.take("list")
        app.options()
        self.take("options")
        app.cluster(name).status("RUNNING")
        app.live()
        app.page.wait_for_timeout(1500)  # let some of the run come in
        self.take("cluster")

    def errors(self) -> None:
        """What is shown when something is wrong."""
        app = self.app
        app.open("/connect", gateway="/gateway", auth="basic")
        app.fill_connect(USER, "wrong")
        app.id("connect-submit").click()
        app.id("connect-error").wait_for()
        self.take("error-password")
        app.id("gateway-address").fill(f"http://127.0.0.1:{procs.free_port()}")
        app.id("connect-submit").click()
        app.page.wait_for_timeout(1500)
        self.take("error-address")
        app.sign_in(USER, PASSWORD)
        form = app.options()
        form.set("worker_cores", "9")
        form.set("environment_vars", "a: [1,")
        form.error("worker_cores").wait_for()
        form.error("worker_cores").scroll_into_view_if_needed()
        self.take("error-option")
        app.open("/scheduler", url=f"http://127.0.0.1:{procs.free_port()}")
        app.page.wait_for_timeout(3000)
        self.take("error-scheduler")
        # An address for documentation: nothing is there, and it is asked before it is tried.
        app.page.goto(f"{app.site.url}/#/scheduler?url=http://192.0.2.7:8787")
        app.id("consent").wait_for()
        self.take("stranger")

    def questions(self, name: str, gateway: Gateway) -> None:
        """Dialogs, the cap, and a wire that was cut."""
        app = self.app
        app.sign_in(USER, PASSWORD)
        cluster = app.cluster(name)
        cluster.status("RUNNING")
        app.live()
        cluster.scale(10)
        cluster.id("server-message").wait_for()
        self.take("cap")
        app.page.keyboard.press("Escape")
        cluster.id("shutdown").click()
        cluster.id("shutdown-confirm").wait_for()
        self.take("shutdown")
        cluster.id("shutdown-cancel").click()
        app.page.locator("body").press("?")
        self.take("keys")
        app.page.keyboard.press("Escape")
        failed = gateway.create(USER, gpu=True)
        app.go(f"/clusters/{failed}")
        app.cluster(failed).status("FAILED")
        self.take("failed")
        app.go(f"/clusters/{name}")
        app.live()
        app.site.relay.cut()
        app.page.wait_for_timeout(2500)
        self.take("cut")
        app.site.relay.mend()


def main() -> None:
    """Starts everything, takes the pictures, ends everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "img")
    parser.add_argument("--only", default="", help="only pictures whose name holds this text, e.g. cluster-wide-dark")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    procs.work_dir = Path(tempfile.mkdtemp(prefix="daskscope-shots-"))
    dist = Path(os.environ.get("DASKSCOPE_DIST") or ROOT / "dist")
    loop = Loop()
    gateway = Gateway("shots", password=PASSWORD).start()
    site = Site(loop, dist, gateway.url)
    notebook = Notebook(sys.executable)
    try:
        name = gateway.running(USER, workers=2, worker_cores=2, worker_memory=1.0)
        gateway.join(notebook, USER, name)
        notebook.do("workers", count=2)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("DASKSCOPE_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
            )
            notebook.do("hold", nonce="mean", count=120, erred=2)
            for scheme in ("dark", "light"):
                for size in SIZES:
                    camera = Camera(browser, site, args.folder, size, scheme, args.only)
                    notebook.begin("show", seconds=9)
                    camera.walk(name)
                    notebook.result()
            for scheme, size in (("dark", "wide"), ("light", "narrow")):
                camera = Camera(browser, site, args.folder, size, scheme, args.only)
                camera.errors()
                camera.questions(name, gateway)
            browser.close()
    finally:
        notebook.close()
        gateway.delete(USER, *gateway.clusters(USER))
        procs.until(lambda: not gateway.clusters(USER), 60, "end of all clusters")
        site.close()
        gateway.stop()
        loop.close()
        procs.end(list(procs.marked()))
        shutil.rmtree(procs.work_dir, ignore_errors=True)


if __name__ == "__main__":
    main()
