"""What the smoke tests came to shows the lines about signing in, documents, paper and live updates of a release."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.installation_in_memory import NAMESPACE, Life

from valeo_operator.api.golive import Check, Environment, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import ERPS, RELEASES
from valeo_operator.cluster.objects import Object
from valeo_operator.golive.catalogue import checklist_hash, entry_of, shipped
from valeo_operator.golive.checks import look
from valeo_operator.golive.checks.smoke import LIMITS, TESTS
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.lifecycle import Seen, Subject, standing
from valeo_operator.golive.outcome import Outcome

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DIGEST = f"sha256:{'ab' * 32}"
RESTS_ON = {**TESTS, **LIMITS}
NAMES = ["healthz", *sorted({test for tests in RESTS_ON.values() for test in tests})]
ALL_PASS = f"{len(NAMES)} of {len(NAMES)} smoke tests pass"


def release(**changed: Any) -> Object:
    spec = {
        "installation": "acme",
        "version": "0.1.0",
        "image": "valeo-erp:0.1.0",
        "digest": DIGEST,
        "configHash": "0123456789abcdef",
        "secretVersions": {},
        "schemaRevision": "0001",
        "oldestSchemaRevision": "0001",
        "smokeTests": NAMES,
        "colour": "blue",
    }
    history = [{"phase": "Verifying", "at": (NOW - timedelta(hours=1)).isoformat()}]
    return {
        "metadata": {"name": "acme-1", "namespace": "acme", "labels": {"app.kubernetes.io/instance": "acme"}},
        "spec": {**spec, **changed.pop("spec", {})},
        "status": {"history": history, **changed},
    }


def seen(check: Check, told: str | None = ALL_PASS, found: Object | None = None, **auth: Any) -> Outcome:
    erp = ValeoERP.model_validate(
        {
            "metadata": {"name": "acme", "namespace": "acme", "uid": "u"},
            "spec": {
                "image": "valeo-erp:1",
                "publicURL": "https://erp.example.com",
                "auth": auth or {"issuer": "https://id"},
            },
            "status": {"targetRelease": "acme-1", "course": {"smoke": told} if told else {}},
        }
    )
    return look(check, Facts(erp, NOW, {RELEASES: (found or release(),)}))


@pytest.mark.parametrize("check", RESTS_ON, ids=str)
def test_a_line_passes_when_all_smoke_tests_of_the_release_passed(check: Check) -> None:
    outcome = seen(check)

    assert outcome.result is Result.PASS
    assert outcome.evidence["tests"] == list(RESTS_ON[check])


@pytest.mark.parametrize("check", RESTS_ON, ids=str)
def test_a_line_fails_with_its_own_test(check: Check) -> None:
    told = f"1 of {len(NAMES)} smoke tests pass. 2 failed: healthz: answered 500; {RESTS_ON[check][0]}: answered 403"

    assert seen(check, told).result is Result.FAIL


@pytest.mark.parametrize("check", RESTS_ON, ids=str)
@pytest.mark.parametrize(
    ("told", "found"),
    [
        (None, release()),
        (f"1 of {len(NAMES)} smoke tests pass. 1 failed: healthz: answered 500", release()),
        ("10 of 10 smoke tests pass", release()),
        ("0 of 0 smoke tests pass", release()),
        ("all is well", release()),
        (ALL_PASS, release(history=[])),
        ("1 of 1 smoke tests pass", release(spec={"smokeTests": ["healthz"]})),
    ],
    ids=["none ran", "another failed", "fewer ran", "none", "other words", "never verified", "other tests"],
)
def test_a_line_is_unknown_where_its_tests_were_not_all_seen(check: Check, told: str | None, found: Object) -> None:
    assert seen(check, told, found).result is Result.UNKNOWN


@pytest.mark.parametrize("check", LIMITS, ids=str)
def test_the_wide_limits_beside_the_development_provider_are_not_those_of_production(check: Check) -> None:
    outcome = seen(check, developmentProvider={"publicURL": "https://id.example.com"})

    assert outcome.result is Result.FAIL
    assert "spec.auth" in outcome.next_step


def test_of_another_release_nothing_is_known() -> None:
    other = release()
    other["metadata"]["name"] = "acme-2"

    assert seen(Check.SIGN_IN, found=other).result is Result.UNKNOWN


def test_a_pass_holds_from_the_time_of_the_tests_on_and_not_from_this_look() -> None:
    entry = entry_of(shipped(), "production-sign-in")
    assert entry is not None
    subject = Subject("acme", Environment.PRODUCTION, "acme-1", DIGEST, "a", shipped(), checklist_hash(shipped()))
    outcome = seen(Check.SIGN_IN)

    fresh = standing(entry, Seen(outcome), subject, NOW)
    later = standing(entry, Seen(outcome), subject, NOW + timedelta(hours=23))
    early = standing(entry, Seen(replace(outcome, seen_at=NOW + timedelta(hours=1))), subject, NOW)

    assert (fresh.result, fresh.valid_until) == (Result.PASS, NOW + timedelta(hours=23))
    assert (later.result, early.result) == (Result.STALE, Result.STALE)


def test_the_words_are_those_that_the_rollout_writes(running: Life) -> None:
    found = running.cluster.find(ERPS, "production")
    releases = running.cluster.all(RELEASES)
    assert found is not None
    assert releases[0]["metadata"]["namespace"] == NAMESPACE
    described = releases[0]["spec"]["smokeTests"]

    assert found["status"]["course"]["smoke"] == f"{len(described)} of {len(described)} smoke tests pass"
    assert "Verifying" in [each["phase"] for each in releases[0]["status"]["history"]]


@pytest.fixture
def running() -> Life:
    """An installation that is Complete."""
    life = Life()
    life.apply()
    life.go_on()
    return life
