"""Backups over time: asked for, made one at a time, listed, counted, kept, lost, and taken away."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.data_in_memory import DataLife
from tests.support.installation_in_memory import NAME, NAMESPACE

from valeo_operator.api.valeobackup import BackupPhase
from valeo_operator.backups.lifecycle import TRANSITIONS, Outcome, next_phase
from valeo_operator.backups.looks import progress_of
from valeo_operator.cluster.kinds import BACKUPS, CLAIMS, ERPS, EVENTS, JOBS, LEASES, RESTORES
from valeo_operator.cluster.objects import dig, name_of

HOURLY = {"schedule": "0 * * * *", "drill": {"schedule": "30 * * * *"}}


@pytest.fixture
def life() -> DataLife:
    life = DataLife()
    life.begin()
    life.go_on(4)
    return life


def test_nothing_was_ever_backed_up_at_first(life: DataLife) -> None:
    assert life.erp["status"]["backup"] == "never"
    assert life.condition("BackupHealthy") == ("False", "NeverBackedUp")
    assert life.condition("RestoreVerified") == ("False", "NeverRestored")
    assert life.told["nextSlot"] == "2026-01-02T02:00:00Z"


def test_a_backup_by_hand_is_made_verified_and_told(life: DataLife) -> None:
    life.ask_for_backup()
    life.go_on(10)
    status = life.status("by-hand")
    assert status["phase"] == "Good"
    assert (status["rows"], status["bytes"], status["revision"]) == (99, 1000, "0001")
    assert life.condition("BackupHealthy") == ("True", "BackupFresh")
    assert life.erp["status"]["backup"] == status["began"]
    assert not life.is_locked
    assert life.number("valeo_backup_good") == 1


def test_the_volume_of_the_backups_outlives_the_installation(life: DataLife) -> None:
    (claim,) = life.cluster.all(CLAIMS)
    assert name_of(claim) == "production-backups-volume"
    assert "ownerReferences" not in claim["metadata"]


def test_the_others_part_of_the_status_stays(life: DataLife) -> None:
    assert life.erp["status"]["phase"] == "Complete"


def test_the_schedule_makes_one_backup_for_each_slot() -> None:
    life = DataLife()
    life.begin(**HOURLY)
    life.go_on(4)
    for _ in range(3):
        life.cluster.pass_time(3600)
        life.go_on(20)
    assert sorted(life.phases()) == [f"{NAME}-20260101-{hour}0000" for hour in ("13", "14", "15")]
    assert set(life.phases().values()) == {"Good"}
    assert life.tool.at_one_time == 1


def test_missed_slots_are_recorded_and_the_newest_one_is_made() -> None:
    life = DataLife()
    life.begin(schedule="0 2 * * *")
    life.go_on(4)
    life.cluster.pass_time(3 * 86400 - 9 * 3600)
    life.go_on(10)
    assert life.phases() == {f"{NAME}-20260104-020000": "Good"}
    assert life.told["missedSlots"] == 2
    assert life.told["lastMissed"] == "2026-01-03T02:00:00Z"


def test_a_schedule_that_is_suspended_makes_none_and_remembers_none() -> None:
    life = DataLife()
    life.begin(suspend=True)
    life.cluster.pass_time(5 * 86400)
    life.go_on(5)
    assert life.phases() == {}
    assert life.told.get("missedSlots", 0) == 0


def test_a_schedule_that_nobody_can_read_is_said_and_stops_nothing_else() -> None:
    life = DataLife()
    life.begin(schedule="61 2 * * *")
    life.ask_for_backup()
    life.go_on(10)
    assert life.condition("BackupHealthy") == ("False", "SpecInvalid")
    assert life.phases() == {"by-hand": "Good"}


def test_a_failed_backup_is_said_and_the_next_one_is_made(life: DataLife) -> None:
    life.tool.broken.add("make")
    life.ask_for_backup("one")
    life.go_on(30)
    assert life.status("one")["phase"] == "Failed"
    assert "the store is full" in life.status("one")["message"]
    assert not life.is_locked
    life.tool.broken.clear()
    life.ask_for_backup("two")
    life.go_on(10)
    assert life.phases() == {"one": "Failed", "two": "Good"}


def test_a_stuck_backup_fails_in_time_and_lets_go() -> None:
    life = DataLife()
    life.begin()
    life.tool.broken.add("hangs")
    life.ask_for_backup("one")
    life.go_on(6)
    life.ask_for_backup("two")
    life.go_on(4)
    assert life.phases() == {"one": "Running", "two": "Pending"}
    assert "backup/one is under way" in life.status("two")["message"]
    life.cluster.pass_time(3900)
    life.tool.broken.clear()
    life.look()
    life.look()
    assert life.status("one")["phase"] == "Failed"
    life.go_on(10)
    assert life.status("two")["phase"] == "Good"


def test_one_operation_at_a_time_whatever_is_asked_for(life: DataLife) -> None:
    for number in range(5):
        life.ask_for_backup(f"n{number}")
    life.ask_for_restore("drill", mode="Drill")
    life.go_on(60)
    assert set(life.phases().values()) == {"Good"}
    assert life.tool.at_one_time == 1
    assert not life.is_locked


def test_a_backup_that_is_stale_is_said(life: DataLife) -> None:
    life.ask_for_backup()
    life.go_on(10)
    life.tool.broken.add("make")
    life.cluster.pass_time(2 * 86400)
    life.go_on(40)
    assert life.condition("BackupHealthy")[1] == "BackupStale"
    stale = life.number("valeo_backup_stale_after_timestamp_seconds")
    assert stale is not None
    assert 0 < stale < life.cluster.now.timestamp()


def test_the_catalogue_is_rebuilt_from_the_store_when_every_object_is_lost(life: DataLife) -> None:
    for number in range(3):
        life.ask_for_backup(f"n{number}")
        life.go_on(10, seconds=10)
    before = sorted(each["storedName"] for each in (life.status(name) for name in life.phases()))
    for name in list(life.phases()):
        life.cluster.lose(BACKUPS, NAMESPACE, name)
    for job in list(life.cluster.all(JOBS)):
        life.cluster.lose(JOBS, NAMESPACE, name_of(job))
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["status"].pop("backups"))
    life.go_on(6)
    assert sorted(life.status(name)["storedName"] for name in life.phases()) == before
    assert set(life.phases().values()) == {"Good"}
    assert {each["spec"]["reason"] for each in life.cluster.all(BACKUPS)} == {"Found"}
    assert life.condition("BackupHealthy") == ("True", "BackupFresh")


def test_objects_that_somebody_deleted_are_there_again_within_a_minute(life: DataLife) -> None:
    life.ask_for_backup("one")
    life.go_on(10)
    life.cluster.pass_time(60)
    stored = life.status("one")["storedName"]
    life.cluster.lose(BACKUPS, NAMESPACE, "one")
    life.go_on(5)
    assert life.phases() == {f"{NAME}-{stored}": "Good"}
    runs = len(life.tool.runs)
    life.cluster.pass_time(120)
    life.go_on(5)
    assert len(life.tool.runs) == runs  # and then the store is left in peace


def test_a_backup_that_turns_out_corrupt_counts_no_more_and_another_one_is_made(life: DataLife) -> None:
    life.ask_for_backup()
    life.go_on(10)
    life.tool.corrupt.add(life.status("by-hand")["storedName"])
    life.cluster.pass_time(7 * 3600)
    life.go_on(4)
    assert life.status("by-hand")["phase"] == "Corrupt"
    assert "hash of documents.dat" in life.status("by-hand")["message"]
    assert life.told["corrupt"] == 1
    life.go_on(10)
    assert life.phases()["by-hand-again"] == "Good"
    assert life.condition("BackupHealthy") == ("True", "BackupFresh")


def test_a_backup_that_the_store_lost_counts_no_more(life: DataLife) -> None:
    life.ask_for_backup()
    life.go_on(10)
    life.tool.stored.clear()
    life.tool.broken.add("make")
    life.cluster.pass_time(7 * 3600)
    life.go_on(4)
    assert life.status("by-hand")["phase"] == "Lost"
    assert life.condition("BackupHealthy") == ("False", "BackupCorrupt")


def test_a_store_that_cannot_be_listed_deletes_nothing_and_says_so() -> None:
    life = DataLife()
    life.begin(schedule="0 11 * * *", retention={"daily": 1, "monthly": 0}, drill={"suspend": True})
    life.tool.broken.add("list")
    life.go_on(4)
    for _ in range(4):
        life.cluster.pass_time(86400)
        life.go_on(12)
    assert len(life.tool.stored) == 4
    assert "not complete" in life.told["retentionHeld"]
    assert life.told["deletesNext"]


def test_retention_takes_old_ones_out_of_the_store_and_out_of_the_catalogue() -> None:
    life = DataLife()
    life.begin(schedule="0 11 * * *", retention={"daily": 3, "monthly": 1}, drill={"suspend": True})
    life.go_on(4)
    for _ in range(12):
        life.cluster.pass_time(86400)
        life.go_on(25)
    assert len(life.tool.stored) == 4  # three days, and the first of the month
    assert min(life.tool.stored) == "20260102-110000"
    assert set(life.phases().values()) == {"Good"}
    assert life.status(f"{NAME}-20260102-110000")["keptBecause"] == ["monthly"]
    assert life.tool.at_one_time == 1


def test_a_backup_with_the_annotation_stays() -> None:
    life = DataLife()
    life.begin(schedule="0 11 * * *", retention={"daily": 1, "monthly": 0}, drill={"suspend": True})
    life.ask_for_backup("first")
    life.go_on(10)
    note = {"valeoerp.io/keep": "true"}
    life.cluster.change(BACKUPS, NAMESPACE, "first", lambda each: each["metadata"].update(annotations=note))
    for _ in range(5):
        life.cluster.pass_time(86400)
        life.go_on(25)
    assert life.phases()["first"] == "Good"
    assert "kept by annotation" in life.status("first")["keptBecause"]
    assert len(life.phases()) == 2


def test_two_destinations_each_have_their_own() -> None:
    life = DataLife()
    bucket = {"endpoint": "https://s3.example.com", "bucket": "valeo", "credentialsSecret": "s3"}
    life.begin(schedule="0 * * * *", destinations=[{"name": "near", "volume": {}}, {"name": "far", "s3": bucket}])
    life.go_on(4)
    life.cluster.pass_time(3600)
    life.go_on(15)
    assert sorted(life.phases()) == [f"{NAME}-20260101-130000", f"{NAME}-20260101-130000-far"]
    stores = {
        tuple(each["spec"]["template"]["spec"]["containers"][0]["args"][3:4])
        for each in life.cluster.all(JOBS)
        if "-make-" in name_of(each)
    }
    assert stores == {("file:///backups/production",), ("s3://valeo/production",)}


def test_no_secret_value_stands_in_a_job(life: DataLife) -> None:
    life.ask_for_backup()
    life.go_on(5)
    for job in life.cluster.all(JOBS):
        for container in job["spec"]["template"]["spec"]["containers"]:
            assert not [each for each in container["env"] if "PASSWORD" in each["name"] or "SECRET" in each["name"]]


def test_without_backups_in_the_spec_what_was_told_is_taken_back(life: DataLife) -> None:
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["spec"].pop("backup"))
    life.go_on(2)
    assert "backups" not in life.erp["status"]
    assert life.number("valeo_backup_good") is None


def test_every_end_is_an_event_of_its_own(life: DataLife) -> None:
    life.ask_for_backup()
    life.go_on(20)
    assert [each["reason"] for each in life.cluster.all(EVENTS)] == ["BackupGood"]


def test_a_lock_whose_holder_is_gone_is_given_back(life: DataLife) -> None:
    life.ask_for_backup()
    life.tool.broken.add("hangs")
    life.go_on(4)
    assert life.is_locked
    life.cluster.lose(BACKUPS, NAMESPACE, "by-hand")
    life.go_on(3)
    assert not life.is_locked


def test_a_lock_of_a_migration_is_respected(life: DataLife) -> None:
    lease = {"metadata": {"name": f"{NAME}-data", "namespace": NAMESPACE}, "spec": {"holderIdentity": "migration/r"}}
    life.cluster.put(LEASES, lease)
    life.ask_for_backup()
    life.go_on(5)
    assert life.phases() == {"by-hand": "Pending"}
    life.cluster.lose(LEASES, NAMESPACE, f"{NAME}-data")
    life.go_on(10)
    assert life.phases() == {"by-hand": "Good"}


def test_progress_is_the_last_step_that_is_told() -> None:
    log = '{"step": "storing", "file": 3, "of": 9}\n{"time": "2026-01-01", "message": "Answered"}\nwords\n'
    assert progress_of(log) == "step storing, file 3, of 9"
    assert progress_of("words only") == ""


@pytest.mark.parametrize("phase", list(BackupPhase))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_the_table_moves_a_backup(phase: BackupPhase, outcome: Outcome) -> None:
    expected = phase if outcome is Outcome.STAYS else TRANSITIONS.get((phase, outcome))
    assert next_phase(phase, outcome) is expected


def test_a_backup_that_is_not_good_becomes_good_only_where_the_store_has_it() -> None:
    assert {outcome for (_, outcome), after in TRANSITIONS.items() if after is BackupPhase.GOOD} == {
        Outcome.MADE,
        Outcome.FOUND_GOOD,
    }


def test_drills_are_scheduled_and_prove_the_newest_backup() -> None:
    life = DataLife()
    life.begin(**HOURLY)
    life.go_on(4)
    life.cluster.pass_time(3600)
    life.go_on(10)
    life.cluster.pass_time(1800)
    life.go_on(15)
    assert set(life.phases(RESTORES).values()) <= {"Complete", "Failed"}
    proven = life.status(f"{NAME}-20260101-130000")
    assert (proven["drillSeconds"], proven["drilledAt"]) == (4, life.told["lastDrill"])
    assert life.condition("RestoreVerified") == ("True", "DrillExact")
    assert datetime.fromisoformat(proven["drilledAt"]) > datetime(2026, 1, 1, 13, tzinfo=UTC) + timedelta(minutes=20)
    assert dig(life.erp, "status", "backups", "lastDrillSeconds") == 4
