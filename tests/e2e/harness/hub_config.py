"""JupyterHub's configuration: read by `jupyterhub -f`, with its values in the environment."""

import os

E = os.environ
c = get_config()  # noqa: F821  (the hub gives it)

c.JupyterHub.bind_url = E["E2E_HUB_URL"]
c.JupyterHub.hub_bind_url = E["E2E_HUB_INNER"]
c.ConfigurableHTTPProxy.command = [E["E2E_NODE"], E["DASKSCOPE_HUB_PROXY"]]
c.ConfigurableHTTPProxy.api_url = E["E2E_HUB_PROXY_API"]
c.ConfigurableHTTPProxy.auth_token = E["E2E_HUB_PROXY_TOKEN"]
c.JupyterHub.cookie_secret_file = "cookie-secret"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.redirect_to_server = False
c.Authenticator.allow_all = True
c.JupyterHub.token_expires_in_max_seconds = int(E["E2E_HUB_LONGEST"])

GATEWAY = "access:services!service=dask-gateway"
c.JupyterHub.services = [
    {"name": "dask-gateway", "url": E["E2E_HUB_GATEWAY"], "api_token": E["E2E_HUB_TOKEN"], "display": False},
    {"name": "dask-app", "url": E["E2E_HUB_APP"]},
    {"name": "tests", "api_token": E["E2E_HUB_TESTS"]},
]
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self"]},
    # Everybody but those whose account lacks it.
    {"name": "dask", "scopes": [GATEWAY], "users": ["alice", "carol"]},
    {"name": "tests", "scopes": ["admin:users", "tokens", GATEWAY], "services": ["tests"]},
]
c.Authenticator.allowed_users = {"alice", "bob", "carol"}
