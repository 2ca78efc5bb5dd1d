"""Proxies that do more than pass on: paths that are taken apart and put together anew, as nginx does it."""

from __future__ import annotations

import html
import re
import urllib.request
from collections.abc import Callable

import pytest
from harness import procs
from harness.front import Site
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import Locator, expect
from test_aside import WARN, add
from test_stream import find

# Names that a path cannot hold as they are, and one whose own text looks encoded.
KEYS = ["load-s3://bucket//part/0", "half-50%2F50", "sum-a+b #1?x", ("pair-//", 3)]
WORK = f"""
from distributed import default_client, wait
named = [default_client().submit(lambda i: i, n, key=key) for n, key in enumerate({KEYS!r})]
wait(named)
"""
PREFIXES = ["load", "half", "sum", "pair"]


def title(link: Locator) -> str:
    """The title of the page behind a link."""
    with urllib.request.urlopen(link.get_attribute("href"), timeout=20) as page:
        found = re.search("<title>([^<]*)</title>", page.read().decode())
    assert found, "no title"
    return html.unescape(found[1]).strip()


def shown(key: str) -> str:
    """A key as Dask's page of the task has it: as Python writes it."""
    return key if key.startswith("(") else repr(key)


def details(app: App, prefix: str) -> str:
    """Opens the details of the one task of a prefix; its key."""
    app.page.keyboard.press("Escape")
    assert find(app, f"prefix:{prefix}") == 1
    app.id("stream-filter").press("Enter")
    app.id("task-stream").focus()
    app.page.keyboard.press("Enter")
    key = app.id("task-key")
    expect(key).to_contain_text(prefix)
    return key.inner_text()


def worker_pages(app: App, worker: str, notebook) -> None:
    """Logs and call stacks of a worker, whose address has slashes, are its own."""
    pane = add(app, "logs")
    app.id("log-of").select_option(worker)
    expect(app.id("log-records").locator(".log-line", has_text="task 7 says")).to_have_count(1)
    expect(pane.get_by_test_id("info-trouble")).to_have_count(0)
    app.arrange("logs", "remove")
    pane = add(app, "call-stacks")
    stack = app.id("stacks").locator("details")

    def found() -> bool:
        app.id("stacks-refresh").click()
        app.page.wait_for_timeout(500)
        return stack.count() == 1

    notebook.do("queue", nonce="stuck", count=1, seconds=20)
    procs.until(found, 20, "the running task")
    expect(stack.locator("summary")).to_contain_text("nap")
    expect(pane.get_by_test_id("info-trouble")).to_have_count(0)
    app.arrange("call-stacks", "remove")


@pytest.mark.parametrize("cleans", [True, False], ids=["cleaned", "kept"])
def test_a_scheduler_behind_a_proxy_that_cleans_paths(app: App, site: Site, new_crew: Callable, cleans: bool, subtests) -> None:
    scheduler, notebook = new_crew(1)
    site.proxies["/dask"], site.cleans = scheduler.url, cleans
    worker = notebook.do("workers", count=1)[0]
    notebook.do("snippet", code=WARN)
    # Typed with slashes too many, as it is pasted.
    app.open("/scheduler")
    app.id("scheduler-url").fill(f"{site.url}//dask//status")
    app.id("scheduler-open").click()
    app.live()
    notebook.do("snippet", code=WORK)
    app.must_hold(notebook.do("stream"))
    with subtests.test("logs and call stacks of a worker"):
        worker_pages(app, worker, notebook)
    app.page.locator("body").press("0")
    app.idle()
    for prefix in PREFIXES:
        with subtests.test(f"Dask's pages of a task and of its worker: {prefix}"):
            key = details(app, prefix)
            panel = app.id("task-details")
            assert title(panel.get_by_role("link", name="Dask's page of the task")) == f"Task: {shown(key)}"
            assert title(panel.get_by_role("link", name="of the worker")) == f"Worker: {worker}"
            app.id("task-family-load").click()
            expect(app.id("task-family")).to_contain_text("Dependencies: none")
    with subtests.test("Dask's page of a task in the graph"):
        app.page.keyboard.press("Escape")
        add(app, "graph")
        canvas, words = app.id("graph-canvas"), app.id("graph-words")
        expect(canvas).to_have_attribute("data-tasks", re.compile(r"[1-9]"))
        canvas.focus()
        met = set()
        for _ in range(12):
            app.page.keyboard.press("n")
            expect(words.get_by_role("link")).to_be_visible()
            key = words.locator("code").first.inner_text()
            assert title(words.get_by_role("link")) == f"Task: {shown(key)}"
            met.add(key)
        assert {str(key) for key in KEYS} <= met
    assert not [s.path for s in site.seen if "//" in s.path.split("?")[0]], "no address of ours has an empty part"


def test_a_gateway_behind_a_proxy_that_cleans_paths(app: App, site: Site, user: str, gateway: Gateway, new_notebook: Callable) -> None:
    site.cleans = True
    app.sign_in(user, gateway=f"{site.url}//gateway//")
    form = app.options()
    name = form.create_and_wait(gateway, user)
    cluster = app.cluster(name)
    cluster.status("RUNNING")
    cluster.scale(1)
    cluster.arrived(1)
    app.page.keyboard.press("Escape")
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    worker = notebook.do("workers", count=1)[0]
    assert worker.startswith("tls://")
    notebook.do("snippet", code=WARN)
    app.must_hold(notebook.do("stream"))
    worker_pages(app, worker, notebook)
    app.go(f"/panel/dask:status?cluster={name}")
    inside = app.page.frame_locator("iframe")
    expect(inside.locator("canvas").first).to_be_visible()
    app.cluster(name).shut_down()
    procs.until(lambda: name not in gateway.clusters(user), 30, "end of the cluster")
