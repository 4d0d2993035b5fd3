"""The operator may be killed between any two effects: another one continues to the same end, with nothing doubled."""

import copy
import re
from collections import Counter
from collections.abc import Callable

import pytest
from tests.support.cluster_in_memory import ClusterInMemory, KilledError
from tests.support.installation_in_memory import GO_ALONG, NAMESPACE, Life

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
    return [name for name, times in made.items() if times > 1] + switches[1:]


def is_switch(kind: object, name: str) -> bool:
    return kind == SERVICES and name == "production"


def begin() -> Life:
    """An installation that is applied and not yet seen."""
    life = Life()
    life.apply()
    return life


def change() -> Life:
    """An installation that is Complete, and another release is asked for."""
    life = copy_of(COMPLETE)
    life.apply(image="valeo-erp:1.1.0")
    return life


def copy_of(life: Life) -> Life:
    copied = Life(cluster=copy.deepcopy(life.cluster))
    copied.cluster.effects.clear()
    copied.controllers.revisions |= life.controllers.revisions
    return copied


def survive(life: Life) -> None:
    """Go on, with a new operator in the place of one that was killed."""
    try:
        life.go_on(rounds=60)
    except KilledError:
        life.restart()
        life.controllers.work()
        life.go_on(rounds=60)


def quiet(story: Callable[[], Life]) -> Life:
    """How it ends when nobody is killed."""
    life = story()
    life.cluster.effects.clear()
    survive(life)
    return life


COMPLETE = quiet(begin)
QUIET = {begin: COMPLETE, change: quiet(change)}
EVERY_EFFECT = [(story, number) for story, life in QUIET.items() for number in range(1, len(life.cluster.effects) + 1)]


@pytest.mark.parametrize(("story", "number"), EVERY_EFFECT)
def test_killed_after_any_effect_the_end_is_the_same_and_nothing_is_doubled(
    story: Callable[[], Life], number: int
) -> None:
    life = story()
    life.cluster.dies_after = number
    survive(life)
    assert life.cluster.kills == 1
    assert end_state(life) == end_state(QUIET[story])
    assert doubled(life.cluster) == []


def test_killed_while_it_says_farewell_another_one_ends_it(running: Life) -> None:
    before = {name for kind, _, name in running.cluster.objects if kind == SECRETS} - GO_ALONG
    for number in (1, 2, 3):
        life = Life()
        life.apply()
        life.go_on()
        life.cluster.lose(ERPS, NAMESPACE, "production")
        life.cluster.dies_after = number
        survive(life)
        assert life.cluster.find(ERPS, "production") is None
        assert {name for kind, _, name in life.cluster.objects if kind == SECRETS} == before
