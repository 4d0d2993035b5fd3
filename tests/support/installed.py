"""A ValeoERP on a real cluster, as its owner sees it: kubectl and nothing else."""

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.support.api_server import ApiServer, Manifest

ROOT = Path(__file__).parents[2]
OPERATOR_NAMESPACE = "valeo-system"


def image_of_this_build() -> str:
    """The ERP's image that `make load` put on the nodes."""
    command = [str(ROOT / "manifests/machine/images"), "this-build"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def until(met: Callable[[], bool], what: Callable[[], str], seconds: float) -> float:
    """Wait for a condition; the seconds that it took. Fails with what is there instead."""
    begun = time.monotonic()
    while not met():
        assert time.monotonic() - begun < seconds, f"not within {seconds:.0f} s: {what()}"
        time.sleep(0.5)
    return time.monotonic() - begun


@dataclass(frozen=True)
class Place:
    """A namespace with one ValeoERP in it."""

    cluster: ApiServer
    namespace: str
    name: str = "acme"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Kubectl in this namespace."""
        return self.cluster.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def get(self, kind: str, name: str) -> Manifest | None:
        """An object, None where there is none."""
        found = self.kubectl("get", kind, name, "--ignore-not-found", "-o", "json")
        return json.loads(found) if found else None

    def all(self, kind: str) -> list[Manifest]:
        """All objects of a kind."""
        items: list[Manifest] = json.loads(self.kubectl("get", kind, "-o", "json"))["items"]
        return items

    def apply(self, **spec: Any) -> None:
        """Apply the ValeoERP: the smallest one with these fields of the spec. None takes a field away."""
        wanted = {
            "image": image_of_this_build(),
            "replicas": 1,
            "publicURL": "http://127.0.0.1:8080",
            "auth": {"developmentProvider": {}},
            "resources": {"requests": {"cpu": "10m", "memory": "128Mi"}},
            "rollout": {"stabilitySeconds": 2, "drainSeconds": 2, "watchSeconds": 3},
            **spec,
        }
        manifest = {
            "apiVersion": "valeoerp.io/v1alpha1",
            "kind": "ValeoERP",
            "metadata": {"name": self.name},
            "spec": {key: value for key, value in wanted.items() if value is not None},
        }
        self.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(manifest))

    @property
    def status(self) -> Manifest:
        """The status as it is now."""
        found = self.get("valeoerp", self.name)
        assert found is not None, f"there is no ValeoERP {self.name}"
        status: Manifest = found.get("status", {})
        return status

    def condition(self, kind: str) -> Manifest:
        """One condition, with status Unknown where it is not there yet."""
        unknown: Manifest = {"type": kind, "status": "Unknown", "reason": "", "message": ""}
        return next((each for each in self.status.get("conditions", ()) if each["type"] == kind), unknown)

    def told(self) -> str:
        """What it says of itself."""
        status = self.status
        return f"{status.get('phase')}: {status.get('message')}"

    def events(self, reason: str) -> list[str]:
        """The messages of its events with this reason."""
        return [each["message"] for each in self.all("events") if each["reason"] == reason]

    def ready(self, seconds: float = 90) -> float:
        """Wait until it is Ready for its present spec; the seconds that it took."""
        return until(self.is_ready, self.told, seconds)

    def complete(self, seconds: float = 150) -> float:
        """Wait until the release of its present spec was watched to the end; the seconds that it took."""
        return until(lambda: self.status.get("phase") == "Complete" and self.is_ready(), self.told, seconds)

    def is_ready(self) -> bool:
        """Whether it is Ready for its present spec."""
        found = self.get("valeoerp", self.name) or {}
        status, generation = found.get("status", {}), found.get("metadata", {}).get("generation")
        conditions = {each["type"]: each["status"] for each in status.get("conditions", ())}
        return status.get("observedGeneration") == generation and conditions.get("Ready") == "True"

    def stalled(self, seconds: float = 60) -> str:
        """Wait until it is Stalled; reason and message."""
        until(lambda: self.condition("Stalled")["status"] == "True", self.told, seconds)
        said = self.condition("Stalled")
        return f"{said['reason']}: {said['message']}"


@contextmanager
def phases(place: Place) -> Iterator[Iterator[str]]:
    """The phases of the installation's release as they are written, each change once, from the present one on."""
    shown = 'jsonpath={.status.phase}{"\\n"}'
    command = place.cluster.command("-n", place.namespace, "get", "valeoerp", place.name, "--watch", "-o", shown)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        try:
            yield (phase for phase, _ in groupby(line.strip() for line in watching.stdout))
        finally:
            watching.terminate()


@contextmanager
def place(cluster: ApiServer, purpose: str) -> Iterator[Place]:
    """A namespace for one test, taken away afterwards."""
    namespace = f"operator-{purpose}-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", namespace)
    try:
        yield Place(cluster, namespace)
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def kill_operator(cluster: ApiServer) -> None:
    """Kill the operator's process without a warning, and do not wait for the next one."""
    cluster.kubectl("-n", OPERATOR_NAMESPACE, "delete", "pod", "--all", "--force", "--grace-period=0", "--wait=false")


def operator_metrics(cluster: ApiServer) -> str:
    """What the leading operator counts."""
    pods = json.loads(cluster.kubectl("-n", OPERATOR_NAMESPACE, "get", "pods", "-o", "json"))["items"]
    for pod in pods:
        path = f"/api/v1/namespaces/{OPERATOR_NAMESPACE}/pods/{pod['metadata']['name']}:8080/proxy/metrics"
        numbers = cluster.kubectl("get", "--raw", path)
        if "valeo_operator_leader 1.0" in numbers:
            return numbers
    raise AssertionError("no operator leads")


def on_node(cluster: ApiServer, *command: str) -> str:
    """Run a command on the node of a kind cluster."""
    node = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
    done = subprocess.run(["docker", "exec", node, *command], capture_output=True, text=True, check=True)
    return done.stdout
