"""One look at the rotation of the application's login: where its phase leads, what is done, why it waits. Pure.

The new value is recorded first, in a Secret that is never changed; then the database is given it, then a release is
made with it. The old one stays good until the new release is alone and the time of a rollback is over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from valeo_operator.api.rollout import Phase
from valeo_operator.api.rotation import CredentialStatus, Rotation, RotationPhase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.backups.lock import Operation, holds_lock, lock_name, may_begin, take
from valeo_operator.cluster.kinds import LEASES, SECRETS
from valeo_operator.colours.desired import image_of
from valeo_operator.credentials.desired import next_login
from valeo_operator.credentials.in_use import coming_login, login_in_use, role_of
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import Progress, progress
from valeo_operator.golive.catalogue import span
from valeo_operator.installations.decisions import Delete, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.rotations.lifecycle import PREPARED_WITHIN, Outcome

DATABASE: Final = "database"
_FAILED_ROLLOUT: Final = frozenset({Phase.FAILED, Phase.ABORTED, Phase.EXPIRED, Phase.ROLLED_BACK})
_AT_REST: Final = frozenset({RotationPhase.IDLE, RotationPhase.OVERLAPPING, RotationPhase.RETIRING})
_SERVES: Final = frozenset({Phase.DRAINING, Phase.WATCHING, Phase.COMPLETE})


@dataclass(frozen=True)
class Seen:
    """What a look needs. `rollout`: the phase of the rollout after this pass."""

    told: CredentialStatus
    facts: Facts
    rollout: Phase
    satisfied: bool
    now: datetime
    beside: RotationPhase = RotationPhase.IDLE
    """Where the rotation of the other credential stands."""


@dataclass(frozen=True)
class Look:
    """What one look came to. `change`: fields of the status that are other ones from now on."""

    outcome: Outcome
    words: str = ""
    effects: tuple[Effect, ...] = ()
    change: Mapping[str, Any] = field(default_factory=dict)


def look_at_login(seen: Seen) -> Look:
    """The next step of the rotation."""
    return _STEPS[seen.told.phase](seen)


def stays(words: str, effects: tuple[Effect, ...] = ()) -> Look:
    """Nothing moves; this is why."""
    return Look(Outcome.STAYS, words, effects)


# --- Idle -------------------------------------------------------------------------------------------------------------


def rests(seen: Seen) -> Look | None:
    """Nothing is to be replaced, or it waits; None where it begins."""
    told = seen.told
    due = told.next_at is not None and seen.now >= told.next_at
    if not (told.asked or due):
        return stays(told.message or "")
    waits = _not_yet(seen)
    return stays(f"It is to be replaced. It waits: {waits}.") if waits else None


def _idle(seen: Seen) -> Look:
    facts = seen.facts
    return rests(seen) or begun(seen, coming_login(facts.erp, facts.names), login_in_use(facts.erp, facts.names))


def begun(seen: Seen, name: str, before: str) -> Look:
    """Another Secret is to take the place of the one in use."""
    told, facts = seen.told, seen.facts
    version = told.version + 1
    if name in facts.secrets:  # of an installation of the same name before this one: such a value is not fresh
        return Look(
            Outcome.STAYS, f"Secret {name} is there from before and is passed over.", change={"version": version}
        )
    change = {"secret": before, "coming": name, "version": version, "asked": False}
    return Look(Outcome.BEGINS, f"Secret {name} takes the place of {change['secret']}.", change=change)


def _not_yet(seen: Seen) -> str:
    facts = seen.facts
    reasons = {
        "spec.suspend is true": facts.erp.spec.suspend,
        "no release is active": facts.proven_release is None,
        f"the rollout is {seen.rollout.value}": seen.rollout is not Phase.COMPLETE,
        "another release is asked for": not seen.satisfied,
        "another credential is being replaced": seen.beside not in _AT_REST,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


# --- Preparing --------------------------------------------------------------------------------------------------------


def _preparing(seen: Seen) -> Look:
    told, facts, coming = seen.told, seen.facts, seen.told.coming or ""
    if seen.now - (told.phase_since or seen.now) > PREPARED_WITHIN:
        words = f"It could not be prepared within {PREPARED_WITHIN}. {told.message or ''}".strip()
        return Look(Outcome.FAILS, words, change={"previous": coming, "coming": None})
    turn = _turn(seen)
    if turn is not None:
        return turn
    if coming not in facts.secrets:
        return stays(f"Secret {coming} is made.", (next_login(facts.names, coming, told.version),))
    sent = _sent(seen, ("admit",), coming)
    if sent.result is None:
        return _waits(sent)
    change = {"secret": coming, "previous": told.secret, "coming": None}
    return Look(Outcome.DONE, f"The database lets {role_of(coming, facts.names)} in.", change=change)


def _turn(seen: Seen) -> Look | None:
    """Take the lock for data operations, or wait for it; None where it is held."""
    facts, holder = seen.facts, Operation.ROTATION.of(DATABASE)
    lock = facts.find(LEASES, lock_name(facts.names))
    if holds_lock(holder, lock):
        return None
    busy = may_begin(holder, lock)
    if busy is not None:
        return stays(busy.sentence)
    return stays("It takes the lock for data operations.", (take(holder, facts.names, seen.now),))


def _sent(seen: Seen, words: tuple[str, ...], *logins: str) -> Progress:
    """The Job of one step, in the image of the active release."""
    facts, active = seen.facts, seen.facts.proven_release
    image = facts.erp.spec.image if active is None else image_of(active)
    salt = f"{seen.told.version} {seen.told.phase.value}"
    return progress(errands.rotate(facts.erp.spec, facts.names, image, salt, words, *logins), facts, seen.now)


def _waits(sent: Progress) -> Look:
    return stays(sent.finding.sentence if sent.finding else "", sent.effects)


# --- Releasing, Proving, Overlapping ----------------------------------------------------------------------------------


def releasing(seen: Seen) -> Look:
    """A release with the new value is rolled out like any other one."""
    facts = seen.facts
    if _does_not_hold(seen):
        why = f": {facts.erp.status.ended.message}" if facts.erp.status.ended else "."
        return taken_back(seen, f"The release with it ended {facts.erp.status.phase}{why}")
    serves = {*_SERVES} if seen.told.emergency else {Phase.COMPLETE}
    if _is_used(facts.proven_release, seen) and seen.rollout in serves and facts.erp.status.phase in serves:
        return Look(Outcome.DONE, f"Release {facts.erp.status.active_release} works with it.")
    return stays(f"A release with it is rolled out: {seen.rollout.description}")


def _does_not_hold(seen: Seen) -> bool:
    status = seen.facts.erp.status
    target = seen.facts.releases.get(status.target_release or "")
    return status.phase in _FAILED_ROLLOUT and _is_used(target, seen)


def _is_used(release: ValeoRelease | None, seen: Seen) -> bool:
    return release is not None and seen.told.secret in release.spec.secret_versions


def taken_back(seen: Seen, words: str) -> Look:
    """The value from before is in use again."""
    told = seen.told
    change = {"secret": told.previous, "previous": told.secret}
    return Look(Outcome.FAILS, f"{words} Secret {told.previous} is in use again.", change=change)


def went_back(seen: Seen) -> bool:
    """Whether a release without the new value serves."""
    return not _is_used(seen.facts.proven_release, seen)


def _proving(seen: Seen) -> Look:
    if went_back(seen):
        return taken_back(seen, "The release before was made active again.")
    if seen.told.emergency:
        return Look(Outcome.DONE, "It is an emergency: who is still connected is cut off.")
    role = role_of(seen.told.previous or "", seen.facts.names)
    sent = _sent(seen, ("unused", "--login", role))
    return _waits(sent) if sent.result is None else Look(Outcome.DONE, f"Nobody is connected as {role}.")


def overlapping(seen: Seen) -> Look:
    """Both values are good, as long as a rollback is to be possible."""
    told, settings = seen.told, seen.facts.erp.spec.rotation or Rotation()
    if went_back(seen):
        return taken_back(seen, "The release before was made active again.")
    ends = (told.phase_since or seen.now) + span(settings.overlap)
    if not told.emergency and seen.now < ends:
        return stays(f"Secret {told.previous} stays good until {ends:%Y-%m-%d %H:%M} UTC, for a rollback.")
    if seen.rollout in {Phase.SWITCHING, Phase.ROLLING_BACK} or seen.facts.erp.status.phase is Phase.ROLLING_BACK:
        return stays("It waits until the Service stays where it is led to.")
    return Look(Outcome.DONE, f"Secret {told.previous} is retired.")


# --- TakingBack, Retiring ---------------------------------------------------------------------------------------------


def taking_back(seen: Seen) -> Look:
    """What failed is retired when a release with the value from before serves alone."""
    alone = seen.rollout is Phase.COMPLETE and seen.facts.erp.status.phase is Phase.COMPLETE
    if alone and _is_used(seen.facts.proven_release, seen):
        return Look(Outcome.DONE, seen.told.message or "")
    return stays(seen.told.message or "")


def _retiring(seen: Seen) -> Look:
    told, facts = seen.told, seen.facts
    turn = _turn(seen)
    if turn is not None:
        return turn
    role = role_of(told.previous or "", facts.names)
    sent = _sent(seen, ("retire", "--login", role, *(["--at-once"] if told.emergency else [])))
    if sent.result is None:
        return _waits(sent)
    change = {"previous": None, "emergency": told.emergency and told.asked}
    words = f"{role} is closed and Secret {told.previous} is gone; Secret {told.secret} is in use."
    return Look(Outcome.DONE, words, tuple(_gone(seen)), change)


def _gone(seen: Seen) -> list[Delete]:
    """The retired Secret, and the first one of a role whose password is another one by now."""
    told, facts = seen.told, seen.facts
    names = sorted({told.previous or "", *facts.names.application_secrets} - {told.secret or ""})
    why = "its login is retired"
    return [Delete(SECRETS, facts.names.namespace, name, "", why) for name in names if name in facts.secrets]


_STEPS: Final[Mapping[RotationPhase, Callable[[Seen], Look]]] = {
    RotationPhase.IDLE: _idle,
    RotationPhase.PREPARING: _preparing,
    RotationPhase.RELEASING: releasing,
    RotationPhase.PROVING: _proving,
    RotationPhase.OVERLAPPING: overlapping,
    RotationPhase.TAKING_BACK: taking_back,
    RotationPhase.RETIRING: _retiring,
}
