"""Whatever somebody does in the middle of a rollout: the promises hold at every effect, and it ends by the spec."""

from collections.abc import Callable
from functools import cache

import pytest
from tests.support.cluster_in_memory import reached
from tests.support.installation_in_memory import NAME, NAMESPACE, Life, annotate
from tests.support.promises import Promises

from valeo_operator.cluster.kinds import (
    AUTOSCALERS,
    CLAIMS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    ERPS,
    JOBS,
    NETWORK_POLICIES,
    RELEASES,
    SERVICE_ACCOUNTS,
    SERVICES,
    STATEFUL_SETS,
    Kind,
)
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.releases.lifecycle import BEFORE_SWITCH

FIRST, WANTED, ANOTHER = "valeo-erp:1.0.0", "valeo-erp:1.1.0", "valeo-erp:1.2.0"
PHASES = (*(phase.value for phase in BEFORE_SWITCH), "Switching", "Draining", "Watching", "Complete")
OWNED = (
    AUTOSCALERS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    JOBS,
    NETWORK_POLICIES,
    RELEASES,
    SERVICE_ACCOUNTS,
    SERVICES,
    STATEFUL_SETS,
)
SPEC = {"image": WANTED, "autoscaling": {"minReplicas": 2, "maxReplicas": 4, "cpuPercent": 70}}


@cache
def every_phase() -> dict[str, Life]:
    """An installation in each phase of the way to another release."""
    life = Life()
    life.apply(**{**SPEC, "image": FIRST})
    life.go_on()
    life.apply(**SPEC)
    found: dict[str, Life] = {}
    for _ in range(80):
        life.look()
        if life.status["targetRelease"] != life.status["activeRelease"] or found:
            found.setdefault(life.status["phase"], life.copied())
        life.controllers.work()
        life.cluster.pass_time(1)
    assert tuple(found) == PHASES
    return found


def in_phase(phase: str) -> tuple[Life, Promises]:
    """A copy of it, whose promises are looked after. What ran and served until now may do so again."""
    life = every_phase()[phase].copied()
    releases = {name_of(each) for each in life.cluster.all(RELEASES)}
    served = {life.status["activeRelease"]} | ({life.status["targetRelease"]} if phase in PHASES[7:] else set())
    ran = releases if phase in PHASES[4:] else served
    return life, Promises(life, ran_before=set(ran), served=set(served), phase=phase)


def ends_as_the_spec_says(life: Life, promises: Promises, image: str = WANTED) -> None:
    """Ready, with the release of this image behind the Service, and with as many pods as are wanted.

    An end without success before that says what to do, and what it says helps.
    """
    for _ in range(150):
        promises.go_on(1, seconds=5)
        if life.status.get("phase") in {"Aborted", "RolledBack"} and "valeoerp.io/retry" not in life.annotations:
            assert (
                "Next step: " in life.condition("Stalled" if life.status["phase"] == "Aborted" else "Ready")["message"]
            )
            annotate(life, retry="as it says")
        if life.status.get("phase") == "Complete" and life.condition("Ready")["status"] == "True":
            promises.go_on(2)
            break
    assert life.condition("Ready")["status"] == "True", life.status
    active = life.cluster.find(RELEASES, life.status["activeRelease"])
    assert dig(active, "spec", "image") == image
    service = life.cluster.find(SERVICES, NAME)
    assert service is not None
    pods = reached(life.cluster, service)
    assert len(pods) == 2
    assert {label(pod, "valeoerp.io/release") for pod in pods} == {life.status["activeRelease"]}


CHANGES: dict[str, Object] = {
    "another image": {"image": ANOTHER},
    "another configuration": {"publicURL": "http://127.0.0.1:9090"},
    "the image before": {"image": FIRST},
    "held": {"suspend": True},
    "only planned": {"mode": "Plan"},
}


@pytest.mark.parametrize("looks", [0, 1, 4])
@pytest.mark.parametrize("changed", CHANGES)
@pytest.mark.parametrize("phase", PHASES)
def test_a_spec_that_is_changed_in_any_phase_and_back_again_breaks_no_promise(
    phase: str, changed: str, looks: int
) -> None:
    life, promises = in_phase(phase)
    life.apply(**{**SPEC, **CHANGES[changed]})
    promises.go_on(looks)
    life.apply(**SPEC)
    ends_as_the_spec_says(life, promises)


@pytest.mark.parametrize("kind", OWNED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("phase", PHASES)
def test_any_owned_object_that_is_deleted_in_any_phase_breaks_no_promise(phase: str, kind: Kind) -> None:
    names = [name_of(each) for each in every_phase()[phase].cluster.all(kind)]
    assert names
    for name in names:
        life, promises = in_phase(phase)
        life.cluster.lose(kind, NAMESPACE, name)
        ends_as_the_spec_says(life, promises)


@pytest.mark.parametrize("phase", PHASES)
def test_the_data_is_never_made_anew_while_it_is_there(phase: str) -> None:
    life, promises = in_phase(phase)
    (claim,) = life.cluster.all(CLAIMS)
    life.cluster.lose(STATEFUL_SETS, NAMESPACE, f"{NAME}-database")
    ends_as_the_spec_says(life, promises)
    assert [each["metadata"]["uid"] for each in life.cluster.all(CLAIMS)] == [claim["metadata"]["uid"]]


def wiped(erp: Object) -> None:
    erp["status"] = {}


def without_memory_of_what_serves(erp: Object) -> None:
    for key in ("activeRelease", "previousRelease", "activeColour"):
        erp["status"].pop(key, None)


@pytest.mark.parametrize("forget", [wiped, without_memory_of_what_serves])
@pytest.mark.parametrize("phase", PHASES)
def test_a_status_that_was_taken_away_in_any_phase_breaks_no_promise(
    phase: str, forget: Callable[[Object], None]
) -> None:
    life, promises = in_phase(phase)
    life.cluster.change(ERPS, NAMESPACE, NAME, forget)
    promises.forget()
    ends_as_the_spec_says(life, promises)
