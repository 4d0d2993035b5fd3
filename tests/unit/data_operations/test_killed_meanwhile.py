"""The operator may be killed after any effect of a data operation: another one comes to the same end, nothing twice."""

import copy
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.cluster_in_memory import KilledError
from tests.support.data_in_memory import DataLife
from tests.support.installation_in_memory import NAME, NAMESPACE

from valeo_operator.cluster.kinds import BACKUPS, ERPS, JOBS, RESTORES
from valeo_operator.cluster.objects import dig

ROUNDS = 60


def scheduled() -> DataLife:
    """The schedule asks for a backup, and retention has two to take away."""
    life = copy_of(OLD)
    life.cluster.pass_time(86400)
    return life


def in_place() -> DataLife:
    life = copy_of(OLD)
    life.ask_for_restore(mode="InPlace", acknowledgeDataLoss=True)
    return life


def replaced() -> DataLife:
    """The database from before a restore has been kept for its days."""
    life = copy_of(OLD)
    life.ask_for_restore(mode="InPlace", acknowledgeDataLoss=True)
    life.go_on(30)
    life.cluster.pass_time(7 * 86400)
    life.tool.runs.clear()
    life.cluster.effects.clear()
    return life


def read_again() -> DataLife:
    """The proofs of the stored backups are old, and one of them is rotten."""
    life = copy_of(OLD)
    change = {**SETTINGS, "verifyDays": 2, "suspend": True}
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["spec"].update(backup=change))
    life.tool.rotten = {min(life.tool.stored)}
    life.cluster.pass_time(2 * 86400)
    return life


def rebuilt() -> DataLife:
    """Every object is lost; the store is not."""
    life = DataLife(tool=copy.deepcopy(OLD.tool))
    life.cluster.now = OLD.cluster.now
    life.begin(**SETTINGS)
    life.tool.runs.clear()
    return life


SETTINGS: dict[str, Any] = {
    "schedule": "0 11 * * *",
    "retention": {"daily": 1, "monthly": 0},
    "drill": {"suspend": True},
}


def old() -> DataLife:
    life = DataLife()
    life.begin(**SETTINGS)
    life.go_on(3)
    for _ in range(2):
        life.cluster.pass_time(86400)
        life.go_on(20)
    return life


def copy_of(life: DataLife) -> DataLife:
    copied = DataLife(copy.deepcopy(life.cluster), copy.deepcopy(life.tool))
    copied.cluster.effects.clear()
    copied.tool.runs.clear()
    return copied


def survive(life: DataLife) -> None:
    for _ in range(ROUNDS):
        try:
            life.look()
        except KilledError:
            life.restart()
        life.work()
        life.cluster.pass_time(2)


def without_mark(name: str) -> str:
    """The mark comes from the uid, and the time from the look that asked for it: both differ from life to life."""
    return re.sub(r"-[0-9]{6}(?=-replacement)|-[0-9a-f]{4}$", "", name)


def end_state(life: DataLife) -> dict[str, object]:
    return {
        "backups": {without_mark(name): phase for name, phase in life.phases().items()},
        "restores": life.phases(RESTORES),
        "stored": sorted(map(without_mark, life.tool.stored)),
        "swapped": life.tool.swapped,
        "locked": life.is_locked,
        "good": life.told["good"],
        "conditions": (life.condition("BackupHealthy"), life.condition("RestoreVerified")),
    }


def doubled(life: DataLife) -> list[str]:
    made = Counter(
        f"{effect.kind.name}/{effect.name}"
        for effect in life.cluster.effects
        if effect.verb == "create" and effect.kind in {JOBS, BACKUPS, RESTORES}
    )
    runs = Counter(run for run in life.tool.runs if not run.startswith("list"))
    return [name for name, times in (made + runs).items() if times > 1]


def quiet(story: Callable[[], DataLife]) -> DataLife:
    life = story()
    life.cluster.effects.clear()
    survive(life)
    return life


OLD = old()
STORIES = (scheduled, in_place, replaced, read_again, rebuilt)
QUIET = {story: quiet(story) for story in STORIES}
EVERY_EFFECT = [(story, n) for story, life in QUIET.items() for n in range(1, len(life.cluster.effects) + 1)]


def test_the_stories_are_what_they_say() -> None:
    assert QUIET[in_place].phases(RESTORES) == {"again": "Complete"}
    assert "Corrupt" in QUIET[read_again].phases().values()
    assert "drop-replaced" in QUIET[replaced].tool.runs
    assert any(run.startswith("delete") for run in QUIET[scheduled].tool.runs)
    assert {dig(each, "spec", "reason") for each in QUIET[rebuilt].cluster.all(BACKUPS)} == {"Found"}
    assert all(doubled(life) == [] for life in QUIET.values())


@pytest.mark.parametrize(("story", "number"), EVERY_EFFECT)
def test_killed_after_any_effect_the_end_is_the_same_and_nothing_is_done_twice(
    story: Callable[[], DataLife], number: int
) -> None:
    life = story()
    life.cluster.effects.clear()
    life.cluster.dies_after = number
    survive(life)
    assert life.cluster.kills == 1
    assert end_state(life) == end_state(QUIET[story])
    assert doubled(life) == []
    assert life.tool.at_one_time <= 1
