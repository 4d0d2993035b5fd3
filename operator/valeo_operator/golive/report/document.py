"""What the report says, free of language and form: the one thing from which JSON, HTML and PDF are made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict

from valeo_operator.api.golive import Result
from valeo_operator.api.golivechecklist import GoLiveChecklistSpec
from valeo_operator.api.model import Model
from valeo_operator.cluster.objects import Object, born, dig, moment, name_of
from valeo_operator.golive.catalogue import checklist_hash
from valeo_operator.golive.expiry import is_over
from valeo_operator.golive.report.gates import Row, in_the_way, place, result_of, rows, totals
from valeo_operator.golive.trail import Chain


class Answer(StrEnum):
    """May the installation go live?"""

    GO = "Go"
    NO_GO = "NoGo"


class Part(Model):
    """A part of the report. Unknown fields are refused: what is not read can't be vouched for."""

    model_config = ConfigDict(extra="forbid")


class Subject(Part):
    """What the report speaks of. An empty text was not known."""

    installation: str
    namespace: str
    environment: str
    release: str
    image: str
    digest: str
    version: str
    schema_revision: str
    requested_by: str
    checklist_hash: str


class Made(Part):
    """When the report was made, by whom, and with which version of the program."""

    at: datetime
    by: str
    version: str


class Gate(Part):
    """One line of the checklist with its result and what showed it."""

    gate: str
    position: str
    phase: str
    section: str
    group: str
    line: str
    kind: str
    severity: str
    scope: str
    result: Result
    reason: str
    message: str
    next_step: str
    release_digest: str
    checked_at: datetime | None = None
    valid_until: datetime | None = None
    evidence: str
    evidence_digest: str
    seen: str
    approvals: tuple[str, ...]
    waiver: str


class SignOff(Part):
    """What a person decided about a gate. `counts`: the operator takes it into account."""

    name: str
    gate: str
    decision: str
    role: str
    user: str
    groups: tuple[str, ...]
    comment: str
    release_digest: str
    made_at: datetime | None = None
    expires_at: datetime | None = None
    counts: bool


class Exemption(Part):
    """An exemption of one gate, or an emergency that speaks of all."""

    name: str
    gate: str
    emergency: bool
    user: str
    groups: tuple[str, ...]
    reason: str
    compensating_control: str
    release_digest: str
    made_at: datetime | None = None
    expires_at: datetime | None = None
    counts: bool


class Trail(Part):
    """The trail of the gates as it was found: number of entries, hash of the last one, and where it does not hold."""

    entries: int
    head: str
    broken: str


class Document(Part):
    """The whole report. `remarks` say what it can't vouch for."""

    subject: Subject
    made: Made
    trail: Trail
    answer: Answer
    totals: dict[Result, int]
    in_the_way: tuple[str, ...]
    gates: tuple[Gate, ...]
    sign_offs: tuple[SignOff, ...]
    exemptions: tuple[Exemption, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What a report is made from, as the API server keeps it."""

    erp: Object
    release: Object | None
    gates: tuple[Object, ...]
    approvals: tuple[Object, ...]
    waivers: tuple[Object, ...]
    checklist: GoLiveChecklistSpec | None
    trail: Chain = field(default_factory=Chain)
    unseen: tuple[str, ...] = ()


def document(source: Source, made: Made) -> Document:
    """The report at its time. Lines of the checklist without a gate are in it, as Unknown."""
    standing = (*rows(source.gates, made.at), *_missing(source))
    by_gate = {str(dig(gate, "spec", "gate")): gate for gate in source.gates}
    gates = sorted((_gate(row, by_gate.get(row.gate, {}), made.at) for row in standing), key=_order)
    still_open = in_the_way(sorted(standing, key=lambda row: place(row.position)))
    counted = totals(standing)
    return Document(
        subject=_subject(source),
        made=made,
        trail=Trail(entries=len(source.trail.entries), head=source.trail.head, broken=source.trail.broken),
        answer=Answer.NO_GO if still_open or not counted[Result.PASS] else Answer.GO,
        totals=dict(counted),
        in_the_way=tuple(row.gate for row in still_open),
        gates=tuple(gates),
        sign_offs=tuple(_sign_off(each, source.gates) for each in sorted(source.approvals, key=name_of)),
        exemptions=tuple(_exemption(each, source.gates, made.at) for each in sorted(source.waivers, key=name_of)),
        remarks=tuple(_remarks(source)),
    )


def _order(gate: Gate) -> tuple[tuple[int, ...], str]:
    return place(gate.position), gate.gate


def _text(found: Object | None, *path: str) -> str:
    return str(dig(found, *path) or "")


def _subject(source: Source) -> Subject:
    hashes = sorted({_text(gate, "spec", "checklistHash") for gate in source.gates})
    return Subject(
        installation=name_of(source.erp),
        namespace=_text(source.erp, "metadata", "namespace"),
        environment=_text(source.erp, "spec", "goLive", "environment"),
        release=_text(source.release, "metadata", "name"),
        image=_text(source.release, "spec", "image"),
        digest=_text(source.release, "spec", "digest"),
        version=_text(source.release, "spec", "version"),
        schema_revision=_text(source.release, "spec", "schemaRevision"),
        requested_by=_text(source.erp, "status", "goLive", "author") or _text(source.release, "spec", "requestedBy"),
        checklist_hash=", ".join(hashes),
    )


def _missing(source: Source) -> Iterable[Row]:
    """Lines of the checklist that have no gate: somebody deleted it, or it was not made yet."""
    there = {_text(gate, "spec", "gate") for gate in source.gates}
    for entry in source.checklist.entries if source.checklist else ():
        if entry.id not in there:
            yield Row(
                gate=entry.id,
                line=entry.line,
                phase=entry.phase.value,
                section=entry.section,
                group=entry.group,
                position=entry.position,
                kind=entry.kind.value,
                severity=entry.severity.value,
                result=Result.UNKNOWN,
                reason="NoGate",
                message="There is no gate for this line of the checklist.",
                next_step="Wait until the operator has made it.",
                checked_at=None,
            )


def _gate(row: Row, found: Object, now: datetime) -> Gate:
    status = found.get("status") or {}
    return Gate(
        gate=row.gate,
        position=row.position,
        phase=row.phase,
        section=row.section,
        group=row.group,
        line=row.line,
        kind=row.kind,
        severity=row.severity,
        scope=_text(found, "spec", "scope"),
        result=result_of(found, now) if found else row.result,
        reason=row.reason,
        message=row.message,
        next_step=row.next_step,
        release_digest=_text(status, "digest"),
        checked_at=row.checked_at,
        valid_until=moment(status.get("validUntil")),
        evidence=_text(status, "shown", "source"),
        evidence_digest=_text(status, "shown", "digest"),
        seen=_text(status, "shown", "summary"),
        approvals=tuple(map(str, status.get("approvals") or ())),
        waiver=_text(status, "waiver"),
    )


def _sign_off(found: Object, gates: Iterable[Object]) -> SignOff:
    counted = {str(name) for gate in gates for name in dig(gate, "status", "approvals") or ()}
    return SignOff(
        name=name_of(found),
        gate=_text(found, "spec", "gate"),
        decision=_text(found, "spec", "decision"),
        role=_text(found, "spec", "role"),
        user=_text(found, "spec", "approver", "user"),
        groups=tuple(map(str, dig(found, "spec", "approver", "groups") or ())),
        comment=_text(found, "spec", "comment"),
        release_digest=_text(found, "spec", "releaseDigest"),
        made_at=born(found),
        expires_at=moment(dig(found, "spec", "expiresAt")),
        counts=name_of(found) in counted,
    )


def _exemption(found: Object, gates: Iterable[Object], now: datetime) -> Exemption:
    counted = {_text(gate, "status", "waiver") for gate in gates}
    emergency, ends = dig(found, "spec", "breakGlass") is True, moment(dig(found, "spec", "expiresAt"))
    return Exemption(
        name=name_of(found),
        gate=_text(found, "spec", "gate"),
        emergency=emergency,
        user=_text(found, "spec", "grantedBy", "user"),
        groups=tuple(map(str, dig(found, "spec", "grantedBy", "groups") or ())),
        reason=_text(found, "spec", "reason"),
        compensating_control=_text(found, "spec", "compensatingControl"),
        release_digest=_text(found, "spec", "releaseDigest"),
        made_at=born(found),
        expires_at=ends,
        counts=name_of(found) in counted or (emergency and ends is not None and not is_over(ends, now)),
    )


def _remarks(source: Source) -> Iterable[str]:
    hashes = {_text(gate, "spec", "checklistHash") for gate in source.gates}
    if not source.gates:
        yield "No gate was there."
    if len(hashes) > 1:
        yield f"The gates were made from {len(hashes)} different checklists."
    if source.checklist is None:
        yield "The checklist was not read: whether lines of it have no gate is not known."
    elif hashes and hashes != {checklist_hash(source.checklist)}:
        yield "The gates were made from another checklist than the one that was read."
    if source.release is None:
        yield "No release was there that the report could speak of."
    if _text(source.erp, "spec", "goLive", "environment") == "":
        yield "The installation does not say which environment it is."
    yield from _doubts_of_the_trail(source)
    yield from (f"Not read: {reason}" for reason in source.unseen)


def _doubts_of_the_trail(source: Source) -> Iterable[str]:
    if source.trail.broken:
        yield f"The trail of the gates does not verify: {source.trail.broken}."
    if not source.trail.entries:
        yield "No trail of the gates was found."
    told = _text(source.erp, "status", "goLive", "trail", "head")
    if told and told != source.trail.head:
        yield f"The trail ends with {source.trail.head}; the operator last told {told}."
