"""The table of phases of a rollout: which outcome leads where, and how long a phase may last. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from valeo_operator.api.rollout import Phase


class Outcome(StrEnum):
    """How the look at a phase ended."""

    STAYS = "stays"
    DONE = "done"
    EXPIRED = "expired"
    DIRTY = "dirty"
    SUPERSEDED = "superseded"
    RETRIES = "retries"


TRANSITIONS: Final = {
    (Phase.PENDING, Outcome.DONE): Phase.MIGRATING,
    (Phase.PENDING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.PENDING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.MIGRATING, Outcome.DONE): Phase.STAGING,
    (Phase.MIGRATING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.MIGRATING, Outcome.DIRTY): Phase.SCHEMA_DIRTY,
    (Phase.MIGRATING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.STAGING, Outcome.DONE): Phase.SWITCHING,
    (Phase.STAGING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.STAGING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.SWITCHING, Outcome.DONE): Phase.COMPLETE,
    (Phase.SWITCHING, Outcome.EXPIRED): Phase.FAILED,
    (Phase.SWITCHING, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.COMPLETE, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.FAILED, Outcome.SUPERSEDED): Phase.PENDING,
    (Phase.FAILED, Outcome.RETRIES): Phase.PENDING,
    (Phase.SCHEMA_DIRTY, Outcome.SUPERSEDED): Phase.PENDING,
}

# How long a phase may last. A phase that is not here is final.
DEADLINES: Final = {
    Phase.PENDING: timedelta(minutes=10),
    Phase.MIGRATING: timedelta(minutes=40),
    Phase.STAGING: timedelta(minutes=10),
    Phase.SWITCHING: timedelta(minutes=2),
}

# A failed rollout is tried again by itself: what made it fail may have gone.
RETRY_AFTER: Final = timedelta(minutes=5)


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
