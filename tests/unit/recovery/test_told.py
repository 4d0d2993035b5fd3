"""What is told of recovery to points in time: on the ValeoERP, as a condition, and as a number."""

from datetime import timedelta
from typing import Any

import pytest
from tests.support.archivist_in_memory import Archivist
from tests.support.data_in_memory import DataLife
from tests.support.installation_in_memory import NAME, NAMESPACE

from valeo_operator.api.valeoerp import EmbeddedDatabase
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.databases.desired import stateful_set
from valeo_operator.installations.names import Names
from valeo_operator.installations.status import stamp
from valeo_operator.recovery.told import archive_told


@pytest.fixture
def life() -> DataLife:
    """An installation whose database is archived."""
    life = DataLife()
    life.begin()
    archived: dict[str, Any] = {"embedded": {"pointInTime": {}}}
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["spec"].update(database=archived))
    return life


@pytest.fixture
def archivist(life: DataLife) -> Archivist:
    return Archivist(life)


def told(life: DataLife) -> dict[str, Any]:
    found: dict[str, Any] = life.erp["status"]["pointInTime"]
    return found


def test_the_window_and_what_would_be_lost_stand_in_the_status(life: DataLife, archivist: Archivist) -> None:
    archivist.tells(lag=20)
    life.look()
    assert told(life)["newest"] == stamp(life.cluster.now - timedelta(seconds=20))
    assert told(life)["recoveryPointSeconds"] == 20
    assert life.condition("RecoveryPointFresh") == ("True", "RecoveryPointFresh")
    assert life.number("valeo_recovery_point_seconds") == 20


def test_a_recovery_point_older_than_a_minute_is_told(life: DataLife, archivist: Archivist) -> None:
    archivist.tells(lag=61)
    life.look()
    assert life.condition("RecoveryPointFresh") == ("False", "RecoveryPointStale")
    assert life.number("valeo_recovery_point_seconds") == 61


def test_what_is_not_seen_is_unknown_and_its_age_grows(life: DataLife, archivist: Archivist) -> None:
    life.look()
    assert life.condition("RecoveryPointFresh") == ("Unknown", "NotObserved")
    assert life.number("valeo_recovery_point_seconds") == float("inf")
    archivist.tells(lag=20)
    life.look()
    life.cluster.pass_time(100)
    assert life.number("valeo_recovery_point_seconds") == 120
    life.look()
    assert life.condition("RecoveryPointFresh") == ("Unknown", "NotObserved")


def test_before_the_first_copy_nothing_can_be_recovered(life: DataLife, archivist: Archivist) -> None:
    archivist.tells(oldest=None, newest=None, last_full=None, backups=0, running="full")
    life.look()
    assert life.condition("RecoveryPointFresh") == ("False", "NeverArchived")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"missing": 2, "last_missing": "000000010000000000000007", "gap_is_open": True}, "lacks 2 segments"),
        ({"damage": "checksum invalid: 1"}, "damaged: checksum invalid: 1"),
        ({"problem": "The last base backup (full) failed: no space"}, "no space"),
    ],
)
def test_a_broken_archive_is_told_with_its_reason(
    life: DataLife, archivist: Archivist, line: dict[str, Any], words: str
) -> None:
    archivist.tells(**line)
    life.look()
    assert life.condition("RecoveryPointFresh") == ("False", "ArchiveBroken")
    assert words in told(life)["problem"]


def test_a_gap_of_the_past_is_told_and_does_not_hide_how_it_stands_now(life: DataLife, archivist: Archivist) -> None:
    archivist.tells(missing=2, last_missing="000000010000000000000007", gap_is_open=False)
    life.look()
    assert life.condition("RecoveryPointFresh") == ("True", "RecoveryPointFresh")
    (said,) = [each for each in life.erp["status"]["conditions"] if each["type"] == "RecoveryPointFresh"]
    assert "2 segments from before are missing" in said["message"]
    assert told(life)["missingSegments"] == 2
    assert life.number("valeo_recovery_missing_segments") == 2


def test_the_status_is_not_written_at_every_beat(life: DataLife, archivist: Archivist) -> None:
    archivist.tells()
    life.look()
    first = told(life)["observedAt"]
    life.cluster.pass_time(10)
    archivist.tells()
    life.look()
    assert told(life)["observedAt"] == first
    life.cluster.pass_time(20)
    archivist.tells()
    life.look()
    assert told(life)["observedAt"] != first


def test_that_a_first_point_can_be_recovered_is_told_at_once(life: DataLife, archivist: Archivist) -> None:
    archivist.tells(newest=None)
    life.look()
    life.cluster.pass_time(10)
    archivist.tells()
    life.look()
    assert told(life)["newest"]
    assert life.condition("RecoveryPointFresh") == ("True", "RecoveryPointFresh")


def test_switched_off_nothing_is_told_any_more(life: DataLife, archivist: Archivist) -> None:
    archivist.tells()
    life.look()
    off = {"embedded": {"pointInTime": {"enabled": False}}}
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["spec"].update(database=off))
    life.look()
    assert "pointInTime" not in life.erp["status"]
    assert life.number("valeo_recovery_point_seconds") is None


def test_a_log_without_a_line_of_the_archivist_tells_nothing() -> None:
    assert archive_told("").observed_at is None
    assert archive_told('[1]\n{"step": "base backup"}').observed_at is None


def test_one_switch_takes_archivist_archive_and_arguments_away() -> None:
    names = Names(NAME, NAMESPACE, "u")
    on = EmbeddedDatabase.model_validate({"pointInTime": {}})
    off = EmbeddedDatabase.model_validate({"pointInTime": {"enabled": False}})
    pod = stateful_set(on, names)["spec"]["template"]["spec"]
    assert [each["name"] for each in pod["containers"]] == ["postgresql", "archivist"]
    assert "archive_mode=on" in pod["containers"][0]["args"]
    assert {"name": "archive", "persistentVolumeClaim": {"claimName": f"{NAME}-database-archive"}} in pod["volumes"]
    assert stateful_set(off, names) == stateful_set(EmbeddedDatabase(), names)
