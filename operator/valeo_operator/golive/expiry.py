"""When something that showed a result ends. Every place that asks how old something may be asks here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.model import Described

# Clocks of two machines differ a little; more than this is no accident.
CLOCK_SKEW: Final = timedelta(minutes=5)


class Freshness(Described):
    """How the age of something is judged."""

    FRESH = "Fresh", "It holds now."
    OVER = "Over", "It did hold, and ended."
    FUTURE = "Future", "It claims a time that has not come yet, so its age is not known."


@dataclass(frozen=True)
class Validity:
    """Until when something holds, and how it stands now."""

    until: datetime
    freshness: Freshness


def is_over(until: datetime, now: datetime) -> bool:
    """Whether something that held until then is over. At its end it is."""
    return now >= until


def validity(made: datetime, longest: timedelta, now: datetime, ends: datetime | None = None) -> Validity:
    """It ends `longest` after it was made, or at `ends` if that is earlier."""
    until = made + longest if ends is None else min(made + longest, ends)
    if made > now + CLOCK_SKEW:
        return Validity(until, Freshness.FUTURE)
    return Validity(until, Freshness.OVER if is_over(until, now) else Freshness.FRESH)
