"""What is done for the credentials of an installation in one pass, and what is told. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from valeo_operator.api.rollout import Phase
from valeo_operator.api.rotation import CredentialStatus, Rotation, RotationInterval, RotationPhase, RotationStatus
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.backups.lock import Operation, left_behind, lock_name
from valeo_operator.cluster.kinds import LEASES
from valeo_operator.credentials.in_use import keys_in_use, login_in_use, told_of_database, told_of_keys
from valeo_operator.installations.decisions import Announcement, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import Names
from valeo_operator.rotations.asked import Wish, due_at, wish
from valeo_operator.rotations.keys import look_at_keys
from valeo_operator.rotations.lifecycle import UNDER_LOCK, next_phase
from valeo_operator.rotations.looks import DATABASE, Look, Seen, look_at_login


@dataclass(frozen=True)
class Rotated:
    """One pass. `busy`: it goes on without being woken."""

    status: RotationStatus | None = None
    effects: tuple[Effect, ...] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Announcement, ...] = ()
    busy: bool = False


@dataclass(frozen=True)
class _Credential:
    """One of those that are replaced. `name`: in the annotation; `words`: in events."""

    name: str
    words: str
    told: Callable[[ValeoERP], CredentialStatus]
    in_use: Callable[[ValeoERP, Names], str]
    interval: Callable[[Rotation], RotationInterval | None]
    look: Callable[[Seen], Look]


_LOGIN: Final = _Credential(
    DATABASE, "The login of the application", told_of_database, login_in_use, lambda spec: spec.database, look_at_login
)
_KEYS: Final = _Credential(
    "keys", "The signing keys", told_of_keys, keys_in_use, lambda spec: spec.signing_keys, look_at_keys
)


@dataclass(frozen=True)
class _Pass:
    """One pass over one credential."""

    status: CredentialStatus
    effects: tuple[Effect, ...]
    told: tuple[Announcement, ...]
    busy: bool


def rotate(facts: Facts, rollout: Phase, now: datetime, *, satisfied: bool) -> Rotated:
    """The next pass over the credentials; at most one of them makes a release at a time.

    Args:
        facts: what was seen.
        rollout: the phase of the rollout after this pass.
        now: the time.
        satisfied: the rollout speaks of the release that the spec asks for.
    """
    asked = wish(facts)

    def passed(credential: _Credential, beside: RotationPhase) -> _Pass:
        before = credential.told(facts.erp)
        told = _with_times(_taken_up(before, asked, credential), credential, facts)
        looked = credential.look(Seen(told, facts, rollout, satisfied, now, beside))
        after = _with_times(_moved(told, looked, now), credential, facts)
        busy = after.phase not in {RotationPhase.IDLE, RotationPhase.OVERLAPPING} or bool(looked.change)
        return _Pass(after, looked.effects, _news(before, after, credential), busy)

    ours = facts.erp.spec.embedded_database is not None
    login = passed(_LOGIN, told_of_keys(facts.erp).phase) if ours else None
    keys = passed(_KEYS, login.status.phase if login else RotationPhase.IDLE)
    passes = [each for each in (login, keys) if each is not None]
    return Rotated(
        status=RotationStatus(database=login.status if login else None, signing_keys=keys.status),
        effects=(*(effect for each in passes for effect in each.effects), *(_returned(login, facts) if login else ())),
        acts={} if asked is None else {"rotate": asked.value},
        told=(*_without_effect(asked), *(news for each in passes for news in each.told)),
        busy=any(each.busy for each in passes),
    )


def _returned(login: _Pass, facts: Facts) -> tuple[Effect, ...]:
    under_way = DATABASE if login.status.phase in UNDER_LOCK else ""
    return left_behind(facts.find(LEASES, lock_name(facts.names)), Operation.ROTATION, under_way=under_way)


def _without_effect(asked: Wish | None) -> tuple[Announcement, ...]:
    if asked is None or not asked.problem:
        return ()
    told = f"valeoerp.io/rotate has no effect: {asked.problem}."
    return (Announcement(warning=True, reason="ActWithoutEffect", message=told),)


def _taken_up(told: CredentialStatus, asked: Wish | None, credential: _Credential) -> CredentialStatus:
    """A rotation that goes on is ended first, without overlap in an emergency; then another one begins.

    In an emergency every value from before is worthless, also one that was just made.
    """
    if asked is None or asked.problem or credential.name not in asked.of:
        return told
    return told.model_copy(update={"asked": True, "emergency": told.emergency or asked.emergency})


def _with_times(told: CredentialStatus, credential: _Credential, facts: Facts) -> CredentialStatus:
    secret = facts.secrets.get(told.secret or credential.in_use(facts.erp, facts.names))
    dated = told.model_copy(update={"since": told.since if secret is None else secret.made_at})
    settings = facts.erp.spec.rotation
    interval = None if settings is None else credential.interval(settings)
    return dated.model_copy(update={"next_at": due_at(dated, interval)})


def _moved(told: CredentialStatus, looked: Look, now: datetime) -> CredentialStatus:
    phase = next_phase(told.phase, looked.outcome)
    moves = {} if phase is told.phase else {"phase": phase, "phase_since": now.replace(microsecond=0)}
    return told.model_copy(update={**looked.change, **moves, "message": looked.words[:4000] or None})


def _news(before: CredentialStatus, after: CredentialStatus, credential: _Credential) -> tuple[Announcement, ...]:
    """One event for each transition; it names Secrets and roles, and no value."""
    if before.phase is after.phase:
        return ()
    bad = after.phase is RotationPhase.TAKING_BACK
    ended = after.phase is RotationPhase.IDLE
    reason = "RotationComplete" if ended else f"Rotation{after.phase.value}"
    return (Announcement(warning=bad, reason=reason, message=f"{credential.words}: {after.message}"),)
