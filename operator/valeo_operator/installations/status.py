"""What is told of an installation after a pass.

Status, conditions, the release's status, and one event per transition. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from valeo_operator.api import GROUP
from valeo_operator.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from valeo_operator.api.rollout import Phase
from valeo_operator.api.rollout_settings import Mode
from valeo_operator.api.rotation import RotationStatus
from valeo_operator.api.valeoerp import Kept
from valeo_operator.api.valeorelease import ReleaseVerdict, Step, ValeoRelease
from valeo_operator.cluster.kinds import ERPS, RELEASES
from valeo_operator.cluster.objects import Object
from valeo_operator.databases.plan import database_waits, is_ready
from valeo_operator.installations.decisions import Announcement, Apply, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.plan import Plan
from valeo_operator.releases.lifecycle import FINAL, UNSUCCESSFUL, time_limit
from valeo_operator.releases.plan import current_release
from valeo_operator.releases.rollback import way_back
from valeo_operator.rotations.asked import oldest_at

NEVER: Final = "never"
_SERVES: Final = frozenset({Phase.COMPLETE, Phase.DRAINING, Phase.WATCHING})
# Told beside a release that serves well: it is not known how it does, which is no reason to call it down.
_STANDS: Final = frozenset({Reason.SUSPENDED, Reason.PLAN_ONLY})
_HARMLESS: Final = frozenset({Reason.ANALYSIS_UNKNOWN})
_LONGEST_HISTORY: Final = 32
_MOST_VERDICTS: Final = 10
_MOST_GIVEN_UP: Final = 16
_TRUE: Final = ConditionStatus.TRUE
_FALSE: Final = ConditionStatus.FALSE
_UNKNOWN: Final = ConditionStatus.UNKNOWN
_UNDER_WAY: Final = {
    Phase.PENDING: Reason.ROLLOUT_PENDING,
    Phase.GATING: Reason.WAITING_FOR_GATES,
    Phase.BACKING_UP: Reason.BACKING_UP,
    Phase.MIGRATING: Reason.MIGRATING_SCHEMA,
    Phase.STAGING: Reason.STAGING_COLOUR,
    Phase.VERIFYING: Reason.SMOKE_TESTING,
    Phase.AWAITING_PROMOTION: Reason.AWAITING_PROMOTION,
    Phase.SWITCHING: Reason.SWITCHING_COLOUR,
    Phase.DRAINING: Reason.DRAINING_COLOUR,
    Phase.WATCHING: Reason.WATCHING_RELEASE,
    Phase.ROLLING_BACK: Reason.ROLLING_BACK,
}


@dataclass(frozen=True)
class Saying:
    """What one condition says."""

    status: ConditionStatus
    reason: Reason
    message: str = ""


def stamp(time: datetime) -> str:
    """A time as Kubernetes writes it, to the second."""
    return time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def status_of(facts: Facts, plan: Plan, refusal: Finding | None, now: datetime) -> Object:
    """The whole status after this pass."""
    before, finding = facts.erp.status, refusal or plan.finding
    starts = plan.enters or before.phase is None or before.phase_since is None
    since = now if starts or before.phase_since is None else before.phase_since
    limit = time_limit(plan.phase, facts.erp.spec.rollout)
    deadline = None if limit is None else (now + limit if starts else before.deadline or now + limit)
    colour, rotation = facts.selected_colour, plan.rotated.status or before.rotation
    status: dict[str, Any] = {
        "observedGeneration": facts.erp.metadata.generation,
        "version": _version(facts),
        "phase": plan.phase.value,
        "phaseSince": stamp(since),
        "deadline": stamp(deadline) if deadline else None,
        "activeColour": colour.value if colour else (before.active_colour.value if before.active_colour else None),
        "activeRelease": _active_release(facts, plan),
        "targetRelease": plan.target,
        "previousRelease": _previous_release(facts, plan),
        "acts": _acts(facts, plan),
        "course": _course(facts, plan),
        "ended": _ended(facts, plan),
        "givenUp": _given_up(facts, plan),
        "planned": list(plan.planned) or None,
        "schemaRevision": _schema_revision(facts, plan),
        "readyReplicas": facts.ready_pods(colour) if colour else 0,
        "desiredReplicas": facts.full_size,
        "backup": NEVER if facts.erp.spec.backup is None else None,
        "rotation": rotation.to_object() if rotation is not None else None,
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
    if plan.phase in _SERVES and facts.erp.status.phase is not None:
        return plan.target
    if plan.phase is Phase.ROLLED_BACK and facts.erp.status.phase is Phase.ROLLING_BACK:
        return facts.erp.status.previous_release
    return facts.erp.status.active_release


def _previous_release(facts: Facts, plan: Plan) -> str | None:
    """What a rollback leads to: known from the switch on, and used up by a rollback."""
    before = facts.erp.status
    leaves_switch = before.phase is Phase.SWITCHING and plan.phase in {Phase.DRAINING, Phase.ROLLING_BACK}
    if leaves_switch and before.active_release != plan.target:
        return before.active_release
    return None if plan.phase is Phase.ROLLED_BACK else before.previous_release


def _acts(facts: Facts, plan: Plan) -> Object:
    """What was taken up, while the annotation stands; the nonce of a retry for good: the release is named after it."""
    held, annotations = facts.erp.status.acts.to_object(), facts.erp.metadata.annotations
    stand = {act: value for act, value in held.items() if act == "retry" or annotations.get(f"{GROUP}/{act}") == value}
    return {**stand, **plan.acts}


def _course(facts: Facts, plan: Plan) -> Object:
    course = plan.course or facts.erp.status.course
    held = course.model_dump(by_alias=True, exclude_none=True)
    return {key: stamp(value) if isinstance(value, datetime) else value for key, value in held.items()}


def _ended(facts: Facts, plan: Plan) -> Object | None:
    """Why it ended without success, or goes back; word for word as it was first told."""
    if plan.phase not in {*UNSUCCESSFUL, Phase.ROLLING_BACK}:
        return None
    before = facts.erp.status.ended
    told = plan.finding if plan.enters else None
    if told is None:
        return before.to_object() if before else None
    return {"reason": told.reason.value, "message": told.sentence[:4000]}


def _given_up(facts: Facts, plan: Plan) -> list[str] | None:
    """Requests that are not begun again by themselves: those that ended without success since the last success."""
    if plan.phase not in {*UNSUCCESSFUL, Phase.ROLLING_BACK}:
        return None
    goes_on = facts.erp.status.phase in {*UNSUCCESSFUL, Phase.ROLLING_BACK}
    before = facts.erp.status.given_up if goes_on else ()
    return list(dict.fromkeys([*before, facts.names.request_of(plan.target or "")]))[-_MOST_GIVEN_UP:]


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
        ConditionType.CREDENTIALS_FRESH: _credentials(facts, now),
        ConditionType.ROLLOUT_COMPLETE: Saying(_TRUE, Reason.ROLLOUT_COMPLETE)
        if settled
        else Saying(_FALSE, _under_way(plan, finding)),
        ConditionType.ROLLBACK_POSSIBLE: _rollback(facts, plan),
        ConditionType.GO_LIVE_READY: Saying(
            _UNKNOWN, Reason.NOT_CONFIGURED, "spec.goLive is absent: no gate is looked at."
        ),
        ConditionType.HELD: _held(facts),
    }
    others = _others_conditions(facts)  # their own drivers tell those
    return {kind: saying for kind, saying in sayings.items() if kind.value not in others}


def _held(facts: Facts) -> Saying:
    if facts.erp.spec.mode is Mode.PLAN:
        return Saying(_TRUE, Reason.PLAN_ONLY)
    return Saying(_TRUE, Reason.SUSPENDED) if facts.erp.spec.suspend else Saying(_FALSE, Reason.NOT_SUSPENDED)


def _under_way(plan: Plan, finding: Finding | None) -> Reason:
    return finding.reason if finding else _UNDER_WAY.get(plan.phase, Reason.PROGRESSING)


def _ready(plan: Plan, finding: Finding | None) -> Saying:
    if _is_ready(plan, finding):
        return Saying(_TRUE, Reason.RUNNING, "The active release was reached through the Service.")
    return Saying(_FALSE, _under_way(plan, finding), _message(plan, finding))


def _is_ready(plan: Plan, finding: Finding | None) -> bool:
    """What the spec asks for serves. While it is watched, too: the watch may end that again, and then says so."""
    return plan.phase in _SERVES and plan.satisfied and (finding is None or finding.reason in _HARMLESS)


def _rollback(facts: Facts, plan: Plan) -> Saying:
    way = way_back(plan.phase, current_release(facts), facts)
    if way.hindrance is None and way.to is not None:
        told = f"Release {way.to.metadata.name} can run on the live schema revision {way.revision}."
        return Saying(_TRUE, Reason.PREVIOUS_IN_RANGE, told)
    if way.hindrance is None or way.hindrance.reason is Reason.NO_PREVIOUS_RELEASE:
        return Saying(_FALSE, Reason.NO_PREVIOUS_RELEASE, "No release that was active before is recorded.")
    return Saying(_FALSE, way.hindrance.reason, way.hindrance.sentence[:4000])


def _reconciling(plan: Plan, finding: Finding | None) -> Saying:
    stands = finding is not None and (finding.blocking or finding.reason in _STANDS)
    if stands or _is_ready(plan, finding) or (finding is None and plan.phase in FINAL):
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


def _credentials(facts: Facts, now: datetime) -> Saying:
    if facts.erp.spec.rotation is None:
        return Saying(_UNKNOWN, Reason.NOT_CONFIGURED, "spec.rotation is absent: no interval is kept.")
    settings, told = facts.erp.spec.rotation, facts.erp.status.rotation or RotationStatus()
    ages = {
        "The login at the database": (told.database, settings.database),
        "The signing keys": (told.signing_keys, settings.signing_keys),
    }
    known = [(words, seen, oldest_at(seen, interval)) for words, (seen, interval) in ages.items()]
    for words, seen, oldest in known:
        if oldest is not None and now >= oldest:
            why = seen.message if seen and seen.message else "nothing is under way"
            return Saying(_FALSE, Reason.CREDENTIALS_OLD, f"{words}: due before {stamp(oldest)}. {why}")
    if known[0][2] is None:
        return Saying(_UNKNOWN, Reason.NOT_OBSERVED, "The age of the login at the database is not known.")
    return Saying(_TRUE, Reason.CREDENTIALS_YOUNG)


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
    """What this driver wrote of a status: the drivers of gates and of data operations write beside it."""
    others = _others_conditions(facts)
    if status is None or not others:
        return status
    conditions = [each for each in status.get("conditions", ()) if each["type"] not in others]
    return {key: value for key, value in status.items() if key not in _others_fields(facts)} | {
        "conditions": conditions
    }


def _others_conditions(facts: Facts) -> frozenset[str]:
    gates = {ConditionType.GO_LIVE_READY.value} if facts.erp.spec.go_live is not None else set()
    data = {
        ConditionType.BACKUP_HEALTHY.value,
        ConditionType.RESTORE_VERIFIED.value,
        ConditionType.RECOVERY_POINT_FRESH.value,
    }
    return frozenset(gates | (data if facts.erp.spec.backup is not None else set()))


def _others_fields(facts: Facts) -> frozenset[str]:
    gates = {"goLive"} if facts.erp.spec.go_live is not None else set()
    return frozenset(gates | ({"backup", "backups", "pointInTime"} if facts.erp.spec.backup is not None else set()))


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
        "backup": facts.erp.status.backup or NEVER,
        "message": message,
        "kept": told,
        "conditions": [condition],
    }


# --- the status of the releases -------------------------------------------------------------------------------------


def release_reports(facts: Facts, status: Object, now: datetime) -> tuple[Apply, ...]:
    """The status of the release that is rolled out, and of those that were overtaken, where it changed."""
    wanted = [(release, _report(release, status, facts, now)) for release in facts.releases.values()]
    return tuple(
        Apply(
            RELEASES,
            {"metadata": {"name": release.metadata.name, "namespace": release.metadata.namespace}, "status": report},
            subresource="status",
        )
        for release, report in wanted
        if report is not None and report != facts.find(RELEASES, release.metadata.name).get("status")  # type: ignore[union-attr]
    )


def _report(release: ValeoRelease, status: Object, facts: Facts, now: datetime) -> Object | None:
    if release.metadata.name == status.get("targetRelease"):
        return _target_report(release, status, facts, now)
    if release.status.phase in FINAL:
        return None
    return _release_status(release, Phase.SUPERSEDED, "A newer release took its place.", None, now)


def _target_report(release: ValeoRelease, status: Object, facts: Facts, now: datetime) -> Object:
    phase = _phase(status)
    report = _release_status(release, phase, status["message"], status.get("deadline"), now)
    if "ended" in status:
        report["conditions"][0]["reason"] = status["ended"]["reason"]
    return {**report, "verdicts": _verdicts(release, facts, now)}


def _verdicts(release: ValeoRelease, facts: Facts, now: datetime) -> list[Object]:
    """What looks at the numbers came to; another look with the same result is no other entry."""
    held = [_as_stored(each) for each in release.status.verdicts]
    seen = facts.analysis
    if seen is None or (held and held[-1]["result"] == seen.result and not seen.fails):
        return held
    if held and held[-1]["result"] == seen.result:
        held.pop()
    entry = {"at": stamp(now), "result": seen.result, "sentence": seen.sentence[:4000], "numbers": dict(seen.numbers)}
    return [*held, entry][-_MOST_VERDICTS:]


def _as_stored(part: Step | ReleaseVerdict) -> Object:
    return {**part.to_object(), "at": stamp(part.at)}


def _history(release: ValeoRelease, phase: Phase, message: str, now: datetime) -> list[Object]:
    held = [_as_stored(each) for each in release.status.history]
    if release.status.phase is phase and held:
        return held
    return [*held, {"phase": phase.value, "at": stamp(now), "message": message[:1000]}][-_LONGEST_HISTORY:]


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
        "completedAt": stamp(ended) if phase in FINAL else None,
        "history": _history(release, phase, message, now),
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
    Phase.ABORTED: Reason.ABORT_REQUESTED,
    Phase.EXPIRED: Reason.DEADLINE_EXCEEDED,
    Phase.ROLLED_BACK: Reason.ROLLED_BACK,
    Phase.ROLLBACK_BLOCKED: Reason.ROLLBACK_BLOCKED,
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
    bad = status["phase"] in {phase.value for phase in (*UNSUCCESSFUL, Phase.ROLLING_BACK)}
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
