"""The table of phases of a restore: which outcome leads where in which mode, and how long a phase may last. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from valeo_operator.api.valeorestore import RestoreMode as Mode
from valeo_operator.api.valeorestore import RestorePhase as Phase


class Outcome(StrEnum):
    """How a look at a restore ended."""

    STAYS = "stays"
    DONE = "done"
    FAILS = "fails"
    CANCELS = "cancels"


_BESIDE: Final = {
    (Phase.PENDING, Outcome.DONE): Phase.RESTORING,
    (Phase.PENDING, Outcome.FAILS): Phase.FAILED,
    (Phase.PENDING, Outcome.CANCELS): Phase.CANCELLED,
    (Phase.RESTORING, Outcome.DONE): Phase.COMPLETE,
    (Phase.RESTORING, Outcome.FAILS): Phase.FAILED,
    (Phase.RESTORING, Outcome.CANCELS): Phase.CANCELLED,
}
_IN_PLACE: Final = {
    (Phase.PENDING, Outcome.DONE): Phase.PREPARING,
    (Phase.PENDING, Outcome.FAILS): Phase.FAILED,
    (Phase.PENDING, Outcome.CANCELS): Phase.CANCELLED,
    (Phase.PREPARING, Outcome.DONE): Phase.RESTORING,
    (Phase.PREPARING, Outcome.FAILS): Phase.FAILED,
    (Phase.PREPARING, Outcome.CANCELS): Phase.CANCELLED,
    (Phase.RESTORING, Outcome.DONE): Phase.ERASING,
    (Phase.RESTORING, Outcome.FAILS): Phase.FAILED,
    (Phase.RESTORING, Outcome.CANCELS): Phase.CANCELLED,
    (Phase.ERASING, Outcome.DONE): Phase.SWAPPING,
    (Phase.ERASING, Outcome.FAILS): Phase.FAILED,
    (Phase.ERASING, Outcome.CANCELS): Phase.CANCELLED,
    # From here on it is not cancelled any more: it is proven, or swapped back.
    (Phase.SWAPPING, Outcome.DONE): Phase.PROVING,
    (Phase.SWAPPING, Outcome.FAILS): Phase.SWAPPING_BACK,
    (Phase.PROVING, Outcome.DONE): Phase.COMPLETE,
    (Phase.PROVING, Outcome.FAILS): Phase.SWAPPING_BACK,
    (Phase.SWAPPING_BACK, Outcome.DONE): Phase.FAILED,
}
TRANSITIONS: Final = {Mode.DRILL: _BESIDE, Mode.NEW_DATABASE: _BESIDE, Mode.IN_PLACE: _IN_PLACE}

# How long a phase may last. A phase that is not here is final, or (SwappingBack) goes on until it is done.
DEADLINES: Final = {
    Phase.PENDING: timedelta(hours=6),
    Phase.PREPARING: timedelta(hours=2),
    Phase.RESTORING: timedelta(hours=4, minutes=5),
    Phase.ERASING: timedelta(minutes=30),
    Phase.SWAPPING: timedelta(minutes=20),
    Phase.PROVING: timedelta(minutes=5),
}


def next_phase(mode: Mode, phase: Phase, outcome: Outcome) -> Phase | None:
    """Where the table leads; None for what can't happen in this phase, which then stays as it is."""
    return phase if outcome is Outcome.STAYS else TRANSITIONS[mode].get((phase, outcome))
