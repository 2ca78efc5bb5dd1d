"""The notebook's side: runs in whichever Python the cluster has, takes one JSON command a line and answers one.

Nothing of the harness is imported here, since the other Python has none of it.
"""

import itertools
import json
import sys
import threading
import time
import traceback

import dask
import dask.array as da
from distributed import Client, wait


def inc(x):
    return x + 1


def nap(seconds, *_):
    time.sleep(seconds)
    return seconds


def fail(x):
    raise ValueError(f"meant to fail: {x}")


def block(size):
    import numpy

    return numpy.ones(size // 8)


def total(*arrays):
    return float(sum(a.sum() for a in arrays))


def chew(until):
    while time.time() < until:
        sum(range(300))


def dig(depth, until):
    if depth:
        dig(depth - 1, until)
    else:
        chew(until)


def spend(seconds, index):
    dig(index % 4, time.time() + seconds)
    chew(time.time() + seconds / 2)


class Notebook:
    """One client and what it has asked for."""

    def __init__(self):
        self.client = None
        self.space = {}
        self.kept = []
        self.stop = threading.Event()

    # Connections.

    def connect(self, address):
        self.client = Client(address, timeout=30)
        return self._ready()

    def connect_gateway(self, url, proxy, cluster, user, password, record=True):
        from dask_gateway import BasicAuth, Gateway

        gateway = Gateway(url, proxy_address=proxy, auth=BasicAuth(user, password))
        self.space["gateway"] = gateway
        self.client = gateway.connect(cluster).get_client()
        return self._ready() if record else True

    def snippet(self, code):
        """Runs the code that the page shows; a client among its names becomes ours."""
        exec(compile(code, "<snippet>", "exec"), self.space)
        clients = [v for v in self.space.values() if isinstance(v, Client)]
        if clients:
            self.client = clients[-1]
            self._ready()
        clusters = [v for v in self.space.values() if hasattr(v, "dashboard_link") and hasattr(v, "name")]
        return {"client": bool(clients), "clusters": sorted({c.name for c in clusters})}

    def spend(self, nonce, count=8, seconds=0.6):
        """Tasks that call functions, for profiles."""
        keys = [f"spend{nonce}-{i}" for i in range(count)]
        futures = self.client.map(spend, [seconds] * count, range(count), key=keys)
        wait(futures)
        self.kept.append(futures)

    def profile(self, key=None, start=None, stop=None, scheduler=False):
        """What Dask's own client says of a profile: samples of all, and by function, callers included."""
        state = self.client.profile(key=key, start=start, stop=stop, scheduler=scheduler)
        names = {}

        def walk(node, above):
            name = node["description"]["name"]
            if name not in above:
                names[name] = names.get(name, 0) + node["count"]
            for kid in node["children"].values():
                walk(kid, above | {name})

        walk(state, frozenset())
        return {"count": state["count"], "names": names}

    def _ready(self):
        self.client.get_task_stream()  # from here on the scheduler remembers what it ran
        return True

    def workers(self, count):
        """Waits for workers; their addresses."""
        self.client.wait_for_workers(count, timeout=90)
        return sorted(self.client.scheduler_info(**self._all)["workers"])

    @property
    def _all(self):
        # Newer versions leave workers out unless told.
        import inspect

        return {"n_workers": -1} if "n_workers" in inspect.signature(self.client.scheduler_info).parameters else {}

    def close(self):
        self.stop.set()
        if self.client is not None:
            self.client.close()
        return True

    # What the scheduler says that it ran.

    def count(self):
        return len(self.client.get_task_stream())

    def stream(self, start=0):
        """The rows of the scheduler's task stream from its `start`-th task on: one a startstop."""
        rows = []
        for message in self.client.get_task_stream()[start:]:
            for span in message["startstops"]:
                rows.append(
                    {
                        "key": message["key"],
                        "action": span["action"],
                        "start": span["start"],
                        "stop": span["stop"],
                        "worker": message["worker"],
                        "thread": message["thread"],
                        "status": message["status"],
                    }
                )
        return rows

    # Work. Each gives the rows of what it ran.

    def tutorial(self, size=2000, chunk=250, keep=False):
        """The tutorial's computation: the mean of a random array."""
        before = self.count()
        array = da.random.random((size, size), chunks=(chunk, chunk))
        if keep:
            future = self.client.compute(array.mean())
            value = future.result()
            self.kept.append(future)
        else:
            value = array.mean().compute()
        return {"value": float(value), "rows": self.stream(before)}

    def mixed(self, nonce):
        """Erred tasks, transfers, keys that finish twice, tuple keys, long and foreign keys."""
        before = self.count()
        c = self.client
        first, second = sorted(c.scheduler_info(**self._all)["workers"])[:2]
        futures = [c.submit(inc, i, key=f"inc-{nonce}-{i}") for i in range(60)]
        futures += [c.submit(fail, i, key=f"fail-{nonce}-{i}", retries=0) for i in range(4)]
        for i in range(5):
            there = c.submit(block, 400_000, key=f"block-{nonce}-{i}", workers=[first])
            futures += [there, c.submit(total, there, key=f"total-{nonce}-{i}", workers=[second])]
        # An erred task that had to fetch what it works on: a transfer and a black row under one key.
        far = c.submit(block, 400_000, key=f"far-{nonce}", workers=[first])
        futures += [far, c.submit(lambda x: fail(0), far, key=f"fail-far-{nonce}", workers=[second])]
        futures.append(c.submit(inc, 1, key=("tuple-" + nonce, 3, 4)))
        futures.append(c.submit(inc, 1, key=("x" * 400) + "-" + nonce))
        futures.append(c.submit(inc, 1, key=f"αβγ \"quoted\" <b>&amp; {nonce}"))
        futures.append(c.submit(nap, 0.3, key=f"nap-{nonce}"))
        wait(futures)
        for _ in range(2):
            again = c.submit(inc, 1, key=f"again-{nonce}")
            again.result()
            del again
            time.sleep(0.3)
        array = da.random.random((800, 800), chunks=(100, 100))
        (array + array.T).sum().compute()
        return {"rows": self.stream(before)}

    def long_among_short(self, nonce, short=4000, longs=4, longer=2):
        """A few tasks of 1 s and of 3 s among thousands of 4 ms: the ones that a short history never sends."""
        before = self.count()
        part = short // 4
        futures = self.client.map(nap, [0.004] * part, [f"{nonce}a{i}" for i in range(part)], pure=True)
        futures += [self.client.submit(nap, 1.0, key=f"long-{nonce}-{i}", priority=10) for i in range(longs)]
        futures += [self.client.submit(nap, 3.0, key=f"longer-{nonce}-{i}", priority=10) for i in range(longer)]
        rest = short - part
        futures += self.client.map(nap, [0.004] * rest, [f"{nonce}b{i}" for i in range(rest)], pure=True)
        wait(futures)
        return {"rows": self.stream(before)}

    def steady(self, nonce, seconds=12, batch=20, pause=0.15):
        """Small batches, one after another, for so many seconds."""
        before = self.count()
        end = time.monotonic() + seconds
        for number in itertools.count():
            if time.monotonic() > end or self.stop.is_set():
                break
            names = [f"{nonce}-{number}-{i}" for i in range(batch)]
            wait(self.client.map(nap, [0.005] * batch, names, pure=True))
            time.sleep(pause)
        return {"rows": self.stream(before)}

    def hold(self, nonce, count=30, erred=3):
        """Keeps results, so that the progress table stands still and can be compared: counts per prefix and state."""
        c = self.client
        done = [c.submit(inc, i, key=f"held{nonce}-{i}") for i in range(count)]
        bad = [c.submit(fail, i, key=f"bad{nonce}-{i}") for i in range(erred)]
        wait(done + bad)
        self.kept += done + bad
        return True

    def prefixes(self):
        """The scheduler's own counts: prefix → state → tasks."""

        def ask(dask_scheduler):
            return {
                name: {k: v for k, v in prefix.states.items()}
                for name, prefix in dask_scheduler.task_prefixes.items()
            }

        return self.client.run_on_scheduler(ask)

    def show(self, seconds=8):
        """The tutorial's computation over and over, with sums across workers: something to look at."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            array = da.random.random((3000, 3000), chunks=(300, 300))
            both = self.client.compute([array.mean(axis=0).sum(), (array + array.T)[::2, 600:].mean(axis=1)])
            wait(both)
            self.kept = [*self.kept[-150:], *both]
        return True

    def later(self, nonce, count=50):
        """Tasks that nobody waits for."""
        self.kept += [self.client.submit(nap, 0.1, i, key=f"later-{nonce}-{i}") for i in range(count)]
        deadline = time.time() + 30
        while self.client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) < count:
            if time.time() > deadline:
                raise TimeoutError("the scheduler does not know the tasks")
            time.sleep(0.1)
        return count

    def run_without_tasks(self, seconds, thread):
        """Keeps each worker busy; the scheduler has no task for it. Without a thread its event loop stands still."""

        def burn():
            end = time.time() + seconds
            while time.time() < end:
                sum(range(300))

        async def aside():
            import asyncio

            await asyncio.get_running_loop().run_in_executor(None, burn)

        self.client.run(aside if thread else burn)
        return seconds

    def queue(self, nonce, count=200, seconds=0.5):
        """Starts more work than the workers can do soon, and does not wait for it."""
        self.kept += self.client.map(nap, [seconds] * count, [f"{nonce}-{i}" for i in range(count)], pure=True)
        return True

    def drop(self):
        """Forgets everything it holds."""
        self.kept.clear()
        return True

    def versions(self):
        return {"dask": dask.__version__, "python": sys.version.split()[0]}


def main():
    notebook = Notebook()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"ok": getattr(notebook, order["do"])(**order["args"])}
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}
        sys.__stdout__.write(json.dumps(answer) + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    # Whatever a snippet prints must not look like an answer.
    sys.stdout = sys.stderr
    main()
