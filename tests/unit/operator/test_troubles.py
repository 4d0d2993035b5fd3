"""What keeps pods from running is read from their status and told in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from valeo_operator.cluster.objects import Object
from valeo_operator.upkeep.troubles import last_words, pod_trouble, pods_to_ask_anew

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def pod(age: int = 0, *, placed: str = "True", placed_since: int = 0, **container: Any) -> Object:
    return {
        "metadata": {
            "name": "p",
            "namespace": "n",
            "uid": "u",
            "creationTimestamp": (NOW - timedelta(seconds=age)).isoformat(),
        },
        "spec": {"nodeName": "node-1"},
        "status": {
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": placed,
                    "message": "0/3 nodes are available: Insufficient cpu.",
                    "lastTransitionTime": (NOW - timedelta(seconds=placed_since)).isoformat(),
                }
            ],
            "containerStatuses": [{"name": "erp", "image": "valeo-erp:9", "restartCount": 0, **container}],
        },
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"])
def test_an_image_that_cannot_be_had_is_named_with_its_node(reason: str) -> None:
    found = pod_trouble([pod(**waiting(reason))], NOW)
    assert found is not None
    assert found.reason == "ImageUnavailable"
    assert found.blocking
    assert "node node-1 can't get image valeo-erp:9" in found.sentence


def test_a_container_that_cannot_be_created_says_what_the_kubelet_says() -> None:
    found = pod_trouble([pod(**waiting("CreateContainerConfigError", 'secret "x" not found'))], NOW)
    assert found is not None
    assert 'can\'t be created: secret "x" not found' in found.sentence


def test_a_crash_tells_its_number_its_code_and_its_last_words() -> None:
    ended = {"terminated": {"exitCode": 3, "message": "first\nKeyError: 'x'\n"}}
    found = pod_trouble([pod(restartCount=4, lastState=ended, ready=False, state={"running": {}})], NOW)
    assert found is not None
    assert "ended 4 times, last with exit code 3: KeyError: 'x'" in found.sentence


def test_one_crash_may_happen_and_a_pod_that_is_ready_again_is_none() -> None:
    ended = {"terminated": {"exitCode": 3}}
    assert pod_trouble([pod(restartCount=1, lastState=ended, ready=False, state={"running": {}})], NOW) is None
    assert pod_trouble([pod(restartCount=4, lastState=ended, ready=True, state={"running": {}})], NOW) is None


def test_a_pod_that_no_node_takes_is_told_after_a_while() -> None:
    assert pod_trouble([pod(age=5, placed="False")], NOW) is None
    found = pod_trouble([pod(age=30, placed="False")], NOW)
    assert found is not None
    assert "Insufficient cpu" in found.sentence


def test_volumes_that_do_not_come_are_told_after_a_while() -> None:
    assert pod_trouble([pod(placed_since=10, **waiting("ContainerCreating"))], NOW) is None
    found = pod_trouble([pod(placed_since=50, **waiting("ContainerCreating"))], NOW)
    assert found is not None
    assert "its volumes are not ready" in found.sentence


def test_a_running_pod_is_no_trouble() -> None:
    assert pod_trouble([pod(state={"running": {}}, ready=True)], NOW) is None


def test_only_a_pod_that_never_ran_asks_anew_for_its_image() -> None:
    never_ran = pod(age=70, **waiting("ImagePullBackOff"))
    young = pod(age=10, **waiting("ImagePullBackOff"))
    ran_before = pod(age=70, **{**waiting("ImagePullBackOff"), "restartCount": 1})
    (deleted,) = pods_to_ask_anew([never_ran, young, ran_before], NOW)
    assert (deleted.name, deleted.uid) == ("p", "u")


def test_without_words_the_reason_of_the_kubelet_is_told() -> None:
    assert last_words({"message": "", "reason": "OOMKilled"}) == "OOMKilled"
    assert last_words({}) == ""
