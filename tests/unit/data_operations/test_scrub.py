"""Stored backups are read again before their medium has forgotten them: the oldest proof first, one at a time."""

from typing import Any

from tests.support.data_in_memory import DataLife
from tests.support.installation_in_memory import NAMESPACE

from valeo_operator.cluster.kinds import BACKUPS, EVENTS, JOBS
from valeo_operator.cluster.objects import name_of

DAY = 86400
KEPT = {"valeoerp.io/keep": "true"}
QUIET: dict[str, Any] = {"suspend": True, "drill": {"suspend": True}}


def with_backups(*names: str, **settings: Any) -> DataLife:
    """An installation with good backups, one made after the other, and nothing that a schedule asks for."""
    life = DataLife()
    life.begin(**QUIET, **settings)
    life.go_on(3)
    for name in names:
        life.ask_for_backup(name)
        life.go_on(10)
        life.cluster.change(BACKUPS, NAMESPACE, name, lambda each: each["metadata"].update(annotations=KEPT))
    life.tool.runs.clear()
    return life


def read(life: DataLife) -> list[str]:
    return [run.removeprefix("verify ") for run in life.tool.runs if run.startswith("verify")]


def stored(life: DataLife, *names: str) -> list[str]:
    return [life.status(name)["storedName"] for name in names]


def test_a_backup_is_read_again_after_thirty_days_and_not_before() -> None:
    life = with_backups("first")
    life.cluster.pass_time(29 * DAY)
    life.go_on(5)
    assert read(life) == []
    life.cluster.pass_time(DAY)
    life.go_on(10)
    assert read(life) == stored(life, "first")
    assert life.status("first")["phase"] == "Good"
    assert life.told["oldestProof"] == life.status("first")["verifiedAt"]
    assert not life.is_locked


def test_the_oldest_proof_is_renewed_first_and_one_is_read_at_a_time() -> None:
    life = with_backups("one", "two", "three", verifyDays=7)
    life.cluster.pass_time(7 * DAY)
    life.go_on(40)
    assert read(life) == stored(life, "one", "two", "three")
    assert life.tool.at_one_time == 1


def test_a_backup_that_rots_leaves_the_count_and_another_one_is_made() -> None:
    life = with_backups("first", "second", verifyDays=7)
    life.tool.rotten = set(stored(life, "first"))
    life.cluster.pass_time(7 * DAY)
    life.go_on(80)
    first = life.status("first")
    assert (first["phase"], first["message"]) == ("Corrupt", "documents.dat is not what was put there")
    assert life.phases() == {"first": "Corrupt", "second": "Good", "first-again": "Good"}
    assert (life.told["good"], life.number("valeo_backup_corrupt")) == (2, 1)
    assert "BackupCorrupt" in {each["reason"] for each in life.cluster.all(EVENTS)}
    assert not life.is_locked


def test_a_rotten_backup_stays_corrupt_however_whole_a_listing_shows_it() -> None:
    life = with_backups("first", verifyDays=7)
    life.tool.rotten = set(stored(life, "first"))
    life.cluster.pass_time(7 * DAY)
    life.go_on(40)
    life.cluster.pass_time(DAY)
    life.go_on(20)
    assert life.status("first")["phase"] == "Corrupt"


def test_what_cannot_be_read_for_another_reason_is_not_called_broken() -> None:
    life = with_backups("first", verifyDays=7)
    before = life.status("first")["verifiedAt"]
    life.tool.broken.add("verify")
    life.cluster.pass_time(7 * DAY)
    life.go_on(60)
    assert (life.status("first")["phase"], life.status("first")["verifiedAt"]) == ("Good", before)
    assert not life.is_locked
    assert life.number("valeo_backup_proof_stale_after_timestamp_seconds")


def test_it_can_be_switched_off() -> None:
    life = with_backups("first", verifyDays=0)
    life.cluster.pass_time(400 * DAY)
    life.go_on(5)
    assert read(life) == []
    assert life.number("valeo_backup_proof_stale_after_timestamp_seconds") == 0


def test_a_backup_that_was_found_in_the_store_is_read_at_once() -> None:
    life = with_backups("first")
    name = stored(life, "first")
    life.cluster.lose(BACKUPS, NAMESPACE, "first")
    life.cluster.pass_time(60)
    life.go_on(30)
    assert read(life) == name


def test_a_backup_that_is_wanted_now_does_not_wait_behind_the_ones_that_are_read() -> None:
    life = with_backups("one", "two", verifyDays=7)
    life.cluster.pass_time(7 * DAY)
    life.ask_for_backup("now")
    life.go_on(60)
    verified, made = life.tool.runs.index(f"verify {stored(life, 'one')[0]}"), life.tool.runs
    assert [run for run in made if run.startswith("make")]
    assert next(number for number, run in enumerate(made) if run.startswith("make")) <= verified + 1
    assert [name_of(each) for each in life.cluster.all(JOBS) if "-verify-" in name_of(each)]
