"""What `kubectl valeo rotate` writes, what it tells before, and when it is over."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.installation import erp as told_of

from valeo_operator.credentials.in_use import told_of_keys
from valeo_operator.plugin.cli import parser
from valeo_operator.plugin.connection import PluginError
from valeo_operator.plugin.rotation import outcome, planned, planned_keys, told, wanted

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
VALUE = "database@20260701-120000"
SECOND = "production-database-app-b-2"


def erp(taken: str = VALUE, **database: Any) -> dict[str, Any]:
    made = told_of(acts={"rotate": taken}, rotation={"database": database})
    made["metadata"]["uid"] = "u"
    made["spec"] = {
        "image": "valeo-erp:1.1.0",
        "publicURL": "http://127.0.0.1:8080",
        "auth": {"developmentProvider": {}},
    }
    return made


def test_the_annotation_is_another_one_each_time() -> None:
    assert wanted(NOON, emergency=False) == VALUE
    assert wanted(NOON, emergency=True) == "database,emergency@20260701-120000"


def test_the_plan_names_both_secrets_and_ends_with_the_old_login_closed() -> None:
    steps = planned(erp(), emergency=False)
    assert steps[0] == f"Secret {SECOND} takes the place of production-database-app-a"
    assert "valeo_app_a is closed" in steps[-1]
    assert any("24h, for a rollback" in step for step in steps)


def test_the_plan_of_an_emergency_says_who_is_cut_off() -> None:
    steps = planned(erp(), emergency=True)
    assert "who still uses it is cut off" in steps[-1]
    assert not any("rollback" in step for step in steps)


def test_a_login_at_an_external_database_is_declined() -> None:
    made = erp()
    external = {"host": "h", "name": "valeo", "migratorSecret": "m", "applicationSecret": "a"}
    made["spec"]["database"] = {"engine": "External", "external": external}
    with pytest.raises(PluginError, match=r"ROTATION\.md"):
        planned(made, emergency=False)


@pytest.mark.parametrize(
    ("found", "over"),
    [
        (erp(taken="another", phase="Idle", version=1), None),
        (erp(phase="Idle", version=1, asked=True), None),
        (erp(phase="Releasing", version=2, secret=SECOND), None),
        (erp(phase="Overlapping", version=2, secret=SECOND), True),
        (erp(phase="Overlapping", version=2, secret=SECOND, emergency=True), None),
        (erp(phase="Idle", version=2, secret=SECOND), True),
        (erp(phase="TakingBack", version=2, secret="production-database-app-a"), False),
        (erp(phase="Idle", version=2, secret="production-database-app-a"), False),
    ],
)
def test_it_is_over_when_the_new_login_is_in_use_alone(found: dict[str, Any], over: bool | None) -> None:
    assert outcome(found, VALUE, before=1) is over


def test_where_it_stands_is_told_in_a_line() -> None:
    assert told(erp(phase="Proving", message="Nobody.")) == "Proving: Nobody."


def test_the_words_of_the_command_line() -> None:
    read = parser().parse_args(["rotate", "--emergency", "--wait", "-i", "production"])
    assert (read.emergency, read.wait, read.dry_run, read.installation) == (True, True, False, "production")


def test_the_plan_for_the_keys_names_both_secrets_and_says_that_papers_stay_genuine() -> None:
    steps = planned_keys(erp(), emergency=False)
    assert steps[0] == "Secret production-keys-2 takes the place of production-keys"
    assert "codes on papers verify for ever" in steps[1]
    assert steps[-1] == "the keys in production-keys are retired"
    assert "begins again" in planned_keys(erp(), emergency=True)[-1]


def test_keys_are_asked_for_and_followed_by_their_own_standing() -> None:
    assert wanted(NOON, "keys", emergency=False) == "keys@20260701-120000"
    found = erp(phase="Idle", version=1)
    found["status"]["rotation"]["signingKeys"] = {"phase": "Overlapping", "version": 2, "secret": "production-keys-2"}
    assert outcome(found, VALUE, before=1, standing=told_of_keys) is True
