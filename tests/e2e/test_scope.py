"""Clusters that end by themselves, what stays when they have, and what the page says of its own faults."""

from __future__ import annotations

import time

import pytest
from harness import procs
from harness.gateway import Gateway
from harness.pages import App
from playwright.sync_api import expect


def watched(app: App, name: str) -> None:
    """The page of a cluster, once its numbers are there."""
    app.cluster(name).status("RUNNING")
    app.live()


def choose_idle(app: App, name: str, minutes: str) -> None:
    """Sets Auto stop on the cluster's page."""
    watched(app, name)
    app.id("scope-open").click()
    app.id("scope-idle").select_option(minutes)
    expect(app.id("scope-seen")).to_be_visible()


def test_idle_for_a_minute(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    app = signed_in
    name, other, waits = gateway.running(user, workers=1), gateway.running(user), gateway.running(user)
    notebook = new_notebook()
    gateway.join(notebook, user, waits, record=False)
    # Tasks that are queued before the first worker are in no count of the scheduler's but that of all tasks.
    notebook.do("later", nonce="first", count=50)
    choose_idle(app, waits, "1")
    expect(app.id("scope-seen")).to_contain_text("50 tasks have not finished")
    choose_idle(app, name, "1")
    expect(app.id("scope-seen")).to_contain_text("of 1 min")
    # The other one, without the option, stays.
    procs.until(lambda: name not in gateway.clusters(user), 130, "end of the idle cluster", every=1)
    assert gateway.status(user, other) == "RUNNING"
    app.cluster(name).status("STOPPED")
    expect(app.id("server-message")).to_contain_text("Auto stop: idle for 1 min. Two looks")
    assert gateway.status(user, waits) == "RUNNING", "its tasks wait for a worker"


@pytest.mark.matrix
@pytest.mark.timeout(400)
@pytest.mark.parametrize("thread", [True, False])
def test_work_without_tasks_is_work(signed_in: App, user: str, gateway: Gateway, new_notebook, thread: bool) -> None:
    """What `client.run` does is in no count of tasks: the CPU of the workers tells, or that they send no heartbeats."""
    app = signed_in
    name = gateway.running(user, workers=1)
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=1)
    notebook.begin("run_without_tasks", seconds=150, thread=thread)
    choose_idle(app, name, "1")
    app.page.wait_for_timeout(120_000)
    lives, seen = gateway.status(user, name), app.id("scope-seen").all_inner_texts()
    notebook.result(120)
    assert (lives, [text for text in seen if "busy" in text]) == ("RUNNING", seen)
    procs.until(lambda: name not in gateway.clusters(user), 130, "end of the idle cluster", every=1)


@pytest.mark.matrix
@pytest.mark.timeout(400)
def test_a_page_that_was_frozen_asks_anew(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    """As a hidden tab or a sleeping computer: when the page goes on, its time is long up, and somebody works."""
    app = signed_in
    name = gateway.running(user, workers=1)
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=1)
    choose_idle(app, name, "1")
    app.page.wait_for_timeout(25_000)
    with procs.stopped(app.page):
        notebook.do("tutorial", size=400, chunk=200)
        time.sleep(90)
        notebook.begin("spend", nonce="after", count=40, seconds=0.8)
    app.page.wait_for_timeout(15_000)
    assert gateway.status(user, name) == "RUNNING", "it works"
    notebook.result(120)
    app.page.wait_for_timeout(30_000)
    assert gateway.status(user, name) == "RUNNING", "not idle for a minute"
    procs.until(lambda: name not in gateway.clusters(user), 130, "end of the idle cluster", every=1)


@pytest.mark.timeout(300)
def test_short_work_is_no_idleness(signed_in: App, user: str, gateway: Gateway, new_notebook) -> None:
    """Neither what was idle before the choice counts, nor is work overlooked that fits between two looks."""
    app = signed_in
    name = gateway.running(user, workers=1)
    watched(app, name)
    notebook = new_notebook()
    gateway.join(notebook, user, name)
    notebook.do("workers", count=1)
    app.id("scope-open").click()
    app.id("scope-idle").select_option("1")
    app.page.keyboard.press("Escape")
    expect(app.id("scope-idle")).to_be_hidden()
    for _ in range(2):
        app.page.wait_for_timeout(35_000)
        notebook.do("tutorial", size=400, chunk=200)
    app.page.wait_for_timeout(15_000)
    assert gateway.status(user, name) == "RUNNING", "85 s after the choice, 15 s after the last work"


def test_closing_the_tab(new_app, user: str, gateway: Gateway) -> None:
    app = new_app()
    app.sign_in(user)
    ends, stays = gateway.running(user), gateway.running(user)
    watched(app, ends)
    app.id("scope-open").click()
    app.id("scope-close").check()
    dialogs: list[str] = []
    app.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))

    app.reload()
    watched(app, ends)
    # Longer than the worker waits for the page to come back.
    app.page.wait_for_timeout(12_000)
    assert gateway.status(user, ends) == "RUNNING", "a reload keeps it"

    # A page nobody has touched may not ask. That it is asked at a reload, too, is the browser's way.
    dialogs.clear()
    app.page.mouse.click(5, 300)
    other = app.page.context.new_page()
    app.page.close(run_before_unload=True)

    def ended() -> bool:
        # Dialogs are answered only while a page is waited for.
        other.wait_for_timeout(500)
        return ends not in gateway.clusters(user)

    procs.until(ended, 40, "end of the cluster")
    assert dialogs.count("beforeunload") == 1, dialogs
    assert gateway.status(user, stays) == "RUNNING"


def test_what_ended_stays_until_it_is_forgotten(signed_in: App, user: str, gateway: Gateway) -> None:
    app = signed_in
    name = gateway.running(user, image="kept:1")
    app.cluster(name).shut_down()
    app.cluster(name).status("STOPPED")
    app.go("/clusters")
    expect(app.row(name)).to_have_attribute("data-status", "STOPPED")
    kept = "() => Object.values(localStorage).join().includes('kept:1')"
    procs.until(lambda: app.page.evaluate(kept), 10, "memory of the cluster")
    app.reload()
    expect(app.row(name)).to_have_attribute("data-status", "STOPPED")
    app.id("forget-past").click()
    app.page.wait_for_timeout(7_000)
    expect(app.row(name)).to_have_count(0)
    assert "kept:1" not in app.page.evaluate("() => JSON.parse(Object.values(localStorage)[0] || '{}').past + ''")


def test_what_was_found_belongs_to_its_address(app: App) -> None:
    app.open("/connect", gateway="/gateway", auth="basic")
    found = app.page.get_by_text("Dask Gateway 20")
    expect(found).to_be_visible()
    app.id("gateway-address").fill(f"http://127.0.0.1:{procs.free_port()}")
    expect(found).to_be_hidden()


def test_a_fault_of_the_program_is_told(app: App) -> None:
    app.open("/connect", gateway="/gateway", auth="basic")
    # The program has no fault that can be asked for: a trap looks like this to the page.
    app.page.evaluate("() => dispatchEvent(new ErrorEvent('error', {error: new WebAssembly.RuntimeError('unreachable')}))")
    notice = app.page.locator("#boot-fault")
    expect(notice).to_contain_text("Your clusters go on")
    with app.page.expect_navigation():
        notice.get_by_role("button", name="Reload").click()
    app.ready()
    expect(notice).to_have_count(0)
