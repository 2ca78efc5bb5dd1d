"""Progress: how fast, how long still, and the prefixes that Dask does not list."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import expect

MANY = """
from distributed import default_client, wait
import time
kept = []
for number in range(30):
    kept += default_client().map(lambda i: i, range(30 - number // 2), key=f"prefix{number:02}", pure=False)
wait(kept)
kept_by = globals().setdefault("_kept", [])
kept_by.append(kept)
"""
SLOW = """
from distributed import default_client
import time
globals()["_slow"] = default_client().map(lambda i: time.sleep(0.2), range(100), key="slow", pure=False)
"""


def test_pace_and_what_is_not_listed(signed_in: App, user: str, gateway: Gateway, new_notebook: Callable) -> None:
    app = signed_in
    cluster = app.cluster(gateway.running(user, workers=2))
    cluster.status("RUNNING")
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    notebook.do("workers", count=2)
    note = app.id("pane-progress").locator(".pane-note")
    notebook.do("snippet", code=SLOW)
    expect(note).to_have_text(re.compile(r"^\d+ % of 100, about \d+ s left, [\d.]+ a second$"), timeout=30_000)
    expect(app.id("progress-row-slow").locator(".count")).to_have_text(re.compile(r"^\d+ of 100, [\d.]+/s$"))
    expect(note).to_have_text("100 % of 100", timeout=60_000)
    notebook.do("snippet", code=MANY)
    expect(app.page.get_by_text("Dask lists the 24 largest prefixes")).to_be_visible(timeout=40_000)
    # The smallest of 30 are not among the 24; the scheduler counts them all the same.
    expect(app.id("progress-beyond-prefix29").locator(".count")).to_have_text("16 ended", timeout=40_000)
    expect(app.id("progress-beyond-prefix00")).to_have_count(0)
    # And all prefixes are told as one: what the 24 rows count, and the others beside them.
    others = app.id("progress-row-all others")
    expect(others).to_have_attribute("data-total", "121")
    expect(others).to_have_attribute("data-memory", "121")
    expect(note).to_have_text("100 % of 790")
