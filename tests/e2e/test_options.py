"""The options form: every kind of field, what is refused before it is sent, and what only the server knows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from harness import procs
from harness.front import Loop, Site
from harness.gateway import Gateway
from harness.pages import App, Options
from playwright.sync_api import expect

# A cluster with a GPU fails to start on the test gateway: good enough where only the request matters.
CHEAP = {"gpu": True}


@pytest.fixture(scope="module")
def strange(nothing_left: None) -> Iterator[Gateway]:
    """A gateway with a field of a kind that dask-gateway does not have."""
    it = Gateway("strange", unknown_kind=True).start()
    yield it
    it.stop()


@pytest.fixture
def form(signed_in: App) -> Options:
    """The form of the shared gateway."""
    return signed_in.options()


def posts(site: Site, since: float) -> list[dict]:
    """The requests for a cluster that left the browser."""
    return [s.json for s in site.since(since, "POST", "/api/v1/clusters") if s.path.rstrip("/").endswith("/clusters")]


def keep_as(app: App, name: str) -> None:
    """Keeps the values of the form under a name."""
    app.id("preset-save").click()
    app.page.get_by_label("Name of the preset").fill(name)
    app.page.keyboard.press("Enter")
    expect(app.id("preset")).to_have_value(name)


BAD = [
    ("worker_cores", "9", "2"),
    ("worker_cores", "0", "2"),
    ("worker_cores", "1.5", "2"),
    ("worker_cores", "two", "2"),
    ("worker_cores", "", "2"),
    ("worker_memory", "0.1", "0.5"),
    ("worker_memory", "99", "0.5"),
    ("worker_memory", "lots", "0.5"),
    ("worker_memory", "", "0.5"),
    ("environment_vars", "a=b", "a: b"),
    ("environment_vars", "[1, 2]", "a: b"),
    ("environment_vars", "a: [1,", "a: b"),
]


def test_bad_values_are_refused_at_their_field(form: Options, site: Site, subtests) -> None:
    for name, bad, good in BAD:
        with subtests.test(f"{name} = {bad!r}"):
            since = time.monotonic()
            form.set(name, bad)
            create = form.app.id("create-cluster")
            if create.is_enabled():
                create.click()
            expect(form.error(name)).to_be_visible()
            expect(form.error(name)).not_to_be_empty()
            form.app.idle()
            assert not posts(site, since), "a bad value was sent"
            if create.is_enabled() and name != "environment_vars":
                expect(form.app.id(f"option-{name}")).to_be_focused()
            form.set(name, good)
            expect(form.error(name)).to_be_hidden()


def test_values_from_a_link_are_checked_too(signed_in: App, site: Site, user: str, gateway: Gateway) -> None:
    """A link may hold any text: a choice that does not exist and a bool that is none are said, not sent."""
    app = signed_in
    app.open("/clusters", **{"option.profile": "Huge", "option.gpu": "perhaps", "option.worker_cores": "77"})
    since = time.monotonic()
    form = app.options()
    for name in ("profile", "gpu", "worker_cores"):
        expect(form.error(name)).to_be_visible()
    if app.id("create-cluster").is_enabled():
        form.create()
    app.idle()
    assert not posts(site, since)
    assert not gateway.clusters(user)


def test_values_from_a_link(signed_in: App) -> None:
    app = signed_in
    app.open(
        "/clusters",
        **{"option.profile": "Medium Worker", "option.worker_cores": "3", "option.gpu": "true", "option.image": "a:b"},
    )
    form = app.options()
    shown = {n: form.value(n) for n in ("profile", "worker_cores", "gpu", "image")}
    assert shown == {"profile": "Medium Worker", "worker_cores": "3", "gpu": True, "image": "a:b"}
    assert float(form.value("worker_memory")) == 1.0


def test_every_kind_arrives(form: Options, user: str, gateway: Gateway) -> None:
    form.set("conda_environment", "dask-2026")
    form.set("profile", "Medium Worker")
    form.set("worker_cores", 4)
    form.set("worker_memory", "0.75")
    form.set("image", "quay.io/dask:2026 \"x\"")
    form.set("gpu", True)
    form.set("environment_vars", "A: one\nB: 'it''s: two'\nC: 3")
    name = form.create_and_wait(gateway, user)
    options = gateway.request("GET", f"/api/v1/clusters/{name}", user)[1]["options"]
    options["environment_vars"] = {k: str(v) for k, v in options["environment_vars"].items()}
    assert options == {
        "conda_environment": "dask-2026",
        "profile": "Medium Worker",
        "worker_cores": 4,
        "worker_memory": 0.75,
        "image": "quay.io/dask:2026 \"x\"",
        "gpu": True,
        "environment_vars": {"A": "one", "B": "it's: two", "C": "3"},
        "start_delay": 0,
    }


def test_what_only_the_server_knows_is_said_at_its_field(form: Options, site: Site, user: str, gateway: Gateway) -> None:
    since = time.monotonic()
    form.set("image", "no-tag")
    form.create()
    expect(form.error("image")).to_contain_text("image must name a tag, got 'no-tag'")
    assert len(posts(site, since)) == 1
    assert form.value("image") == "no-tag", "what was typed is kept"
    form.set("image", "with:tag")
    form.set("gpu", True)
    form.create_and_wait(gateway, user)


def test_reset_and_last_used(form: Options, user: str, gateway: Gateway) -> None:
    app = form.app
    form.set("image", "special:7")
    form.set("worker_cores", 3)
    form.set("gpu", True)
    form.create_and_wait(gateway, user)
    app.open("/clusters")
    form = app.options()
    assert (form.value("image"), form.value("worker_cores")) == ("special:7", "3"), "last used values are kept"
    app.id("options-reset").click()
    expect(form.field("image")).to_have_value("dask:latest")
    shown = (form.value("worker_cores"), form.value("gpu"), form.value("profile"))
    assert shown == ("1", False, "Small Worker")


def test_presets(form: Options) -> None:
    """Values kept under a name are there after a reload, mappings too, and can be forgotten."""
    app = form.app
    form.set("image", "kept:1")
    form.set("environment_vars", "OMP_NUM_THREADS: '1'")
    app.id("preset-save").click()
    app.page.get_by_label("Name of the preset").fill("one thread")
    app.page.keyboard.press("Enter")
    expect(app.id("preset")).to_have_value("one thread")
    app.reload()
    form = app.options()
    app.id("options-reset").click()
    expect(form.field("image")).to_have_value("dask:latest")
    app.id("preset").select_option("one thread")
    assert (form.value("image"), form.value("environment_vars")) == ("kept:1", 'OMP_NUM_THREADS: "1"\n')
    app.page.get_by_role("button", name="Forget").click()
    expect(app.page.locator("[data-testid=preset] option", has_text="one thread")).to_have_count(0)


def test_what_one_user_had_is_not_the_next_users(form: Options, user: str, gateway: Gateway) -> None:
    """Options and presets are remembered for their user; what people put into mappings is not kept at all."""
    app = form.app
    form.set("image", "preset:8")
    keep_as(app, "mine")
    form.set("image", "special:8")
    form.set("environment_vars", "API_KEY: topsecret")
    form.create_and_wait(gateway, user)
    assert "topsecret" not in json.dumps(app.page.evaluate("({...localStorage})"))
    app.page.get_by_role("button", name="Sign out").click()
    app.sign_in(f"{user}-next")
    form = app.options()
    assert (form.value("image"), form.value("environment_vars")) == ("dask:latest", "")
    expect(app.id("preset")).to_have_count(0)
    assert "topsecret" not in app.page.content()
    app.page.get_by_role("button", name="Sign out").click()
    app.sign_in(user)
    form = app.options()
    assert form.value("image") == "special:8"
    app.id("preset").select_option("mine")
    assert form.value("image") == "preset:8"


def test_two_tabs_lose_no_preset(signed_in: App, new_app, user: str) -> None:
    """What one tab keeps is there in the other, which may have a form half filled in, and survives what that keeps."""
    one = signed_in
    form = one.options()
    form.set("image", "one:1")
    two = App(one.page.context.new_page(), one.site)
    two.sign_in(user)
    other = two.options()
    other.set("image", "two:2")
    keep_as(one, "first")
    expect(two.page.locator("[data-testid=preset] option", has_text="first")).to_have_count(1)
    assert other.value("image") == "two:2", "the form of the other tab stays as it is"
    keep_as(two, "second")
    for app in (one, two):
        expect(app.page.locator("[data-testid=preset] option")).to_have_text(["Presets", "first", "second"])
    one.id("preset").select_option("second")
    one.page.get_by_role("button", name="Forget").click()
    expect(two.page.locator("[data-testid=preset] option")).to_have_text(["Presets", "first"])
    two.reload()
    two.options()
    expect(two.page.locator("[data-testid=preset] option")).to_have_text(["Presets", "first"])


def test_defaults_and_bounds_that_a_form_may_stumble_over(new_app, loop: Loop, dist, strange: Gateway) -> None:
    """Created at once, such a form is taken; what it shows can be read, stepped, quoted, undone and mended by keyboard."""
    site = Site(loop, dist, strange.url)
    try:
        app: App = new_app(to=site)
        app.sign_in("yan")
        form, keyboard = app.options(), app.page.keyboard
        assert (form.value("limit"), form.value("seed")) == ("Infinity", str(10**30))
        expect(app.id("option-limit-left")).to_contain_text("its own default")
        expect(form.field("fixed")).to_have_attribute("readonly", "readonly")
        assert form.value("script") == "one\ntwo"
        form.field("share").focus()
        steps = []
        for _ in range(3):
            keyboard.press("ArrowUp")
            steps.append(form.value("share"))
        assert steps == ["0.5", "0.6", "0.7"]

        # What YAML makes of a text is told; one press makes it text, and undo takes that back.
        mapping = form.field("environment_vars")
        mapping.get_by_role("button", name="YAML").click()
        area = mapping.locator("textarea")
        area.press_sequentially("A: no\nPY: 3.10")
        sent = app.id("option-environment_vars-sent")
        expect(sent).to_contain_text("Line 1: no is sent as false.")
        expect(sent).to_contain_text("Line 2: 3.10 is sent as 3.1.")
        app.id("option-environment_vars-quote").click()
        expect(area).to_have_value('A: "no"\nPY: "3.10"')
        expect(app.id("option-environment_vars-warning")).to_have_count(0)
        keyboard.press("Control+z")
        expect(area).to_have_value("A: no\nPY: 3.10")
        app.id("option-environment_vars-quote").click()

        # A refusal: what only the server knows takes the focus; the options are asked for anew.
        since = time.monotonic()
        form.set("image", "no-tag")
        form.set("gpu", True)
        form.create()
        expect(form.error("image")).to_be_visible()
        expect(form.field("image")).to_be_focused()
        app.idle()
        assert len(site.since(since, "GET", "/api/v1/options")) == 1
        assert (form.value("share"), form.value("image")) == ("0.7", "no-tag"), "what was typed stays"
        form.set("image", "with:tag")
        name = form.create_and_wait(strange, "yan")
        options = strange.request("GET", f"/api/v1/clusters/{name}", "yan")[1]["options"]
        assert options["limit"] == float("inf") and options["seed"] == 10**30
        assert options["environment_vars"] == {"A": "no", "PY": "3.10"}
        # The cluster's page shows them as they were written.
        app.open(f"/clusters/{name}")
        expect(app.page.locator("dl.facts")).to_contain_text('PY: "3.10"')
        expect(app.page.locator("dl.facts")).to_contain_text(str(10**30))
    finally:
        site.close()


def test_a_name_twice_in_rows(form: Options, site: Site) -> None:
    """Neither of the values is lost without a word: it is refused, as in YAML."""
    rows = form.field("environment_vars")
    for at, (name, value) in enumerate((("A", "1"), ("A", "2"))):
        rows.get_by_label("Name", exact=True).nth(at).fill(name)
        rows.get_by_label("Value", exact=True).nth(at).fill(value)
    since = time.monotonic()
    expect(form.error("environment_vars")).to_contain_text("A is there twice")
    if form.app.id("create-cluster").is_enabled():
        form.create()
    form.app.idle()
    assert not posts(site, since)
    expect(rows.get_by_label("Value", exact=True).first).to_have_value("1")
    rows.get_by_label("Name", exact=True).nth(1).fill("B")
    expect(form.error("environment_vars")).to_be_hidden()


def test_a_kind_that_no_client_knows(new_app, loop: Loop, dist, strange: Gateway, subtests) -> None:
    """It is shown as JSON, checked as JSON, and sent as what it is."""
    site = Site(loop, dist, strange.url)
    try:
        app: App = new_app(to=site)
        app.sign_in("zoe")
        form = app.options()
        text = form.text("node_labels")
        assert text.input_value().replace(" ", "").replace("\n", "") == '["cpu"]'
        since = time.monotonic()
        form.type(text, "[1, ")
        if app.id("create-cluster").is_enabled():
            form.create()
        expect(form.error("node_labels")).to_be_visible()
        app.idle()
        assert not posts(site, since)
        # JSON, but not what the server wants: its own words, at the field.
        form.type(text, '"cpu"')
        form.create()
        expect(form.error("node_labels")).to_contain_text("node_labels must be a list, got 'cpu'")
        form.type(text, '["a", {"b": 1}]')
        form.set("gpu", True)
        name = form.create_and_wait(strange, "zoe")
        assert strange.request("GET", f"/api/v1/clusters/{name}", "zoe")[1]["options"]["node_labels"] == ["a", {"b": 1}]
    finally:
        site.close()


def test_copy_as_python_runs(contexts, new_app, user: str, gateway: Gateway, new_notebook) -> None:
    """The copied code makes, in a real Python, the cluster that the form would have made."""
    from test_tutorial import notebook_env

    app: App = new_app(contexts(permissions=["clipboard-read", "clipboard-write"]))
    app.sign_in(user)
    form = app.options()
    form.set("worker_cores", 2)
    form.set("worker_memory", "0.5")
    form.set("image", "it's \"quoted\":\\ok")
    form.set("environment_vars", "PATH_LIKE: a:b\nEMPTY: ''")
    app.id("copy-python").click()
    code = procs.until(app.clipboard, 10, "copied code")
    assert "Gateway(" in code and "new_cluster" in code, code
    notebook = new_notebook(**notebook_env(gateway, user))
    made = notebook.do("snippet", code=code, timeout=150)
    names = set(gateway.clusters(user, "pending,running,stopping,stopped"))
    assert len(names) == 1 and set(made["clusters"]) <= names, (made, names)
    name = names.pop()
    options = gateway.request("GET", f"/api/v1/clusters/{name}", user)[1]["options"]
    gateway.delete(user, name)
    want = {"worker_cores": 2, "worker_memory": 0.5, "image": "it's \"quoted\":\\ok", "gpu": False}
    assert want.items() <= options.items(), options
    assert options["environment_vars"] == {"PATH_LIKE": "a:b", "EMPTY": ""}, options
