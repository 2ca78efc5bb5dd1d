"""Scaling: what the server caps, and what must be asked before it is sent."""

from __future__ import annotations

import time

import pytest
from harness.front import Site
from harness.gateway import Gateway
from harness.pages import App, Cluster
from playwright.sync_api import expect


@pytest.fixture
def cluster(signed_in: App, user: str, gateway: Gateway) -> Cluster:
    """A running cluster of the gateway whose limit is two workers."""
    it = signed_in.cluster(gateway.running(user))
    it.status("RUNNING")
    return it


def test_beyond_the_cap(cluster: Cluster, site: Site) -> None:
    cluster.scale(10)
    said = cluster.id("server-message")
    expect(said).to_contain_text("would exceed resource limit of 2 workers")
    # The server did scale, to its limit; and the limit is known from now on, also after a reload.
    cluster.arrived(2)
    cluster.controls()
    expect(cluster.id("scale-count")).to_have_attribute("max", "2")
    expect(cluster.id("scale-count")).to_have_value("2")
    cluster.app.reload()
    cluster.status("RUNNING")
    cluster.controls()
    expect(cluster.id("scale-count")).to_have_attribute("max", "2")
    cluster.adapt(0, 9)
    expect(said).to_contain_text("resource limit of 2 workers")


@pytest.mark.parametrize("bad", ["-1", "1.5", ""])
def test_bad_counts_are_never_sent(cluster: Cluster, site: Site, bad: str) -> None:
    since = time.monotonic()
    cluster.controls()
    cluster.id("scale-count").fill(bad)
    if cluster.id("scale-apply").is_enabled():
        cluster.id("scale-apply").click()
    cluster.app.idle()
    assert not site.since(since, "POST", "/scale")


def test_dangerous_requests_are_asked_first(cluster: Cluster, site: Site, subtests) -> None:
    asked = {
        "scale to 0": (lambda: cluster.scale(0), "/scale", {"count": 0}),
        "adapt with maximum 0": (lambda: cluster.adapt(0, 0), "/adapt", {"minimum": 0, "maximum": 0}),
    }
    for what, (act, part, body) in asked.items():
        with subtests.test(what):
            since = time.monotonic()
            act()
            expect(cluster.dialog()).to_be_visible()
            cluster.app.page.keyboard.press("Escape")
            expect(cluster.dialog()).to_be_hidden()
            assert not site.since(since, "POST", part), "sent before the answer"
            act()
            cluster.dialog().get_by_role("button").last.click()
            expect(cluster.dialog()).to_be_hidden()
            sent = [s.json for s in site.since(since, "POST", part)]
            assert len(sent) == 1 and body.items() <= sent[0].items(), sent

    keys = cluster.app.page.keyboard
    for what, fill, part in (
        ("scale to 0 by Enter", {"scale-count": "0"}, "/scale"),
        ("adapt 0 to 0 by Enter", {"adapt-minimum": "0", "adapt-maximum": "0"}, "/adapt"),
    ):
        with subtests.test(what):
            since = time.monotonic()
            cluster.controls()
            for name, text in fill.items():
                cluster.id(name).fill(text)
            keys.press("Enter")
            expect(cluster.id("cancel")).to_be_focused()
            assert not site.since(since, "POST", part), "sent before the answer"
            keys.press("Tab")
            keys.press("Enter")
            expect(cluster.dialog()).to_be_hidden()
            cluster.app.idle()
            assert len(site.since(since, "POST", part)) == 1

    with subtests.test("counts that are none are said"):
        cluster.controls()
        for text, words in (("-1", "no fewer than 0"), ("0.5", "come whole"), ("1e3", "digits only"), ("", "Type a number")):
            cluster.id("adapt-minimum").fill(text)
            expect(cluster.id("adapt-error")).to_contain_text(words)

    with subtests.test("minimum above maximum"):
        since = time.monotonic()
        cluster.controls()
        cluster.id("adapt-minimum").fill("2")
        cluster.id("adapt-maximum").fill("1")
        if cluster.id("adapt-apply").is_enabled():
            cluster.id("adapt-apply").click()
        cluster.app.idle()
        assert not site.since(since, "POST", "/adapt"), "a minimum above the maximum was sent without asking"


def test_adaptive_is_said_and_stopped(cluster: Cluster, site: Site) -> None:
    since = time.monotonic()
    cluster.adapt(1, 2)
    cluster.arrived(1)
    stop = cluster.id("adapt-stop")
    if not stop.is_visible():
        cluster.controls()
    expect(stop).to_be_visible()
    stop.click()
    expect(stop).to_be_hidden()
    sent = [s.json for s in site.since(since, "POST", "/adapt")]
    assert sent[0]["minimum"] == 1 and sent[0]["maximum"] == 2, sent
    assert sent[-1]["active"] is False, sent
