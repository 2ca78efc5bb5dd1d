"""A notebook whose cells run twice: a LocalCluster with its dashboard on one port, closed, and another one like it.

Writes `first` and `second` into the folder it was given once their tasks have run; begins the second one when
`go` is there.
"""

import sys
import time
from pathlib import Path

FOLDER, PORT = Path(sys.argv[1]), sys.argv[2]


def run(name: str, tasks: int, until: str) -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=f"127.0.0.1:{PORT}", memory_limit="1GiB"
    ) as cluster, Client(cluster) as client:
        # Somebody may look before the first task.
        (FOLDER / f"{name}-there").touch()
        while not (FOLDER / f"{name}-go").exists():
            time.sleep(0.1)
        done = client.map(lambda n: time.sleep(0.02) or n, range(tasks), key=[f"{name}-{n}" for n in range(tasks)])
        client.gather(done)
        (FOLDER / name).touch()
        while not (FOLDER / until).exists():
            time.sleep(0.1)


if __name__ == "__main__":
    run("first", 40, "next")
    run("second", 15, "end")
