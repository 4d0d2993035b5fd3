"""From the switch to the end of the watch: the switch proven, the old colour drained, the new one watched. Pure."""

from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Phase
from valeo_operator.api.rollout_settings import Course
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.colours.plan import answer_mismatch, switch, switched_waits
from valeo_operator.installations.decisions import Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.readiness import steady
from valeo_operator.releases.rollback import go_back
from valeo_operator.releases.verdict import Verdict, is_active, stays

PROOF_WITHIN: Final = timedelta(seconds=15)
SUSTAINED: Final = timedelta(seconds=15)


# --- Switching ------------------------------------------------------------------------------------------------------


def switching(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """The selector is turned when the colour is ready at this very moment, then proven; unproven, it is turned back."""
    if facts.selected_colour is not current.spec.colour:
        return _turn(current, facts, now)
    waits = switched_waits(facts, current)
    course = facts.erp.status.course
    if waits is None:
        return Verdict(Outcome.DONE if has_before(current, facts) else Outcome.SETTLES, course=course)
    since = course.switched_at or now
    verdict = stays(waits, course=course.model_copy(update={"switched_at": since}))
    if has_before(current, facts) and (_is_dead(current, facts) or now - since >= PROOF_WITHIN):
        return go_back(Phase.SWITCHING, current, facts, unproven(current, waits))
    return verdict


def _turn(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    ready = steady(current, facts, now)
    if ready.outcome is not Outcome.DONE:
        return ready
    turn = switch(facts, current.spec.colour, f"release {current.metadata.name} is staged and answers")
    course = (ready.course or Course()).model_copy(update={"switched_at": now})
    return Verdict(Outcome.STAYS, effects=(turn,), course=course)


def has_before(current: ValeoRelease, facts: Facts) -> bool:
    """Whether another release was proven to be active before this one."""
    return facts.proven_release is not None and not is_active(current, facts)


def unproven(current: ValeoRelease, waits: Finding) -> Finding:
    """Why a switch is undone."""
    return Finding(
        waits.reason,
        f"ValeoRelease/{current.metadata.name}",
        f"the switch was not proven: {waits.subject}: {waits.observed}",
        waits.expected,
        "none; the Service is led back",
        blocking=True,
    )


def _is_dead(current: ValeoRelease, facts: Facts) -> bool:
    before = facts.proven_release
    stands_by = before is not None and facts.ready_pods(before.spec.colour) > 0
    return facts.ready_pods(current.spec.colour) == 0 and stands_by


# --- Draining and Watching ------------------------------------------------------------------------------------------


def draining(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """Until the old colour has no connections left, or their time is over. A breach ends it at once."""
    broken = _breach(Phase.DRAINING, current, facts, now)
    if broken is not None:
        return broken
    since = facts.erp.status.phase_since or now
    left, ends = facts.old_connections, since + facts.erp.spec.rollout.drain
    if left == 0 or now >= ends:
        course = facts.erp.status.course.model_copy(update={"open_connections": left, "breach_since": None})
        return Verdict(Outcome.DONE, course=course)
    return stays(wake_at=ends, course=_calm(facts))


def watching(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """Until the watch is over without a breach. What is not known is never a pass: then the watch is longer."""
    broken = _breach(Phase.WATCHING, current, facts, now)
    if broken is not None:
        return broken
    ends = (facts.erp.status.phase_since or now) + facts.erp.spec.rollout.watch
    if now < ends:
        return stays(wake_at=ends, course=_calm(facts))
    seen = facts.analysis
    if seen is None or seen.passes:
        return Verdict(Outcome.DONE, course=_calm(facts))
    return stays(_unknown(current, seen.sentence), course=_calm(facts))


def _calm(facts: Facts) -> Course:
    return facts.erp.status.course.model_copy(update={"breach_since": None})


def _breach(phase: Phase, current: ValeoRelease, facts: Facts, now: datetime) -> Verdict | None:
    """A breach that lasts, or is beyond doubt, leads back; if the old release could do better."""
    seen = _broken_limit(current, facts) or _unsteady(current, facts)
    if seen is None:
        return None
    since = facts.erp.status.course.breach_since or now
    course = facts.erp.status.course.model_copy(update={"breach_since": since})
    at_once = seen.blocking or facts.ready_pods(current.spec.colour) == 0
    if not at_once and now - since < SUSTAINED:
        return stays(seen, wake_at=since + SUSTAINED, course=course)
    if not stands_by(facts):
        return stays(seen, course=course)  # the old colour does no better: a common cause, not the release
    if not facts.erp.spec.rollout.auto_rollback:
        return stays(_decide(current, seen), course=course)
    return go_back(phase, current, facts, seen)


def stands_by(facts: Facts) -> bool:
    """Whether the release before answers as ready, through the preview Service."""
    answer, before = facts.preview_answer, facts.previous_release
    return answer is not None and before is not None and answer.ready and answer.release == before.metadata.name


def _broken_limit(current: ValeoRelease, facts: Facts) -> Finding | None:
    seen = facts.analysis
    if seen is None or not seen.fails:
        return None
    return _of(current, seen.sentence, blocking=True)


def _unsteady(current: ValeoRelease, facts: Facts) -> Finding | None:
    ready, want = facts.ready_pods(current.spec.colour), facts.full_size
    if ready < want and not facts.is_enough(ready):
        return _of(current, f"{ready} of {want} pods are ready")
    waits = answer_mismatch(facts.names.active_service, facts, current, preview=False)
    return None if waits is None else _of(current, waits.observed)


def _of(current: ValeoRelease, observed: str, *, blocking: bool = False) -> Finding:
    return Finding(
        Reason.BREACH,
        f"ValeoRelease/{current.metadata.name}",
        observed,
        "ready pods, right answers and numbers within spec.rollout and what the release before does",
        "none; if it lasts, the release before is made active again",
        blocking=blocking,
    )


def _decide(current: ValeoRelease, seen: Finding) -> Finding:
    return Finding(
        Reason.BREACH,
        seen.subject,
        seen.observed,
        seen.expected,
        f"spec.rollout.autoRollback is false: decide, and go back with valeoerp.io/rollback: {current.metadata.name}",
        blocking=True,
    )


def _unknown(current: ValeoRelease, told: str) -> Finding:
    return Finding(
        Reason.ANALYSIS_UNKNOWN,
        f"ValeoRelease/{current.metadata.name}",
        f"the time of the watch is over, and its numbers tell nothing: {told}",
        "numbers that pass",
        "none; the watch goes on until it knows",
    )


def undecided(current: ValeoRelease, facts: Facts, waited_for: Finding | None) -> Verdict:
    """The watch came to no end: what is not known is no pass, so the release before is made active again."""
    why = waited_for or _unknown(current, "nothing was seen")
    if facts.erp.spec.rollout.auto_rollback and stands_by(facts):
        return go_back(Phase.WATCHING, current, facts, why)
    return Verdict(Outcome.EXPIRED, _of_person(current, why))


def _of_person(current: ValeoRelease, why: Finding) -> Finding:
    return Finding(
        why.reason,
        why.subject,
        why.observed,
        why.expected,
        f"the release stays active; go back with valeoerp.io/rollback: {current.metadata.name},"
        " or bring the same or another one anew (valeoerp.io/retry, spec.image)",
        blocking=True,
    )
