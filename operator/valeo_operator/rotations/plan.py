"""What is done for the credentials of an installation in one pass, and what is told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from valeo_operator.api.rollout import Phase
from valeo_operator.api.rotation import CredentialStatus, RotationPhase, RotationStatus
from valeo_operator.backups.lock import Operation, left_behind, lock_name
from valeo_operator.cluster.kinds import LEASES
from valeo_operator.credentials.in_use import login_in_use, told_of_database
from valeo_operator.installations.decisions import Announcement, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.rotations.asked import Wish, due_at, wish
from valeo_operator.rotations.lifecycle import UNDER_LOCK, next_phase
from valeo_operator.rotations.looks import CREDENTIAL, Look, Seen, look


@dataclass(frozen=True)
class Rotated:
    """One pass. `busy`: it goes on without being woken."""

    status: RotationStatus | None = None
    effects: tuple[Effect, ...] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Announcement, ...] = ()
    busy: bool = False


def rotate(facts: Facts, rollout: Phase, now: datetime, *, satisfied: bool) -> Rotated:
    """The next pass over the login of the application.

    Args:
        facts: what was seen.
        rollout: the phase of the rollout after this pass.
        now: the time.
        satisfied: the rollout speaks of the release that the spec asks for.
    """
    asked = wish(facts)
    acts = {} if asked is None else {"rotate": asked.value}
    refused = _without_effect(asked)
    if facts.erp.spec.embedded_database is None:
        return Rotated(acts=acts, told=refused)
    before = told_of_database(facts.erp)
    told = _taken_up(before, asked)
    seen = Seen(_with_times(told, facts), facts, rollout, satisfied, now)
    looked = look(seen)
    after = _moved(seen.told, looked, now)
    phase = {"under_way": CREDENTIAL if after.phase in UNDER_LOCK else ""}
    returned = left_behind(facts.find(LEASES, lock_name(facts.names)), Operation.ROTATION, **phase)
    return Rotated(
        status=RotationStatus(database=_with_times(after, facts)),
        effects=(*looked.effects, *returned),
        acts=acts,
        told=(*refused, *_news(before, after)),
        busy=after.phase not in {RotationPhase.IDLE, RotationPhase.OVERLAPPING} or bool(looked.change),
    )


def _without_effect(asked: Wish | None) -> tuple[Announcement, ...]:
    if asked is None or not asked.problem:
        return ()
    told = f"valeoerp.io/rotate has no effect: {asked.problem}."
    return (Announcement(warning=True, reason="ActWithoutEffect", message=told),)


def _taken_up(told: CredentialStatus, asked: Wish | None) -> CredentialStatus:
    """A rotation that goes on is ended first, without overlap in an emergency; then another one begins.

    In an emergency every value from before is worthless, also one that was just made.
    """
    if asked is None or asked.problem:
        return told
    return told.model_copy(update={"asked": True, "emergency": told.emergency or asked.emergency})


def _with_times(told: CredentialStatus, facts: Facts) -> CredentialStatus:
    secret = facts.secrets.get(told.secret or login_in_use(facts.erp, facts.names))
    dated = told.model_copy(update={"since": told.since if secret is None else secret.made_at})
    return dated.model_copy(update={"next_at": due_at(dated, facts)})


def _moved(told: CredentialStatus, looked: Look, now: datetime) -> CredentialStatus:
    phase = next_phase(told.phase, looked.outcome)
    moves = {} if phase is told.phase else {"phase": phase, "phase_since": now.replace(microsecond=0)}
    return told.model_copy(update={**looked.change, **moves, "message": looked.words[:4000] or None})


def _news(before: CredentialStatus, after: CredentialStatus) -> tuple[Announcement, ...]:
    """One event for each transition; it names Secrets and roles, and no value."""
    if before.phase is after.phase:
        return ()
    bad = after.phase is RotationPhase.TAKING_BACK
    ended = after.phase is RotationPhase.IDLE
    reason = "RotationComplete" if ended else f"Rotation{after.phase.value}"
    return (Announcement(warning=bad, reason=reason, message=f"The login of the application: {after.message}"),)
