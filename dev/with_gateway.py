"""Runs a command beside a real gateway: `with_gateway.py COMMAND …`. Tells it where by environment variables."""

import os
import pathlib
import secrets
import subprocess
import sys

from stack import Failed, Gateway

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main(command):
    gateway = Gateway(ROOT / "target/xtask/gateway-test.log", password=secrets.token_hex(8))
    try:
        gateway.start()
        told = {
            "DASKSCOPE_GATEWAY": gateway.url,
            "DASKSCOPE_PASSWORD": gateway.password,
            "DASKSCOPE_PYTHON": sys.executable,
        }
        return subprocess.run(command, env={**os.environ, **told}, check=False).returncode
    finally:
        gateway.stop()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as why:
        sys.exit(f"failed: {why}")
    except KeyboardInterrupt:
        sys.exit(130)
