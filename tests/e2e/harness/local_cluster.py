"""A LocalCluster that writes its addresses to the file it was given and then stands."""

import json
import os
import sys
import threading

if __name__ == "__main__":
    from distributed import LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", memory_limit="1GiB")
    dashboard = cluster.dashboard_link.rsplit("/status", 1)[0]
    with open(sys.argv[1] + ".part", "w") as out:
        json.dump({"address": cluster.scheduler_address, "dashboard": dashboard}, out)
    os.rename(sys.argv[1] + ".part", sys.argv[1])
    threading.Event().wait()
