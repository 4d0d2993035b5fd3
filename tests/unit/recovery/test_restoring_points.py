"""Restores of points in time: refused before anything is touched, recovered beside, and then a restore like others."""

from datetime import timedelta
from typing import Any

import pytest
from tests.support.archivist_in_memory import Archivist
from tests.support.data_in_memory import DataLife
from tests.support.installation_in_memory import NAME, NAMESPACE

from valeo_operator.cluster.kinds import ERPS, JOBS, RESTORES
from valeo_operator.cluster.objects import Object, name_of
from valeo_operator.installations.status import stamp


@pytest.fixture
def life() -> DataLife:
    """An installation whose database is archived, and every point of the last days can be recovered."""
    life = DataLife()
    life.begin()
    archived: dict[str, Any] = {"embedded": {"pointInTime": {}}}
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["spec"].update(database=archived))
    Archivist(life).tells()
    return life


def ago(life: DataLife, **span: float) -> dict[str, str]:
    return {"time": stamp(life.cluster.now - timedelta(**span))}


def status(life: DataLife) -> Object:
    return life.status("again", RESTORES)


def job_of(life: DataLife, task: str) -> Object:
    (job,) = [each for each in life.cluster.all(JOBS) if f"-{task}-" in name_of(each)]
    pod: Object = job["spec"]["template"]["spec"]
    return pod


def tasks(life: DataLife) -> list[str]:
    return [run.split()[0] for run in life.tool.runs if run.split()[0] != "list"]


def test_a_drill_of_a_point_recovers_a_copy_dumps_it_and_compares(life: DataLife) -> None:
    life.ask_for_restore(mode="Drill", pointInTime=ago(life, hours=2))
    life.go_on(6)
    assert (status(life)["phase"], status(life)["exact"]) == ("Complete", True)
    assert "backup" not in status(life)
    pod = job_of(life, "drill")
    recover, copy, dump = pod["initContainers"]
    assert recover["args"][recover["args"].index("--time") + 1].startswith("2026-01-01T10:00:0")
    assert copy["restartPolicy"] == "Always"
    assert dump["args"][:2] == ["backup", "make"]
    assert {"name": "VALEO_DATABASE_HOST", "value": "127.0.0.1"} in dump["env"]
    assert not life.is_locked


def test_the_copy_has_the_archive_for_reading_only_and_the_dump_never_leaves_the_pod(life: DataLife) -> None:
    life.ask_for_restore(mode="NewDatabase", into="valeo_then", pointInTime={"transaction": 770})
    life.go_on(6)
    pod = job_of(life, "restore")
    for container in pod["initContainers"][:2]:
        (archive,) = [each for each in container["volumeMounts"] if each["name"] == "archive"]
        assert archive["readOnly"] is True
    (main,) = pod["containers"]
    assert main["args"][main["args"].index("--store") + 1] == "file:///recovery/store"
    assert "backups" not in {each["name"] for each in pod["volumes"]}
    assert "ephemeral" in next(each for each in pod["volumes"] if each["name"] == "recovery")


def test_every_container_of_a_recovery_is_without_rights(life: DataLife) -> None:
    life.ask_for_restore(mode="Drill", pointInTime={"name": "before-closing"})
    life.go_on(6)
    pod = job_of(life, "drill")
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize(("span", "hint"), [({"days": 4}, ""), ({"seconds": 5}, "ask again in a minute")])
def test_a_time_outside_of_the_window_is_refused_with_the_window_in_words(
    life: DataLife, span: dict[str, float], hint: str
) -> None:
    life.ask_for_restore(mode="Drill", pointInTime=ago(life, **span))
    life.go_on(3)
    assert status(life)["phase"] == "Failed"
    assert "can be recovered" in status(life)["message"]
    assert "every point from 2025-12-29T12:00:00Z to" in status(life)["message"]
    assert hint in status(life)["message"]
    assert tasks(life) == []


def test_without_an_archive_a_point_is_refused(life: DataLife) -> None:
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["spec"].pop("database"))
    life.ask_for_restore(mode="Drill", pointInTime={"transaction": 770})
    life.go_on(3)
    assert "There is no archive to recover from" in status(life)["message"]
    assert tasks(life) == []


def test_while_the_archive_is_not_seen_a_restore_waits(life: DataLife) -> None:
    life.cluster.pass_time(300)
    life.ask_for_restore(mode="Drill", pointInTime=ago(life, hours=1))
    life.go_on(3)
    assert status(life)["phase"] == "Pending"
    assert "was not told since" in status(life)["message"]
    Archivist(life).tells()
    life.go_on(6)
    assert status(life)["phase"] == "Complete"


def test_a_point_in_place_is_backed_up_first_restored_swapped_and_proven(life: DataLife) -> None:
    life.ask_for_restore(mode="InPlace", acknowledgeDataLoss=True, pointInTime=ago(life, hours=2))
    life.go_on(30)
    assert status(life)["phase"] == "Complete", status(life)
    assert tasks(life) == ["make", "restore", "carry-erasures", "swap"]


def test_a_point_with_another_schema_is_never_swapped_in(life: DataLife) -> None:
    life.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp["status"].update(schemaRevision="0002"))
    life.ask_for_restore(mode="InPlace", acknowledgeDataLoss=True, pointInTime=ago(life, hours=2))
    life.go_on(30)
    assert status(life)["phase"] == "Failed"
    assert "It has the schema revision 0001. Expected: 0002" in status(life)["message"]
    assert "swap" not in tasks(life)


def test_why_a_point_was_not_reached_is_told(life: DataLife) -> None:
    life.tool.broken.add("recover")
    life.ask_for_restore(mode="Drill", pointInTime={"name": "never-named"})
    life.go_on(10)
    assert status(life)["phase"] == "Failed"
    assert "before the point never-named" in status(life)["message"]
    assert not life.is_locked
