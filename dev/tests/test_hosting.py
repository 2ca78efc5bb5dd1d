"""The samples of README.md and docs/hosting.md, run by real servers: what a browser gets from them."""

import http.client
import http.server
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

pytestmark = pytest.mark.timeout(60)
ROOT = pathlib.Path(__file__).resolve().parents[2]
IMMUTABLE = "public, max-age=31536000, immutable"


def sample(file, language, containing=""):
    """A block of a document."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / file).read_text(), re.S)
    found = [block for block in blocks if containing in block]
    assert found, f"{file} has no sample for {language}"
    return found[0]


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


@pytest.fixture
def bundle(tmp_path):
    """The built app, where all may read it: nginx and Apache serve as another user."""
    built = pathlib.Path(os.environ.get("DASKSCOPE_DIST") or ROOT / "dist")
    assert (built / "index.html").is_file(), f"no built app in {built}"
    folder = tmp_path / "srv"
    shutil.copytree(built, folder)
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    return folder


@pytest.fixture
def gateway():
    """Something that answers behind the server's own paths: the path that it was asked for."""

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def started(tmp_path):
    """Starts a server and waits until it listens; ends it afterwards."""
    running = []

    def start(command, port):
        log = (tmp_path / "server.log").open("w+")
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)})
        running.append(process)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            log.seek(0)
            assert process.poll() is None, log.read()
            with socket.socket() as it:
                if it.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{command[0]} does not listen")

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


def program(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        pytest.skip(f"{name} is not installed: its sample was not run")
    return found


def get(port, path, accepted=""):
    """Status, headers in small letters, and the body as it came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": accepted or "identity"})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def check(port, bundle, encodings, path="/daskscope/"):
    """What every server has to do with the files."""
    wasm = next(bundle.glob("daskscope-*_bg.wasm")).name
    script = wasm.replace("_bg.wasm", ".js")
    kinds = {
        wasm: "application/wasm", script: "javascript", "daskscope.js": "javascript", "boot.js": "javascript", "boot.css": "text/css",
        "favicon.svg": "image/svg+xml", "": "text/html", "index.html": "text/html", "config.json": "application/json",
    }  # fmt: skip
    endings = {"br": ".br", "gzip": ".gz"}
    for name, kind in kinds.items():
        file = bundle / (name or "index.html")
        for accepted in ("", "gzip, deflate", "gzip, deflate, br, zstd"):
            status, headers, body = get(port, path + name, accepted)
            where = f"{name or 'the folder'} for {accepted or 'no encoding'}: {headers}"
            assert status == 200, where
            assert kind in headers["content-type"], where
            assert headers["content-security-policy"] == "frame-ancestors 'self'", where
            assert headers["cache-control"] == (IMMUTABLE if name in (wasm, script) else "no-cache"), where
            assert "etag" in headers, where
            wanted = next((e for e in encodings if e in accepted and file.with_name(file.name + endings[e]).exists()), None)
            assert headers.get("content-encoding") == wanted, where
            assert body == (file.with_name(file.name + endings[wanted]) if wanted else file).read_bytes(), where
    # Where a copy is there, the one for this browser must not be kept for another.
    assert "accept-encoding" in get(port, path + wasm, "gzip")[1]["vary"].lower()


def check_around(port):
    status, headers, _ = get(port, "/daskscope")
    assert status in (301, 302, 308) and headers["location"].endswith("/daskscope/")
    assert get(port, "/gateway/api/health")[2] == b"/api/health"


@pytest.mark.parametrize("brotli", [False, True], ids=["gzip", "brotli"])
def test_nginx(bundle, gateway, started, tmp_path, brotli):
    nginx, port = program("nginx"), free_port()
    text = sample("README.md", "nginx", "location /daskscope/")
    modules = ""
    if brotli:
        module = pathlib.Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
        if not module.is_file():
            pytest.skip("nginx has no module for Brotli here")
        modules = f"load_module {module};"
        assert text.count("# brotli_static on;") == 2
        text = text.replace("# brotli_static on;", "brotli_static on;")
    text = text.replace("/srv/daskscope", str(bundle)).replace("127.0.0.1:8000", f"127.0.0.1:{gateway}")
    kept = "\n".join(f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"{modules}\ndaemon off; pid {tmp_path}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off; {kept}\n"
        f"server {{ listen 127.0.0.1:{port};\n{text}\n}} }}\n"
    )
    started([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)], port)
    check(port, bundle, ["br", "gzip"] if brotli else ["gzip"])
    check_around(port)


def test_caddy(bundle, gateway, started, tmp_path):
    caddy, port = program("caddy"), free_port()
    text = sample("docs/hosting.md", "caddy", "example.org")
    text = text.replace("/srv/daskscope", str(bundle)).replace("127.0.0.1:8000", f"127.0.0.1:{gateway}")
    text = "{\n admin off\n}\n" + text.replace("example.org", f"http://127.0.0.1:{port}")
    (tmp_path / "Caddyfile").write_text(text)
    started([caddy, "run", "--config", "Caddyfile", "--adapter", "caddyfile"], port)
    check(port, bundle, ["br", "gzip"])
    check_around(port)


def test_a_service_of_jupyterhub(bundle, started, tmp_path):
    caddy, port = program("caddy"), free_port()
    text = sample("docs/hosting.md", "caddy", "/services/daskscope/").replace("/srv/daskscope", str(bundle))
    (tmp_path / "daskscope.caddy").write_text("{\n admin off\n}\n" + text.replace("8051", str(port)))
    service = {"c": type("Config", (), {"JupyterHub": type("Hub", (), {})})}
    exec(sample("docs/hosting.md", "python", "JupyterHub.services"), service)
    (settings,) = service["c"].JupyterHub.services
    assert settings["url"] == "http://127.0.0.1:8051"
    command = [word.replace("/srv/", f"{tmp_path}/") for word in settings["command"]]
    started([caddy, *command[1:]], port)
    check(port, bundle, ["br", "gzip"], f"/services/{settings['name']}/")


def test_apache(bundle, gateway, started, tmp_path):
    apache, port = program("apache2"), free_port()
    folder = pathlib.Path("/usr/lib/apache2/modules")
    named = re.search(r"Modules: (.*?)\.\n", (ROOT / "docs/hosting.md").read_text())[1]
    own = [*re.findall(r"`(\w+)`", named), "mpm_event", "authz_core", "dir"]
    modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in sorted(own, key=lambda name: (name.startswith("proxy_"), name)))
    text = sample("docs/hosting.md", "apache").replace("/srv/daskscope", str(bundle)).replace("127.0.0.1:8000", f"127.0.0.1:{gateway}")
    user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    unixd = f"LoadModule unixd_module {folder}/mod_unixd.so\n" if (folder / "mod_unixd.so").is_file() else ""
    (tmp_path / "apache.conf").write_text(
        f"{modules}\n{unixd}ServerName localhost\nListen 127.0.0.1:{port}\nPidFile {tmp_path}/pid\nErrorLog /dev/stderr\n{user}"
        # As Debian has it: these types would win over those of the files themselves.
        f"TypesConfig /etc/mime.types\nAddType application/x-gzip .gz .tgz\n{text}"
    )
    started([apache, "-d", str(tmp_path), "-f", str(tmp_path / "apache.conf"), "-DFOREGROUND"], port)
    check(port, bundle, ["br", "gzip"])
    check_around(port)
