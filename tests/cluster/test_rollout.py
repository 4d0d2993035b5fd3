"""Releases under load from outside: a good one goes live unnoticed, a bad one never gets a user, or is taken back."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from tests.support.api_server import ApiServer
from tests.support.installed import ROOT, Place, image_of_this_build, on_node, place, until
from tests.support.load import Load

pytestmark = pytest.mark.timeout(500)

FAULTY = Path(__file__).parent / "faulty"
WEB, PROVIDER = 30480, 30481
# The machine is not ours alone: how fast it answers is no matter of these tests.
WINDOWS = {"stabilitySeconds": 3, "drainSeconds": 3, "watchSeconds": 20, "maxP95Milliseconds": 10000}


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
    base = image_of_this_build()
    arguments = ["--build-arg", f"BASE={base}", "--build-arg", f"FAULT={fault}"]
    subprocess.run(["docker", "build", "-q", "-t", image, *arguments, str(FAULTY)], check=True, capture_output=True)
    subprocess.run([str(ROOT / "manifests/kind/cluster"), "load", image], check=True, capture_output=True)
    try:
        yield image
    finally:
        subprocess.run(["docker", "rmi", "--no-prune", image], check=False, capture_output=True)
        on_node(there.cluster, "sh", "-c", f"ctr --namespace k8s.io images rm docker.io/library/{image} || true")


def under_load(there: Place, story: Callable[[], None]) -> Load:
    """Users are there from before the story until after it."""
    address = node_address(there.cluster)
    load = Load(f"http://{address}:{WEB}", f"http://{address}:{PROVIDER}")

    async def both() -> None:
        async with load.running():
            await asyncio.sleep(2)
            await asyncio.to_thread(story)
            await asyncio.sleep(2)

    asyncio.run(both())
    return load


def comes_to(there: Place, phase: str, seconds: float) -> None:
    until(lambda: there.status.get("phase") == phase, there.told, seconds)


def seconds_between(there: Place, release: str, first: str, last: str) -> float:
    """How long it took from one phase of a release to another, as its history tells."""
    history = (there.get("valeorelease", release) or {})["status"]["history"]
    times = {each["phase"]: datetime.fromisoformat(each["at"]) for each in history}
    return (times[last] - times[first]).total_seconds()


def test_a_good_release_goes_live_with_no_failed_request_and_no_lost_event(shop: Place) -> None:
    old = shop.status["activeRelease"]

    def story() -> None:
        shop.apply(**spec(shop, resources={"requests": {"cpu": "11m", "memory": "128Mi"}}))
        until(lambda: shop.status.get("targetRelease") != old, shop.told, 30)
        comes_to(shop, "Complete", 150)
        until(lambda: (shop.get("deployment", "acme-blue") or {})["status"].get("replicas", 0) == 0, shop.told, 60)

    load = under_load(shop, story)
    print(f"{load.asked} requests, {len(load.ears)} streams, {len(load.written)} events, {load.cuts} streams cut")
    assert load.failures == []
    assert load.not_heard_once() == []
    assert len(load.written) > 10
    assert set(load.served) == {old, shop.status["activeRelease"]}


def test_a_release_whose_smoke_test_fails_never_gets_a_users_request(shop: Place) -> None:
    active = shop.status["activeRelease"]
    with faulty(shop, "all") as image:

        def story() -> None:
            shop.apply(**spec(shop, image=image))
            comes_to(shop, "Aborted", 120)

        load = under_load(shop, story)
    assert shop.condition("Stalled")["reason"] == "SmokeTestsFailed"
    assert "/api/v1/me" in shop.status["message"] or "failed" in shop.status["message"]
    assert load.failures == []
    assert set(load.served) == {active}
    assert shop.status["activeRelease"] == active


def test_a_release_that_answers_with_errors_after_the_switch_is_taken_back_by_itself(shop: Place) -> None:
    active = shop.status["activeRelease"]
    with faulty(shop, "every-20th") as image:

        def story() -> None:
            shop.apply(**spec(shop, image=image, rollout={**WINDOWS, "watchSeconds": 120}))
            comes_to(shop, "RolledBack", 200)

        load = under_load(shop, story)
    target = shop.status["targetRelease"]
    took = seconds_between(shop, target, "RollingBack", "RolledBack")
    print(f"back within {took:.0f} s; {len(load.failures)} of {load.asked} requests met the fault")
    assert "were answered with 5xx" in shop.status["message"]
    assert [each for each in load.failures if "fault_of_the_test" not in each[2]] == []
    assert load.not_heard_once() == []
    assert shop.status["activeRelease"] == active
    assert took <= 5
    verdict = (shop.get("valeorelease", target) or {})["status"]["verdicts"][-1]
    assert verdict["result"] == "Fail"
    assert verdict["numbers"]["error rate"]


def test_a_release_is_taken_back_by_one_annotation_and_users_notice_nothing(shop: Place) -> None:
    old = shop.status["activeRelease"]

    def story() -> None:
        shop.apply(**spec(shop, resources={"requests": {"cpu": "12m", "memory": "128Mi"}}))
        until(lambda: shop.status.get("phase") == "Watching", shop.told, 150)
        new = shop.status["activeRelease"]
        shop.kubectl("annotate", "valeoerp", "acme", f"valeoerp.io/rollback={new}")
        comes_to(shop, "RolledBack", 30)

    load = under_load(shop, story)
    assert load.failures == []
    assert load.not_heard_once() == []
    assert shop.status["activeRelease"] == old
    assert seconds_between(shop, shop.status["targetRelease"], "RollingBack", "RolledBack") <= 5
