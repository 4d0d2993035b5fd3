"""in-toto statements v1: a test result, found vulnerabilities, or the go-live results of another installation.

Each speaks of the subjects that it names by digest.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from valeo_operator.evidence.digests import is_digest
from valeo_operator.evidence.dsse import is_envelope, opened
from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import by_word_or_score, counted
from valeo_operator.evidence.summary import Metric, Readiness, RefusedEvidenceError, Severity, Summary
from valeo_operator.evidence.times import iso_time

STATEMENT: Final = "https://in-toto.io/Statement/v1"
GO_LIVE: Final = "https://valeoerp.io/attestation/go-live/v1"


def read_in_toto(content: bytes, keys: Mapping[str, str]) -> Summary:
    """The statement. Where keys are configured, only an envelope that one of them signed is taken."""
    document, signed_by = read_json(content), ""
    if is_envelope(document):
        payload, signed_by = opened(document, keys)
        document = read_json(payload)
    elif keys:
        raise RefusedEvidenceError("the statement is not signed, and keys are configured")
    if document["_type"].text() != STATEMENT:
        raise RefusedEvidenceError(f"the statement is of type {document['_type'].text()}, not {STATEMENT}")
    kind = document["predicateType"].text()
    read = _PREDICATES.get(kind)
    if read is None:
        raise RefusedEvidenceError(f"a statement of type {kind} is not judged; known are: {', '.join(_PREDICATES)}")
    return replace(read(document["predicate"]), subjects=_subjects(document), signed_by=signed_by)


def _subjects(statement: Part) -> frozenset[str]:
    named = (f"sha256:{subject['digest']['sha256'].text_if_any()}" for subject in statement["subject"].items())
    found = frozenset(digest for digest in named if is_digest(digest))
    if not found:
        raise RefusedEvidenceError("the statement names no subject by its SHA-256 digest")
    return found


def _test_result(predicate: Part) -> Summary:
    passed, warned, failed = (
        len([test.text() for test in predicate[key].items_if_any()])
        for key in ("passedTests", "warnedTests", "failedTests")
    )
    verdict = predicate["result"].text()
    if verdict not in {"PASSED", "WARNED", "FAILED"}:
        predicate["result"].refuse("PASSED, WARNED or FAILED")
    if verdict == "FAILED":
        failed = max(failed, 1)
    metrics = {Metric.TESTS: passed + warned + failed, Metric.TESTS_FAILED: failed}
    return Summary(tool="in-toto test result", metrics=metrics, unfinished=_undecided(passed + failed, warned, verdict))


def _undecided(decided: int, warned: int, verdict: str) -> str:
    if warned or verdict == "WARNED":
        return f"{warned or 'some'} tests ended with a warning"
    return "" if decided else "no test ran"


def _vulnerabilities(predicate: Part) -> Summary:
    scanner, about = predicate["scanner"], predicate["metadata"]
    ended = about["scanFinishedOn"] if about.there else about
    return Summary(
        tool=scanner["uri"].text(),
        version=scanner["version"].text_if_any(),
        finished=with_text(ended, iso_time, "a time") if ended.there else None,
        findings=counted(_worst(found) for found in scanner["result"].items()),
        unfinished="" if ended.there else "the scan does not say when it was finished",
    )


def _worst(found: Part) -> Severity:
    given = (by_word_or_score(each["score"].text()) for each in found["severity"].items_if_any())
    return max(given, default=Severity.UNRANKED)


def _go_live(predicate: Part) -> Summary:
    where, trail = predicate["installation"], predicate["trail"]
    gates = [(gate["id"].text(), gate["result"].text()) for gate in predicate["gates"].items()]
    results = dict(gates)
    if len(results) != len(gates):
        raise RefusedEvidenceError("the statement tells of one gate twice")
    readiness = Readiness(
        installation=f"{where['namespace'].text()}/{where['name'].text()}",
        uid=where["uid"].text(),
        environment=predicate["environment"].text(),
        checklist_hash=predicate["checklistHash"].text(),
        issuer=predicate["issuer"].text(),
        results=results,
        trail=trail["head"].text(),
    )
    return Summary(
        tool="go-live results",
        version=predicate["version"].text_if_any(),
        finished=with_text(predicate["issuedAt"], iso_time, "a time"),
        unfinished="" if results else "no gate is in it",
        readiness=readiness,
    )


_PREDICATES: Final[Mapping[str, Callable[[Part], Summary]]] = {
    "https://in-toto.io/attestation/test-result/v0.1": _test_result,
    "https://in-toto.io/attestation/vulns/v0.1": _vulnerabilities,
    "https://in-toto.io/attestation/vulns/v0.2": _vulnerabilities,
    GO_LIVE: _go_live,
}
