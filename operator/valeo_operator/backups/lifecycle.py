"""The table of phases of a backup: which outcome leads where. Pure."""

from enum import StrEnum
from typing import Final

from valeo_operator.api.valeobackup import BackupPhase as Phase


class Outcome(StrEnum):
    """How a look at a backup ended."""

    STAYS = "stays"
    BEGINS = "begins"
    MADE = "made"
    FAILS = "fails"
    FOUND_GOOD = "found good"
    FOUND_CORRUPT = "found corrupt"
    NOT_FOUND = "not found"
    GOES = "goes"


TRANSITIONS: Final = {
    (Phase.PENDING, Outcome.BEGINS): Phase.RUNNING,
    (Phase.PENDING, Outcome.FAILS): Phase.FAILED,
    (Phase.PENDING, Outcome.FOUND_GOOD): Phase.GOOD,
    (Phase.PENDING, Outcome.FOUND_CORRUPT): Phase.CORRUPT,
    (Phase.PENDING, Outcome.NOT_FOUND): Phase.LOST,
    (Phase.RUNNING, Outcome.MADE): Phase.GOOD,
    (Phase.RUNNING, Outcome.FAILS): Phase.FAILED,
    # What the store is seen to hold wins over what was believed.
    (Phase.GOOD, Outcome.FOUND_CORRUPT): Phase.CORRUPT,
    (Phase.GOOD, Outcome.NOT_FOUND): Phase.LOST,
    (Phase.CORRUPT, Outcome.FOUND_GOOD): Phase.GOOD,
    (Phase.CORRUPT, Outcome.NOT_FOUND): Phase.LOST,
    (Phase.LOST, Outcome.FOUND_GOOD): Phase.GOOD,
    (Phase.LOST, Outcome.FOUND_CORRUPT): Phase.CORRUPT,
    (Phase.FAILED, Outcome.FOUND_GOOD): Phase.GOOD,
    (Phase.FAILED, Outcome.FOUND_CORRUPT): Phase.CORRUPT,
    (Phase.GOOD, Outcome.GOES): Phase.DELETING,
    (Phase.CORRUPT, Outcome.GOES): Phase.DELETING,
}


def next_phase(phase: Phase, outcome: Outcome) -> Phase | None:
    """Where the table leads; None for what can't happen to a backup in this phase, which then stays as it is."""
    return phase if outcome is Outcome.STAYS else TRANSITIONS.get((phase, outcome))
