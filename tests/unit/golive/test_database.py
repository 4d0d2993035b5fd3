"""What the Job `look` told of the database shows the lines about it; nothing passes that was not looked at."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from valeo_operator.api.golive import Check, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import JOBS, PODS, RELEASES
from valeo_operator.cluster.objects import Object, name_of
from valeo_operator.golive.checks import look
from valeo_operator.golive.checks.database import CHECKS
from valeo_operator.golive.facts import Facts, Unseen
from valeo_operator.golive.inside import EVERY_SECONDS, job_to_send
from valeo_operator.golive.outcome import Outcome

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ENDED = NOW - timedelta(minutes=5)
OURS = {"app.kubernetes.io/instance": "acme"}
TOLD: dict[str, Any] = {
    "schema": {"revision": "0011", "head": "0011"},
    "counts": {"tenants": 1, "documents": 40, "journal_entries": 30, "audit_entries": 200, "numbers": 35},
    "integrity": {"broken": [], "unproven_constraints": []},
    "indexes": {"all": 90, "invalid": [], "missing": [], "never_used": 20, "large_tables": 2, "read_whole": []},
    "series": {"kinds": 11, "missing": []},
    "test_data": {"tenants": []},
    "people": {"operator": 3, "manager": 1, "accountant": 1, "admin": 1},
    "statements": {"kept": True, "statements": 80, "calls": 9000, "slowest_ms": 412.3, "slow": 0},
    "connections": {"places": 97, "taken": 20, "pool_of_a_process": 12},
}


def erp(phase: str = "Complete") -> ValeoERP:
    status = {"activeRelease": "acme-1", "activeColour": "blue", "phase": phase}
    spec = {"image": "valeo-erp:1", "auth": {"issuer": "https://id"}, "database": {"embedded": {}}}
    return ValeoERP.model_validate(
        {"metadata": {"name": "acme", "namespace": "erp", "uid": "u"}, "spec": spec, "status": status}
    )


def release() -> Object:
    spec = {
        "installation": "acme",
        "version": "0.1.0",
        "image": "valeo-erp:0.1.0",
        "digest": f"sha256:{'ab' * 32}",
        "configHash": "0123456789abcdef",
        "schemaRevision": "0011",
        "oldestSchemaRevision": "0001",
        "colour": "blue",
    }
    return {"metadata": {"name": "acme-1", "namespace": "erp", "labels": OURS}, "spec": spec}


def nothing_sent(**changed: Any) -> Facts:
    return Facts(erp(**changed), NOW, {RELEASES: (release(),), JOBS: (), PODS: ()})


def ended_with(message: str, state: str = "Complete") -> Facts:
    """The Job that is to be sent, after it ended."""
    job = job_to_send(nothing_sent())
    assert job is not None
    job["metadata"]["creationTimestamp"] = ENDED.isoformat()
    job["status"] = {"conditions": [{"type": state, "status": "True"}]}
    labels = {**OURS, "batch.kubernetes.io/job-name": name_of(job)}
    ended = {"message": message, "exitCode": 0, "finishedAt": ENDED.isoformat()}
    pod = {
        "metadata": {"name": "p", "namespace": "erp", "labels": labels},
        "status": {"containerStatuses": [{"state": {"terminated": ended}}]},
    }
    return Facts(erp(), NOW, {RELEASES: (release(),), JOBS: (job,), PODS: (pod,)})


def judged(check: Check, told: object = TOLD) -> Outcome:
    return look(check, ended_with(json.dumps(told)))


def changed(**parts: dict[str, Any]) -> dict[str, Any]:
    told = copy.deepcopy(TOLD)
    for part, values in parts.items():
        told[part] |= values
    return told


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_a_line_passes_by_what_was_told_and_holds_from_then_on(check: Check) -> None:
    outcome = judged(check)

    assert outcome.result is Result.PASS, outcome.message
    assert outcome.seen_at == ENDED


@pytest.mark.parametrize(
    ("check", "told", "words"),
    [
        (Check.DATA_INTEGRITY, changed(integrity={"broken": ["a: the journal is broken"]}), "the journal is broken"),
        (Check.DATA_INTEGRITY, changed(integrity={"unproven_constraints": ["d.fk"]}), "d.fk is not validated"),
        (Check.INDEXES_USED, changed(indexes={"missing": ["ix_a"]}), "ix_a is missing"),
        (Check.INDEXES_USED, changed(indexes={"invalid": ["ix_b"]}), "ix_b is invalid"),
        (Check.INDEXES_USED, changed(indexes={"read_whole": ["document: 90/3"]}), "document: 90/3"),
        (Check.NUMBER_SERIES, changed(series={"missing": ["acme: invoice"]}), "acme: invoice"),
        (Check.NO_TEST_DATA, changed(test_data={"tenants": ["hofmann"]}), "hofmann"),
        (Check.SLOW_QUERIES, changed(statements={"slow": 2, "slowest_ms": 3100.0}), "up to 3100 ms"),
        (Check.TEST_USERS, changed(people={"admin": 0}), "the role admin"),
    ],
)
def test_a_line_fails_by_what_was_told(check: Check, told: object, words: str) -> None:
    outcome = judged(check, told)

    assert outcome.result is Result.FAIL
    assert words in outcome.message
    assert outcome.next_step


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (Check.DATA_INTEGRITY, changed(counts={"journal_entries": 0, "numbers": 0})),
        (Check.INDEXES_USED, changed(indexes={"large_tables": 0})),
        (Check.NUMBER_SERIES, changed(counts={"tenants": 0})),
        (Check.NO_TEST_DATA, changed(counts={"tenants": 0})),
        (Check.SLOW_QUERIES, {**TOLD, "statements": {"kept": False}}),
        (Check.SLOW_QUERIES, changed(statements={"calls": 0})),
        (Check.TEST_USERS, changed(people=dict.fromkeys(TOLD["people"], 0))),
    ],
)
def test_where_there_is_nothing_to_look_at_nothing_is_known(check: Check, told: object) -> None:
    assert judged(check, told).result is Result.UNKNOWN


@pytest.mark.parametrize("check", CHECKS, ids=str)
@pytest.mark.parametrize(
    "facts",
    [
        nothing_sent,
        lambda: Facts(erp(), NOW, {RELEASES: (release(),), JOBS: Unseen("forbidden"), PODS: ()}),
        lambda: ended_with("invalid choice: 'look'", "Failed"),
        lambda: ended_with("Killed"),
        lambda: ended_with("{}"),
        lambda: ended_with(json.dumps(dict.fromkeys(TOLD, None))),
    ],
    ids=["not sent", "not listed", "an image without it", "no JSON", "an empty answer", "nothing but names"],
)
def test_what_the_job_did_not_tell_is_unknown(check: Check, facts: Callable[[], Facts]) -> None:
    outcome = look(check, facts())

    assert outcome.result is Result.UNKNOWN
    assert outcome.next_step


def test_a_look_into_the_database_is_sent_once_in_a_slot_and_again_in_the_next() -> None:
    first = job_to_send(nothing_sent())
    assert first is not None

    sent = ended_with(json.dumps(TOLD))
    later = Facts(sent.erp, NOW + timedelta(seconds=EVERY_SECONDS), sent.objects)

    assert job_to_send(sent) is None
    assert name_of(job_to_send(later) or {"metadata": {"name": ""}}) not in {"", name_of(first)}
    assert look(Check.NUMBER_SERIES, later).result is Result.PASS


def test_the_next_look_has_time_to_end_before_the_last_one_is_gone() -> None:
    job = job_to_send(nothing_sent())
    assert job is not None
    spec = job["spec"]
    assert spec["ttlSecondsAfterFinished"] >= EVERY_SECONDS + spec["activeDeadlineSeconds"] + 120


@pytest.mark.parametrize("phase", ["Pending", "Migrating", "Switching", "RollingBack"])
def test_during_a_rollout_nobody_looks(phase: str) -> None:
    assert job_to_send(nothing_sent(phase=phase)) is None


def test_it_has_the_rights_of_a_migration_and_no_others() -> None:
    job = job_to_send(nothing_sent())
    assert job is not None
    pod = job["spec"]["template"]["spec"]

    assert [each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each] == ["acme-database-migrator"]
    assert pod["containers"][0]["args"][0] == "look"
    assert pod["automountServiceAccountToken"] is False
