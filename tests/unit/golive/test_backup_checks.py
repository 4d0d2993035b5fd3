"""The gates about backups: what the spec asks for, and what was seen to succeed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.data_in_memory import running_installation

from valeo_operator.api.golive import Check, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ALL = (Check.BACKUP_SCHEDULE, Check.BACKUP_RETENTION, Check.BACKUP_COMPLETED, Check.RESTORE_DRILL)


def facts(backup: dict[str, Any] | None, **status: Any) -> Facts:
    found = running_installation(**(backup or {}))
    if backup is None:
        del found["spec"]["backup"]
    found["status"] |= status
    return Facts(ValeoERP.model_validate(found), NOW)


def condition(kind: str, status: str, reason: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": f"{kind} is {status}.",
        "lastTransitionTime": "2026-01-05T02:00:00Z",
    }


@pytest.mark.parametrize("check", ALL)
def test_without_backups_in_the_spec_nothing_is_known(check: Check) -> None:
    outcome = look(check, facts(None))
    assert (outcome.result, outcome.reason) == (Result.UNKNOWN, "NotConfigured")


@pytest.mark.parametrize(
    ("backup", "result"),
    [
        ({}, Result.PASS),
        ({"schedule": "0 */2 * * *"}, Result.PASS),
        ({"schedule": "0 3 * * *", "timeZone": "Europe/Berlin"}, Result.PASS),
        ({"schedule": "0 3 * * *"}, Result.FAIL),
        ({"schedule": "0 2 * * 1-5"}, Result.FAIL),
        ({"schedule": "61 2 * * *"}, Result.FAIL),
        ({"suspend": True}, Result.FAIL),
    ],
    ids=str,
)
def test_a_backup_is_due_every_day_at_two(backup: dict[str, Any], result: Result) -> None:
    assert look(Check.BACKUP_SCHEDULE, facts(backup)).result is result


@pytest.mark.parametrize(
    ("kept", "result"),
    [
        ({}, Result.PASS),
        ({"daily": 31, "monthly": 24}, Result.PASS),
        ({"daily": 29}, Result.FAIL),
        ({"monthly": 11}, Result.FAIL),
    ],
    ids=str,
)
def test_thirty_days_and_twelve_months_are_kept(kept: dict[str, int], result: Result) -> None:
    assert look(Check.BACKUP_RETENTION, facts({"retention": kept})).result is result


@pytest.mark.parametrize(
    ("check", "kind", "told"),
    [
        (Check.BACKUP_COMPLETED, "BackupHealthy", {"lastGood": "2026-01-05T02:00:00Z", "good": 3}),
        (Check.RESTORE_DRILL, "RestoreVerified", {"lastDrill": "2026-01-04T04:00:00Z", "lastDrillSeconds": 42}),
    ],
)
def test_what_was_seen_to_succeed_passes_and_nothing_else(check: Check, kind: str, told: dict[str, Any]) -> None:
    good = look(check, facts({}, backups=told, conditions=[condition(kind, "True", "BackupFresh")]))
    assert good.result is Result.PASS
    assert good.evidence["at"] in told.values()
    assert look(check, facts({})).result is Result.UNKNOWN
    for backups in ({}, told):
        bad = look(check, facts({}, backups=backups, conditions=[condition(kind, "False", "BackupStale")]))
        assert bad.result is Result.FAIL
    assert look(check, facts({}, conditions=[condition(kind, "True", "BackupFresh")])).result is Result.FAIL
