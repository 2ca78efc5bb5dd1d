"""The gateway's configuration: read by `dask-gateway-server -f`, with its values in the environment.

One field of every kind, as Nebari shows them, one kind that no client knows, and rules that only the server knows.
"""

import os

from dask_gateway_server.options import Bool, Field, Float, Integer, Mapping, Options, Select, String

E = os.environ
c = get_config()  # noqa: F821  (the gateway gives it)

c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.DaskGateway.address = f"127.0.0.1:{E['E2E_API_PORT']}"
c.Proxy.address = f"127.0.0.1:{E['E2E_PROXY_PORT']}"
c.SimpleAuthenticator.password = E.get("E2E_PASSWORD") or None
if E.get("E2E_HUB_API"):
    c.DaskGateway.authenticator_class = "dask_gateway_server.auth.JupyterHubAuthenticator"
    c.JupyterHubAuthenticator.jupyterhub_api_url = E["E2E_HUB_API"]
    c.JupyterHubAuthenticator.jupyterhub_api_token = E["E2E_HUB_TOKEN"]
    c.JupyterHubAuthenticator.jupyterhub_service_name = "dask-gateway"
    c.Proxy.prefix = "/services/dask-gateway"

backend = c.UnsafeLocalBackend
backend.clusters_directory = E["E2E_CLUSTERS"]
# Short periods, so that a death is noticed while a test looks.
backend.cluster_status_period = 2
backend.worker_status_period = 2
backend.cluster_heartbeat_period = 3
backend.cluster_heartbeat_timeout = 30
backend.sigint_timeout = 4
backend.sigterm_timeout = 2
if E.get("E2E_DB"):
    backend.db_url = "sqlite:///" + E["E2E_DB"]
    backend.db_encrypt_keys = [E["E2E_DB_KEY"]]
    backend.stop_clusters_on_shutdown = False

c.ClusterConfig.cluster_max_workers = 2
c.ClusterConfig.adaptive_period = 1
c.ClusterConfig.worker_memory = "1 G"

MARK = {k: E[k] for k in ("DASKSCOPE_E2E_RUN", "E2E_GATEWAY", "DASK_CONFIG", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
PYTHONS = {"dask-2026": E["E2E_PYTHON"]}
if E.get("E2E_PYTHON_OLD"):
    PYTHONS["dask-2024"] = E["E2E_PYTHON_OLD"]


class Anything(Field):
    """A kind of field that dask-gateway does not have: a list."""

    def validate(self, x):
        if not isinstance(x, list):
            raise TypeError(f"{self.field} must be a list, got {x!r}")
        return x

    def json_type_spec(self):
        return {"type": "list"}


def handler(options):
    """The server's own rules, and the Python of the environment that was chosen."""
    if ":" not in options.image:
        raise ValueError(f"image must name a tag, got {options.image!r}")
    python = PYTHONS[options.conda_environment]
    if options.gpu:  # "no node has a GPU": such a cluster fails to start
        scheduler = ["false"]
    else:
        scheduler = [python, "-m", "dask", "scheduler"]
        if int(options.start_delay):
            scheduler = [python, E["E2E_SLOW"], str(options.start_delay), *scheduler]
    return {
        "scheduler_cmd": scheduler,
        "worker_cmd": [python, "-m", "dask", "worker"],
        "worker_cores": options.worker_cores,
        "worker_memory": int(options.worker_memory * 2**30),
        "environment": {**MARK, **{k: str(v) for k, v in options.environment_vars.items()}},
    }


fields = [
    Select("conda_environment", list(PYTHONS), label="Environment"),
    Select("profile", ["Small Worker", "Medium Worker"], label="Cluster Profile"),
    Integer("worker_cores", default=1, min=1, max=4, label="Worker Cores"),
    Float("worker_memory", default=1.0, min=0.25, max=8.0, label="Worker Memory (GiB)"),
    String("image", default="dask:latest", label="Image"),
    Bool("gpu", default=False, label="GPU"),
    Mapping("environment_vars", default={}, label="Environment Variables"),
    Integer("start_delay", default=0, min=0, max=30, label="Seconds before the scheduler starts"),
]
if E.get("E2E_UNKNOWN_KIND"):
    # Also what a form may stumble over: defaults that JSON cannot carry, far bounds, one value, lines.
    fields += [
        Anything("node_labels", default=["cpu"], label="Node Labels"),
        Float("limit", default=float("inf"), label="Limit"),
        Integer("seed", default=10**30, label="Seed"),
        Float("share", default=0.4, min=0.4, max=1.6, label="Share"),
        Integer("far", default=1, min=-(2**63), max=2**63 - 1, label="Far Bounds"),
        Integer("fixed", default=4, min=4, max=4, label="Fixed"),
        String("script", default="one\ntwo", label="Script"),
    ]

offered = Options(*fields, handler=handler)


def per_user(user):
    """Fails while the file is there, as a site's own code does."""
    if os.path.exists(E["E2E_UNTOLD"]):
        raise IndexError("list index out of range")
    return offered


c.Backend.cluster_options = per_user if E.get("E2E_UNTOLD") else offered
