"""The build with names (`cargo xtask dist --names`): when the program stops, the console says why and where."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from harness.front import Loop, Site
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def page(browser: Browser, loop: Loop, dist) -> Iterator[Page]:
    """A page whose faults are no failures of the test."""
    assert dist.name == "dist-names"
    site = Site(loop, dist)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    it = context.new_page()
    it.goto(f"{site.url}/#/connect?gateway=/gateway&auth=basic")
    expect(it.get_by_test_id("connect-submit")).to_be_visible()
    yield it
    context.close()
    site.close()


def test_a_panic_says_what_went_wrong_and_where(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    # A browser that makes no new elements: Yew panics with the browser's own error, which is printed by `{:?}`.
    page.evaluate(
        """() => {
            for (const name of ['createElement', 'createElementNS']) {
                const real = document[name];
                Document.prototype[name] = function (...what) {
                    // The notice needs elements: it is no part of the program.
                    if (new Error().stack.includes('wasm')) throw new Error('no room in the page');
                    return real.apply(this, what);
                };
            }
            location.hash = '#/scheduler?url=http://127.0.0.1:1';
        }"""
    )
    until = time.monotonic() + 25
    while not any("panicked at" in text for text in said) and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert any("panicked at" in text for text in said), said
    panic = next(text for text in said if "panicked at" in text)
    where = panic.split("panicked at ", 1)[1].split("\n")[0]
    assert ".rs:" in where and not where.startswith("/"), f"the place, without the folder of whoever built it: {panic}"
    assert "no room in the page" in panic, f"the error, as `{{:?}}` prints it: {panic}"
    assert "dom_bundle::" in panic and "scheduler" in panic, f"the functions that led there: {panic}"
    expect(page.locator("#boot-fault")).to_contain_text("add that to a report")
