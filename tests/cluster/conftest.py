"""What the cluster tier stands on: a real cluster, the operator as a user installs it, and the demo's installation.

Nothing is skipped: where there is no cluster, the tests fail and say which command makes one.
"""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.api_server import ApiServer, Manifest, kubeconfig_path, kubectl_path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "manifests/samples/valeoerp.yaml"
NAMESPACE, NAME = "valeo", "production"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test of a run also waits for the operator and the installation."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(900))


@dataclass(frozen=True)
class Installation:
    """A ValeoERP that is Ready, and how it is reached from this machine.

    Attributes:
        fresh: nobody has used it before this run.
    """

    cluster: ApiServer
    namespace: str
    name: str
    url: str
    issuer: str
    fresh: bool

    def resource(self) -> Manifest:
        """The ValeoERP as it is now."""
        return read(self.cluster, self.namespace, "valeoerp", self.name)


def read(cluster: ApiServer, namespace: str, kind: str, name: str) -> Manifest:
    """An object as kubectl gives it."""
    found: Manifest = json.loads(cluster.kubectl("-n", namespace, "get", kind, name, "-o", "json"))
    return found


def ran(*command: str, timeout: float = 300) -> str:
    """What a command of this repository prints; its own words when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}", pytrace=False)
    return done.stdout.strip()


def until(met: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until a condition is met; fail with its words when it is not in time."""
    ends = time.monotonic() + seconds
    while not met():
        if time.monotonic() > ends:
            pytest.fail(f"not within {seconds:.0f} s: {what}", pytrace=False)
        time.sleep(0.5)


@pytest.fixture(scope="session")
def cluster() -> ApiServer:
    """The cluster of this machine."""
    server = ApiServer(kubeconfig_path(), kubectl_path())
    if not server.kubeconfig.is_file():
        pytest.fail(f"there is no cluster: {server.kubeconfig} is missing; run: make cluster", pytrace=False)
    server.kubectl("get", "--raw", "/readyz")
    return server


@pytest.fixture(scope="session")
def operator(cluster: ApiServer) -> ApiServer:
    """The cluster with the definitions and the operator of this checkout, installed by kubectl and Helm."""
    ran("manifests/demo/operator")
    return cluster


@pytest.fixture(scope="session")
def installation(operator: ApiServer) -> Installation:
    """The demo's installation of this very build, Ready and seeded. One of another build is taken away before."""
    image = ran("manifests/machine/images", "this-build")
    there = operator.kubectl("-n", NAMESPACE, "get", "valeoerp", "--ignore-not-found", "-o", "json")
    items = json.loads(there)["items"] if there else []
    known = bool(items) and items[0]["spec"]["image"] == image
    if items and not known:
        operator.kubectl("delete", "namespace", NAMESPACE, "--wait", "--timeout=55s")
    ran("manifests/demo/install", image, timeout=480)
    spec = read(operator, NAMESPACE, "valeoerp", NAME)["spec"]
    issuer = spec["auth"]["developmentProvider"]["publicURL"]
    return Installation(operator, NAMESPACE, NAME, spec["publicURL"], issuer, fresh=not known)
