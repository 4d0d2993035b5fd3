"""The operator may be killed between any two effects: another one continues to the same end, with nothing doubled."""

from collections.abc import Callable

import pytest
from tests.support.cluster_in_memory import KilledError
from tests.support.ends import doubled, end_state
from tests.support.installation_in_memory import GO_ALONG, NAMESPACE, Life

from valeo_operator.cluster.kinds import ERPS, SECRETS


def begin() -> Life:
    """An installation that is applied and not yet seen."""
    life = Life()
    life.apply()
    return life


def change() -> Life:
    """An installation that is Complete, and another release is asked for."""
    life = COMPLETE.copied()
    life.apply(image="valeo-erp:1.1.0")
    return life


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
