"""What stands against opening, closing and reopening periods. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from valeo_erp.kernel.problems import Failure


@dataclass(frozen=True, slots=True)
class Period:
    """A period, from its first to its last day. Its year is that of its first day."""

    starts_on: date
    ends_on: date
    state: str
    closed_at: datetime | None
    closed_by: str | None
    version: int

    @property
    def closed(self) -> bool:
        """Whether nothing is posted into it."""
        return self.state == "closed"


def months_of(year: int) -> list[tuple[date, date]]:
    """The calendar months of a year, each from its first to its last day."""
    starts = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
    return [(start, following - timedelta(days=1)) for start, following in pairwise(starts)]


def against_opening(periods: Sequence[Period], year: int) -> list[Failure]:
    """What stands against the months of a year becoming periods."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    there = [each for each in periods if each.starts_on <= last and each.ends_on >= first]
    if there:
        message = f"There is a period from {there[0].starts_on} to {there[0].ends_on} already."
        return [Failure("year_exists", message, "year")]
    neighbours = {each.ends_on + timedelta(days=1) for each in periods} | {
        each.starts_on - timedelta(days=1) for each in periods
    }
    if periods and neighbours.isdisjoint({first, last}):
        message = f"The periods go from {periods[0].starts_on} to {periods[-1].ends_on}; no year may be left out."
        return [Failure("leaves_a_gap", message, "year")]
    return []


def against_closing(period: Period, unposted: Mapping[tuple[str, str], int]) -> list[Failure]:
    """What stands against closing a period.

    Args:
        period: as it is stored.
        unposted: how many documents of its days are not posted yet, by kind and state.
    """
    if period.closed:
        return [Failure("already_closed", f"It was closed by {period.closed_by} already.")]
    if not unposted:
        return []
    told = ", ".join(f"{kind.replace('_', ' ')} {state}: {count}" for (kind, state), count in sorted(unposted.items()))
    message = (
        f"{sum(unposted.values())} documents of its days are not posted ({told}). "
        'Post, cancel or date them anew, or close it with "unposted": true.'
    )
    return [Failure("unposted_documents", message, "unposted", {"count": str(sum(unposted.values()))})]


def against_reopening(period: Period, periods: Sequence[Period]) -> list[Failure]:
    """What stands against posting into a closed period again: nothing does until a later year is wholly closed."""
    if not period.closed:
        return [Failure("not_closed", "It is open.")]
    later = sorted({each.starts_on.year for each in periods if each.starts_on.year > period.starts_on.year})
    for year in later:
        if all(each.closed for each in periods if each.starts_on.year == year):
            message = (
                f"The year {year} is closed, and its opening balances rest on this one. Reopen a period of it first."
            )
            return [Failure("later_year_closed", message, facts={"year": str(year)})]
    return []
