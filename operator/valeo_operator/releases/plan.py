"""One look at a rollout: where its phase leads, what is to be done for it, and why it waits. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import OTHER, Colour, Phase
from valeo_operator.api.rollout_settings import Course
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import RELEASES
from valeo_operator.colours.plan import verified_pods_are_gone
from valeo_operator.credentials.plan import absent_credentials
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import progress
from valeo_operator.installations.decisions import Create, Finding, Remembered
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import REQUEST_LABEL, ROLLBACK_ANNOTATION
from valeo_operator.releases.acts import asked, safety
from valeo_operator.releases.admission import awaiting_promotion, gating
from valeo_operator.releases.backing_up import backing_up
from valeo_operator.releases.description import description
from valeo_operator.releases.desired import record, wanted
from valeo_operator.releases.lifecycle import FROM_SWITCH, RETRY_AFTER, UNSUCCESSFUL, Outcome, time_limit
from valeo_operator.releases.migrating import is_migrated_now, migrating, unfinished
from valeo_operator.releases.readiness import steady
from valeo_operator.releases.rollback import go_back, rolling_back
from valeo_operator.releases.verdict import Target, Verdict, stays
from valeo_operator.releases.verifying import verifying
from valeo_operator.releases.watching import draining, has_before, switching, undecided, unproven, watching

_NEEDS_RECORD: Final = frozenset(
    {
        Phase.GATING,
        Phase.BACKING_UP,
        Phase.MIGRATING,
        Phase.STAGING,
        Phase.VERIFYING,
        Phase.AWAITING_PROMOTION,
        Phase.SWITCHING,
        Phase.DRAINING,
        Phase.WATCHING,
        Phase.COMPLETE,
    }
)


def target_of(facts: Facts) -> Target:
    """The release to make active.

    It is the active one where that is what the spec asks for, else one in the other colour.
    """
    wish = wanted(facts)
    active = facts.release_in(facts.selected_colour)
    if active is not None and active.metadata.labels.get(REQUEST_LABEL) == wish.request:
        return Target(active.metadata.name, active.spec.colour, wish)
    colour = Colour.BLUE if facts.selected_colour is None else OTHER[facts.selected_colour]
    return Target(facts.names.release(wish.request, colour), colour, wish)


def current_release(facts: Facts) -> ValeoRelease | None:
    """The recorded release whose rollout the status speaks of."""
    return facts.releases.get(facts.erp.status.target_release or "")


def judge(phase: Phase, target: Target, facts: Facts, now: datetime, held: Finding | None = None) -> Verdict:
    """One look at the phase.

    Abort and rollback first, then what was begun is ended, then a newer wish, then the deadline, then progress. What
    holds forward movement holds neither abort and rollback nor what was begun with the switch.
    """
    current = current_release(facts)
    act = asked_act(phase, facts, now)
    if act is not None and (act.outcome is not Outcome.STAYS or not act.acts):
        return act
    if held is not None and phase not in FROM_SWITCH:
        verdict = stays(held)
    else:
        verdict = _forward(phase, target, current, facts, now)
    return verdict if act is None else replace(verdict, acts={**act.acts, **verdict.acts}, told=act.told)


def asked_act(phase: Phase, facts: Facts, now: datetime) -> Verdict | None:
    """Abort and rollback. A migration that was begun is ended first, and a schema that it left dirty is said."""
    current = current_release(facts)
    migrates = phase is Phase.MIGRATING and current is not None and is_migrated_now(current, facts)
    act = safety(phase, current, facts, migrates=migrates)
    if act is None or act.outcome is not Outcome.ABORTS or phase is not Phase.MIGRATING or current is None:
        return act
    seen = migrating(current, facts, now)
    return seen if seen.outcome is Outcome.DIRTY else act


def _forward(phase: Phase, target: Target, current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    if phase in UNSUCCESSFUL:
        return _rest(phase, target, current, facts, now)
    absent = None if phase in FROM_SWITCH else absent_credentials(facts)
    if absent is not None:
        return _in_time(phase, stays(absent), current, facts, now)
    if _is_superseded(phase, target, current, facts):
        return Verdict(Outcome.SUPERSEDED, course=Course(began=now))
    gone = _verified_are_gone(phase, current, facts)
    if gone is not None:
        return Verdict(Outcome.ABORTS, gone)
    return _in_time(phase, _look(phase, target, current, facts, now), current, facts, now)


def _in_time(phase: Phase, verdict: Verdict, current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    status = facts.erp.status
    over = status.phase is phase and status.deadline is not None and now >= status.deadline
    if verdict.outcome is not Outcome.STAYS or not over:
        return verdict
    if phase is Phase.DRAINING:
        return Verdict(Outcome.EXPIRED)
    if phase is Phase.WATCHING and current is not None:
        return undecided(current, facts, verdict.finding)
    late = _too_late(phase, verdict.finding, facts)
    if phase is Phase.SWITCHING and current is not None and has_before(current, facts):
        return _switched_too_late(current, facts, late)
    return Verdict(Outcome.EXPIRED, late)


def _switched_too_late(current: ValeoRelease, facts: Facts, late: Finding) -> Verdict:
    if facts.selected_colour is current.spec.colour:
        return go_back(Phase.SWITCHING, current, facts, unproven(current, late))
    return Verdict(Outcome.ABORTS, late)


def _too_late(phase: Phase, waited_for: Finding | None, facts: Facts) -> Finding:
    limit = time_limit(phase, facts.erp.spec.rollout)
    again = f"it is tried again by itself after {RETRY_AFTER}"
    by_act = "ask for the same release again with the annotation valeoerp.io/retry, or change the spec"
    return Finding(
        Reason.DEADLINE_EXCEEDED,
        f"the phase {phase.value}",
        f"it did not end in its time; it waited for: {waited_for.sentence}"
        if waited_for
        else "it did not end in its time",
        f"an end within {limit}",
        f"put right what it waited for; {again if _heals(phase, facts) else by_act}",
        blocking=True,
    )


def _heals(phase: Phase, facts: Facts) -> bool:
    """Whether an end in this phase is tried again by itself."""
    harmless = phase in {Phase.PENDING, Phase.BACKING_UP, Phase.MIGRATING, Phase.SWITCHING}
    return harmless or (facts.erp.status.active_release is None and phase in {Phase.STAGING, Phase.VERIFYING})


def _is_superseded(phase: Phase, target: Target, current: ValeoRelease | None, facts: Facts) -> bool:
    told = facts.erp.status.target_release
    if phase in _NEEDS_RECORD and current is None:
        return True  # its record is gone: begin again
    if told in {None, target.name} or phase in FROM_SWITCH:
        return False
    migrates = phase is Phase.MIGRATING and current is not None and is_migrated_now(current, facts)
    return not migrates


def _verified_are_gone(phase: Phase, current: ValeoRelease | None, facts: Facts) -> Finding | None:
    """Whether the staged pods are no longer there. Those that users reach are put back as they were."""
    stands = phase in {Phase.VERIFYING, Phase.AWAITING_PROMOTION, Phase.SWITCHING}
    if not stands or current is None or facts.selected_colour is current.spec.colour:
        return None
    return verified_pods_are_gone(facts, current)


def _look(phase: Phase, target: Target, current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    if phase is Phase.PENDING:
        return _pending(target, facts, now)
    if phase is Phase.ROLLING_BACK:
        return rolling_back(current, facts, now)
    return stays() if current is None else _look_at(current, phase, facts, now)


def _look_at(current: ValeoRelease, phase: Phase, facts: Facts, now: datetime) -> Verdict:  # noqa: PLR0911 - one per phase
    match phase:
        case Phase.GATING:
            return gating(current, facts)
        case Phase.BACKING_UP:
            return backing_up(current, facts, now)
        case Phase.MIGRATING:
            return migrating(current, facts, now)
        case Phase.STAGING:
            return steady(current, facts, now)
        case Phase.VERIFYING:
            return verifying(current, facts, now)
        case Phase.AWAITING_PROMOTION:
            return awaiting_promotion(current, facts, now)
        case Phase.SWITCHING:
            return switching(current, facts, now)
        case Phase.DRAINING:
            return draining(current, facts, now)
        case Phase.WATCHING:
            return watching(current, facts, now)
        case _:
            return stays()


# --- after an end without success -----------------------------------------------------------------------------------


def _rest(phase: Phase, target: Target, current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    """The reason stays until somebody asks anew or for something else, or it is tried again by itself."""
    status = facts.erp.status
    if target.wish.request not in status.given_up:
        return Verdict(Outcome.SUPERSEDED, course=Course(began=now))
    if phase is Phase.ROLLBACK_BLOCKED and _is_withdrawn(facts):
        return Verdict(Outcome.DONE)
    why = Remembered.of(status.ended.reason, status.ended.message) if status.ended else None
    if current is not None and _contraction_is_allowed(current, facts):
        return Verdict(Outcome.RETRIES, course=Course(began=now), acts={"contract": current.metadata.name})
    if not _tries_again(phase, facts):
        return stays(why)
    at = (status.phase_since or now) + RETRY_AFTER
    return Verdict(Outcome.RETRIES, course=Course(began=now)) if now >= at else stays(why, wake_at=at)


def _is_withdrawn(facts: Facts) -> bool:
    """A rollback that was asked for by annotation and refused is asked for no longer: the release stays."""
    status = facts.erp.status
    was_asked = status.acts.rollback is not None and status.acts.rollback == status.active_release
    return was_asked and ROLLBACK_ANNOTATION not in facts.erp.metadata.annotations


def _contraction_is_allowed(current: ValeoRelease, facts: Facts) -> bool:
    """A migration was refused because it takes something away, and a person allowed that since."""
    ended = facts.erp.status.ended
    refused = ended is not None and ended.reason is Reason.MIGRATION_REFUSED
    return refused and asked("contract", facts) == current.metadata.name


def _tries_again(phase: Phase, facts: Facts) -> bool:
    status = facts.erp.status
    reason = status.ended.reason if status.ended else None
    if phase is Phase.FAILED:
        return reason is not Reason.MIGRATION_REFUSED
    return phase is Phase.ABORTED and status.active_release is None and reason is not Reason.ABORT_REQUESTED


# --- Pending: the image is asked what it is, and the release is written down ----------------------------------------


def _pending(target: Target, facts: Facts, now: datetime) -> Verdict:
    if target.name in facts.releases:
        return Verdict(Outcome.DONE)
    sent = progress(errands.describe(facts.erp.spec, target.wish.nonce), facts, now)
    if sent.result is None:
        return unfinished(sent)
    told = description(sent.result)
    if isinstance(told, Finding):
        return Verdict(Outcome.STAYS, told)
    return Verdict(Outcome.STAYS, effects=(Create(RELEASES, record(facts, target.wish, told, target.colour)),))
