"""Releases under load from outside: a good one goes live unnoticed, a bad one never gets a user, or is taken back.

The load comes through a port of the node, which leads wherever the Service leads at that moment; a port-forward would
stay with one pod and die with it.
"""

import asyncio
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import pytest
import yaml
from tests.support.api_server import ApiServer
from tests.support.installed import ROOT, Place, image_of_this_build, on_node, place, until
from tests.support.load import Load

pytestmark = [pytest.mark.timeout(400), pytest.mark.load]

FAULTY = Path(__file__).parent / "faulty"
WEB, PROVIDER = 30480, 30481
SAMPLED_EVERY = 0.05
LEAST_RATE = 40
# The machine is not ours alone: how fast it answers is no matter of these tests.
WINDOWS = {"stabilitySeconds": 2, "drainSeconds": 5, "watchSeconds": 10, "maxP95Milliseconds": 10000}


@dataclass
class Serving:
    """Which pods the active Service leads to, asked of the API server every 50 ms.

    Attributes:
        counts: how many ready pods there were, in the order of the looks.
        pods: all that were ever seen.
        longest: seconds between two looks.
    """

    there: Place
    counts: list[int] = field(default_factory=list)
    pods: set[str] = field(default_factory=set)
    longest: float = 0.0

    @contextmanager
    def sampled(self) -> Iterator["Serving"]:
        """Look until the block ends."""
        over = Event()
        thread = Thread(target=self._look_until, args=(over,))
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join()

    def _look_until(self, over: Event) -> None:
        last = time.monotonic()
        while not over.wait(max(0.0, last + SAMPLED_EVERY - time.monotonic())):
            self.longest = max(self.longest, time.monotonic() - last)
            last = time.monotonic()
            ready = self._ready()
            self.counts.append(len(ready))
            self.pods |= ready

    def _ready(self) -> set[str]:
        listed = self.there.cluster.discovery.list_namespaced_endpoint_slice(
            self.there.namespace, label_selector=f"kubernetes.io/service-name={self.there.name}"
        )
        endpoints = [each for part in listed.items for each in part.endpoints or ()]
        return {each.target_ref.name for each in endpoints if each.conditions.ready}

    def told(self) -> str:
        """The numbers in one line."""
        apart = f"{self.longest * 1000:.0f} ms"
        return f"{len(self.counts)} looks, at most {apart} apart, at least {min(self.counts)} ready pods"


@pytest.fixture(scope="module")
def shop(operator: ApiServer) -> Iterator[Place]:
    """An installation with a seeded trader that is reached through ports of the node."""
    with place(operator, "rollout") as there:
        there.apply(**spec(there))
        there.ready(150)
        seed(there)
        yield there


def spec(there: Place, **more: object) -> dict[str, object]:
    """Two pods, reached from this machine."""
    address = node_address(there.cluster)
    return {
        "replicas": 2,
        "publicURL": f"http://{address}:{WEB}",
        "service": {"type": "NodePort", "nodePort": WEB},
        "auth": {"developmentProvider": {"publicURL": f"http://{address}:{PROVIDER}", "nodePort": PROVIDER}},
        "rollout": WINDOWS,
        **more,
    }


def node_address(cluster: ApiServer) -> str:
    """Where a node is reached from this machine."""
    path = "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}"
    return cluster.kubectl("get", "nodes", "-o", path)


def seed(there: Place) -> None:
    """The demo's traders, by the demo's Job."""
    job = (ROOT / "manifests/demo/seed.yaml").read_text(encoding="utf-8")
    wanted = yaml.safe_load(job.replace("production", there.name).replace("valeo-erp:0.1.0", image_of_this_build()))
    wanted["metadata"]["namespace"] = there.namespace
    there.kubectl("create", "-f", "-", stdin=json.dumps(wanted))
    there.kubectl("wait", "--for=condition=Complete", "--timeout=120s", f"job/{there.name}-seed")


@contextmanager
def faulty(there: Place, fault: str) -> Iterator[str]:
    """An image of this build with a fault, on the nodes until the block ends."""
    image = f"valeo-erp:faulty-{fault}"
    arguments = ["--build-arg", f"BASE={image_of_this_build()}", "--build-arg", f"FAULT={fault}"]
    subprocess.run(["docker", "build", "-q", "-t", image, *arguments, str(FAULTY)], check=True, capture_output=True)
    subprocess.run([str(ROOT / "manifests/kind/cluster"), "load", image], check=True, capture_output=True)
    try:
        yield image
    finally:
        subprocess.run(["docker", "rmi", "--no-prune", image], check=False, capture_output=True)
        on_node(there.cluster, "sh", "-c", f"ctr --namespace k8s.io images rm docker.io/library/{image} || true")


def under_load(there: Place, story: Callable[[], None]) -> tuple[Load, Serving]:
    """Users are there from before the story until after it."""
    address = node_address(there.cluster)
    load, serving = Load(f"http://{address}:{WEB}", f"http://{address}:{PROVIDER}"), Serving(there)

    async def both() -> None:
        async with load.running():
            await asyncio.sleep(1)
            await asyncio.to_thread(story)
            await asyncio.sleep(1)

    with serving.sampled():
        asyncio.run(both())
    print(f"\n{load.told()}\n{serving.told()}")
    assert load.rate >= LEAST_RATE, "too few requests were made to tell anything; is the machine busy?"
    return load, serving


def comes_to(there: Place, phase: str, seconds: float) -> None:
    """Wait for a phase of the release that was asked for."""
    until(lambda: there.status.get("phase") == phase, there.told, seconds)


def begins(there: Place, **changed: object) -> None:
    """Ask for another release, and wait until it is the target."""
    before = there.status["targetRelease"]
    there.apply(**spec(there, **changed))
    until(lambda: there.status.get("targetRelease") not in {before, None}, there.told, 60)


def pods_of(there: Place, release: str) -> set[str]:
    """The pods of a release that are there now."""
    pods = there.all("pods")
    return {
        each["metadata"]["name"] for each in pods if each["metadata"]["labels"].get("valeoerp.io/release") == release
    }


def seconds_between(there: Place, release: str, first: str, last: str) -> float:
    """How long it took from one phase of a release to another, as its history tells."""
    history = (there.get("valeorelease", release) or {})["status"]["history"]
    times = {each["phase"]: datetime.fromisoformat(each["at"]) for each in history}
    return (times[last] - times[first]).total_seconds()


def test_a_good_release_goes_live_with_no_failed_request_and_no_lost_event(shop: Place) -> None:
    old, colour = shop.status["activeRelease"], shop.status["activeColour"]

    def story() -> None:
        begins(shop, resources={"requests": {"cpu": "11m", "memory": "128Mi"}})
        comes_to(shop, "Complete", 150)
        deployment = f"{shop.name}-{colour}"
        until(lambda: not (shop.get("deployment", deployment) or {})["status"].get("replicas"), shop.told, 60)

    load, serving = under_load(shop, story)
    assert load.failures == []
    assert load.misheard() == []
    assert min(serving.counts) > 0
    assert shop.status["activeRelease"] != old
    assert load.cuts["release_replaced"] >= len(load.ears) / 2, "streams are sent on at the switch"


def test_a_release_whose_smoke_test_fails_never_gets_a_users_request(shop: Place) -> None:
    active = shop.status["activeRelease"]
    before = pods_of(shop, active)
    with faulty(shop, "all") as image:

        def story() -> None:
            begins(shop, image=image)
            comes_to(shop, "Aborted", 120)

        load, serving = under_load(shop, story)
    assert shop.condition("Stalled")["reason"] == "SmokeTestsFailed"
    assert shop.status["activeRelease"] == active
    assert load.failures == []
    assert load.misheard() == []
    assert serving.pods == before


def test_a_release_that_answers_with_errors_after_the_switch_is_taken_back_by_itself(shop: Place) -> None:
    active = shop.status["activeRelease"]
    with faulty(shop, "every-20th") as image:

        def story() -> None:
            begins(shop, image=image, rollout={**WINDOWS, "watchSeconds": 120})
            comes_to(shop, "RolledBack", 200)

        load, serving = under_load(shop, story)
    target = shop.status["targetRelease"]
    took = seconds_between(shop, target, "RollingBack", "RolledBack")
    print(f"back within {took:.0f} s of the decision")
    assert "were answered with 5xx" in shop.status["message"]
    assert [each for each in load.failures if "fault_of_the_test" not in each.what] == []
    assert load.misheard() == []
    assert min(serving.counts) > 0
    assert shop.status["activeRelease"] == active
    assert took <= 5
    verdict = (shop.get("valeorelease", target) or {})["status"]["verdicts"][-1]
    assert verdict["result"] == "Fail"
