"""The autoscaler's real size is respected in both colours; the operator never pulls at what the autoscaler has set."""

from typing import Any

import pytest
from tests.support.cluster_in_memory import merge
from tests.support.installation_in_memory import NAME, NAMESPACE, Life

from valeo_operator.cluster.kinds import AUTOSCALERS, DEPLOYMENTS
from valeo_operator.cluster.objects import Object, dig

SCALING = {"minReplicas": 2, "maxReplicas": 6, "cpuPercent": 70, "memoryPercent": 80}
OWNS_THE_SIZE = {
    "manager": "kube-controller-manager",
    "operation": "Update",
    "subresource": "scale",
    "fieldsV1": {"f:spec": {"f:replicas": {}}},
}


@pytest.fixture
def scaled() -> Life:
    """An installation that is Complete and asks for an autoscaler."""
    life = Life()
    life.apply(autoscaling=SCALING, replicas=3)
    life.go_on()
    assert life.status["phase"] == "Complete", life.status
    return life


def scale(life: Life, size: int, colour: str = "blue") -> None:
    """The autoscaler sets a size, as the API server records it."""

    def change(found: Object) -> None:
        found.update(merge(found, {"spec": {"replicas": size}}))
        found["metadata"]["managedFields"] = [OWNS_THE_SIZE]

    life.cluster.change(DEPLOYMENTS, NAMESPACE, f"{NAME}-{colour}", change)


def size(life: Life, colour: str = "blue") -> Any:
    return dig(life.cluster.find(DEPLOYMENTS, f"{NAME}-{colour}"), "spec", "replicas")


def autoscaler(life: Life) -> Object:
    found = life.cluster.find(AUTOSCALERS, NAME)
    assert found is not None
    return found


def test_it_scales_the_active_colour_within_its_bounds(scaled: Life) -> None:
    spec = autoscaler(scaled)["spec"]

    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": f"{NAME}-blue"}
    assert (spec["minReplicas"], spec["maxReplicas"], len(spec["metrics"])) == (2, 6, 2)
    assert size(scaled) == 3


def test_a_size_of_the_autoscaler_stays(scaled: Life) -> None:
    scale(scaled, 5)

    scaled.go_on()

    assert size(scaled) == 5
    assert (scaled.status["readyReplicas"], scaled.status["desiredReplicas"]) == (5, 5)


def test_it_stays_also_when_the_operator_writes_something_else(scaled: Life) -> None:
    scale(scaled, 5)
    scaled.cluster.change(
        DEPLOYMENTS, NAMESPACE, f"{NAME}-blue", lambda found: found["spec"].update(progressDeadlineSeconds=1)
    )

    scaled.go_on()

    assert size(scaled) == 5
    assert dig(scaled.cluster.find(DEPLOYMENTS, f"{NAME}-blue"), "spec", "progressDeadlineSeconds") == 600


def test_while_pods_are_added_the_installation_is_ready(scaled: Life) -> None:
    scale(scaled, 5)

    scaled.look()

    assert scaled.condition("Ready")["status"] == "True"


def test_a_new_release_is_as_large_as_the_active_one_really_is(scaled: Life) -> None:
    scale(scaled, 5)
    scaled.apply(autoscaling=SCALING, replicas=3, image="valeo-erp:1.1.0")
    sizes: set[tuple[Any, Any]] = set()
    for _ in range(40):
        scaled.go_on(rounds=1)
        sizes.add((size(scaled), size(scaled, "green")))

    assert scaled.status["activeColour"] == "green"
    assert autoscaler(scaled)["spec"]["scaleTargetRef"]["name"] == f"{NAME}-green"
    assert size(scaled, "green") == 5
    assert not {blue for blue, green in sizes if green is None or green < 5} - {5}, "the active one shrank before"


@pytest.mark.parametrize(("wrong", "right"), [(0, 2), (9, 6)])
def test_a_size_beyond_the_bounds_is_put_right(scaled: Life, wrong: int, right: int) -> None:
    scale(scaled, wrong)

    scaled.go_on()

    assert size(scaled) == right


def test_without_it_the_size_is_the_specs_again(scaled: Life) -> None:
    scale(scaled, 5)
    scaled.apply(autoscaling=None, replicas=3)

    scaled.go_on()

    assert size(scaled) == 3
    assert scaled.cluster.find(AUTOSCALERS, NAME) is None


def test_a_deleted_autoscaler_comes_back(scaled: Life) -> None:
    scaled.cluster.lose(AUTOSCALERS, NAMESPACE, NAME)

    scaled.go_on()

    assert autoscaler(scaled)


def test_nobody_scales_before_there_is_something_active(life: Life) -> None:
    life.controllers.broken.add("erp")
    life.apply(autoscaling=SCALING)

    life.go_on()

    assert life.cluster.find(AUTOSCALERS, NAME) is None
