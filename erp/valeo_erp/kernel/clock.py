"""Time: instants are UTC, business dates are the date in Berlin."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The current instant in UTC."""
    return datetime.now(UTC)


def business_date(at: datetime) -> date:
    """The date in Berlin at an instant."""
    return at.astimezone(BERLIN).date()
