"""The operator, where a cluster is there: what it needs while nothing happens, and how long an installation takes.

A child too, because it runs under `manifests/kind/cluster exclusively`.
"""

import json
import subprocess
import time
from typing import Any

from tests.bench.children import ROOT, command
from tests.bench.documents import Say
from tests.bench.processes import KIB_PER_MIB
from tests.bench.results import Figure, NotMeasured, Result, at_most
from tests.support.api_server import ApiServer, kubeconfig_path, kubectl_path
from tests.support.installed import OPERATOR_NAMESPACE, image_of_this_build, place

GROUP = "cluster"
IDLE_SAMPLES = 20
WAIT_SECONDS = 150
MEMORY_OF_ALL = "for status in /proc/[0-9]*/status; do grep -E '^(Name|VmRSS)' $status; done"


def measure(say: Say) -> list[Result | NotMeasured]:
    """Asks a child that has the cluster for itself."""
    if not kubeconfig_path().is_file():
        return [NotMeasured(GROUP, "there is no cluster; `make cluster load` makes one")]
    say("the operator idle, and a fresh ValeoERP until it is Ready")
    try:
        done = subprocess.run(
            [str(ROOT / "manifests/kind/cluster"), "exclusively", *command("cluster")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [NotMeasured(GROUP, f"others had the cluster for more than {WAIT_SECONDS} s")]
    if done.returncode:
        return [NotMeasured(GROUP, f"the cluster did not do it: {done.stderr.strip().splitlines()[-1]}")]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [_idle_row(seen), _ready_row(seen) if seen["ready_seconds"] else NotMeasured(GROUP, seen["why"])]


def _idle_row(seen: dict[str, Any]) -> Result:
    figure = Figure(seen["idle_mb"], "MB", goal=at_most(60))
    what = f"The operator idle, {seen['installations']} installations"
    return Result(GROUP, what, (figure,), detail={"image": seen["operator_image"], "processes": seen["processes"]})


def _ready_row(seen: dict[str, Any]) -> Result:
    figure = Figure(seen["ready_seconds"], "s", goal=at_most(60))
    return Result(GROUP, "From `kubectl apply` to Ready, images loaded", (figure,), detail={"image": seen["image"]})


def run() -> dict[str, Any]:
    """The child."""
    server = ApiServer(kubeconfig_path(), kubectl_path())
    return _operator_idle(server) | _apply_to_ready(server)


def _operator_idle(server: ApiServer) -> dict[str, Any]:
    """The most of some seconds: every process of its pod."""
    deployment = json.loads(
        server.kubectl("-n", OPERATOR_NAMESPACE, "get", "deployment", "valeo-operator", "-o", "json")
    )
    installations = json.loads(server.kubectl("get", "valeoerps", "-A", "-o", "json"))["items"]
    samples, told = [], ""
    for _ in range(IDLE_SAMPLES):
        told = server.kubectl(
            "-n", OPERATOR_NAMESPACE, "exec", "deployment/valeo-operator", "--", "sh", "-c", MEMORY_OF_ALL
        )
        samples.append(_own_memory_kib(told))
        time.sleep(0.5)
    return {
        "idle_mb": max(samples) / KIB_PER_MIB,
        "installations": len(installations),
        "operator_image": deployment["spec"]["template"]["spec"]["containers"][0]["image"],
        "processes": told.split(),
    }


def _own_memory_kib(told: str) -> int:
    """Of the pod's processes, but not of the shell that looks."""
    total, name = 0, ""
    for line in told.splitlines():
        key, value = line.split(":")
        if key == "Name":
            name = value.strip()
        elif name not in {"sh", "grep", "dash"}:
            total += int(value.split()[0])
    return total


def _apply_to_ready(server: ApiServer) -> dict[str, Any]:
    image = image_of_this_build()
    if image not in _images(server):
        return {"ready_seconds": None, "why": f"{image} is not on the node; `make load` puts it there"}
    with place(server, "bench") as fresh:
        begun = time.monotonic()
        fresh.apply()
        fresh.ready(100)
        return {"ready_seconds": time.monotonic() - begun, "image": image}


def _images(server: ApiServer) -> set[str]:
    """The names of what is on the nodes, without the registry that container engines put before them."""
    nodes = json.loads(server.kubectl("get", "nodes", "-o", "json"))["items"]
    names = (name for node in nodes for image in node["status"]["images"] for name in image["names"])
    return {name.removeprefix("docker.io/library/") for name in names}


if __name__ == "__main__":
    print(json.dumps(run()))
