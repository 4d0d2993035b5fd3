"""Imported reports as the gates take them: bound to the release, judged by what the gate asks for. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, assert_never

from valeo_operator.api.golive import Requirement
from valeo_operator.api.golivechecklist import ChecklistEntry
from valeo_operator.cluster.objects import Object, born, name_of
from valeo_operator.evidence.binding import unbound
from valeo_operator.evidence.carriers import Evidence, Refusal
from valeo_operator.evidence.judging import (
    AllTestsPass,
    AtLeast,
    Below,
    CoverageAtLeast,
    Every,
    Judgement,
    NoFindings,
    judge,
)
from valeo_operator.evidence.judging import Requirement as Asked
from valeo_operator.evidence.summary import Metric
from valeo_operator.golive.bundles import bundle_refusal, judged
from valeo_operator.golive.lifecycle import Report, Subject
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.golive.signatures import Proof

_CRITICAL_PATHS: Final = ("valeo_erp/documents/", "valeo_erp/journal/", "valeo_erp/numbering/")
# A program that answers with errors answers fast: neither rate nor times count without the share of errors.
_ERRORS: Final = Below(Metric.ERROR_RATE, 1)
_RATE: Final = Every((AtLeast(Metric.REQUESTS_PER_SECOND, 50), _ERRORS))
_P95: Final = Every((Below(Metric.P95, 500), _ERRORS))

ASKED: Final[Mapping[Requirement, Asked]] = {
    Requirement.TESTS_PASSED: AllTestsPass(),
    Requirement.COVERAGE_80: CoverageAtLeast(80),
    Requirement.CRITICAL_PATHS_COVERED: Every(tuple(CoverageAtLeast(100, within=path) for path in _CRITICAL_PATHS)),
    Requirement.NO_HIGH_FINDINGS: NoFindings(),
    Requirement.STREAMS_100: AtLeast(Metric.SSE_CONNECTIONS, 100),
    Requirement.RATE_50: _RATE,
    Requirement.P95_500_MS: _P95,
    Requirement.LOAD_PASSED: Every((_RATE, _P95)),
}


def doubts(carriers: Iterable[Object], proof: Proof) -> dict[str, str]:
    """Why the issuer of a carrier can't be believed, by its name; those that can be are not in it."""
    told = {name_of(each): proof.doubt(made) for each in carriers if (made := born(each))}
    return {name: why for name, why in told.items() if why}


def reports(
    entry: ChecklistEntry, evidence: Iterable[Evidence | Refusal], subject: Subject, doubtful: Mapping[str, str]
) -> tuple[tuple[Report, ...], tuple[str, ...]]:
    """The reports for a gate, judged; and why others that are meant for it are not taken."""
    wanted = entry.evidence
    if wanted is None:
        return (), ()
    taken: list[Report] = []
    refused: list[str] = []
    for each in evidence:
        if entry.id not in each.gates:
            continue
        if isinstance(each, Refusal):
            refused.append(f"{each.carrier}: {each.reason}")
        elif each.format not in wanted.formats:
            refused.append(f"{each.carrier}: the gate takes no report of the format {each.format.value}")
        elif why := doubtful.get(each.carrier) or _refusal(each, wanted.requirement, subject):
            refused.append(f"{each.carrier}: {why}")
        else:
            taken.append(_judged(each, wanted.requirement, subject))
    return tuple(taken), tuple(refused)


def _refusal(evidence: Evidence, requirement: Requirement, subject: Subject) -> str:
    elsewhere = bundle_refusal(evidence, subject) if requirement is Requirement.PASSED_ELSEWHERE else ""
    return unbound(evidence, release_digest=subject.digest, trusted_issuers=()) or elsewhere


def _judged(evidence: Evidence, requirement: Requirement, subject: Subject) -> Report:
    if requirement is Requirement.PASSED_ELSEWHERE:
        return judged(evidence, subject)
    verdict = judge(ASKED[requirement], evidence.summary)
    message = f"{verdict.message} ({evidence.carrier}, issued by {evidence.issuer})"[:1000]
    source = f"configmap/{evidence.carrier}"
    return Report(
        source[:253],
        f"sha256:{evidence.sha256}",
        evidence.collected_at,
        _outcome(verdict.judgement, message, evidence),
    )


def _outcome(judgement: Judgement, message: str, evidence: Evidence) -> Outcome:
    match judgement:
        case Judgement.PASS:
            return passed(message, carrier=evidence.carrier, sha256=evidence.sha256, issuer=evidence.issuer)
        case Judgement.FAIL:
            return failed(message, "Mend what the report found, and import a new one.", sha256=evidence.sha256)
        case Judgement.UNKNOWN:
            return unknown(message, "Import a report of a run that came to its end.", reason="NothingShown")
        case _:
            assert_never(judgement)
