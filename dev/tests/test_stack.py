"""The whole of `cargo xtask run` after the build: a real gateway comes up, and goes without a trace."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from dask_gateway import BasicAuth, Gateway

import stack

DEV = pathlib.Path(stack.__file__).parent
pytestmark = pytest.mark.timeout(240)


class Run:
    def __init__(self, folder, *more):
        self.ready = folder / "ready.json"
        self.out = folder / "out.txt"
        self.ready.unlink(missing_ok=True)
        (folder / "dist").mkdir(exist_ok=True)
        (folder / "dist/index.html").write_text("<!doctype html>")
        command = [sys.executable, str(DEV / "serve.py"), "--dist", str(folder / "dist"), "--ready-file", str(self.ready)]
        with self.out.open("wb") as out:
            self.process = subprocess.Popen([*command, "--log", str(folder), "--port", str(stack.free_port()), *more], stdout=out, stderr=out)
        while not self.ready.exists():
            assert self.process.poll() is None, self.out.read_text()
            time.sleep(0.1)
        time.sleep(0.1)
        self.told = json.loads(self.ready.read_text())

    def stop(self, how):
        self.process.send_signal(how)
        self.process.wait(60)


@pytest.fixture
def start(tmp_path):
    runs = []

    def go(*more):
        runs.append(Run(tmp_path, *more))
        return runs[-1]

    yield go
    for run in runs:
        run.process.kill()
        run.process.wait()
        stack.end(run.told["mark"], patience=1)


@contextlib.contextmanager
def cluster(run, user="alice", **options):
    """A cluster with one worker; the client's own connections go through the one address too."""
    with Gateway(run.told["origin"] + "/gateway", auth=BasicAuth(user)) as gateway:
        made = gateway.connect(gateway.submit(**options))
        made.scale(1)
        with made.get_client() as client:
            client.wait_for_workers(1, timeout=60)
            yield made, client


def test_options_apply_and_ctrl_c_leaves_nothing(start):
    run = start()
    mark = run.told["mark"]
    asked = {"DASKSCOPE_RUN": "mine", "GREETING": "hi"}
    with cluster(run, profile="Medium Worker", conda_environment="analytics", gpu=True, image="a/b:1", environment_vars=asked) as (made, client):
        env = client.submit(lambda: dict(os.environ), resources={"GPU": 1}).result()
        assert (env["GREETING"], env["CONDA_DEFAULT_ENV"], env["JUPYTER_IMAGE_SPEC"]) == ("hi", "analytics", "a/b:1")
        # No option takes a process away from the run that has to end it.
        assert env["DASKSCOPE_RUN"] == mark
        (worker,) = client.scheduler_info()["workers"].values()
        assert (worker["nthreads"], worker["memory_limit"]) == (2, 4 * 2**30)
        with pytest.warns(UserWarning, match="Scaling to 4 instead"):
            made.scale(100)
    assert len(list(stack.marked(mark))) >= 4
    run.stop(signal.SIGINT)
    assert list(stack.marked(mark)) == []
    assert "nothing of this run is left" in run.out.read_text()


def test_the_next_run_ends_what_a_killed_one_left(start):
    first = start()
    with cluster(first):
        pass
    first.stop(signal.SIGKILL)
    # The gateway's server and the cluster live on: nobody could tell them.
    assert len(list(stack.marked(first.told["mark"]))) >= 3
    other = start()
    assert list(stack.marked(first.told["mark"])) == []
    assert list(stack.marked(other.told["mark"])) != []


def test_a_run_leaves_another_living_run_alone(start, tmp_path):
    first = start()
    second = start()
    assert list(stack.marked(first.told["mark"])) != []
    second.stop(signal.SIGTERM)
    assert list(stack.marked(first.told["mark"])) != []


def test_the_workload_computes_on_the_newest_cluster(start, tmp_path):
    run = start("--workload")
    log = tmp_path / "workload.log"
    with cluster(run, user="bob") as (made, _client):
        while "round 1:" not in log.read_text():
            time.sleep(0.5)
        assert f"computing on {made.name} of bob" in log.read_text()
    run.stop(signal.SIGINT)
    assert list(stack.marked(run.told["mark"])) == []


def test_a_taken_port_and_a_wrong_address_are_sentences(start, tmp_path):
    run = start()
    port = run.told["origin"].rsplit(":", 1)[1]
    command = [sys.executable, str(DEV / "serve.py"), "--log", str(tmp_path)]
    taken = subprocess.run([*command, "--port", port], capture_output=True, text=True, timeout=60)
    assert taken.returncode != 0 and f"port {port} cannot be used" in taken.stderr and "Traceback" not in taken.stderr
    wrong = subprocess.run([*command, "--gateway", "localhost:8000"], capture_output=True, text=True, timeout=60)
    assert wrong.returncode != 0 and "is not an address such as" in wrong.stderr
