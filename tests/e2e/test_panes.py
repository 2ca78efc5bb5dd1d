"""The panes of the library on a real scheduler."""

from __future__ import annotations

import csv
from pathlib import Path

from harness.pages import App
from playwright.sync_api import expect
from test_heat import run

PANES = ["memory", "cpu", "processing", "occupancy", "transfers", "network", "action-times", "prefix-times",
         "prefix-memory", "bandwidth-types", "contention", "exceptions", "events", "scheduler"]  # fmt: skip


def test_every_pane_has_its_numbers(app: App, new_scheduler, new_notebook) -> None:
    scheduler = new_scheduler("new", workers=2, threads=2)
    notebook = new_notebook()
    notebook.do("connect", address=scheduler.address)
    notebook.do("workers", count=2)
    app.open("/scheduler", url=scheduler.url)
    app.live()
    app.id("pane-add").click()
    offered = app.page.locator(".pane-offer").evaluate_all("all => all.map(one => one.dataset.testid.slice(9))")
    assert set(offered) >= set(PANES) and len(offered) == len(set(offered))
    app.page.keyboard.press("Escape")
    app.add_pane(*PANES)
    for name in PANES:
        expect(app.id(f"pane-{name}")).to_have_count(1)
    notebook.do("mixed", nonce="p")
    # Kept, so that the scheduler knows of them for longer.
    fail = "from distributed import default_client, wait; kept = default_client().map(lambda i: 1 // 0, range(7), pure=False)"
    notebook.do("snippet", code=f"{fail}; wait(kept)")
    for name in PANES:
        pane = app.id(f"pane-{name}")
        pane.scroll_into_view_if_needed()
        expect(pane.get_by_text("Loading…")).to_have_count(0)
    # One exception type thrown at one place is one row, however many tasks threw it.
    failed = app.id("pane-exceptions")
    kind = failed.locator("tr", has_text="ZeroDivisionError")
    expect(kind).to_have_count(1)
    expect(kind.locator("td").nth(1)).to_have_text("7")
    kind.locator("summary").click()
    expect(kind.locator("pre")).to_contain_text("line 1")
    expect(app.id("pane-action-times").get_by_text("transfer").first).to_be_visible()
    expect(app.id("pane-prefix-times").get_by_text("nap-p").first).to_be_visible()
    expect(app.id("pane-scheduler").locator("canvas")).to_have_count(4)
    seen = app.id("pane-memory").locator("[role=row]")
    info = notebook.do("workers", count=2)
    expect(seen).to_have_count(len(info))
    # Remembered, and gone when it is taken away; its page of the dashboard closes with it.
    app.reload()
    app.live()
    expect(app.id("pane-events")).to_be_visible()
    for name in PANES[1:]:
        app.arrange(name, "remove")
        expect(app.id(f"pane-{name}")).to_have_count(0)
    app.reload()
    expect(app.id("pane-memory")).to_be_visible()
    expect(app.id("pane-events")).to_have_count(0)


def test_a_pane_alone(app: App, new_scheduler) -> None:
    scheduler = new_scheduler("new", workers=1)
    app.open("/panel/cpu", url=scheduler.url)
    expect(app.id("pane-cpu").locator("[role=row]")).to_have_count(1)
    # It is not to be arranged, but read and saved.
    app.id("pane-menu-cpu").click()
    expect(app.id("pane-remove")).to_have_count(0)
    with app.page.expect_download() as saving:
        app.id("save-csv").click()
    assert Path(saving.value.path()).read_text().count("\n") == 2
    app.id("pane-table").click()
    expect(app.id("pane-cpu").locator("td")).not_to_have_count(0)
    expect(app.id("pane-task-stream")).to_have_count(0)


def table(app: App, pane: str) -> list[dict[str, str]]:
    """What a pane saves as CSV."""
    app.id(f"pane-menu-{pane}").click()
    with app.page.expect_download() as saving:
        app.id("save-csv").click()
    app.page.keyboard.press("Escape")
    return list(csv.DictReader(Path(saving.value.path()).open(newline="")))


def test_workers_are_as_the_scheduler_says(app: App, new_crew) -> None:
    scheduler, notebook = new_crew(3, threads=2)
    # Results that are held, and tasks that go on, more than there are threads.
    run(
        notebook,
        """
        import time
        from distributed import default_client, wait
        client = default_client()
        held = client.map(lambda n: bytes(n), [n * 1_000_000 for n in range(1, 13)], pure=False)
        wait(held)
        slow = client.map(time.sleep, [60] * 30, pure=False)
        """,
    )
    app.open("/panel/workers", url=scheduler.url)
    ask = 'client.scheduler_info(n_workers=-1)["workers"]'
    agreed: set[str] = set()
    for _ in range(40):
        truth = run(notebook, "", f'{{a: [w["nthreads"], w["metrics"]["memory"], w["memory_limit"]] for a, w in {ask}.items()}}')
        rows = table(app, "workers")
        seen = {row["address"]: [float(row[name]) for name in ("threads", "memory (B)", "memory limit (B)")] for row in rows}
        assert set(seen) == set(truth)
        # A worker tells twice a second: one of them may just have told more than the page has.
        agreed |= {address for address in truth if seen[address] == truth[address]}
        if len(agreed) == 3:
            break
    assert len(agreed) == 3, (truth, seen)
    counts = run(notebook, "", "{a: len(tasks) for a, tasks in client.processing().items()}")
    app.open("/panel/processing", url=scheduler.url)
    expect(app.id("pane-processing").locator("[role=row]")).to_have_count(3)
    bars = table(app, "processing")
    assert sorted(float(list(row.values())[1]) for row in bars) == sorted(counts.values()), bars
    notebook.do("snippet", code="client.cancel(slow)")
