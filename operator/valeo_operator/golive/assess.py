"""One look at all gates of an installation: from everything that was seen to how each gate stands. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from valeo_operator.api.golive import Stage
from valeo_operator.api.golivechecklist import ChecklistEntry, GoLiveChecklistSpec
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import RELEASES
from valeo_operator.evidence.carriers import Evidence, Refusal
from valeo_operator.golive.bundles import line_reports, with_required
from valeo_operator.golive.catalogue import checklist_hash
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.imports import reports
from valeo_operator.golive.lifecycle import Seen, Standing, Subject, glass_broken, standing
from valeo_operator.golive.signatures import Approval, Waiver
from valeo_operator.golive.trail import Chain
from valeo_operator.golive.verdict import Verdict, due, verdict

RELEASE_SEEN = "ReleaseSeen"


@dataclass(frozen=True)
class Signed:
    """What persons signed and what was imported for an installation."""

    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    evidence: tuple[Evidence | Refusal, ...] = ()
    doubtful: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assessment:
    """How everything stands."""

    subject: Subject
    standings: Mapping[str, Standing]
    verdict: Verdict
    before_deployment: Verdict


def subject_of(facts: Facts, checklist: GoLiveChecklistSpec, chain: Chain) -> Subject:
    """The release that is asked for, else the active one. Its author is who was named when it was first seen."""
    status = facts.erp.status
    releases = {str(each["metadata"]["name"]): each for each in facts.owned(RELEASES)}
    named = next((name for name in (status.target_release, status.active_release) if name in releases), None)
    digest = ValeoRelease.model_validate(releases[named]).spec.digest if named else ""
    asked = facts.erp.spec.go_live
    requires = asked.requires if asked else None
    author = chain.after(RELEASE_SEEN, named or "") or (asked.requested_by if asked else "")
    return Subject(
        installation=facts.names.name,
        environment=facts.environment,
        release=named or "",
        digest=digest,
        author=author,
        checklist=with_required(checklist, requires),
        checklist_hash=checklist_hash(checklist),
        uid=facts.names.uid,
        requires=requires,
    )


def assess(facts: Facts, subject: Subject, signed: Signed) -> Assessment:
    """How each gate of the checklist stands, and what they come to together."""
    standings = {
        entry.id: standing(entry, _seen(entry, facts, subject, signed), subject, facts.now)
        for entry in subject.checklist.entries
    }
    emergency = glass_broken(signed.waivers, subject, facts.now)
    return Assessment(
        subject,
        standings,
        verdict(subject.checklist, standings, emergency),
        verdict(due(subject.checklist, Stage.PRE_DEPLOYMENT), standings, emergency),
    )


def _seen(entry: ChecklistEntry, facts: Facts, subject: Subject, signed: Signed) -> Seen:
    taken, refused = reports(entry, signed.evidence, subject, signed.doubtful)
    elsewhere = entry.environment not in {None, subject.environment}
    return Seen(
        outcome=look(entry.check, facts, entry.document) if entry.check else None,
        reports=taken,
        elsewhere=line_reports(entry, signed.evidence, subject, signed.doubtful) if elsewhere else (),
        refused=refused,
        approvals=_of_gate(signed.approvals, entry.id),
        waivers=tuple(each for each in signed.waivers if each.spec.gate == entry.id),
    )


def _of_gate(approvals: Sequence[Approval], gate: str) -> tuple[Approval, ...]:
    return tuple(each for each in approvals if each.spec.gate == gate)
