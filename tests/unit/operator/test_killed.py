"""The operator may be killed between any two effects: another one continues, to the same end and with nothing doubled."""

import re
from collections import Counter

import pytest
from tests.support.cluster_in_memory import ClusterInMemory, KilledError
from tests.support.installation_in_memory import NAMESPACE, Life

from valeo_operator.cluster.kinds import DEPLOYMENTS, ERPS, EVENTS, JOBS, PODS, RELEASES, SECRETS, SERVICES
from valeo_operator.cluster.objects import dig

HASH = re.compile(r"\b[0-9a-f]{10}\b")
MADE_ONCE = (SECRETS, JOBS, RELEASES)


def without_hashes(name: str) -> str:
    """Names hold hashes of random secrets, which differ from life to life."""
    return HASH.sub("#", name)


def end_state(life: Life) -> dict[str, object]:
    """What is there in the end, as far as it may be compared between two lives."""
    cluster = life.cluster
    return {
        "names": sorted(
            f"{kind.name}/{without_hashes(name)}" for kind, _, name in cluster.objects if kind not in {EVENTS, PODS}
        ),
        "replicas": {
            name: dig(each, "spec", "replicas")
            for (kind, _, name), each in cluster.objects.items()
            if kind == DEPLOYMENTS
        },
        "selected": dig(cluster.find(SERVICES, "production"), "spec", "selector"),
        "phase": life.status["phase"],
        "conditions": {each["type"]: (each["status"], each["reason"]) for each in life.status["conditions"]},
        "releases": sorted(dig(each, "status", "phase") for each in cluster.all(RELEASES)),
    }


def doubled(cluster: ClusterInMemory) -> list[str]:
    """What was made more than once although it must be made once."""
    made = Counter(
        f"{effect.kind.name}/{effect.name}"
        for effect in cluster.effects
        if effect.verb == "create" and effect.kind in MADE_ONCE
    )
    switches = [effect.name for effect in cluster.effects if is_switch(effect.kind, effect.name)]
    return [name for name, times in made.items() if times > 1] + switches[2:]


def is_switch(kind: object, name: str) -> bool:
    return kind == SERVICES and name == "production"


def story(life: Life) -> None:
    """An installation is made, then gets another release."""
    life.apply()
    survive(life)
    life.apply(image="valeo-erp:1.1.0")
    survive(life)


def survive(life: Life) -> None:
    """Go on, with a new operator in the place of one that was killed."""
    for _ in range(2):
        try:
            life.go_on(rounds=60)
        except KilledError:
            life.restart()
            life.controllers.work()
    life.go_on(rounds=60)


def effects_of_a_quiet_life() -> int:
    life = Life()
    story(life)
    return len(life.cluster.effects)


EFFECTS = effects_of_a_quiet_life()


@pytest.fixture(scope="module")
def quiet() -> dict[str, object]:
    """How it ends when nobody is killed."""
    life = Life()
    story(life)
    return end_state(life)


@pytest.mark.parametrize("number", range(1, EFFECTS + 1))
def test_killed_after_any_effect_the_end_is_the_same_and_nothing_is_doubled(
    number: int, quiet: dict[str, object]
) -> None:
    life = Life()
    life.cluster.dies_after = number
    story(life)
    assert life.cluster.dies_after is None, "it was to be killed and was not"
    assert end_state(life) == quiet
    assert doubled(life.cluster) == []


def test_killed_while_it_says_farewell_another_one_ends_it(running: Life) -> None:
    before = {name for kind, _, name in running.cluster.objects if kind == SECRETS}
    for number in (1, 2, 3):
        life = Life()
        life.apply()
        life.go_on()
        life.cluster.lose(ERPS, NAMESPACE, "production")
        life.cluster.dies_after = number
        survive(life)
        assert life.cluster.find(ERPS, "production") is None
        assert {name for kind, _, name in life.cluster.objects if kind == SECRETS} == before
