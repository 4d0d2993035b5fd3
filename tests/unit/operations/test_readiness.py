"""Ready means: the database answers, its schema is not behind, and events are heard."""

import pytest

from valeo_erp.operations.readiness import OK, Observed, judge

KNOWN = frozenset({"0001", "0002", "0003"})


@pytest.mark.parametrize(
    ("revision", "ready", "words"),
    [
        ("0003", True, OK),
        ("0004-of-a-newer-version", True, OK),
        ("0002", False, "behind"),
        ("0001", False, "behind"),
        (None, False, "unknown"),
    ],
)
def test_a_schema_ahead_is_ready_and_one_behind_or_unknown_is_not(
    revision: str | None, *, ready: bool, words: str
) -> None:
    verdict = judge(Observed(OK, revision, "1"), listening=True, head="0003", known=KNOWN)
    assert verdict.ready is ready
    assert verdict.checks["schema"].startswith(words)


def test_a_process_that_does_not_hear_of_events_is_not_ready_and_says_so() -> None:
    verdict = judge(Observed(OK, "0003", "1"), listening=False, head="0003", known=KNOWN)
    assert not verdict.ready
    assert verdict.checks["database"] == verdict.checks["schema"] == OK
    assert "not listening" in verdict.checks["listener"]


def test_a_database_that_was_not_reached_is_never_a_pass() -> None:
    verdict = judge(Observed("no answer within 1 s"), listening=True, head="0003", known=KNOWN)
    assert not verdict.ready
    assert verdict.checks == {
        "database": "no answer within 1 s",
        "schema": "unknown: the database did not tell its revision",
        "listener": OK,
    }
