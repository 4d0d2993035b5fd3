"""What is told after a look: the summary on the ValeoERP, the trail, and events on changes only. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from valeo_operator.api.conditions import ConditionStatus, ConditionType, Reason
from valeo_operator.api.golive import Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.golive.assess import RELEASE_SEEN, Assessment
from valeo_operator.golive.gates import meddlers
from valeo_operator.golive.lifecycle import Standing
from valeo_operator.golive.signatures import Approval, Waiver
from valeo_operator.golive.trail import Chain, Happening
from valeo_operator.installations.decisions import Announcement
from valeo_operator.installations.status import stamp

GATE: Final = "Gate"
SIGNED: Final = "Signed"
TAKEN_BACK: Final = "TakenBack"
OVERWRITTEN: Final = "Overwritten"
VERDICT: Final = "Verdict"
_MOST_EVENTS: Final = 10
_BAD: Final = frozenset({Result.FAIL, Result.STALE, Result.UNKNOWN})
_WORDS: Final = {
    Result.PASS: "pass",
    Result.FAIL: "fail",
    Result.UNKNOWN: "unknown",
    Result.STALE: "stale",
    Result.PENDING: "pending",
    Result.WAIVED: "waived",
    Result.NOT_APPLICABLE: "notApplicable",
}


def summary(found: Assessment, chain: Chain) -> Object:
    """`status.goLive` of the ValeoERP."""
    subject, verdict = found.subject, found.verdict
    emergency = verdict.emergency
    told: dict[str, Any] = {
        "gates": f"{verdict.totals[Result.PASS]}/{len(subject.checklist.entries)}",
        "totals": {word: verdict.totals[result] for result, word in _WORDS.items()},
        "checklistHash": subject.checklist_hash,
        "release": subject.release or None,
        "digest": subject.digest or None,
        "author": subject.author,
        "open": list(verdict.sentences) or None,
        "mayDeploy": found.before_deployment.may_promote and not chain.broken,
        "beforeDeployment": list(found.before_deployment.sentences),
        "emergency": _emergency(emergency) if emergency else None,
        "trail": {"entries": len(chain.entries), "head": chain.head},
    }
    return {key: value for key, value in told.items() if value is not None}


def _emergency(waiver: Waiver) -> str:
    spec = waiver.spec
    until = stamp(spec.expires_at)
    return f"{spec.granted_by.user} broke the glass until {until}: {spec.reason} Instead: {spec.compensating_control}"


def condition(found: Assessment, chain: Chain, erp: ValeoERP, now: datetime) -> Object:
    """GoLiveReady. A trail that does not verify is never ready."""
    status, reason, message = _ready(found, chain)
    before = next((each for each in erp.status.conditions if each.type is ConditionType.GO_LIVE_READY), None)
    since = before.last_transition_time if before is not None and before.status is status else now
    return {
        "type": ConditionType.GO_LIVE_READY.value,
        "status": status.value,
        "reason": reason.value,
        "message": message[:4000],
        "lastTransitionTime": stamp(since),
        "observedGeneration": erp.metadata.generation,
    }


def _ready(found: Assessment, chain: Chain) -> tuple[ConditionStatus, Reason, str]:
    verdict = found.verdict
    if chain.broken:
        message = f"The trail of the gates can't be trusted: {chain.broken}. Nothing is written to it any more."
        return ConditionStatus.FALSE, Reason.GATES_OPEN, message
    if verdict.ready:
        return ConditionStatus.TRUE, Reason.GATES_PASSED, "Every gate that must pass passes or is waived."
    if verdict.emergency is not None:
        return ConditionStatus.FALSE, Reason.GLASS_BROKEN, _emergency(verdict.emergency)
    count = len(verdict.open_gates)
    first = verdict.sentences[0] if verdict.sentences else "No gate passes."
    return ConditionStatus.FALSE, Reason.GATES_OPEN, f"{count} gates stand in the way. The first: {first}"


def missing_checklist(name: str, erp: ValeoERP, now: datetime) -> Object:
    """GoLiveReady where there is nothing to judge by."""
    return {
        "type": ConditionType.GO_LIVE_READY.value,
        "status": ConditionStatus.UNKNOWN.value,
        "reason": Reason.CHECKLIST_MISSING.value,
        "message": f"spec.goLive.checklist names {name}, and there is no such GoLiveChecklist in this namespace.",
        "lastTransitionTime": stamp(now),
        "observedGeneration": erp.metadata.generation,
    }


# --- the trail ------------------------------------------------------------------------------------------------------


def happenings(
    found: Assessment,
    chain: Chain,
    gates: Mapping[str, Object],
    approvals: Iterable[Approval],
    waivers: Iterable[Waiver],
) -> list[Happening]:
    """What happened since the end of the trail."""
    return [
        *_release(found, chain),
        *_signatures(chain, [*approvals, *waivers]),
        *_overwritten(gates),
        *_gates(found.standings, chain),
        *_verdict(found, chain),
    ]


def _release(found: Assessment, chain: Chain) -> Iterator[Happening]:
    subject = found.subject
    if subject.release and not chain.after(RELEASE_SEEN, subject.release):
        message = f"The release {subject.release} is judged by the checklist {subject.checklist_hash}."
        yield Happening(RELEASE_SEEN, subject.release, message, after=subject.author, evidence=subject.digest)


def _signatures(chain: Chain, signatures: list[Approval | Waiver]) -> Iterator[Happening]:
    there = {_who(each): each for each in signatures}
    for subject, each in there.items():
        if (SIGNED, subject) not in chain.latest:
            yield Happening(SIGNED, subject, _deed(each), after=each.doubt or "believed")
    for event, subject in chain.latest:
        gone = event == SIGNED and subject not in there and (TAKEN_BACK, subject) not in chain.latest
        if gone:
            yield Happening(TAKEN_BACK, subject, "It is not there any more.", after="gone")


def _who(signature: Approval | Waiver) -> str:
    kind = "approval" if isinstance(signature, Approval) else "waiver"
    return f"{kind}/{signature.name}/{stamp(signature.made)}"


def _deed(signature: Approval | Waiver) -> str:
    spec = signature.spec
    if isinstance(signature, Approval):
        decision = signature.spec.decision.value
        return f"{signature.spec.approver.user}: {decision} {spec.gate} as {signature.spec.role}, {spec.release_digest}"
    what = "breaks the glass" if signature.spec.break_glass else f"waives {spec.gate}"
    until = stamp(signature.spec.expires_at)
    return f"{signature.spec.granted_by.user} {what} until {until}, {spec.release_digest}: {signature.spec.reason}"


def _overwritten(gates: Mapping[str, Object]) -> Iterator[Happening]:
    for gate, stored in gates.items():
        if others := meddlers(stored):
            said = str(dig(stored, "status", "result"))
            message = f"{', '.join(others)} wrote into the status of the gate; it is overwritten."
            yield Happening(OVERWRITTEN, gate, message, before=said)


def _gates(standings: Mapping[str, Standing], chain: Chain) -> Iterator[Happening]:
    for gate, stands in standings.items():
        before = chain.after(GATE, gate)
        if before != stands.result.value:
            shown = stands.shown.digest if stands.shown else ""
            yield Happening(GATE, gate, stands.message, before, stands.result.value, shown)


def _verdict(found: Assessment, chain: Chain) -> Iterator[Happening]:
    verdict = found.verdict
    now = "Ready" if verdict.ready else "GlassBroken" if verdict.emergency else "Open"
    before = chain.after(VERDICT, found.subject.installation)
    if before != now:
        yield Happening(VERDICT, found.subject.installation, f"{len(verdict.open_gates)} gates are open.", before, now)


# --- events ---------------------------------------------------------------------------------------------------------


def news(happened: Iterable[Happening], found: Assessment) -> list[Announcement]:
    """One event for each change; where very much changes at once, as at the first look, one for all of it."""
    all_of_it = list(happened)
    gates = [each for each in all_of_it if each.event == GATE]
    rest = [each for each in all_of_it if each.event in {OVERWRITTEN, VERDICT, SIGNED, TAKEN_BACK}]
    told = [_event(each) for each in rest]
    if len(gates) > _MOST_EVENTS:
        totals = ", ".join(f"{count} {result.value}" for result, count in found.verdict.totals.items() if count)
        return [*told, _evaluated(f"{len(gates)} gates have another result. {totals}.")]
    return [*told, *(_event(each) for each in gates)]


def _evaluated(message: str) -> Announcement:
    return Announcement(warning=False, reason="GoLiveEvaluated", message=message)


def _event(happened: Happening) -> Announcement:
    bad = happened.event == OVERWRITTEN or happened.after in {result.value for result in _BAD} | {"GlassBroken"}
    change = f" ({happened.before or 'new'} → {happened.after})" if happened.after else ""
    return Announcement(bad, f"GoLive{happened.event}", f"{happened.subject}{change}: {happened.message}")
