"""A window of any browser: WebDriver, the W3C's protocol, which the makers of all three engines speak.

Each window has a driver and a profile of its own, as two people at two desks have: WebKit's driver knows one session at a
time, and so nothing differs between the engines but how they are started.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import procs

KEYS = {
    "Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Shift": "\ue008", "Control": "\ue009", "ArrowDown": "\ue015",
    "ArrowRight": "\ue014",
}  # fmt: skip
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class DriverError(AssertionError):
    """What a driver refused."""


@dataclass
class Engine:
    """How one engine is started. `needs` are the variables with its programs, as `cargo xtask test engines` sets them."""

    name: str
    needs: tuple[str, str]
    driver: list[str]
    capabilities: dict[str, Any]
    env: dict[str, str] = field(default_factory=dict)

    def program(self, which: int) -> str:
        """The browser (0) or its driver (1); empty where it is not there."""
        return os.environ.get(self.needs[which], "")


def engines() -> list[Engine]:
    """All three."""
    chromium = os.environ.get("DASKSCOPE_CHROMIUM", "")
    firefox = os.environ.get("DASKSCOPE_FIREFOX", "")
    webkit = os.environ.get("DASKSCOPE_WEBKIT", "")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    return [
        Engine("chromium", ("DASKSCOPE_CHROMIUM", "DASKSCOPE_CHROMEDRIVER"), ["--port={port}"],
               {"goog:chromeOptions": {"binary": chromium, "args": flags}}),
        Engine("firefox", ("DASKSCOPE_FIREFOX", "DASKSCOPE_GECKODRIVER"), ["--port={port}", "--websocket-port={other}"],
               {"moz:firefoxOptions": {"binary": firefox, "args": ["-headless"]}}),
        # It has no headless mode: the fixture starts a screen that nobody sees.
        Engine("webkit", ("DASKSCOPE_WEBKIT", "DASKSCOPE_WEBKITDRIVER"), ["--port={port}"],
               {"webkitgtk:browserOptions": {"binary": webkit, "args": ["--automation"]}}),
    ]  # fmt: skip


class Window:
    """One window, driven as a person does it: real pointer and key events."""

    def __init__(self, engine: Engine, log: str, **env: str) -> None:
        self.engine = engine
        port = procs.free_port()
        home = procs.work_dir / f"home-{port}"
        home.mkdir()
        command = [engine.program(1), *(a.format(port=port, other=procs.free_port()) for a in engine.driver)]
        self.process = procs.start(command, log, env=procs.child_env(HOME=str(home), **engine.env, **env))
        self.base = f"http://127.0.0.1:{port}"
        self.session = ""
        try:
            procs.until(lambda: procs.listening(port), 30, f"driver of {engine.name}")
            answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": engine.capabilities}})
            self.session = f"/session/{answer['sessionId']}"
            said = answer["capabilities"]
            self.version = f"{said['browserName']} {said.get('browserVersion', '')}"
            self.do("POST", "/timeouts", script=60_000, pageLoad=60_000)
            self.do("POST", "/window/rect", width=1440, height=1000, x=0, y=0)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the browser and its driver."""
        if self.session:
            try:
                self.ask("DELETE", self.session)
            except (OSError, DriverError):
                pass
        procs.stop(self.process)

    # The protocol.

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the driver."""
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise DriverError(f"{self.engine.name}: {path}: {value['error']}: {value['message']}") from None

    def do(self, method: str, path: str, **body: Any) -> Any:
        """One request about this window."""
        return self.ask(method, self.session + path, body)

    def js(self, code: str, *args: Any) -> Any:
        """What a function's body returns in the page; a promise is awaited."""
        asked = (
            "const done = arguments[arguments.length - 1], args = [...arguments].slice(0, -1);"
            f"(async (...args) => {{ {code} }})(...args).then(value => done([value]), error => done(String(error)))"
        )
        said = self.do("POST", "/execute/async", script=asked, args=list(args))
        if not isinstance(said, list):
            raise DriverError(f"{self.engine.name}: {said} in {code}")
        return said[0]

    def picture(self, path: Path) -> None:
        """Writes what is on the screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.do("GET", "/screenshot")))

    # Finding and reading.

    def element(self, css: str, timeout: float = 25) -> str:
        """The first element that fits, once it is there."""

        def look() -> str:
            found = self.do("POST", "/elements", using="css selector", value=css)
            return found[0][ELEMENT] if found else ""

        return procs.until(look, timeout, f"{css} in {self.engine.name}")

    def read(self, css: str, what: str = "innerText") -> Any:
        """A property of an element, or an attribute (`@name`); none where the element is not there."""
        return self.js(
            """const [css, what] = args, one = document.querySelector(css);
            return one && (what[0] === '@' ? one.getAttribute(what.slice(1)) : one[what]);""",
            css, what,
        )  # fmt: skip

    def count(self, css: str) -> int:
        """How many there are."""
        return self.js("return document.querySelectorAll(args[0]).length", css)

    def shown(self, css: str) -> bool:
        """Whether it is there and takes room."""
        return bool(self.js("return !!document.querySelector(args[0])?.getClientRects().length", css))

    def until(self, css: str, what: str, wanted: Any, timeout: float = 40) -> None:
        """Waits until a property or attribute is `wanted`, or fits it where that is a function."""
        fits = wanted if callable(wanted) else lambda value: value == wanted
        last: list[Any] = [None]

        def look() -> bool:
            last[0] = self.read(css, what)
            return fits(last[0])

        try:
            procs.until(look, timeout, "")
        except TimeoutError:
            asked = "as asked" if callable(wanted) else repr(wanted)
            raise AssertionError(f"{self.engine.name}: {what} of {css} is {last[0]!r}, not {asked}") from None

    # Hands.

    def go(self, url: str) -> None:
        """Opens an address."""
        self.do("POST", "/url", url=url)

    def click(self, css: str, timeout: float = 25) -> None:
        """Clicks, once it is there to be clicked."""

        def press() -> bool:
            try:
                self.do("POST", f"/element/{self.element(css, timeout)}/click")
            except DriverError as error:
                # Drawn anew, moved or covered for a moment: a person would look again.
                if not any(word in str(error) for word in ("stale", "intercepted", "not interactable")):
                    raise
                return False
            return True

        procs.until(press, timeout, f"click on {css} in {self.engine.name}")

    def fill(self, css: str, text: str) -> None:
        """Types a text in place of what a field holds."""
        self.click(css)
        self.press("Control+a")
        self.type(text)

    def choose(self, css: str, value: str) -> None:
        """Chooses an option of a list."""
        option = self.element(f'{css} option[value="{value}"]')
        self.do("POST", f"/element/{option}/click")

    def type(self, text: str) -> None:
        """Types into whatever has the focus."""
        steps = [{"type": way, "value": letter} for letter in text for way in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": steps})

    def press(self, keys: str) -> None:
        """Presses keys together (`Control+a`)."""
        values = [KEYS.get(key, key) for key in keys.split("+")]
        steps = [{"type": "keyDown", "value": v} for v in values] + [{"type": "keyUp", "value": v} for v in reversed(values)]
        self._act({"type": "key", "id": "keys", "actions": steps})

    def box(self, css: str) -> dict[str, float]:
        """Where an element is in the window, CSS px."""
        return self.js("const r = document.querySelector(args[0]).getBoundingClientRect(); return {x: r.x, y: r.y, w: r.width, h: r.height}", css)

    def point(self, x: float, y: float) -> None:
        """Moves the pointer there."""
        self._act(_pointer([_move(x, y)]))

    def drag(self, start: tuple[float, float], end: tuple[float, float], key: str = "") -> None:
        """Drags from one point of the window to another, with a key held."""
        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        moves = [_move(*start), down, _move(*middle), _move(*end), up]
        if not key:
            self._act(_pointer(moves))
            return
        value = KEYS[key]
        held = [{"type": "keyDown", "value": value}, *({"type": "pause"} for _ in moves), {"type": "keyUp", "value": value}]
        self._act(_pointer([{"type": "pause"}, *moves]), {"type": "key", "id": "keys", "actions": held})

    def wheel(self, x: float, y: float, amount: int) -> None:
        """Turns the wheel there."""
        turn = {"type": "scroll", "x": round(x), "y": round(y), "deltaX": 0, "deltaY": amount, "origin": "viewport"}
        self._act({"type": "wheel", "id": "wheel", "actions": [turn]})

    def _act(self, *sources: dict[str, Any]) -> None:
        self.do("POST", "/actions", actions=list(sources))


def _move(x: float, y: float) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 40, "origin": "viewport"}


def _pointer(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
