"""Fetch a long export or a batch of prints: ask, wait, download, and believe only a whole file.

    python export.py https://erp.example "exports/jobs?format=csv&state=posted" invoices.csv
    python export.py https://erp.example "prints/jobs?from=2026-07-01" july.zip

The token is read from the environment variable TOKEN. Needs nothing but Python 3.11.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ATTEMPTS = 3
OVER = {"failed", "cancelled", "expired"}


def call(method: str, url: str, token: str) -> dict[str, Any]:
    """One call of the API."""
    request = urllib.request.Request(url, method=method, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def finished(base: str, job: dict[str, Any], token: str) -> dict[str, Any]:
    """The job when its file is there."""
    while job["state"] != "done":
        if job["state"] in OVER:
            sys.exit(f"The job is {job['state']}: {job['problem'] or 'no reason was given'}")
        print(f"{job['state']}: {job['done']} of {job['total'] or '?'}", file=sys.stderr)
        time.sleep(1)
        job = call("GET", f"{base}/api/v1/jobs/{job['id']}", token)
    return job


def download(url: str, target: Path) -> bool:
    """Whether the whole file came. A cut connection may end without an error: only the digest tells."""
    part, digest, size = target.with_name(target.name + ".part"), hashlib.sha256(), 0
    with urllib.request.urlopen(url, timeout=60) as answer, part.open("wb") as file:
        while block := answer.read(1 << 20):
            file.write(block)
            digest.update(block)
            size += len(block)
        expected = answer.headers["Repr-Digest"]
        length = int(answer.headers["Content-Length"])
    if size != length or expected != f"sha-256=:{base64.b64encode(digest.digest()).decode()}:":
        part.unlink()
        return False
    part.replace(target)
    return True


def main(base: str, wish: str, target: str) -> None:
    """Ask, wait, download."""
    token = os.environ["TOKEN"]
    job = finished(base, call("POST", f"{base}/api/v1/{wish}", token), token)
    for _ in range(ATTEMPTS):
        link = call("POST", f"{base}/api/v1/jobs/{job['id']}/link", token)
        if download(link["url"], Path(target)):
            print(f"{target}: {job['done']} documents, {job['file']['size']} bytes, sha-256 {job['file']['sha256']}")
            return
    sys.exit(f"The download was cut {ATTEMPTS} times")


if __name__ == "__main__":
    main(*sys.argv[1:4])
