"""Logs, call stacks, advice, and what the page says of its own cost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from harness import procs
from harness.gateway import Gateway
from harness.notebook import Notebook
from harness.pages import App
from playwright.sync_api import Locator, expect

WARN = """
import logging
from distributed import default_client
def warns(x):
    logging.getLogger("distributed.worker").warning("task %s says <b>&amp;</b>\\n  on two lines", x)
    return x
default_client().submit(warns, 7, pure=False).result()
"""


def add(app: App, name: str) -> Locator:
    """Adds a pane."""
    app.add_pane(name)
    pane = app.id(f"pane-{name}")
    pane.scroll_into_view_if_needed()
    expect(pane).to_be_visible()
    return pane


def narrow(app: App) -> None:
    """What is shown fits into a narrow window."""
    app.page.set_viewport_size({"width": 380, "height": 800})
    app.no_overflow()
    app.page.set_viewport_size({"width": 1440, "height": 900})


def test_logs_and_call_stacks(signed_in: App, user: str, gateway: Gateway, new_notebook: Callable) -> None:
    app = signed_in
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cluster = app.cluster(gateway.running(user, workers=1))
    app.live()
    notebook = new_notebook()
    gateway.join(notebook, user, cluster.name)
    worker = notebook.do("workers", count=1)[0]
    notebook.do("snippet", code=WARN)
    pane = add(app, "logs")
    # The scheduler's log first: it tells of the client that has come.
    app.id("log-search").fill("client")
    expect(app.id("log-records").get_by_title("distributed.scheduler").first).to_be_visible()
    expect(app.id("log-count")).to_have_text(re.compile(r"^\d+ of \d+ records?"))
    app.id("log-search").fill("")
    app.id("log-of").select_option(worker)
    records = app.id("log-records")
    line = records.locator(".log-line", has_text="task 7 says")
    expect(line).to_have_count(1)
    # As it was written: text, never HTML, with its lines.
    assert line.locator(".log-text").inner_text() == "task 7 says <b>&amp;</b>\n  on two lines"
    expect(line.locator(".log-level")).to_have_text("WARNING")
    expect(line.locator("b")).to_have_count(0)
    app.id("log-level").select_option("ERROR")
    expect(pane.get_by_text("No record matches.")).to_be_visible()
    app.id("log-level").select_option("WARNING")
    app.id("log-search").fill("TWO LINES")
    expect(records.locator(".log-line")).to_have_count(1)
    app.id("log-copy").click()
    copied = procs.until(app.clipboard, 10, "copied records")
    assert " - distributed.worker - WARNING - task 7 says <b>" in copied
    # A later record comes by itself, and the newest stays in sight.
    app.id("log-search").fill("says")
    notebook.do("snippet", code=WARN.replace("warns, 7", "warns, 8"))
    expect(records.locator(".log-line", has_text="task 8 says")).to_have_count(1)
    expect(app.id("log-follow")).to_have_attribute("aria-pressed", "true")
    app.id("log-level").select_option("")
    app.id("log-search").fill("")
    at_end = "e => e.scrollHeight - e.scrollTop - e.clientHeight < 3"
    procs.until(lambda: records.evaluate(at_end), 10, "the newest record in sight")
    # Who scrolls up reads; at the end it is followed again.
    records.evaluate("e => e.style.maxHeight = '60px'")
    records.evaluate("e => e.scrollTop = e.scrollHeight")
    app.page.wait_for_timeout(200)
    records.hover()
    app.page.mouse.wheel(0, -60)
    expect(app.id("log-follow")).to_have_attribute("aria-pressed", "false")
    app.page.mouse.wheel(0, 4000)
    expect(app.id("log-follow")).to_have_attribute("aria-pressed", "true")
    records.evaluate("e => e.style.maxHeight = ''")
    narrow(app)
    app.arrange("logs", "remove")

    pane = add(app, "call-stacks")
    expect(pane.get_by_text("No tasks are running on these workers.")).to_be_visible()
    notebook.do("queue", nonce="stuck", count=1, seconds=60)
    stack = app.id("stacks").locator("details")

    def found() -> bool:
        app.id("stacks-refresh").click()
        app.page.wait_for_timeout(500)
        return stack.count() == 1

    procs.until(found, 20, "the running task")
    expect(app.id("stacks-said")).to_contain_text(re.compile(r"\d+ running tasks? on 1 worker, .* ago"))
    expect(stack.locator("summary")).to_contain_text(re.compile(r"nap.*nap, workloads.py line \d+"))
    expect(stack.locator("pre")).to_be_hidden()
    stack.locator("summary").click()
    expect(stack.locator("pre")).to_contain_text("time.sleep(seconds)")
    narrow(app)
    asked = len(app.site.since(0, part="/info/call-stacks/"))
    app.page.wait_for_timeout(1500)
    assert len(app.site.since(0, part="/info/call-stacks/")) == asked, "read on demand only"
    app.arrange("call-stacks", "remove")
    app.page.wait_for_timeout(500)
    asked = len(app.site.since(0, part="/info/"))
    app.page.wait_for_timeout(7000)
    assert len(app.site.since(0, part="/info/")) == asked, "nothing is read that nobody sees"


def test_another_site_may_not_read_logs(app: App, new_scheduler: Callable) -> None:
    scheduler = new_scheduler("new", workers=1)
    app.open("/panel/logs", url=scheduler.url)
    said = app.id("info-trouble")
    expect(said).to_contain_text("The browser may not read the log")
    # It may be shown, though: as Dask has it, for whom is chosen.
    expect(app.id("own-tab")).to_have_attribute("href", f"{scheduler.url}/info/main/logs.html")
    inside = app.page.frame_locator("[data-testid=own-frame]")
    expect(inside.get_by_text("Scheduler at").first).to_be_visible()
    expect(app.id("log-search")).to_have_count(0)
    worker = app.id("log-of").locator("option").nth(1).get_attribute("value")
    app.id("log-of").select_option(worker)
    expect(app.id("own-frame")).to_have_attribute("src", re.compile(r"/info/logs/tcp%253A%252F%252F127\.0\.0\.1%253A\d+\.html$"))
    expect(inside.get_by_text("Start worker at").first).to_be_visible()
    frame = app.id("own-frame").element_handle()
    app.id("own-again").click()
    procs.until(lambda: not frame.evaluate("e => e.isConnected"), 10, "a new frame")
    expect(inside.get_by_text("Start worker at").first).to_be_visible()
    app.open("/panel/call-stacks", url=scheduler.url)
    expect(app.id("info-trouble")).to_have_count(1)
    expect(app.id("stacks-said")).to_have_text("Choose a worker to see its tasks.")
    expect(app.id("own-frame")).to_have_count(0)
    app.id("stacks-of").select_option(worker)
    expect(inside.get_by_text("Call Stacks")).to_be_visible()
    narrow(app)


def test_advice_of_tasks_that_queue_at_one_worker(app: App, new_crew: Callable) -> None:
    scheduler, notebook = new_crew(3, threads=2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    pane = add(app, "advice")
    expect(app.id("advice-nothing")).to_be_visible()
    bound = "import time; from distributed import default_client; stuck = default_client().map(lambda i: time.sleep(600), range(12), workers=['w1'], pure=False)"
    notebook.do("snippet", code=bound)
    found = app.id("finding-uneven")
    expect(found).to_contain_text("4 of 6 threads are idle, while 10 tasks wait on busy workers. Worker w1 has 12 tasks for its 2 threads.", timeout=40_000)
    # It says what Dask says, and goes with its cause.
    expect(found.get_by_role("link", name="Tasks by worker")).to_have_attribute("href", re.compile(r"#/panel/processing\?url="))
    expect(pane.locator(".badge")).to_have_text("1")
    narrow(app)
    notebook.do("snippet", code="default_client().cancel(stuck, force=True); del stuck")
    expect(found).to_have_count(0, timeout=60_000)


@pytest.mark.timeout(240)
def test_advice(app: App, new_scheduler: Callable, new_notebook: Callable) -> None:
    scheduler = new_scheduler("new", workers=2, threads=2)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    pane = add(app, "advice")
    # A healthy run: nothing is said, during it and after it.
    findings = pane.locator("[data-testid^=finding-]:not(button)")
    seen: set[str] = set()
    for nonce in range(3):
        notebook.do("steady", nonce=f"well{nonce}", seconds=4)
        seen |= set(findings.evaluate_all("all => all.map(one => one.dataset.testid)"))
    assert not seen, seen
    expect(app.id("advice-nothing")).to_be_visible()
    expect(pane.locator(".badge")).to_have_count(0)
    # Failures of one kind, then tasks that are not worth it.
    fail = "from distributed import default_client, wait; kept = default_client().map(lambda i: 1 // 0, range(9), pure=False)"
    notebook.do("snippet", code=f"{fail}; wait(kept)")
    failures = app.id("finding-failures")
    expect(failures).to_contain_text("9 × ZeroDivisionError")
    expect(pane.locator(".badge")).to_have_text("1")
    expect(failures.get_by_role("link", name="Exceptions")).to_have_attribute("href", re.compile(r"#/panel/exceptions\?url="))
    failures.get_by_test_id("finding-show").click()
    expect(app.id("stream-filter")).to_have_value("status:erred")
    expect(app.id("stream-matches")).to_have_attribute("data-count", "9")
    few = "from distributed import default_client, wait; wait(default_client().map(lambda i: i + 1, range(4000), pure=False))"
    notebook.do("snippet", code=few)
    tiny = app.id("finding-tiny-tasks")
    expect(tiny).to_contain_text("Dask needs about 1 ms per task", ignore_case=True)
    tiny.get_by_test_id("finding-show").click()
    expect(app.id("stream-filter")).to_have_value(re.compile("^prefix:.*lambda.* action:compute$"))
    expect(app.id("stream-matches")).to_have_attribute("data-count", re.compile("^(39..|40..)$"))
    narrow(app)
    # Gone some time after its cause is.
    notebook.do("snippet", code="del kept")
    expect(failures).to_have_count(0, timeout=60_000)


def test_what_is_wrong_is_counted_above_the_board(watched_pair: tuple[App, Notebook]) -> None:
    app, notebook = watched_pair
    count = app.id("advice-count")
    expect(count).to_have_count(0)
    fail = "from distributed import default_client, wait; kept = default_client().map(lambda i: 1 // 0, range(9), pure=False)"
    notebook.do("snippet", code=f"{fail}; wait(kept)")
    expect(count).to_have_text("1 warning")
    count.click()
    # What was found before is told at once, where it is seen first.
    expect(app.id("finding-failures")).to_be_in_viewport()
    expect(count).to_have_count(0)
    app.id("layout-undo").click()
    expect(count).to_have_text("1 warning")


def test_times_of_failures_and_the_cost(app: App, new_scheduler: Callable, new_notebook: Callable) -> None:
    scheduler = new_scheduler("new", workers=1)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=1)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pane = add(app, "exceptions")
    events = add(app, "events")
    notebook.do("hold", nonce="e", count=3, erred=4)
    row = pane.locator("tbody tr", has_text="ValueError")
    expect(row.locator("td").nth(1)).to_have_text("4")
    time = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$")
    expect(row.locator("td").nth(2)).to_have_text(time)
    expect(row.locator("td").nth(3)).to_have_text(time)
    row.locator("summary").click()
    row.get_by_role("button", name="Copy").click()
    copied = procs.until(app.clipboard, 10, "copied traceback")
    assert "meant to fail" in copied and "workloads.py" in copied
    scheduler.worker("later")
    expect(events.locator("tbody tr", has_text="add-worker").first.locator("td").first).to_have_text(time)
    # What watching costs, by the second; sockets of the panes are counted.
    expect(app.id("feed-cost")).to_have_text(re.compile(r"^\d+ sockets, [\d.]+ messages and [\d.]+ (B|KiB|MiB) a second$"))
