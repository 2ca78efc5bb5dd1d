"""Fetches one npm package without npm: `fetch_npm.py NAME VERSION FOLDER`. Checks the registry's own digest."""

import base64
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import urllib.request

REGISTRY = "https://registry.npmjs.org"


def main(name, version, folder):
    with urllib.request.urlopen(f"{REGISTRY}/{name}/{version}", timeout=60) as answer:
        dist = json.load(answer)["dist"]
    kind, _, digest = dist["integrity"].partition("-")
    print("fetching", dist["tarball"], flush=True)
    with urllib.request.urlopen(dist["tarball"], timeout=300) as answer:
        data = answer.read()
    if base64.b64encode(hashlib.new(kind, data).digest()).decode() != digest:
        sys.exit(f"{dist['tarball']} does not have the digest that the registry names")
    target = pathlib.Path(folder)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar.getmembers():
            _, _, inner = member.name.partition("/")
            if not member.isfile() or not inner or ".." in pathlib.PurePosixPath(inner).parts:
                continue
            path = target / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tar.extractfile(member).read())
            path.chmod(0o755 if member.mode & 0o100 else 0o644)


if __name__ == "__main__":
    main(*sys.argv[1:4])
