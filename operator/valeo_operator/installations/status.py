"""What is told of an installation after a pass.

Status, conditions, the release's status, and one event per transition. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from valeo_operator.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeoerp import Kept
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import ERPS, RELEASES
from valeo_operator.cluster.objects import Object
from valeo_operator.databases.plan import database_waits, is_ready
from valeo_operator.installations.decisions import Apply, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.plan import Plan
from valeo_operator.releases.lifecycle import DEADLINES

NEVER: Final = "never"
_FINAL: Final = frozenset({Phase.COMPLETE, Phase.FAILED, Phase.SCHEMA_DIRTY, Phase.SUPERSEDED})
_TRUE: Final = ConditionStatus.TRUE
_FALSE: Final = ConditionStatus.FALSE
_UNKNOWN: Final = ConditionStatus.UNKNOWN
_UNDER_WAY: Final = {
    Phase.PENDING: Reason.ROLLOUT_PENDING,
    Phase.MIGRATING: Reason.MIGRATING_SCHEMA,
    Phase.STAGING: Reason.STAGING_COLOUR,
    Phase.SWITCHING: Reason.SWITCHING_COLOUR,
}


@dataclass(frozen=True)
class Saying:
    """What one condition says."""

    status: ConditionStatus
    reason: Reason
    message: str = ""


@dataclass(frozen=True)
class Announcement:
    """One event."""

    warning: bool
    reason: str
    message: str


def stamp(time: datetime) -> str:
    """A time as Kubernetes writes it, to the second."""
    return time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def status_of(facts: Facts, plan: Plan, refusal: Finding | None, now: datetime) -> Object:
    """The whole status after this pass."""
    before, finding = facts.erp.status, refusal or plan.finding
    starts = plan.enters or before.phase is None or before.phase_since is None
    since = now if starts or before.phase_since is None else before.phase_since
    deadline = (now + DEADLINES[plan.phase] if starts else before.deadline) if plan.phase in DEADLINES else None
    colour = facts.selected_colour
    status: dict[str, Any] = {
        "observedGeneration": facts.erp.metadata.generation,
        "version": _version(facts),
        "phase": plan.phase.value,
        "phaseSince": stamp(since),
        "deadline": stamp(deadline) if deadline else None,
        "activeColour": colour.value if colour else (before.active_colour.value if before.active_colour else None),
        "activeRelease": _active_release(facts, plan),
        "targetRelease": plan.target,
        "schemaRevision": _schema_revision(facts, plan),
        "readyReplicas": facts.ready_pods(colour) if colour else 0,
        "desiredReplicas": facts.erp.spec.replicas,
        "backup": NEVER,
        "url": facts.erp.spec.public_address,
        "message": _message(plan, finding),
        "kept": [],
        "conditions": _conditions(_sayings(facts, plan, finding, now), facts, now),
    }
    return {key: value for key, value in status.items() if value is not None}


def _version(facts: Facts) -> str | None:
    """As the active release reports it of itself; what it last reported while it does not answer."""
    answer = facts.active_answer
    return answer.version if answer and answer.version else facts.erp.status.version


def _active_release(facts: Facts, plan: Plan) -> str | None:
    """The release that was proven to be active. During a switch it is still the one before."""
    if plan.phase is Phase.COMPLETE:
        return plan.target
    return facts.erp.status.active_release


def _schema_revision(facts: Facts, plan: Plan) -> str | None:
    answer = facts.active_answer
    told = answer.schema_revision if answer else ""
    return plan.schema_revision or told or facts.erp.status.schema_revision


def _message(plan: Plan, finding: Finding | None) -> str:
    if finding is not None:
        return finding.sentence[:4000]
    return "The release is active." if plan.phase is Phase.COMPLETE else plan.phase.description


# --- conditions -----------------------------------------------------------------------------------------------------


def _sayings(facts: Facts, plan: Plan, finding: Finding | None, now: datetime) -> dict[ConditionType, Saying]:
    settled = plan.phase is Phase.COMPLETE
    sayings = {
        ConditionType.READY: _ready(plan, finding),
        ConditionType.RECONCILING: _reconciling(plan, finding),
        ConditionType.STALLED: _stalled(finding),
        ConditionType.AVAILABLE: _available(facts),
        ConditionType.DATABASE_READY: _database(facts, now),
        ConditionType.SCHEMA_COMPATIBLE: _schema(facts),
        ConditionType.BACKUP_HEALTHY: Saying(_FALSE, Reason.NEVER_BACKED_UP, "No backup was ever made."),
        ConditionType.RESTORE_VERIFIED: Saying(_FALSE, Reason.NEVER_RESTORED, "No restore was ever verified."),
        ConditionType.CREDENTIALS_FRESH: Saying(_UNKNOWN, Reason.NOT_OBSERVED, "No rotation interval is kept yet."),
        ConditionType.ROLLOUT_COMPLETE: Saying(_TRUE, Reason.ROLLOUT_COMPLETE)
        if settled
        else Saying(_FALSE, _under_way(plan, finding)),
        ConditionType.ROLLBACK_POSSIBLE: Saying(_UNKNOWN, Reason.NOT_OBSERVED, "It was not checked."),
        ConditionType.GO_LIVE_READY: Saying(
            _UNKNOWN, Reason.NOT_CONFIGURED, "spec.goLive is absent: no gate is looked at."
        ),
        ConditionType.HELD: Saying(_TRUE, Reason.SUSPENDED)
        if facts.erp.spec.suspend
        else Saying(_FALSE, Reason.NOT_SUSPENDED),
    }
    if facts.erp.spec.go_live is not None:  # then the driver of the gates tells it
        del sayings[ConditionType.GO_LIVE_READY]
    return sayings


def _under_way(plan: Plan, finding: Finding | None) -> Reason:
    return finding.reason if finding else _UNDER_WAY.get(plan.phase, Reason.PROGRESSING)


def _ready(plan: Plan, finding: Finding | None) -> Saying:
    if plan.phase is Phase.COMPLETE and finding is None:
        return Saying(_TRUE, Reason.RUNNING, "The active release was reached through the Service.")
    return Saying(_FALSE, _under_way(plan, finding), _message(plan, finding))


def _reconciling(plan: Plan, finding: Finding | None) -> Saying:
    stands = finding is not None and (finding.blocking or finding.reason is Reason.SUSPENDED)
    if stands or (finding is None and plan.phase in _FINAL):
        return Saying(_FALSE, Reason.UP_TO_DATE if finding is None else finding.reason)
    return Saying(_TRUE, _under_way(plan, finding), _message(plan, finding))


def _stalled(finding: Finding | None) -> Saying:
    if finding is not None and finding.blocking:
        return Saying(_TRUE, finding.reason, finding.sentence[:4000])
    return Saying(_FALSE, Reason.PROGRESSING)


def _available(facts: Facts) -> Saying:
    if facts.selected_colour is None:
        return Saying(_FALSE, Reason.NO_ACTIVE_RELEASE)
    ready = facts.endpoints(facts.names.active_service)
    return Saying(_TRUE, Reason.PODS_READY) if ready else Saying(_FALSE, Reason.NO_READY_PODS)


def _database(facts: Facts, now: datetime) -> Saying:
    waits = database_waits(facts, now)
    if waits is not None:
        return Saying(_FALSE, waits.reason, waits.sentence[:4000])
    if is_ready(facts) or (facts.active_answer and facts.active_answer.ready):
        return Saying(_TRUE, Reason.DATABASE_ANSWERS)
    return Saying(_UNKNOWN, Reason.NOT_OBSERVED, "Only the pods reach this database, and none of them has answered.")


def _schema(facts: Facts) -> Saying:
    answer = facts.active_answer
    if answer and answer.ready:
        return Saying(_TRUE, Reason.SCHEMA_IN_RANGE, f"The active release runs on revision {answer.schema_revision}.")
    return Saying(_UNKNOWN, Reason.NOT_OBSERVED, "No active release has answered.")


def _conditions(sayings: Mapping[ConditionType, Saying], facts: Facts, now: datetime) -> list[Object]:
    before = {each.type: each for each in facts.erp.status.conditions}
    return [_condition(kind, saying, before.get(kind), facts, now) for kind, saying in sayings.items()]


def _condition(kind: ConditionType, saying: Saying, before: Condition | None, facts: Facts, now: datetime) -> Object:
    stays = before is not None and before.status is saying.status
    since = before.last_transition_time if before is not None and stays else now
    return {
        "type": kind.value,
        "status": saying.status.value,
        "reason": saying.reason.value,
        "message": saying.message,
        "lastTransitionTime": stamp(since),
        "observedGeneration": facts.erp.metadata.generation,
    }


def own_part(status: Object | None, facts: Facts) -> Object | None:
    """What this driver wrote of a status: the driver of the go-live gates writes beside it."""
    if status is None or facts.erp.spec.go_live is None:
        return status
    conditions = [each for each in status.get("conditions", ()) if each["type"] != ConditionType.GO_LIVE_READY.value]
    return {key: value for key, value in status.items() if key != "goLive"} | {"conditions": conditions}


def status_application(facts: Facts, status: Object) -> Apply:
    """The status write. The resourceVersion that was read makes it fail where somebody was faster."""
    meta = facts.erp.metadata
    address = {"name": meta.name, "namespace": meta.namespace, "resourceVersion": meta.resource_version}
    return Apply(ERPS, {"metadata": address, "status": status}, subresource="status")


def farewell_status(facts: Facts, kept: Iterable[Kept], now: datetime) -> Object:
    """The last status: what stays behind."""
    told = [each.to_object() for each in kept]
    names = ", ".join(f"{each['kind']}/{each['name']}" for each in told)
    message = f"It is being deleted. Kept: {names}." if told else "It is being deleted. Nothing is kept."
    saying = Saying(_FALSE, Reason.DELETING, message)
    condition = _condition(ConditionType.READY, saying, None, facts, now)
    return {
        "observedGeneration": facts.erp.metadata.generation,
        "backup": NEVER,
        "message": message,
        "kept": told,
        "conditions": [condition],
    }


# --- the status of the releases -------------------------------------------------------------------------------------


def release_reports(facts: Facts, status: Object, now: datetime) -> tuple[Apply, ...]:
    """The status of the release that is rolled out, and of those that were overtaken, where it changed."""
    wanted = [(release, _report(release, status, now)) for release in facts.releases.values()]
    return tuple(
        Apply(
            RELEASES,
            {"metadata": {"name": release.metadata.name, "namespace": release.metadata.namespace}, "status": report},
            subresource="status",
        )
        for release, report in wanted
        if report is not None and report != facts.find(RELEASES, release.metadata.name).get("status")  # type: ignore[union-attr]
    )


def _report(release: ValeoRelease, status: Object, now: datetime) -> Object | None:
    if release.metadata.name == status.get("targetRelease"):
        return _target_report(release, status, now)
    if release.status.phase in _FINAL:
        return None
    return _release_status(release, Phase.SUPERSEDED, "A newer release took its place.", None, now)


def _target_report(release: ValeoRelease, status: Object, now: datetime) -> Object:
    return _release_status(release, _phase(status), status["message"], status.get("deadline"), now)


def _phase(status: Object) -> Phase:
    return next(phase for phase in Phase if phase.value == status["phase"])


def _release_status(release: ValeoRelease, phase: Phase, message: str, deadline: str | None, now: datetime) -> Object:
    before = release.status
    begun = before.started_at or now
    ended = (before.completed_at if before.phase is phase else None) or now
    ready = (
        Saying(_TRUE, Reason.ROLLOUT_COMPLETE) if phase is Phase.COMPLETE else Saying(_FALSE, _RELEASE_REASONS[phase])
    )
    seen = next((each for each in before.conditions if each.type is ConditionType.READY), None)
    since = seen.last_transition_time if seen is not None and seen.status is ready.status else now
    report: Object = {
        "observedGeneration": release.metadata.generation,
        "phase": phase.value,
        "message": "The release is active." if phase is Phase.COMPLETE else message,
        "startedAt": stamp(begun),
        "deadline": deadline,
        "completedAt": stamp(ended) if phase in _FINAL else None,
        "conditions": [
            {
                "type": ConditionType.READY.value,
                "status": ready.status.value,
                "reason": ready.reason.value,
                "message": "",
                "lastTransitionTime": stamp(since),
                "observedGeneration": release.metadata.generation,
            }
        ],
    }
    return {key: value for key, value in report.items() if value is not None}


_RELEASE_REASONS: Final = {
    **_UNDER_WAY,
    Phase.FAILED: Reason.DEADLINE_EXCEEDED,
    Phase.SCHEMA_DIRTY: Reason.SCHEMA_DIRTY,
    Phase.SUPERSEDED: Reason.SUPERSEDED,
}


# --- events ---------------------------------------------------------------------------------------------------------


def announcements(facts: Facts, status: Object) -> tuple[Announcement, ...]:
    """One event per transition: of the phase, of Ready, and of what stalls."""
    return (*_of_phase(facts, status), *_of_ready(facts, status), *_of_stall(facts, status))


def _of_phase(facts: Facts, status: Object) -> Iterable[Announcement]:
    before = facts.erp.status
    if (
        before.phase is not None
        and before.phase.value == status["phase"]
        and before.target_release in {None, status.get("targetRelease")}
    ):
        return
    bad = status["phase"] in {Phase.FAILED.value, Phase.SCHEMA_DIRTY.value}
    release = status.get("targetRelease")
    yield Announcement(
        bad, status["phase"], f"Release {release}: {status['message']}" if release else status["message"]
    )


def _of_ready(facts: Facts, status: Object) -> Iterable[Announcement]:
    was, now = _before(facts, ConditionType.READY), _after(status, ConditionType.READY)
    if was is not None and was.status.value != now["status"] and _TRUE.value in {was.status.value, now["status"]}:
        ready = now["status"] == _TRUE.value
        yield Announcement(not ready, "Ready" if ready else "NotReady", now["message"])


def _of_stall(facts: Facts, status: Object) -> Iterable[Announcement]:
    was, now = _before(facts, ConditionType.STALLED), _after(status, ConditionType.STALLED)
    stalled = was is not None and was.status is _TRUE
    if now["status"] == _TRUE.value and (was is None or not stalled or was.reason.value != now["reason"]):
        yield Announcement(warning=True, reason=now["reason"], message=now["message"])
    elif stalled and now["status"] != _TRUE.value:
        yield Announcement(warning=False, reason="Recovered", message="What it was stalled by is gone; it goes on.")


def _before(facts: Facts, kind: ConditionType) -> Condition | None:
    return next((each for each in facts.erp.status.conditions if each.type is kind), None)


def _after(status: Object, kind: ConditionType) -> Object:
    found: Object = next(each for each in status["conditions"] if each["type"] == kind.value)
    return found
