"""A hard day for a scheduler, by its name, on a LocalCluster whose dashboard is on the port that was given.

Waits for `go` in the folder that was given, works, writes how many tasks it computed to `done`, and stands.
"""

import os
import sys
import time
from pathlib import Path

FOLDER, PORT, DAY = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


def wait_for(name):
    while not (FOLDER / name).exists():
        time.sleep(0.1)


def say(name, text=""):
    (FOLDER / f"{name}.part").write_text(str(text))
    os.rename(FOLDER / f"{name}.part", FOLDER / name)


def many_workers(client):
    """A hundred and forty of them."""
    client.gather(client.map(lambda n: time.sleep(0.01) or n, range(2800), key=[f"many-{n}" for n in range(2800)]))
    return 2800


def long_history(client):
    """More tasks than the recorder keeps, before anybody looks."""
    for part in range(21):
        keys = [f"short-{part}-{n}" for n in range(5000)]
        client.gather(client.map(lambda n: n, range(5000), key=keys))
    return 105_000


class Counter:
    """An actor."""

    def spin(self, seconds):
        end = time.time() + seconds
        while time.time() < end:
            pass
        return True


def no_tasks(client):
    """Cores are busy, and no task is there: functions run on workers, and an actor's methods."""
    actor = client.submit(Counter, actor=True, key="counter-1").result()
    client.run(lambda: Counter().spin(3))
    for _ in range(3):
        actor.spin(1).result()
    return 1


def no_limit(client):
    """Workers without a limit of memory."""
    client.gather(client.map(lambda n: bytes(10_000), range(40), key=[f"free-{n}" for n in range(40)]))
    return 40


def spilling(client):
    """More results than memory: workers spill, and pause."""
    import numpy

    held = client.map(lambda n: numpy.ones(2_500_000), range(16), key=[f"block-{n}" for n in range(16)])
    deadline = time.time() + 40
    while time.time() < deadline and not all(future.done() for future in held):
        time.sleep(0.5)
    done = sum(future.done() for future in held)
    say("held", done)
    wait_for("free")
    del held
    return done


def restless(client):
    """Workers come and go while tasks run."""
    cluster, done, until = client.cluster, 0, time.time() + float(os.environ.get("RESTLESS_S", "120"))
    while time.time() < until:
        cluster.scale(1 + done // 60 % 5)
        keys = [f"restless-{done + n}" for n in range(60)]
        client.gather(client.map(lambda n: time.sleep(0.05) or n, range(60), key=keys))
        done += 60
    return done


DAYS = {
    "many_workers": (many_workers, {"n_workers": 140, "processes": False}),
    "long_history": (long_history, {"n_workers": 2}),
    "no_tasks": (no_tasks, {"n_workers": 2}),
    "no_limit": (no_limit, {"n_workers": 2, "memory_limit": 0}),
    "spilling": (spilling, {"n_workers": 2, "memory_limit": "180MiB"}),
    "restless": (restless, {"n_workers": 1}),
}

if __name__ == "__main__":
    from distributed import Client, LocalCluster

    work, options = DAYS[DAY]
    options = {"memory_limit": "1GiB", **options}
    with LocalCluster(threads_per_worker=1, dashboard_address=f"127.0.0.1:{PORT}", **options) as cluster, Client(
        cluster
    ) as client:
        say("there")
        wait_for("go")
        say("done", work(client))
        wait_for("end")
