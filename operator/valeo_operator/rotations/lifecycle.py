"""The table of phases of a rotation: which outcome leads where. Pure.

Until `Retiring` the value from before is good, so whatever fails leads back to it. What is retired then is the new one.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from valeo_operator.api.rotation import RotationPhase as Phase


class Outcome(StrEnum):
    """How a look at a rotation ended."""

    STAYS = "stays"
    BEGINS = "begins"
    DONE = "done"
    FAILS = "fails"


TRANSITIONS: Final = {
    (Phase.IDLE, Outcome.BEGINS): Phase.PREPARING,
    (Phase.PREPARING, Outcome.DONE): Phase.RELEASING,
    (Phase.PREPARING, Outcome.FAILS): Phase.TAKING_BACK,
    (Phase.RELEASING, Outcome.DONE): Phase.PROVING,
    (Phase.RELEASING, Outcome.FAILS): Phase.TAKING_BACK,
    (Phase.PROVING, Outcome.DONE): Phase.OVERLAPPING,
    (Phase.PROVING, Outcome.FAILS): Phase.TAKING_BACK,
    (Phase.OVERLAPPING, Outcome.DONE): Phase.RETIRING,
    (Phase.OVERLAPPING, Outcome.FAILS): Phase.TAKING_BACK,
    (Phase.TAKING_BACK, Outcome.DONE): Phase.RETIRING,
    (Phase.RETIRING, Outcome.DONE): Phase.IDLE,
}

# What is changed in the database is changed under the lock for data operations.
UNDER_LOCK: Final = frozenset({Phase.PREPARING, Phase.RETIRING})

# A login that can't be prepared in this time is given up. The release has the deadlines of every rollout, the overlap
# its length; retiring and taking back go on until they are done.
PREPARED_WITHIN: Final = timedelta(minutes=30)


class ForbiddenMoveError(Exception):
    """An outcome that the table does not know for a phase."""


def next_phase(phase: Phase, outcome: Outcome) -> Phase:
    """Where the table leads. Raises ForbiddenMoveError for what is not in it."""
    if outcome is Outcome.STAYS:
        return phase
    try:
        return TRANSITIONS[phase, outcome]
    except KeyError as unknown:
        raise ForbiddenMoveError(f"a rotation in phase {phase} can't end with {outcome}") from unknown
