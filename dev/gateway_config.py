"""Configuration of the Dask Gateway that `cargo xtask run` starts: everything on loopback, options like Nebari's.

Read by dask-gateway-server; dev/stack.py gives the addresses and folders in the environment.
"""

import os
import sys

from dask_gateway_server.options import Bool, Float, Integer, Mapping, Options, Select, String

c = get_config()  # noqa: F821 (defined by traitlets)

address = os.environ["DASKSCOPE_GATEWAY_ADDRESS"]
mark = os.environ["DASKSCOPE_RUN"]

c.DaskGateway.address = os.environ["DASKSCOPE_GATEWAY_API"]
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.SimpleAuthenticator.password = os.environ.get("DASKSCOPE_GATEWAY_PASSWORD") or None
c.Proxy.address = address
c.LocalBackend.clusters_directory = os.environ["DASKSCOPE_GATEWAY_CLUSTERS"]
# Ctrl-C should not take half a minute.
c.LocalBackend.sigint_timeout = 4
c.LocalBackend.sigterm_timeout = 2
# A worker that died, or a scheduler, is noticed soon. A scheduler that a busy laptop keeps from its heartbeat is
# no dead one: by default it would be ended after two periods.
c.DBBackendBase.cluster_heartbeat_period = 5
c.DBBackendBase.cluster_heartbeat_timeout = 180

# The server still starts `dask-scheduler` and `dask-worker`, which newer versions of distributed do not install.
scheduler_cmd = [sys.executable, "-m", "dask", "scheduler"]
worker_cmd = [sys.executable, "-m", "dask", "worker"]
# Every process carries the mark of the run that it belongs to, so that the run can find it again: they are started in
# sessions of their own and outlive a gateway that was killed.
environment = {
    "DASKSCOPE_RUN": mark,
    # Several workers on one laptop: each task one thread.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

c.ClusterConfig.scheduler_cmd = scheduler_cmd
c.ClusterConfig.worker_cmd = worker_cmd
c.ClusterConfig.environment = environment
# Limits low enough that a person meets them. A scheduler takes one core.
c.ClusterConfig.cluster_max_cores = 9
c.ClusterConfig.cluster_max_workers = 8

ENVIRONMENTS = ["global-dask", "analytics", "geospatial"]
PROFILES = {
    "Small Worker": {"cores": 1, "memory": 2.0},
    "Medium Worker": {"cores": 2, "memory": 4.0},
    "Large Worker": {"cores": 4, "memory": 8.0},
}


def handler(options, user):
    profile = options.profile
    cores = options.worker_cores or profile["cores"]
    memory = options.worker_memory or profile["memory"]
    env = {str(name): str(value) for name, value in options.environment_vars.items()}
    # On a cluster the environment and the image choose what runs; here there is one Python, so they are only told.
    env["CONDA_DEFAULT_ENV"] = options.conda_environment
    if options.image:
        env["JUPYTER_IMAGE_SPEC"] = options.image
    command = list(worker_cmd)
    if options.gpu:
        # Dask's own way to send tasks to such workers: client.submit(..., resources={"GPU": 1}).
        command += ["--resources", "GPU=1"]
    return {
        "worker_cores": cores,
        "worker_threads": cores,
        "worker_memory": int(memory * 2**30),
        "worker_cmd": command,
        "environment": {**env, **environment, "DASKSCOPE_USER": user.name},
    }


c.Backend.cluster_options = Options(
    Select("conda_environment", ENVIRONMENTS, default="global-dask", label="Environment"),
    Select("profile", list(PROFILES.items()), default="Small Worker", label="Worker profile"),
    Integer("worker_cores", default=0, min=0, max=4, label="Cores per worker (0: as in the profile)"),
    Float("worker_memory", default=0, min=0, max=16, label="Memory per worker in GiB (0: as in the profile)"),
    String("image", default="", label="Image"),
    Bool("gpu", default=False, label="GPU"),
    Mapping("environment_vars", default={}, label="Environment variables"),
    handler=handler,
)
