"""docs/panes.md is complete: it lists whatever a live scheduler offers, and the panes that it names exist."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

from harness.pages import App
from playwright.sync_api import expect

TABLE = Path(__file__).parents[2] / "docs" / "panes.md"


def rows() -> dict[str, tuple[str, str]]:
    """Page → how it is here, and the words about it."""
    found = re.findall(r"^\| `(/[^`]+)` \| (\w+) \| (.+) \|$", TABLE.read_text(), re.MULTILINE)
    return {page: (how, words) for page, how, words in found}


def fetch(url: str) -> str:
    """The text at an address."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def panes(app: App) -> set[str]:
    """The names of all panes, as the page itself lists them where it is asked for one that does not exist."""
    app.open("/panel/nonsense", url="http://127.0.0.1:1")
    said = app.page.get_by_role("alert").inner_text()
    return set(said.partition("There are: ")[2].rstrip(".").split(", "))


def test_the_table_has_every_page(new_scheduler) -> None:
    scheduler = new_scheduler("new", workers=1)
    table = rows()
    plots = set(json.loads(fetch(f"{scheduler.url}/individual-plots.json")).values())
    assert len(plots) > 30
    # Relative links of the menu: pages, and the plots below "More...".
    html = fetch(f"{scheduler.url}/status")
    menu = {f"/{href}" for href in re.findall(r'<li>\s*<a href="([a-z-]+)">', html)}
    assert {"/status", "/workers", "/info", "/hardware"} <= menu
    missing = sorted((plots | menu) - set(table))
    assert not missing, f"not in docs/panes.md: {missing}"
    # Nothing in it that Dask does not have. What is in no list is asked for.
    for page in sorted(set(table) - plots - menu):
        assert fetch(f"{scheduler.url}{page}/metadata"), page


def test_the_panes_of_the_table_exist(app: App) -> None:
    there = panes(app)
    assert {"task-stream", "memory", "dask:status"} <= there
    named: set[str] = set()
    for page, (how, words) in rows().items():
        assert how in ("native", "embedded", "absent"), page
        ids = set(re.findall(r"`([a-z:-]+)`", words))
        assert how == "absent" or ids, f"{page} names no pane"
        if how != "absent":
            named |= ids
    assert not named - there, f"panes that do not exist: {sorted(named - there)}"
    # Each native pane stands for some page of Dask's.
    own = {name for name in there if name.startswith("dask:")}
    assert own <= named, sorted(own - named)
    assert not (there - own) - named - {"advice"}, f"panes in no row: {sorted((there - own) - named)}"


def test_any_page_can_be_framed(app: App, new_scheduler) -> None:
    scheduler = new_scheduler("new", workers=1)
    # One of the menu, and one that is named in the address only.
    for name, path in (("dask:workers", "/workers"), ("dask:individual-cpu", "/individual-cpu")):
        app.open(f"/panel/{name}", url=scheduler.url)
        frame = app.id("own-frame")
        expect(frame).to_have_attribute("src", f"{scheduler.url}{path}")
        expect(app.id("own-tab")).to_have_attribute("href", f"{scheduler.url}{path}")
        # Bokeh has drawn: its documents live in shadow roots.
        app.page.frame_locator("[data-testid=own-frame]").locator(".bk-Figure, .bk-DataTable").first.wait_for()
    app.open("/panel/dask:eventstream", url=scheduler.url)
    expect(app.page.get_by_role("alert")).to_contain_text("There is no pane")


def test_a_frame_of_our_own_origin_is_kept_apart(app: App, site, new_scheduler) -> None:
    scheduler = new_scheduler("new", workers=1)
    site.proxies["/far"] = scheduler.url
    app.open("/panel/dask:workers", url=f"{site.url}/far")
    expect(app.id("own-frame")).to_have_attribute("sandbox", re.compile("^(?!.*allow-same-origin)"))
    inside = app.page.frame_locator("[data-testid=own-frame]")
    inside.locator(".bk-DataTable, .bk-Figure").first.wait_for()
    frame = next(frame for frame in app.page.frames if frame.url.endswith("/far/workers"))
    assert frame.evaluate("() => { try { return parent.sessionStorage.length >= 0 } catch { return 'kept out' } }") == "kept out"
