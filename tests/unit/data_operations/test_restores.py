"""Restores: a failure before the swap means that nothing happened; after it, the databases are swapped back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.data_in_memory import RELEASE, DataLife
from tests.support.installation_in_memory import NAMESPACE

from valeo_operator.api.valeorestore import RestoreMode, RestorePhase, ValeoRestore
from valeo_operator.backups.facts import FINAL_RESTORES
from valeo_operator.cluster.kinds import BACKUPS, ERPS, JOBS, RESTORES
from valeo_operator.cluster.objects import name_of
from valeo_operator.restores.lifecycle import DEADLINES, TRANSITIONS, Outcome, next_phase
from valeo_operator.restores.replaced import fate

IN_PLACE: dict[str, Any] = {"mode": "InPlace", "acknowledgeDataLoss": True}


@pytest.fixture
def life() -> DataLife:
    """An installation with one good backup."""
    life = DataLife()
    life.begin()
    life.go_on(3)
    life.ask_for_backup("good")
    life.go_on(10)
    assert life.phases() == {"good": "Good"}
    return life


def tasks(life: DataLife) -> list[str]:
    return [run.split()[0] for run in life.tool.runs]


def test_a_drill_restores_the_newest_good_backup_and_tells_how_long_it_took(life: DataLife) -> None:
    life.ask_for_restore(mode="Drill")
    life.go_on(10)
    status = life.status("again", RESTORES)
    assert (status["phase"], status["backup"], status["exact"]) == ("Complete", "good", True)
    assert (status["seconds"], status["targetMet"]) == (4, True)
    assert life.condition("RestoreVerified") == ("True", "DrillExact")
    assert not life.is_locked


def test_a_drill_that_is_not_exact_fails_and_tells_where_it_differs(life: DataLife) -> None:
    life.tool.inexact = True
    life.ask_for_restore(mode="Drill")
    life.go_on(10)
    status = life.status("again", RESTORES)
    assert status["phase"] == "Failed"
    assert status["differences"] == ["table documents: 9 rows, 10 expected"]
    assert life.condition("RestoreVerified") == ("False", "NeverRestored")
    assert life.number("valeo_drill_last_failure_timestamp_seconds")


def test_a_drill_whose_data_breaks_a_rule_of_the_trade_fails_although_it_is_exact(life: DataLife) -> None:
    life.tool.breaks = ("the entry 7 does not balance",)
    life.ask_for_restore(mode="Drill")
    life.go_on(10)
    status = life.status("again", RESTORES)
    assert (status["phase"], status["exact"]) == ("Failed", True)
    assert "the entry 7 does not balance" in status["message"]


def test_a_new_database_is_made_beside_the_live_one(life: DataLife) -> None:
    life.ask_for_restore(mode="NewDatabase", into="valeo_2026")
    life.go_on(10)
    assert life.status("again", RESTORES)["phase"] == "Complete"
    (job,) = [each for each in life.cluster.all(JOBS) if "-restore-" in name_of(each)]
    args = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert args[args.index("--into") + 1] == "valeo_2026"
    assert "swap" not in tasks(life)


def test_in_place_a_fresh_backup_is_made_first_then_restored_swapped_and_proven(life: DataLife) -> None:
    life.tool.runs.clear()
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(30)
    status = life.status("again", RESTORES)
    assert status["phase"] == "Complete", status
    assert status["replaced"]["name"] == "valeo_before_1"
    assert status["freshBackup"] == "again-before"
    assert [task for task in tasks(life) if task != "list"] == ["make", "restore", "carry-erasures", "swap"]
    assert not life.is_locked


def test_what_was_there_before_is_kept_for_a_week(life: DataLife) -> None:
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(30)
    assert "in use" in life.status("again-before")["keptBecause"]


def replaced(life: DataLife) -> dict[str, Any]:
    status: dict[str, Any] = life.status("again", RESTORES)["replaced"]
    return status


def restored_in_place(life: DataLife) -> datetime:
    """When it was proven."""
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(30)
    return datetime.fromisoformat(life.status("again", RESTORES)["completedAt"])


def test_the_replaced_database_is_dropped_seven_days_after_the_proof_and_not_before(life: DataLife) -> None:
    proven = restored_in_place(life)
    assert datetime.fromisoformat(replaced(life)["dropsAt"]) == proven + timedelta(days=7)
    life.cluster.now = proven + timedelta(days=7, seconds=-1)
    life.look()
    assert "drop-replaced" not in tasks(life)
    life.cluster.now = proven + timedelta(days=7)
    life.go_on(10)
    assert tasks(life).count("drop-replaced") == 1
    assert replaced(life)["droppedAt"]
    assert life.status("again", RESTORES)["phase"] == "Complete"
    assert not life.is_locked


def test_how_long_the_replaced_database_is_kept_is_set_in_the_installation(life: DataLife) -> None:
    life.cluster.change(ERPS, NAMESPACE, "production", lambda erp: erp["spec"]["backup"].update(keepReplacedDays=1))
    life.cluster.now = restored_in_place(life) + timedelta(days=1)
    life.go_on(10)
    assert "drop-replaced" in tasks(life)


def test_the_replaced_database_stays_as_long_as_somebody_asks_for_it(life: DataLife) -> None:
    proven = restored_in_place(life)
    annotate(life, "valeoerp.io/keep")
    life.cluster.now = proven + timedelta(days=30)
    life.go_on(5)
    assert "drop-replaced" not in tasks(life)
    assert "dropsAt" not in replaced(life)
    assert replaced(life)["message"] == "The annotation valeoerp.io/keep keeps it."


def test_a_replaced_database_that_cannot_be_dropped_stays_and_says_why(life: DataLife) -> None:
    life.tool.broken.add("drop-replaced")
    life.cluster.now = restored_in_place(life) + timedelta(days=7)
    life.go_on(60)
    assert "It could not be dropped: the store is full" in replaced(life)["message"]
    assert "droppedAt" not in replaced(life)
    assert not life.is_locked


@pytest.mark.parametrize("phase", sorted(set(RestorePhase) - {RestorePhase.COMPLETE}))
def test_no_replaced_database_is_dropped_while_it_may_be_swapped_back(phase: RestorePhase) -> None:
    restore = ValeoRestore.model_validate(
        {
            "metadata": {"name": "again", "namespace": NAMESPACE},
            "spec": {"installation": "production", **IN_PLACE},
            "status": {"phase": phase, "completedAt": "2026-01-01T00:00:00Z"},
        }
    )
    decided = fate(restore, timedelta(days=7), datetime(2027, 1, 1, tzinfo=UTC))
    assert (decided.is_due, decided.drops_at) == (False, None)


def test_a_restore_that_is_not_proven_is_swapped_back(life: DataLife) -> None:
    life.tool.broken.add("proof")
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(20)
    assert life.status("again", RESTORES)["phase"] == "Proving"
    life.cluster.pass_time(301)
    life.go_on(10)
    status = life.status("again", RESTORES)
    assert status["phase"] == "Failed"
    assert "The live database is the one from before" in status["message"]
    assert not life.tool.swapped
    assert "replaced" not in status
    assert not life.is_locked


@pytest.mark.parametrize("broken", ["make", "restore", "carry-erasures"])
def test_a_failure_before_the_swap_touches_nothing(life: DataLife, broken: str) -> None:
    life.tool.broken.add(broken)
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(60)
    status = life.status("again", RESTORES)
    assert status["phase"] == "Failed"
    assert "the store is full" in status["message"]
    assert "swap" not in tasks(life)
    assert not life.is_locked


def test_a_failed_swap_is_swapped_back(life: DataLife) -> None:
    life.tool.broken.add("swap")
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(80)
    assert life.status("again", RESTORES)["phase"] == "Failed"
    assert tasks(life)[-1] in {"swap-back", "list"}
    assert not life.tool.swapped


def test_what_was_erased_since_the_backup_is_erased_again_before_anybody_sees_it(life: DataLife) -> None:
    restored_in_place(life)
    assert tasks(life).index("carry-erasures") < tasks(life).index("swap")
    assert life.status("again", RESTORES)["erasedAgain"] == 3  # two before the fence, the last one behind it


def test_a_restore_can_be_cancelled_while_erasures_are_carried_over(life: DataLife) -> None:
    life.tool.hangs = "carry-erasures"
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(30)
    assert life.status("again", RESTORES)["phase"] == "Erasing"
    cancel(life)
    life.go_on(4)
    assert life.status("again", RESTORES)["phase"] == "Cancelled"
    assert not [each for each in life.cluster.all(JOBS) if "carry-erasures" in name_of(each)]


def test_until_the_swap_it_can_be_cancelled(life: DataLife) -> None:
    life.tool.broken.add("hangs")
    life.ask_for_restore("again", mode="Drill")
    life.go_on(4)
    assert life.status("again", RESTORES)["phase"] == "Restoring"
    cancel(life)
    life.go_on(4)
    assert life.status("again", RESTORES)["phase"] == "Cancelled"
    assert not [each for each in life.cluster.all(JOBS) if "-drill-" in name_of(each)]
    assert not life.is_locked


def test_after_the_swap_it_is_not_cancelled_any_more(life: DataLife) -> None:
    life.tool.broken.add("proof")
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(20)
    cancel(life)
    life.go_on(2)
    assert life.status("again", RESTORES)["phase"] == "Proving"


def cancel(life: DataLife) -> None:
    annotate(life, "valeoerp.io/cancel")


def annotate(life: DataLife, key: str) -> None:
    note = {key: "true"}
    life.cluster.change(RESTORES, NAMESPACE, "again", lambda each: each["metadata"].update(annotations=note))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"mode": "Drill", "backup": "nowhere"}, "There is no ValeoBackup nowhere"),
        ({"mode": "Drill", "backup": "bad"}, "is Failed, not Good"),
    ],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_touched(
    life: DataLife, spec: dict[str, str], words: str
) -> None:
    life.tool.broken.add("make")
    life.ask_for_backup("bad")
    life.go_on(30)
    life.ask_for_restore(**spec)
    life.go_on(5)
    assert life.status("again", RESTORES)["phase"] == "Failed"
    assert words in life.status("again", RESTORES)["message"]


def test_another_schema_is_not_put_in_place_of_the_live_one(life: DataLife) -> None:
    life.cluster.change(ERPS, NAMESPACE, "production", lambda erp: erp["status"].update(schemaRevision="0002"))
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(5)
    assert "schema revision 0001. Expected: 0002" in life.status("again", RESTORES)["message"]
    assert "restore" not in tasks(life)


def test_a_backup_that_is_being_restored_is_never_deleted(life: DataLife) -> None:
    life.tool.broken.add("hangs")
    life.ask_for_restore(mode="Drill", backup="good")
    life.go_on(4)
    assert "in use" in life.status("good")["keptBecause"]


def reachable(mode: RestoreMode) -> set[RestorePhase]:
    seen: set[RestorePhase] = {RestorePhase.PENDING}
    for _ in RestorePhase:
        seen |= {after for (before, _), after in TRANSITIONS[mode].items() if before in seen}
    return seen


@pytest.mark.parametrize("mode", list(RestoreMode))
def test_every_phase_that_is_not_final_goes_on_and_has_a_deadline(mode: RestoreMode) -> None:
    for phase in reachable(mode) - FINAL_RESTORES:
        assert any(before is phase for before, _ in TRANSITIONS[mode])
        assert phase in DEADLINES or phase is RestorePhase.SWAPPING_BACK
    assert reachable(mode) >= {RestorePhase.COMPLETE, RestorePhase.FAILED, RestorePhase.CANCELLED}


@pytest.mark.parametrize("mode", list(RestoreMode))
@pytest.mark.parametrize("phase", list(RestorePhase))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_the_table_moves_a_restore(mode: RestoreMode, phase: RestorePhase, outcome: Outcome) -> None:
    expected = phase if outcome is Outcome.STAYS else TRANSITIONS[mode].get((phase, outcome))
    assert next_phase(mode, phase, outcome) is expected


def test_nothing_is_cancelled_once_the_names_are_changed() -> None:
    late = (RestorePhase.SWAPPING, RestorePhase.PROVING, RestorePhase.SWAPPING_BACK)
    assert not [phase for phase in late if (phase, Outcome.CANCELS) in TRANSITIONS[RestoreMode.IN_PLACE]]


def test_the_application_that_proves_is_the_active_release(life: DataLife) -> None:
    life.cluster.change(ERPS, NAMESPACE, "production", lambda erp: erp["status"].update(activeRelease=RELEASE))
    life.ask_for_restore(backup="good", **IN_PLACE)
    life.go_on(30)
    assert life.status("again", RESTORES)["phase"] == "Complete"
    assert {name_of(each) for each in life.cluster.all(BACKUPS)} == {"good", "again-before"}
