"""The app as a person uses it, by the names that its elements promise (`data-testid`)."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, TimeoutError as PlaywrightTimeout, expect

from . import procs, truth
from .front import Site

# Waits are generous: they end at once when what they await is there. Nothing here asserts how long it took.
SLOW = 60_000


class App:
    """One tab with the app."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site

    # Getting about.

    def id(self, name: str) -> Locator:
        """The element of that name."""
        return self.page.get_by_test_id(name)

    def open(self, route: str = "", **query: Any) -> App:
        """Loads the app at a hash route; the query goes into the hash. A scheduler in it is one that the site knows."""
        self.site.know(str(query.get("url", "")))
        self.page.goto("about:blank")  # so that it is a load, not a move within the page
        self.page.goto(self.address(route, **query))
        self.ready()
        return self

    def address(self, route: str = "", **query: Any) -> str:
        """The address of a route."""
        pairs = "&".join(f"{k}={quote(str(v), safe='/')}" for k, v in query.items())
        return f"{self.site.url}/" + (f"#{route}" if route else "") + (f"?{pairs}" if pairs else "")

    def go(self, route: str) -> None:
        """Moves within the app, as following a link does."""
        self.page.evaluate("route => { location.hash = route }", route)

    def ready(self) -> None:
        """Waits until the app runs, or says why it cannot."""
        said = self.page.wait_for_function(
            """() => document.querySelector('#boot.failed')?.innerText || (window.daskscope?.version && 'runs')""",
            timeout=SLOW,
        ).json_value()
        assert said == "runs", said

    def reload(self) -> None:
        """As the reload button does it."""
        self.page.reload()
        self.ready()

    # Connect.

    def sign_in(self, user: str, password: str = "", gateway: str = "/gateway") -> None:
        """Connects to the gateway as `user` and stands at the list of clusters."""
        self.open("/connect", gateway=gateway, auth="basic")
        self.fill_connect(user, password)
        self.id("connect-submit").click()
        self.at_clusters()

    def fill_connect(self, user: str, password: str = "") -> None:
        """Fills the form (basic)."""
        self.id("auth-kind").select_option("basic")
        self.id("username").fill(user)
        if password or self.id("password").input_value():
            self.id("password").fill(password)

    def at_clusters(self) -> None:
        """Waits for the list of clusters."""
        expect(self.id("new-cluster").or_(self.id("options-form")).first).to_be_visible()

    # Options.

    def options(self) -> Options:
        """The options form, opened where it is not."""
        self.at_clusters()
        if not self.id("options-form").is_visible():
            self.id("new-cluster").click()
        expect(self.id("options-form")).to_be_visible()
        return Options(self)

    # Clusters.

    def row(self, name: str) -> Locator:
        """The row of a cluster in the list."""
        return self.id(f"cluster-row-{name}")

    def cluster(self, name: str) -> Cluster:
        """The page of a cluster."""
        if f"/clusters/{name}" not in self.page.url:
            self.go(f"/clusters/{name}")
        expect(self.id("cluster-status")).to_be_visible()
        return Cluster(self, name)

    # Live data.

    def live(self, timeout: float = SLOW) -> None:
        """Waits until the feed is live."""
        expect(self.id("feed-status")).to_have_attribute("data-state", "live", timeout=timeout)

    def feed(self) -> str | None:
        """The state of the feed."""
        return self.id("feed-status").get_attribute("data-state")

    def tasks(self, **args: Any) -> list[dict]:
        """`daskscope.tasks()`."""
        return self.page.evaluate("async args => await window.daskscope.tasks(args)", args)

    def stats(self) -> dict:
        """`daskscope.stats()`."""
        return self.page.evaluate("async () => await window.daskscope.stats()")

    def idle(self) -> None:
        """Waits for `daskscope.idle()`."""
        self.page.evaluate("async () => { await window.daskscope.idle() }")

    def must_hold(self, rows: list[dict], timeout: float = 40, what: str = "") -> None:
        """Waits until the app holds exactly the scheduler's rows, among those with the same keys; else says what differs."""
        keys = truth.keys(rows)
        limit = time.monotonic() + timeout
        while True:
            difference = truth.compare(truth.only(self.tasks(), keys), rows)
            if not difference or time.monotonic() > limit:
                break
            # A page fetch of thousands of rows is work for the app too: look about twice a second.
            self.page.wait_for_timeout(500)
        assert not difference, f"{what or 'task stream'}: {difference}\n  stats: {json.dumps(self.stats())[:600]}"

    def add_pane(self, *names: str) -> None:
        """Puts panes on the board, from the library."""
        self.id("pane-add").click()
        for name in names:
            self.id(f"pane-add-{name}").click()
        self.page.keyboard.press("Escape")

    def arrange(self, pane: str, *acts: str) -> None:
        """Does things in a pane's menu (`earlier`, `wider`, `remove`, …)."""
        self.id(f"pane-menu-{pane}").click()
        for act in acts:
            self.id(f"pane-{act}").click()
        if acts[-1] not in ("remove", "maximise", "restore", "table"):
            self.page.keyboard.press("Escape")

    def board(self) -> list[tuple[str, int]]:
        """The panes in order, with how many columns each takes."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('.board > .cell')].map(cell =>
                [cell.dataset.pane, +cell.className.match(/w([0-9]+)/)[1]])"""
        )

    def no_overflow(self) -> None:
        """The page is not wider than the window."""
        wide = self.page.evaluate(
            """() => {
                const limit = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= limit && document.body.scrollWidth <= limit) return [];
                return [...document.querySelectorAll('body *')]
                    .filter(e => e.getBoundingClientRect().right > limit + 1)
                    .map(e => `${e.tagName.toLowerCase()}.${e.getAttribute('class')} ${Math.round(e.getBoundingClientRect().right)}`)
                    .slice(0, 12).concat(`document ${document.documentElement.scrollWidth} > ${limit}`);
            }"""
        )
        assert not wide, f"wider than the window: {wide}"

    def secrets(self) -> str:
        """All that the page keeps where others could read it: DOM, fields, storage but the session's own, address."""
        return self.page.evaluate(
            """() => JSON.stringify([
                location.href, document.documentElement.outerHTML, {...localStorage},
                document.cookie, history.state, document.title,
            ])"""
        )

    def clipboard(self) -> str:
        """What was copied last."""
        return self.page.evaluate("async () => await navigator.clipboard.readText()")


class Options:
    """The form of a cluster's options."""

    def __init__(self, app: App) -> None:
        self.app = app

    def field(self, name: str) -> Locator:
        """The control of a field."""
        return self.app.id(f"option-{name}")

    def error(self, name: str) -> Locator:
        """The message at a field."""
        return self.app.id(f"option-{name}-error")

    def set(self, name: str, value: Any) -> None:
        """Sets a field as a person does: by its kind of control."""
        control = self.field(name)
        tag = control.evaluate("e => e.tagName.toLowerCase()")
        kind = control.get_attribute("type") or ""
        if tag == "select":
            control.select_option(str(value))
        elif kind == "checkbox":
            control.set_checked(bool(value))
        elif tag in ("input", "textarea"):
            self.type(control, str(value))
        else:
            self.type(self.text(name), str(value))

    @staticmethod
    def type(control: Locator, value: str) -> None:
        """Types a text. A number field takes no letters from `fill`, so bad ones are typed key by key."""
        try:
            control.fill(value, timeout=1500)
        except (PlaywrightTimeout, Exception) as error:
            if "number" not in str(error):
                raise
            control.fill("")
            control.press_sequentially(value)
        control.blur()

    def text(self, name: str) -> Locator:
        """The text area of a mapping (or of a field of an unknown kind)."""
        control = self.field(name)
        if control.evaluate("e => e.tagName.toLowerCase()") in ("textarea", "input"):
            return control
        area = control.locator("textarea")
        if not area.count():
            # A mapping shown as rows has a way to be typed as text.
            control.get_by_role("button", name="YAML").or_(control.get_by_role("tab", name="YAML")).first.click()
        return area.first

    def value(self, name: str) -> Any:
        """What a field shows."""
        control = self.field(name)
        if control.get_attribute("type") == "checkbox":
            return control.is_checked()
        if control.evaluate("e => ['input', 'select', 'textarea'].includes(e.tagName.toLowerCase())"):
            return control.input_value()
        return self.text(name).input_value()

    def create(self) -> None:
        """Asks for the cluster."""
        self.app.id("create-cluster").click()

    def create_and_wait(self, gateway: Any, user: str) -> str:
        """Creates a cluster and gives the name that the server knows it by."""
        before = set(gateway.clusters(user))
        self.create()
        fresh = procs.until(lambda: set(gateway.clusters(user)) - before, 20, "new cluster on the server")
        assert len(fresh) == 1
        return fresh.pop()


class Cluster:
    """The page of one cluster."""

    def __init__(self, app: App, name: str) -> None:
        self.app, self.name = app, name
        self.id = app.id

    def status(self, wanted: str, timeout: float = SLOW) -> None:
        """Waits for a status."""
        expect(self.id("cluster-status")).to_have_attribute("data-status", wanted, timeout=timeout)

    def controls(self) -> None:
        """Opens the scale controls where they are folded."""
        if not self.id("scale-count").is_visible():
            self.id("scale-open").click()
        expect(self.id("scale-count")).to_be_visible()

    def scale(self, count: int | str) -> None:
        """Asks for workers."""
        self.controls()
        self.id("scale-count").fill(str(count))
        self.id("scale-apply").click()

    def adapt(self, minimum: int | str, maximum: int | str) -> None:
        """Asks for adaptive scaling."""
        self.controls()
        self.id("adapt-minimum").fill(str(minimum))
        self.id("adapt-maximum").fill(str(maximum))
        self.id("adapt-apply").click()

    def arrived(self, count: int) -> None:
        """Waits until so many workers have arrived."""
        expect(self.id("workers-arrived")).to_have_text(str(count), timeout=SLOW)

    def dialog(self) -> Locator:
        """The question that is asked before something dangerous."""
        return self.app.page.get_by_role("dialog").or_(self.app.page.get_by_role("alertdialog")).first

    def shut_down(self) -> None:
        """Shuts the cluster down, confirming."""
        self.id("shutdown").click()
        self.id("shutdown-confirm").click()

    def snippet(self) -> str:
        """The code that connects a notebook."""
        it = self.id("connect-snippet")
        if not it.is_visible():
            self.app.page.get_by_role("button", name="Connect").first.click()
        expect(it).to_be_visible()
        if it.evaluate("e => 'value' in e && e.tagName !== 'BUTTON'"):
            return it.input_value()
        return it.inner_text()

    def progress(self, prefix: str) -> dict[str, int]:
        """The counts that the progress row of a prefix shows."""
        row = self.id(f"progress-row-{prefix}")
        expect(row).to_be_visible(timeout=SLOW)
        names = ("memory", "erred", "released", "processing", "total")
        return {n: int(row.get_attribute(f"data-{n}") or -1) for n in names}
