"""Keeps the tutorial's computation going on the newest cluster that has workers, so that there is something to see."""

import argparse
import getpass
import random
import time

import dask
import dask.array as da
import psutil
from dask_gateway import BasicAuth, Gateway
from distributed import wait


def newest_here(mark):
    """(name, user) of the newest scheduler of this run. The gateway shows each user only their own clusters."""
    found = []
    for process in psutil.process_iter():
        try:
            env = process.environ()
            if env.get("DASKSCOPE_RUN") == mark and "scheduler" in process.cmdline() and "DASK_GATEWAY_CLUSTER_NAME" in env:
                found.append((process.create_time(), env["DASK_GATEWAY_CLUSTER_NAME"], env.get("DASKSCOPE_USER", "")))
        except psutil.Error:
            continue
    return max(found, default=(0, None, None))[1:]


def newest_of(address, user):
    with Gateway(address, auth=BasicAuth(user)) as gateway:
        running = [c for c in gateway.list_clusters() if c.status.name == "RUNNING"]
        return max(running, key=lambda c: c.start_time).name if running else None


def load(i):
    time.sleep(random.uniform(0.05, 0.4))
    return [random.random() for _ in range(20_000)]


def clean(rows):
    time.sleep(random.uniform(0.02, 0.1))
    return [r for r in rows if r > 0.1]


def score(rows):
    time.sleep(random.uniform(0.01, 0.05))
    return sum(rows) / len(rows)


def flaky(i):
    time.sleep(0.05)
    raise ValueError(f"row {i} has no date")


def tutorial(client, _round):
    x = da.random.random((6000, 6000), chunks=(750, 750))
    y = x + x.T
    return f"mean {client.compute(y[::2, 3000:].mean(axis=1)).result().mean():.4f}"


def pipeline(client, round_):
    parts = client.map(load, range(round_ * 100, round_ * 100 + 48))
    scores = client.map(score, client.map(clean, parts))
    total = client.submit(sum, scores, key=f"total-{round_}")
    return f"total {total.result():.4f}"


def mishap(client, round_):
    futures = client.map(flaky, range(round_ * 100, round_ * 100 + 3))
    wait(futures)
    return f"{len(futures)} tasks erred, on purpose"


def compute(address, name, user, stop_when):
    with Gateway(address, auth=BasicAuth(user)) as gateway, gateway.connect(name) as cluster, cluster.get_client() as client:
        print(f"computing on {name} of {user}", flush=True)
        round_ = 0
        while not stop_when(name):
            if not client.scheduler_info()["workers"]:
                time.sleep(1)
                continue
            kind = mishap if round_ % 5 == 4 else (tutorial, pipeline)[round_ % 2]
            print(f"round {round_}: {kind(client, round_)}", flush=True)
            round_ += 1
            time.sleep(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gateway")
    parser.add_argument("--user", help="look at this user's clusters over the API, rather than at this run's processes")
    parser.add_argument("--mark", help=argparse.SUPPRESS)
    args = parser.parse_args()
    # Each step of the graph as a task of its own: there is more to see.
    dask.config.set({"optimization.fuse.active": False})

    def newest():
        if args.mark:
            return newest_here(args.mark)
        user = args.user or getpass.getuser()
        return newest_of(args.gateway, user), user

    while True:
        try:
            name, user = newest()
            if name:
                compute(args.gateway, name, user, lambda current: newest()[0] not in (current, None))
        except Exception as error:  # whatever happens to a cluster, the next one may work
            print(f"{type(error).__name__}: {error}", flush=True)
        time.sleep(2)


if __name__ == "__main__":
    main()
