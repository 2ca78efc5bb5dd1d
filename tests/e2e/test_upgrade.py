"""A new version on the server, an older one in a cache: script and wasm file are always of one build."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.front import Site
from harness.pages import App
from playwright.sync_api import expect

OLD = "0" * 16


def inner(folder: Path) -> str:
    """The hash in the names of a build's files."""
    found = {name.name[10:26] for name in folder.glob("daskscope-*") if re.match(r"daskscope-[0-9a-f]{16}[._]", name.name)}
    assert len(found) == 1, f"{folder} holds {found or 'no build'}"
    return found.pop()


@pytest.fixture
def older(dist: Path, tmp_path: Path) -> Path:
    """The same program as a build of another name, which says so."""
    folder, new = tmp_path / "older", inner(dist)
    folder.mkdir()
    for file in dist.iterdir():
        if file.suffix in (".br", ".gz"):
            continue
        to = folder / file.name.replace(new, OLD)
        shutil.copy(file, to)
        if to.suffix in (".js", ".html"):
            to.write_text(to.read_text().replace(new, OLD))
    script = folder / f"daskscope-{OLD}.js"
    script.write_text(script.read_text() + "\nglobalThis.build = 'old';")
    return folder


def asked(site: Site, since: int) -> set[str]:
    """The hashes of the program's files that were asked for."""
    return {found[1] for seen in site.seen[since:] if (found := re.match(r"/daskscope-([0-9a-f]{16})[._]", seen.path))}


def build(app: App) -> str:
    return app.page.evaluate("() => globalThis.build ?? 'new'")


def test_after_an_upgrade_the_new_build_is_loaded_whole(app: App, site: Site, dist: Path, older: Path) -> None:
    site.dist = older
    app.open("/connect", gateway="/gateway", auth="basic")
    expect(app.id("connect-submit")).to_be_visible()
    assert build(app) == "old" and asked(site, 0) == {OLD}
    site.dist, before = dist, len(site.seen)
    app.page.reload()
    expect(app.id("connect-submit")).to_be_visible()
    assert build(app) == "new" and asked(site, before) == {inner(dist)}


def test_an_old_entry_never_starts_half_of_a_new_build(new_app: Callable[..., App], site: Site, dist: Path, older: Path) -> None:
    entry = (older / "daskscope.js").read_text()
    app = new_app()
    site.dist = older
    app.open("/connect", gateway="/gateway", auth="basic")
    expect(app.id("connect-submit")).to_be_visible()
    # A cache on the way keeps the entry, though it was told not to. This browser has the old build's files: it runs those.
    site.dist, site.pages["/daskscope.js"] = dist, ("text/javascript", entry)
    app.page.reload()
    expect(app.id("connect-submit")).to_be_visible()
    assert build(app) == "old"
    # Another browser has nothing: it says what is wrong, and starts nothing.
    other = new_app()
    other.page.goto(f"{site.url}/#/connect?gateway=/gateway&auth=basic")
    expect(other.page.locator("#boot-text")).to_contain_text("an older page may be in the cache")
    expect(other.id("connect-submit")).to_have_count(0)
    del site.pages["/daskscope.js"]
    other.page.locator("#boot-reload").click()
    expect(other.id("connect-submit")).to_be_visible()
    assert build(other) == "new"
