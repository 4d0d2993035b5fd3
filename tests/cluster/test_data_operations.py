"""Backups on a real cluster: made, drilled, found again after every object is lost, and restored in place.

One installation goes through all of it, in the order of this file, as its people would.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest
from tests.support.installed import Place, operator_metrics, place, until
from tests.support.rights import counted_calls, rights

pytestmark = pytest.mark.timeout(400)


def valeo(erp: Place, *words: str) -> Manifest:
    """What `kubectl valeo … --wait --output json` prints; its words when it fails."""
    command = [sys.executable, "-m", "valeo_operator.plugin.cli", *words, "--namespace", erp.namespace]
    done = subprocess.run(
        [*command, "--wait", "--timeout", "5m", "--output", "json"],
        env={**os.environ, "KUBECONFIG": str(erp.cluster.kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\n{told(erp)}"
    found: Manifest = json.loads(done.stdout)
    return found


def told(erp: Place) -> str:
    """Everything of the data operations, for whoever reads why it failed."""
    return erp.kubectl("get", "vbak,vres,jobs,pods,leases,pvc", "-o", "wide")


def good(erp: Place) -> dict[str, Any]:
    """The status of each good backup by its name in the store."""
    statuses = [each.get("status", {}) for each in erp.all("valeobackup")]
    return {each["storedName"]: each for each in statuses if each.get("phase") == "Good"}


@pytest.fixture(scope="module")
def erp(operator: ApiServer) -> Iterator[Place]:
    """An installation that asks for backups and is Ready."""
    with place(operator, "data") as made:
        made.apply(backup={})
        made.ready(150)
        yield made


def test_before_the_first_backup_it_says_never(erp: Place) -> None:
    until(lambda: erp.condition("BackupHealthy")["reason"] == "NeverBackedUp", erp.told, 30)
    assert erp.status["backup"] == "never"
    assert erp.condition("RestoreVerified")["reason"] == "NeverRestored"
    assert erp.status["backups"]["nextSlot"].endswith("T02:00:00Z")


def test_a_backup_on_demand_is_made_and_verified(erp: Place) -> None:
    made = valeo(erp, "backup")
    status = made["status"]
    assert status["phase"] == "Good"
    assert status["revision"] == erp.status["schemaRevision"]
    assert status["tables"] > 10
    assert status["rows"] > 0
    assert status["fingerprint"]
    until(lambda: erp.condition("BackupHealthy")["status"] == "True", lambda: str(erp.status), 30)
    assert erp.status["backup"] == status["began"]


def test_a_drill_is_exact_and_measures_the_recovery_time(erp: Place) -> None:
    made = valeo(erp, "drill")
    status = made["status"]
    assert (status["phase"], status["exact"]) == ("Complete", True)
    assert not status.get("invariants")
    assert status["seconds"] <= 60
    until(lambda: erp.condition("RestoreVerified")["reason"] == "DrillExact", lambda: str(erp.status), 30)


def test_after_every_object_is_lost_the_catalogue_is_found_in_the_store(erp: Place) -> None:
    before = good(erp)
    assert before
    erp.kubectl("delete", "valeobackup", "--all")
    until(lambda: set(good(erp)) == set(before), lambda: told(erp), 90)
    found = good(erp)
    assert {name: each["fingerprint"] for name, each in found.items()} == {
        name: each["fingerprint"] for name, each in before.items()
    }
    assert {each["spec"]["reason"] for each in erp.all("valeobackup")} == {"Found"}


def replaced(erp: Place) -> dict[str, Any]:
    """What the only restore in place tells of the database from before."""
    (found,) = [each for each in erp.all("valeorestore") if each["spec"]["mode"] == "InPlace"]
    told_of: dict[str, Any] = found["status"]["replaced"]
    return told_of


def test_it_is_restored_in_place_and_proven_through_the_service(erp: Place) -> None:
    (backup,) = [each["metadata"]["name"] for each in erp.all("valeobackup")]
    made = valeo(erp, "restore", backup, "--in-place", "--acknowledge-data-loss")
    status = made["status"]
    assert (status["phase"], status["exact"]) == ("Complete", True)
    assert status["replaced"]["name"]
    assert status["erasedAgain"] == 0
    until(lambda: "dropsAt" in replaced(erp), lambda: told(erp), 90)
    assert status["freshBackup"] in {each["metadata"]["name"] for each in erp.all("valeobackup")}
    erp.ready(60)


def test_nothing_holds_the_lock_afterwards_and_the_numbers_are_told(erp: Place) -> None:
    until(lambda: erp.all("lease") == [], lambda: told(erp), 30)
    numbers = operator_metrics(erp.cluster)
    mine = f'{{installation="{erp.name}",namespace="{erp.namespace}"}}'
    until(lambda: f"valeo_backup_good{mine} 2.0" in operator_metrics(erp.cluster), lambda: numbers, 30)
    assert "valeo_drill_last_success_timestamp_seconds" in numbers


# Kopf's own, beside what the operator's client counts.
WATCHED = {("watch", "valeobackups.valeoerp.io"), ("watch", "valeorestores.valeoerp.io")}
# What retention deletes is a day old at least, and what is forgotten months; a Job is taken away when it is stuck. The
# unit tests kill the operator at each of these (tests/unit/data_operations).
LATER = {
    ("delete", "valeobackups.valeoerp.io"),
    ("delete", "valeorestores.valeoerp.io"),
    ("delete", "jobs.batch"),
    ("create", "valeorestores.valeoerp.io"),  # by schedule; here a person asked
}


def test_data_operations_use_the_rights_that_they_have(erp: Place) -> None:
    given = rights(erp.cluster, "clusterrole", "valeo-operator-data")
    assert given - counted_calls(erp.cluster) - WATCHED - LATER == set(), "rights without a call"
