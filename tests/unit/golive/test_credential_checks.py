"""The gate about the login at the database: how old it is, as it was seen."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.data_in_memory import running_installation

from valeo_operator.api.golive import Check, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts

NOW = datetime(2026, 4, 11, 8, 0, tzinfo=UTC)
OLD = "2026-01-01T08:00:00Z"  # a hundred days
EXTERNAL = {"host": "db.example", "name": "valeo", "migratorSecret": "owner", "applicationSecret": "login"}


def facts(spec: dict[str, Any], since: str | None) -> Facts:
    found = running_installation()
    found["spec"] |= spec
    if since is not None:
        found["status"]["rotation"] = {"database": {"since": since}}
    return Facts(ValeoERP.model_validate(found), NOW)


@pytest.mark.parametrize(
    ("spec", "since", "result"),
    [
        ({}, OLD, Result.FAIL),
        ({}, "2026-01-12T08:00:00Z", Result.PASS),
        ({"rotation": {"database": {"every": "101d"}}}, OLD, Result.PASS),
        ({"rotation": {"database": {"every": "30d"}}}, "2026-03-01T08:00:00Z", Result.FAIL),
        ({}, None, Result.UNKNOWN),
        ({"database": {"engine": "External", "external": EXTERNAL}}, OLD, Result.UNKNOWN),
    ],
    ids=str,
)
def test_a_login_must_be_younger_than_its_interval(spec: dict[str, Any], since: str | None, result: Result) -> None:
    outcome = look(Check.CREDENTIALS_ROTATED, facts(spec, since))
    assert outcome.result is result, outcome.message
    assert bool(outcome.evidence) is (result is not Result.UNKNOWN)


def test_the_outcome_tells_the_age_and_what_to_do() -> None:
    outcome = look(Check.CREDENTIALS_ROTATED, facts({}, OLD))
    assert "100 days old, more than 90d" in outcome.message
    assert "kubectl valeo rotate --wait" in outcome.next_step


def test_of_api_keys_nothing_is_known_and_the_outcome_says_why() -> None:
    outcome = look(Check.API_KEYS_ROTATED, facts({}, OLD))
    assert (outcome.result, outcome.reason) == (Result.UNKNOWN, "NotSeenYet")
