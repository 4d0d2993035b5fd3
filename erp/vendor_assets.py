"""Fetches the assets of the web page from npm, checks their sums and writes them beside the templates.

Run by `make vendor-assets`. `vendor_assets.json` names each package with its version, the registry's own integrity
sum, and the files that are used. The vendored files are committed, so that neither a build nor a user needs npm.
"""

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent


def fetch(package: str, version: str, folder: Path) -> bytes:
    """The package's archive, as npm delivers it."""
    packed = subprocess.run(  # noqa: S603 - the names come from our own list
        ["npm", "pack", f"{package}@{version}", "--json", "--ignore-scripts"],  # noqa: S607 - npm is where PATH says
        cwd=folder,
        check=True,
        capture_output=True,
    )
    described = json.loads(packed.stdout)
    entry = described[0] if isinstance(described, list) else described[package]
    name: str = entry["filename"]
    return (folder / name).read_bytes()


def integrity(archive: bytes) -> str:
    """The sum in the form that npm's lock files use."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def vendor(package: str, wanted: dict[str, object], folder: Path) -> list[str]:
    """Write the wanted files of one package and give their names.

    Raises:
        SystemExit: the archive is not the one that was reviewed.
    """
    archive = fetch(package, str(wanted["version"]), folder)
    if integrity(archive) != wanted["integrity"]:
        raise SystemExit(f"{package} {wanted['version']}: the sum is {integrity(archive)}, not {wanted['integrity']}")
    files = wanted["files"]
    if not isinstance(files, dict):
        raise SystemExit(f"{package}: `files` maps a file of the package to where it goes")
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for inside, target in files.items():
            member = opened.extractfile(f"package/{inside}")
            if member is None:
                raise SystemExit(f"{package} has no file {inside}")
            path = ROOT / str(target)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(member.read())
    return [str(target) for target in files.values()]


def main() -> int:
    """Fetch everything that is listed."""
    listed: dict[str, dict[str, object]] = json.loads((HERE / "vendor_assets.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        for package, wanted in listed.items():
            for path in vendor(package, wanted, Path(folder)):
                sys.stdout.write(f"{package} {wanted['version']} → {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
