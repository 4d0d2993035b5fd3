"""Points in time on a real cluster: what was deleted is there again, and less than a minute is ever at stake."""

import json
import os
import re
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest
from tests.support.installed import Place, operator_metrics, place, until

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

LIMIT = 60.0


@pytest.fixture(scope="module")
def erp(operator: ApiServer) -> Iterator[Place]:
    """An installation whose database is archived, with its first full copy made."""
    with place(operator, "point") as made:
        made.apply(backup={}, database={"embedded": {"pointInTime": {}}})
        made.ready(150)
        until(lambda: made.condition("RecoveryPointFresh")["status"] == "True", lambda: told(made), 150)
        yield made


def told(erp: Place) -> str:
    """Everything of the archive, for whoever reads why it failed."""
    archivist = erp.kubectl("logs", f"{erp.name}-database-0", "-c", "archivist", "--tail", "20")
    return "\n".join([json.dumps(erp.status.get("pointInTime")), archivist, erp.kubectl("get", "vres,jobs,pods,pvc")])


def asked(erp: Place, statement: str, database: str = "valeo") -> str:
    """What the database answers its administrator."""
    secret = erp.get("secret", f"{erp.name}-database-admin")
    assert secret is not None
    values = {key: b64decode(value).decode() for key, value in secret["data"].items()}
    words = ["psql", "-XAtqw", "-v", "ON_ERROR_STOP=1", "-U", values["username"], "-d", database, "-c", statement]
    login = ["env", f"PGPASSWORD={values['password']}"]
    return erp.kubectl("exec", f"{erp.name}-database-0", "-c", "postgresql", "--", *login, *words).strip()


def valeo(erp: Place, *words: str, code: int = 0) -> str:
    """What `kubectl valeo … --wait --output json` prints; its complaint where it is to fail."""
    command = [sys.executable, "-m", "valeo_operator.plugin.cli", *words, "--namespace", erp.namespace]
    done = subprocess.run(
        [*command, "--wait", "--timeout", "5m", "--output", "json"],
        env={**os.environ, "KUBECONFIG": str(erp.cluster.kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}\n{told(erp)}"
    return done.stdout if code == 0 else done.stderr


def status_of(done: str) -> dict[str, Any]:
    made: Manifest = json.loads(done)
    status: dict[str, Any] = made["status"]
    return status


@pytest.fixture(scope="module")
def before(erp: Place) -> str:
    """A time at which five hundred rows stood there that are deleted since."""
    asked(erp, "set role valeo_owner; create table valeo.noted as select generate_series(1, 500) as number")
    time.sleep(0.1)
    at = asked(erp, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')")
    asked(erp, "delete from valeo.noted")
    wanted = datetime.fromisoformat(at)
    until(lambda: datetime.fromisoformat(erp.status["pointInTime"]["newest"]) > wanted, lambda: told(erp), 120)
    return at


def test_the_window_is_told(erp: Place) -> None:
    status = erp.status["pointInTime"]
    assert status["oldest"] <= status["newest"]
    assert status["baseBackups"] >= 1
    assert "problem" not in status


def test_deleted_rows_are_there_again_in_a_new_database_of_a_time_before(erp: Place, before: str) -> None:
    status = status_of(valeo(erp, "restore", "--to-time", before, "--into", "valeo_then"))
    assert (status["phase"], status["exact"]) == ("Complete", True)
    assert asked(erp, "select count(*) from valeo.noted", "valeo_then") == "500"
    assert asked(erp, "select count(*) from valeo.noted") == "0"


def test_a_drill_of_that_time_is_exact_and_leaves_nothing_behind(erp: Place, before: str) -> None:
    status = status_of(valeo(erp, "drill", "--to-time", before))
    assert (status["phase"], status["exact"]) == ("Complete", True)
    assert not status.get("invariants")
    assert "drill" not in asked(erp, "select string_agg(datname, ' ') from pg_database")


def test_a_time_before_the_window_is_refused_with_the_window(erp: Place) -> None:
    said = valeo(erp, "drill", "--to-time", "2020-01-01T00:00:00Z", code=1)
    assert f"every point from {erp.status['pointInTime']['oldest']} to" in said


def test_a_name_that_was_never_given_is_told(erp: Place) -> None:
    said = valeo(erp, "drill", "--to-name", "never-named", code=1)
    assert "before the point never-named" in said


def recovery_points(erp: Place, seconds: float) -> list[float]:
    """The number that alerts look at, twice a second."""
    mine = re.compile(rf'valeo_recovery_point_seconds{{installation="{erp.name}",namespace="{erp.namespace}"}} (\S+)')
    ends, seen = time.monotonic() + seconds, []
    while time.monotonic() < ends:
        found = mine.search(operator_metrics(erp.cluster))
        assert found is not None
        seen.append(float(found[1]))
        time.sleep(0.5)
    return seen


def test_idle_and_under_load_less_than_a_minute_is_at_stake(erp: Place) -> None:
    idle = recovery_points(erp, 60)
    asked(erp, "set role valeo_owner; create table valeo.busy (n int, words text)")
    load = "insert into valeo.busy select g, repeat('x', 200) from generate_series(1, 20000) g"
    stop = time.monotonic() + 60
    busy: list[float] = []
    while time.monotonic() < stop:
        asked(erp, load)
        busy += recovery_points(erp, 1)
    sys.stdout.write(f"recovery point: idle at most {max(idle):.0f} s, under load at most {max(busy):.0f} s\n")
    assert max(idle) <= LIMIT, sorted(idle)[-3:]
    assert max(busy) <= LIMIT, sorted(busy)[-3:]
    assert datetime.now(UTC) > datetime.fromisoformat(erp.status["pointInTime"]["newest"])


def test_the_rows_take_their_place_in_the_live_database_again(erp: Place, before: str) -> None:
    status = status_of(valeo(erp, "restore", "--to-time", before, "--in-place", "--acknowledge-data-loss"))
    assert (status["phase"], status["exact"]) == ("Complete", True)
    assert asked(erp, "select count(*) from valeo.noted") == "500"
    assert status["freshBackup"] in {each["metadata"]["name"] for each in erp.all("valeobackup")}
    erp.ready(60)


def test_a_database_whose_volume_is_lost_comes_back_from_its_archive_by_itself(erp: Place) -> None:
    asked(erp, "set role valeo_owner; create table valeo.kept as select generate_series(1, 77) as number")
    at = asked(erp, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')")
    wanted = datetime.fromisoformat(at)
    until(lambda: datetime.fromisoformat(erp.status["pointInTime"]["newest"]) > wanted, lambda: told(erp), 120)
    claim = f"{erp.name}-database-data"
    lost = (erp.get("pvc", claim) or {})["metadata"]["uid"]
    erp.kubectl("delete", "pvc", claim, "--wait=false")
    erp.kubectl("delete", "pod", f"{erp.name}-database-0", "--wait=false")
    until(lambda: (erp.get("pvc", claim) or {}).get("metadata", {}).get("uid", lost) != lost, lambda: told(erp), 120)
    until(lambda: erp.condition("DatabaseReady")["status"] == "True", lambda: told(erp), 120)
    erp.ready(120)
    assert asked(erp, "select count(*) from valeo.kept") == "77"
    until(lambda: erp.condition("RecoveryPointFresh")["status"] == "True", lambda: told(erp), 150)
    assert erp.status["pointInTime"]["oldest"] > at
