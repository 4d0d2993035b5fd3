"""Results of another installation: the statement that carries them, and what they show here. Pure.

`kubectl valeo bundle export` writes the statement in the one installation, `bundle import` brings it to the other.
There it counts if it is about the same image, was signed by a key that `spec.goLive.requires` names, goes by the same
checklist, and is not too old. Then one gate says whether the image was ready there, and each line about staging stands
as it stood there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from valeo_operator.api.golive import Digest, GateKind, Requirement, Result, Scope, Severity, Stage
from valeo_operator.api.golivechecklist import ChecklistEntry, EvidenceWanted, GoLiveChecklistSpec
from valeo_operator.api.valeoerp import RequiredElsewhere
from valeo_operator.evidence.binding import unbound
from valeo_operator.evidence.carriers import Evidence, Refusal
from valeo_operator.evidence.in_toto import GO_LIVE, STATEMENT
from valeo_operator.evidence.summary import Format, Readiness
from valeo_operator.golive.lifecycle import Report, Subject
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.installations.status import stamp

GATE: Final = "passed-in-staging"
_SATISFIED: Final = frozenset({Result.PASS.value, Result.WAIVED.value, Result.NOT_APPLICABLE.value})
_WORDS: Final = frozenset(each.value for each in Result)
_TOLD: Final = 5
_ANEW: Final = "Write the results down anew and bring them: kubectl valeo bundle export, kubectl valeo bundle import."


# --- the statement --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Results:
    """What is written down of an installation. `results` are words of `Result` by the id of the gate."""

    name: str
    namespace: str
    uid: str
    environment: str
    release: str
    digest: Digest
    checklist_hash: Digest
    results: Mapping[str, str]
    trail_entries: int
    trail_head: str


def statement(found: Results, issuer: str, issued: datetime, version: str) -> bytes:
    """The in-toto statement about the image, as JSON with sorted keys."""
    predicate: dict[str, Any] = {
        "installation": {"name": found.name, "namespace": found.namespace, "uid": found.uid},
        "environment": found.environment,
        "release": found.release,
        "checklistHash": found.checklist_hash,
        "gates": [{"id": gate, "result": result} for gate, result in sorted(found.results.items())],
        "trail": {"entries": found.trail_entries, "head": found.trail_head},
        "issuer": issuer,
        "issuedAt": stamp(issued),
        "version": version,
    }
    subject = {"name": found.release, "digest": {"sha256": found.digest.removeprefix("sha256:")}}
    whole = {"_type": STATEMENT, "subject": [subject], "predicateType": GO_LIVE, "predicate": predicate}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()


# --- the gate -------------------------------------------------------------------------------------------------------


def with_required(checklist: GoLiveChecklistSpec, required: RequiredElsewhere | None) -> GoLiveChecklistSpec:
    """The checklist with the gate that is asked for beside it; a line of the same id gives way to it."""
    if required is None:
        return checklist
    others = tuple(each for each in checklist.entries if each.id != GATE)
    return checklist.model_copy(update={"entries": (*others, required_entry(required))})


def required_entry(required: RequiredElsewhere) -> ChecklistEntry:
    """The gate: it stands where the checklist says "Deploy to Staging"."""
    return ChecklistEntry(
        id=GATE,
        line=f"The same image passed in {required.environment.value}",
        phase=Stage.DEPLOYMENT,
        section="Staging Deployment",
        group="Deploy to Staging",
        position="2.1.1.1",
        kind=GateKind.EVIDENCE,
        severity=Severity.BLOCKER,
        scope=Scope.RELEASE,
        evidence=EvidenceWanted(formats=(Format.IN_TOTO,), requirement=Requirement.PASSED_ELSEWHERE),
        maximum_age=required.maximum_age,
        runbook="docs/admin/GO-LIVE.md#from-staging-to-production",
    )


# --- what they show -------------------------------------------------------------------------------------------------


def bundle_refusal(evidence: Evidence, subject: Subject) -> str:
    """Why results of elsewhere do not count here; empty where they do."""
    found, required = evidence.summary.readiness, subject.requires
    if found is None:
        return "it holds no results of an installation"
    if required is None:
        return "spec.goLive.requires asks for none"
    return _not_believed(evidence.summary.signed_by, required) or _not_meant(found, required, subject)


def _not_believed(signer: str, required: RequiredElsewhere) -> str:
    if not signer:
        return "it is not signed by a key that the operator knows (evidence.publicKeys of its chart)"
    if signer not in required.signed_by:
        return f"it is signed by {signer}, and spec.goLive.requires believes {', '.join(required.signed_by)}"
    return ""


def _not_meant(found: Readiness, required: RequiredElsewhere, subject: Subject) -> str:
    if found.uid in {"", subject.uid}:
        return "it is about this very installation, which can't vouch for itself"
    if found.environment != required.environment.value:
        return f"it is about {found.environment or 'no environment'}, not {required.environment.value}"
    return "" if found.checklist_hash == subject.checklist_hash else "it goes by another checklist"


def judged(evidence: Evidence, subject: Subject) -> Report:
    """Whether the image was ready there: no line that must pass was open."""
    found = evidence.summary.readiness
    refusal = bundle_refusal(evidence, subject)
    if refusal or found is None:
        return _report(evidence, unknown(f"{evidence.carrier}: {refusal}.", _ANEW, "NothingShown"))
    return _report(evidence, _ready(found, evidence, subject.checklist))


def _report(evidence: Evidence, outcome: Outcome) -> Report:
    source = f"configmap/{evidence.carrier}"[:253]
    return Report(source, f"sha256:{evidence.sha256}", evidence.collected_at, outcome)


def _ready(found: Readiness, evidence: Evidence, checklist: GoLiveChecklistSpec) -> Outcome:
    where = f"{found.installation} ({found.environment}; {evidence.carrier}, signed by {evidence.summary.signed_by})"
    must = [each.id for each in checklist.entries if each.severity is not Severity.ADVISORY and each.id != GATE]
    untold = [gate for gate in must if found.results.get(gate) not in _WORDS]
    still_open = [gate for gate in must if gate not in untold and found.results[gate] not in _SATISFIED]
    if still_open:
        message = f"In {where} {len(still_open)} lines were open: {_some(found.results, still_open)}."
        return failed(message, "Close them there, and bring the results anew.", open=len(still_open))
    if untold or Result.PASS.value not in found.results.values():
        message = f"The results of {where} tell nothing of {', '.join(untold[:_TOLD]) or 'anything that passed'}."
        return unknown(message, _ANEW, "NothingShown")
    count = sum(result == Result.PASS.value for result in found.results.values())
    message = f"Ready in {where}: {count} of {len(found.results)} lines passed, none that must pass was open."
    return passed(message, installation=found.installation, trail=found.trail, sha256=evidence.sha256)


def _some(results: Mapping[str, str], gates: Sequence[str]) -> str:
    told = ", ".join(f"{gate} {results[gate]}" for gate in gates[:_TOLD])
    return told if len(gates) <= _TOLD else f"{told}, …"


def line_reports(
    entry: ChecklistEntry, evidence: Iterable[Evidence | Refusal], subject: Subject, doubtful: Mapping[str, str]
) -> tuple[Report, ...]:
    """How a line about another environment stood there, by each bundle that counts."""
    bundles = (each for each in evidence if isinstance(each, Evidence))
    return tuple(
        _line(entry, each, each.summary.readiness)
        for each in bundles
        if each.summary.readiness is not None
        and each.carrier not in doubtful
        and not unbound(each, release_digest=subject.digest, trusted_issuers=())
        and not bundle_refusal(each, subject)
    )


def _line(entry: ChecklistEntry, evidence: Evidence, found: Readiness) -> Report:
    told = found.results.get(entry.id, "nothing")
    where = f"{found.installation} ({evidence.carrier}, signed by {evidence.summary.signed_by})"
    step = f"Look at {entry.id} there, and bring the results anew."
    match told:
        case Result.PASS.value:
            outcome = passed(f"It passed in {where}.", installation=found.installation, sha256=evidence.sha256)
        case Result.FAIL.value:
            outcome = failed(f"It failed in {where}.", step, sha256=evidence.sha256)
        case _:
            outcome = unknown(f"In {where} it was {told}, which shows nothing here.", step, "NothingShown")
    return _report(evidence, outcome)
