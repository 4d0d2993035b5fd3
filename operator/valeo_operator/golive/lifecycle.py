"""What a gate comes to, from what was seen, what was imported and what persons signed. Pure.

Only Pass counts as pass. Nothing seen, nothing imported, nothing signed: never a pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from valeo_operator.api.golive import Decision, Environment, GateKind, Result, Scope
from valeo_operator.api.golivechecklist import ChecklistEntry, GoLiveChecklistSpec, SignOff
from valeo_operator.api.valeoerp import RequiredElsewhere
from valeo_operator.golive.catalogue import WAIVERS, groups_of, span
from valeo_operator.golive.expiry import Freshness, is_over, validity
from valeo_operator.golive.outcome import Outcome
from valeo_operator.golive.signatures import Approval, Waiver

LONGEST_WAIVER: Final = timedelta(days=30)
LONGEST_BREAK_GLASS: Final = timedelta(hours=4)
_TOLD: Final = 3  # of what does not count, this many are told


@dataclass(frozen=True)
class Subject:
    """What is judged: the release, who asked for it, and the checklist that holds.

    `checklist_hash` is that of the checklist without the gate that `requires` adds to it.
    """

    installation: str
    environment: Environment
    release: str
    digest: str
    author: str
    checklist: GoLiveChecklistSpec
    checklist_hash: str
    uid: str = ""
    requires: RequiredElsewhere | None = None


@dataclass(frozen=True)
class Report:
    """An imported report that was judged against what its gate asks for."""

    source: str
    digest: str
    collected: datetime
    outcome: Outcome


@dataclass(frozen=True)
class Seen:
    """Everything that is known of one gate.

    `refused` says why reports that are there were not taken; `elsewhere` is how a line about another environment stood
    there, by results that were brought here.
    """

    outcome: Outcome | None = None
    reports: tuple[Report, ...] = ()
    refused: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    elsewhere: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What showed a result."""

    source: str
    digest: str
    summary: str


@dataclass(frozen=True)
class Standing:
    """How a gate stands, and why. `valid_until`: when a Pass or a waiver ends."""

    result: Result
    reason: str
    message: str
    next_step: str = ""
    valid_until: datetime | None = None
    shown: Shown | None = None
    approvals: tuple[str, ...] = ()
    waiver: str = ""


def standing(entry: ChecklistEntry, seen: Seen, subject: Subject, now: datetime) -> Standing:
    """How the gate of this entry stands now."""
    bare = _elsewhere(entry, seen, subject, now) or _bare(entry, seen, subject, now)
    if bare.result in {Result.PASS, Result.NOT_APPLICABLE} or bare.reason == "Rejected":
        return bare
    return _waived(entry, seen.waivers, bare, subject, now)


def _elsewhere(entry: ChecklistEntry, seen: Seen, subject: Subject, now: datetime) -> Standing | None:
    """A line about staging is shown by the staging installation; a line about production does not concern staging."""
    if entry.environment in {None, subject.environment}:
        return None
    if subject.environment is Environment.STAGING:
        message = "This line speaks of production; this installation is for staging."
        return Standing(Result.NOT_APPLICABLE, "OtherEnvironment", message)
    ask = "Run the same image in a staging installation, and bring its results: spec.goLive.requires."
    if seen.elsewhere:
        age = subject.requires.maximum_age if subject.requires else entry.maximum_age
        return _newest(seen.elsewhere, span(age), ask, now)
    message = "This line is shown by the staging installation, and no result of it was brought here."
    return Standing(Result.UNKNOWN, "SeenInStaging", message, ask)


def _bare(entry: ChecklistEntry, seen: Seen, subject: Subject, now: datetime) -> Standing:
    match entry.kind:
        case GateKind.AUTOMATED:
            return _checked(entry, seen.outcome, now)
        case GateKind.EVIDENCE:
            return _evident(entry, seen, now)
        case GateKind.SIGN_OFF:
            return _signed(entry, seen.approvals, subject, now)
        case _:
            assert_never(entry.kind)


# --- what the operator saw ------------------------------------------------------------------------------------------


def _checked(entry: ChecklistEntry, outcome: Outcome | None, now: datetime) -> Standing:
    if outcome is None:
        return Standing(Result.UNKNOWN, "NotSeen", "Nobody looked yet.", "Wait for the next look.")
    source = f"check/{entry.check.value if entry.check else entry.id}"
    shown = Shown(source, outcome.digest, outcome.summary) if outcome.evidence else None
    holds = validity(outcome.seen_at or now, span(entry.maximum_age), now)
    until = holds.until if outcome.result is Result.PASS else None
    if until is not None and holds.freshness is not Freshness.FRESH:
        message = f"{outcome.message} That was until {_date(holds.until)}."
        step = "It is looked at again when a release is rolled out."
        return Standing(Result.STALE, "TooOld", message, step, shown=shown)
    return Standing(outcome.result, outcome.reason, outcome.message, outcome.next_step, until, shown)


# --- what was imported ----------------------------------------------------------------------------------------------


def _evident(entry: ChecklistEntry, seen: Seen, now: datetime) -> Standing:
    """What the reports show; without one nothing is known."""
    formats = ", ".join(each.value for each in entry.evidence.formats) if entry.evidence else "evidence"
    ask = f"Import a report ({formats}) for the gate {entry.id} of this release."
    if not seen.reports:
        told = f" Not taken: {'; '.join(seen.refused[:_TOLD])}." if seen.refused else ""
        return Standing(Result.UNKNOWN, "NoEvidence", f"No report was imported for this release.{told}", ask)
    return _newest(seen.reports, span(entry.maximum_age), ask, now)


def _newest(reports: Sequence[Report], longest: timedelta, ask: str, now: datetime) -> Standing:
    """The newest report decides: an older pass does not outweigh a newer failure."""
    report = max(reports, key=lambda each: (each.collected, each.source))
    holds = validity(report.collected, longest, now)
    shown = Shown(report.source, report.digest, report.outcome.message)
    if holds.freshness is Freshness.FUTURE:
        message = f"{report.source} claims to be of {_date(report.collected)}, which has not come yet."
        return Standing(Result.UNKNOWN, "FromTheFuture", message, ask, shown=shown)
    outcome = report.outcome
    if outcome.result is not Result.PASS:
        return Standing(outcome.result, outcome.reason, outcome.message, outcome.next_step or ask, shown=shown)
    if holds.freshness is Freshness.OVER:
        message = f"{report.source} is of {_date(report.collected)}; it held until {_date(holds.until)}."
        return Standing(Result.STALE, "TooOld", message, ask, shown=shown)
    return Standing(Result.PASS, outcome.reason, outcome.message, valid_until=holds.until, shown=shown)


# --- what persons signed --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counted:
    approval: Approval
    until: datetime


def _signed(entry: ChecklistEntry, approvals: Sequence[Approval], subject: Subject, now: datetime) -> Standing:
    wanted = entry.sign_off
    if wanted is None:
        return Standing(Result.UNKNOWN, "NobodyCanSign", "The checklist does not say who signs.", "Mend the checklist.")
    mine = [each for each in approvals if each.spec.gate == entry.id]
    if rejection := next((each for each in mine if _rejects(each, wanted, subject)), None):
        return _rejected(rejection)
    counted, refused = _sorted_out(entry, wanted, mine, subject, now)
    persons = {each.approval.spec.approver.user for each in counted}
    if len(persons) >= wanted.quorum and persons - {subject.author}:
        return _approved(counted, wanted)
    return _waits(entry, wanted, counted, refused, subject)


def _rejects(approval: Approval, wanted: SignOff, subject: Subject) -> bool:
    """Final for the image: neither a new checklist nor time takes it back."""
    spec = approval.spec
    return (
        spec.decision is Decision.REJECT
        and spec.release_digest == subject.digest
        and not approval.doubt
        and not _not_of_role(approval, wanted.role, subject)
    )


def _rejected(approval: Approval) -> Standing:
    spec = approval.spec
    comment = f": {spec.comment}" if spec.comment else ""
    return Standing(
        Result.FAIL,
        "Rejected",
        f"{spec.approver.user} rejected it for this image{comment}"[:1000],
        "A rejection is final for this image: mend what it names, and bring another image.",
        approvals=(approval.name,),
    )


def _sorted_out(
    entry: ChecklistEntry, wanted: SignOff, approvals: Iterable[Approval], subject: Subject, now: datetime
) -> tuple[list[_Counted], list[tuple[str, str]]]:
    counted: list[_Counted] = []
    refused: list[tuple[str, str]] = []
    for each in sorted(approvals, key=lambda each: (each.made, each.name)):
        if why := _does_not_count(each, entry, wanted, subject, now):
            refused.append((each.name, why))
        else:
            until = validity(each.made, span(entry.maximum_age), now, each.spec.expires_at).until
            counted.append(_Counted(each, until))
    return counted, refused


_OVER: Final = "it is over"


def _does_not_count(approval: Approval, entry: ChecklistEntry, wanted: SignOff, subject: Subject, now: datetime) -> str:
    spec = approval.spec
    holds = validity(approval.made, span(entry.maximum_age), now, spec.expires_at)
    of_another_image = entry.scope is Scope.RELEASE and spec.release_digest != subject.digest
    return _first(
        (bool(approval.doubt), approval.doubt),
        (spec.decision is not Decision.APPROVE, "it rejects another image"),
        (spec.installation != subject.installation, "it is about another installation"),
        (of_another_image, "it is about another image"),
        (spec.checklist_hash != subject.checklist_hash, "it is about another checklist"),
        (True, _not_of_role(approval, wanted.role, subject)),
        (holds.freshness is not Freshness.FRESH, _OVER),
    )


def _first(*rules: tuple[bool, str]) -> str:
    """The reason of the first broken rule that has one; empty where all hold."""
    return next((why for broken, why in rules if broken and why), "")


def _not_of_role(approval: Approval, role: str, subject: Subject) -> str:
    if approval.spec.role != role:
        return f"it was signed as {approval.spec.role}, not as {role}"
    if not groups_of(subject.checklist, role) & set(approval.spec.approver.groups):
        return f"{approval.spec.approver.user} showed no group of the role {role}"
    return ""


def _approved(counted: Sequence[_Counted], wanted: SignOff) -> Standing:
    """It holds as long as a quorum holds: until the quorum-th latest of the persons' signatures ends."""
    latest: dict[str, datetime] = {}
    for each in counted:
        user = each.approval.spec.approver.user
        latest[user] = max(each.until, latest.get(user, each.until))
    until = sorted(latest.values(), reverse=True)[wanted.quorum - 1]
    names = tuple(each.approval.name for each in counted)
    shown = Shown("approvals", counted[0].approval.spec.release_digest, f"{', '.join(sorted(latest))} as {wanted.role}")
    return Standing(
        Result.PASS,
        "Approved",
        f"Approved by {', '.join(sorted(latest))} as {wanted.role}.",
        valid_until=until,
        shown=shown,
        approvals=names,
    )


def _waits(
    entry: ChecklistEntry,
    wanted: SignOff,
    counted: Sequence[_Counted],
    refused: Sequence[tuple[str, str]],
    subject: Subject,
) -> Standing:
    persons = sorted({each.approval.spec.approver.user for each in counted})
    groups = ", ".join(sorted(groups_of(subject.checklist, wanted.role))) or "nobody: the checklist gives it no group"
    ask = f"A member of {groups} approves the gate {entry.id} in the role {wanted.role} (GoLiveApproval)."
    names = tuple(each.approval.name for each in counted)
    if persons == [subject.author]:
        message = f"Only {subject.author} approved it, who asked for this release; another person must."
        return Standing(Result.PENDING, "FourEyes", message, ask, approvals=names)
    if persons:
        message = f"{len(persons)} of {wanted.quorum} persons approved it: {', '.join(persons)}."
        return Standing(Result.PENDING, "QuorumOpen", message, ask, approvals=names)
    told = "; ".join(f"{name}: {why}" for name, why in refused[-_TOLD:])
    if any(why == _OVER for _, why in refused):  # the last of the rules: nothing else speaks against it
        return Standing(Result.STALE, "ApprovalOver", f"No approval counts any more ({told}).", ask)
    if refused:
        return Standing(Result.PENDING, "NoApprovalCounts", f"No approval counts ({told}).", ask)
    return Standing(Result.PENDING, "NotSigned", f"Nobody has signed as {wanted.role}.", ask)


# --- waivers --------------------------------------------------------------------------------------------------------


def _waived(
    entry: ChecklistEntry, waivers: Sequence[Waiver], bare: Standing, subject: Subject, now: datetime
) -> Standing:
    mine = sorted(
        (each for each in waivers if each.spec.gate == entry.id and not each.spec.break_glass),
        key=lambda each: (each.spec.expires_at, each.name),
        reverse=True,
    )
    refusals = []
    for each in mine:
        why = "this gate can't be waived" if not entry.waivable else waiver_refusal(each, subject, now, LONGEST_WAIVER)
        if not why:
            return _waived_by(each, bare)
        refusals.append(f"waiver {each.name}: {why}")
    if not refusals:
        return bare
    return replace(bare, message=f"{bare.message} ({'; '.join(refusals[:_TOLD])})")


def _waived_by(waiver: Waiver, bare: Standing) -> Standing:
    spec = waiver.spec
    message = (
        f"Waived by {spec.granted_by.user} until {_date(spec.expires_at)}: {spec.reason} Instead: "
        f"{spec.compensating_control} Without the waiver: {bare.result.value}, {bare.message}"
    )
    return replace(
        bare,
        result=Result.WAIVED,
        reason="Waived",
        message=message[:4000],
        valid_until=spec.expires_at,
        waiver=waiver.name,
    )


def waiver_refusal(waiver: Waiver, subject: Subject, now: datetime, longest: timedelta) -> str:
    """Why a waiver does not count; empty where it does."""
    spec = waiver.spec
    holds = validity(waiver.made, longest, now, spec.expires_at)
    same_release = spec.installation == subject.installation and spec.release_digest == subject.digest
    of_the_role = groups_of(subject.checklist, WAIVERS) & set(spec.granted_by.groups)
    return _first(
        (bool(waiver.doubt), waiver.doubt),
        (not same_release, "it is about another installation or image"),
        (spec.checklist_hash != subject.checklist_hash, "it is about another checklist"),
        (spec.granted_by.user == subject.author, f"{subject.author} asked for this release and can't waive its gates"),
        (not of_the_role, f"{spec.granted_by.user} showed no group of the role {WAIVERS}"),
        (spec.expires_at > waiver.made + longest, f"it would end more than {longest} after it was made"),
        (holds.freshness is not Freshness.FRESH, _OVER),
    )


def glass_broken(waivers: Iterable[Waiver], subject: Subject, now: datetime) -> Waiver | None:
    """The emergency that holds now, if there is one."""
    emergencies = (each for each in waivers if each.spec.break_glass)
    return next((each for each in emergencies if not waiver_refusal(each, subject, now, LONGEST_BREAK_GLASS)), None)


# --- what is left of a stored result --------------------------------------------------------------------------------


def result_now(result: Result, valid_until: datetime | None, now: datetime) -> Result:
    """A result that was written down earlier, as it stands now: a pass or a waiver may have ended meanwhile."""
    if result not in {Result.PASS, Result.WAIVED}:
        return result
    if valid_until is None:
        return Result.UNKNOWN
    return Result.STALE if is_over(valid_until, now) else result


def _date(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M %Z").strip()
