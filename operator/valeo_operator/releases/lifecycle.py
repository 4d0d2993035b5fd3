"""The table of phases of a rollout: which outcome leads where, and how long a phase may last. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from valeo_operator.api.rollout import Phase
from valeo_operator.api.rollout_settings import Rollout


class Outcome(StrEnum):
    """How the look at a phase ended."""

    STAYS = "stays"
    DONE = "done"
    SETTLES = "settles"
    EXPIRED = "expired"
    FAILS = "fails"
    ABORTS = "aborts"
    DIRTY = "dirty"
    SUPERSEDED = "superseded"
    RETRIES = "retries"
    GOES_BACK = "goes back"
    BLOCKED = "blocked"


MEANING: Final = {
    Outcome.DONE: "done",
    Outcome.SETTLES: "there is nothing to go back to",
    Outcome.EXPIRED: "deadline",
    Outcome.FAILS: "failed",
    Outcome.ABORTS: "aborted by a person, or its pods are gone",
    Outcome.DIRTY: "schema at an unexpected revision",
    Outcome.SUPERSEDED: "another release is asked for",
    Outcome.RETRIES: "tried again",
    Outcome.GOES_BACK: "breach, or asked by a person",
    Outcome.BLOCKED: "the release before can't run",
}

# Before the selector is turned: users reach what was active before, whatever happens here.
BEFORE_SWITCH: Final = (
    Phase.PENDING,
    Phase.GATING,
    Phase.BACKING_UP,
    Phase.MIGRATING,
    Phase.STAGING,
    Phase.VERIFYING,
    Phase.AWAITING_PROMOTION,
)
# From the switch on: what was begun is ended; a newer release waits.
FROM_SWITCH: Final = (Phase.SWITCHING, Phase.DRAINING, Phase.WATCHING, Phase.ROLLING_BACK)
# The rollout ended without success; the reason stays in the status until somebody acts or the spec changes.
UNSUCCESSFUL: Final = (
    Phase.FAILED,
    Phase.ABORTED,
    Phase.EXPIRED,
    Phase.SCHEMA_DIRTY,
    Phase.ROLLED_BACK,
    Phase.ROLLBACK_BLOCKED,
)
FINAL: Final = frozenset({*UNSUCCESSFUL, Phase.COMPLETE, Phase.SUPERSEDED})

TRANSITIONS: Final = {
    (Phase.PENDING, Outcome.DONE): Phase.GATING,
    (Phase.PENDING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.GATING, Outcome.DONE): Phase.BACKING_UP,
    (Phase.GATING, Outcome.EXPIRED): Phase.EXPIRED,
    (Phase.BACKING_UP, Outcome.DONE): Phase.MIGRATING,
    (Phase.BACKING_UP, Outcome.FAILS): Phase.FAILED,
    (Phase.BACKING_UP, Outcome.EXPIRED): Phase.FAILED,
    (Phase.MIGRATING, Outcome.DONE): Phase.STAGING,
    (Phase.MIGRATING, Outcome.FAILS): Phase.FAILED,
    (Phase.MIGRATING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.MIGRATING, Outcome.DIRTY): Phase.SCHEMA_DIRTY,
    (Phase.STAGING, Outcome.DONE): Phase.VERIFYING,
    (Phase.STAGING, Outcome.EXPIRED): Phase.ABORTED,
    (Phase.VERIFYING, Outcome.DONE): Phase.AWAITING_PROMOTION,
    (Phase.VERIFYING, Outcome.FAILS): Phase.ABORTED,
    (Phase.VERIFYING, Outcome.EXPIRED): Phase.ABORTED,
    (Phase.AWAITING_PROMOTION, Outcome.DONE): Phase.SWITCHING,
    (Phase.AWAITING_PROMOTION, Outcome.EXPIRED): Phase.EXPIRED,
    (Phase.SWITCHING, Outcome.DONE): Phase.DRAINING,
    (Phase.SWITCHING, Outcome.SETTLES): Phase.COMPLETE,
    (Phase.SWITCHING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.SWITCHING, Outcome.ABORTS): Phase.ABORTED,
    (Phase.SWITCHING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.DRAINING, Outcome.DONE): Phase.WATCHING,
    (Phase.DRAINING, Outcome.EXPIRED): Phase.WATCHING,
    (Phase.DRAINING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.WATCHING, Outcome.DONE): Phase.COMPLETE,
    (Phase.WATCHING, Outcome.EXPIRED): Phase.EXPIRED,
    (Phase.WATCHING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.COMPLETE, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.ROLLING_BACK, Outcome.DONE): Phase.ROLLED_BACK,
    (Phase.ROLLING_BACK, Outcome.EXPIRED): Phase.ROLLBACK_BLOCKED,
    (Phase.ROLLING_BACK, Outcome.BLOCKED): Phase.ROLLBACK_BLOCKED,
    (Phase.ROLLBACK_BLOCKED, Outcome.DONE): Phase.COMPLETE,
    (Phase.FAILED, Outcome.RETRIES): Phase.PENDING,
    (Phase.ABORTED, Outcome.RETRIES): Phase.PENDING,
    **{(phase, Outcome.SUPERSEDED): Phase.PENDING for phase in (*BEFORE_SWITCH, *UNSUCCESSFUL)},
    **{(phase, Outcome.ABORTS): Phase.ABORTED for phase in BEFORE_SWITCH},
    **{
        (phase, outcome): after
        for phase in (Phase.SWITCHING, Phase.DRAINING, Phase.WATCHING, Phase.COMPLETE, *UNSUCCESSFUL)
        for outcome, after in (
            (Outcome.GOES_BACK, Phase.ROLLING_BACK),
            (Outcome.BLOCKED, Phase.ROLLBACK_BLOCKED),
        )
    },
}

# How long a phase may last; draining and watching as long as the spec says and this beyond it. A phase that is not here
# is final. Where a person must decide, days are given.
DEADLINES: Final = {
    Phase.PENDING: timedelta(minutes=10),
    Phase.GATING: timedelta(days=7),
    Phase.BACKING_UP: timedelta(hours=2),
    Phase.MIGRATING: timedelta(minutes=40),
    Phase.STAGING: timedelta(minutes=10),
    Phase.VERIFYING: timedelta(minutes=10),
    Phase.AWAITING_PROMOTION: timedelta(days=1),
    Phase.SWITCHING: timedelta(minutes=2),
    Phase.DRAINING: timedelta(minutes=1),
    Phase.WATCHING: timedelta(minutes=60),
    Phase.ROLLING_BACK: timedelta(minutes=10),
}

# A rollout that failed before anything was staged is tried again by itself: what made it fail may have gone. So is the
# very first one, which has nothing active beside it that could suffer.
RETRY_AFTER: Final = timedelta(minutes=5)


def time_limit(phase: Phase, settings: Rollout) -> timedelta | None:
    """How long the phase may last; None for a final one."""
    limit = DEADLINES.get(phase)
    if limit is None:
        return None
    if phase is Phase.STAGING:
        return limit + settings.stability
    if phase is Phase.DRAINING:
        return limit + settings.drain
    if phase is Phase.WATCHING:
        return limit + settings.watch
    return limit


class ForbiddenMoveError(Exception):
    """An outcome that the table does not know for a phase."""


def next_phase(phase: Phase, outcome: Outcome) -> Phase:
    """Where the table leads. Raises ForbiddenMoveError for what is not in it."""
    if outcome is Outcome.STAYS:
        return phase
    try:
        return TRANSITIONS[phase, outcome]
    except KeyError as unknown:
        raise ForbiddenMoveError(f"a rollout in phase {phase} can't end with {outcome}") from unknown
