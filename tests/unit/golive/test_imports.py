"""Imported reports: only what is meant for the gate, of its format, about this image and from whom it says."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from valeo_operator.api.golive import Environment, Requirement, Result
from valeo_operator.cluster.objects import Object
from valeo_operator.evidence.carriers import Evidence, Refusal, Shelf
from valeo_operator.golive.catalogue import checklist_hash, entry_of, shipped
from valeo_operator.golive.imports import ASKED, doubts, reports
from valeo_operator.golive.lifecycle import Subject
from valeo_operator.golive.signatures import Proof

DIGEST, OTHER = f"sha256:{'ab' * 32}", f"sha256:{'cd' * 32}"
MADE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SUBJECT = Subject("acme", Environment.PRODUCTION, "acme-1", DIGEST, "alice", shipped(), checklist_hash(shipped()))
ENTRY = entry_of(shipped(), "unit-tests")
GOOD = '<testsuite name="unit" tests="1"><testcase name="a"/></testsuite>'
BAD = '<testsuite name="unit" tests="1" failures="1"><testcase name="a"><failure/></testcase></testsuite>'
EMPTY = '<testsuite name="unit" tests="0"></testsuite>'


def carrier(report: str = GOOD, **annotations: str) -> Object:
    claimed = {
        "valeoerp.io/gates": "unit-tests",
        "valeoerp.io/digest": DIGEST,
        "valeoerp.io/issuer": "ci",
        "valeoerp.io/collected-at": MADE.isoformat(),
        **annotations,
    }
    meta = {
        "name": "r1",
        "uid": "u1",
        "resourceVersion": "1",
        "creationTimestamp": MADE.isoformat(),
        "labels": {"valeoerp.io/evidence": "junit"},
        "annotations": claimed,
    }
    return {"metadata": meta, "immutable": True, "data": {"junit.xml": report}}


def read(found: Object) -> tuple[Evidence | Refusal, ...]:
    return Shelf().read([found], {})


def taken(found: Object, gate: str = "unit-tests", **more: Any) -> tuple[list[Result], tuple[str, ...]]:
    entry = entry_of(shipped(), gate)
    assert entry is not None
    judged, refused = reports(entry, read(found), SUBJECT, more.get("doubtful", {}))
    return [each.outcome.result for each in judged], refused


@pytest.mark.parametrize(("report", "result"), [(GOOD, Result.PASS), (BAD, Result.FAIL), (EMPTY, Result.UNKNOWN)])
def test_a_report_is_judged_by_what_its_gate_asks(report: str, result: Result) -> None:
    assert taken(carrier(report)) == ([result], ())


def test_a_report_for_another_gate_is_not_mentioned() -> None:
    assert taken(carrier(), "api-tested") == ([], ())


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (carrier(**{"valeoerp.io/digest": OTHER}), OTHER),
        (carrier("<html/>"), "r1: "),
        ({**carrier(), "immutable": False}, "not immutable"),
    ],
)
def test_a_report_that_is_not_taken_says_why(found: Object, words: str) -> None:
    judged, refused = taken(found)

    assert judged == []
    assert words in refused[0]


def test_a_report_of_another_format_is_not_taken() -> None:
    judged, refused = taken(carrier(**{"valeoerp.io/gates": "trivy-scan"}), "trivy-scan")

    assert (judged, "takes no report of the format junit" in refused[0]) == ([], True)


def test_a_report_whose_issuer_is_not_proven_is_not_taken() -> None:
    doubtful = doubts([carrier()], Proof(problem="the policy is not in force"))

    assert taken(carrier(), doubtful=doubtful) == ([], ("r1: the policy is not in force",))
    assert doubts([carrier()], Proof(since=MADE)) == {}


def test_a_gate_that_asks_for_no_report_takes_none() -> None:
    entry = entry_of(shipped(), "namespace")
    assert entry is not None

    assert reports(entry, read(carrier(**{"valeoerp.io/gates": "namespace"})), SUBJECT, {}) == ((), ())


def test_every_word_of_a_requirement_asks_for_something() -> None:
    assert set(ASKED) == set(Requirement) - {Requirement.PASSED_ELSEWHERE}  # that one asks for more than a report


def test_the_digest_of_the_report_is_what_shows_the_result() -> None:
    assert ENTRY is not None
    (found,) = read(carrier())
    assert isinstance(found, Evidence)

    (report,), _ = reports(ENTRY, [replace(found, sha256="ab" * 32)], SUBJECT, {})

    assert report.digest == DIGEST
