"""Times as the tools write them. A time without a zone is taken as UTC."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_FRACTION: Final = re.compile(r"(\.\d{6})\d+")
_FIRST_MILLISECOND_COUNT: Final = 10**11  # as seconds it would be the year 5138


def _in_utc(found: datetime) -> datetime:
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def iso_time(text: str) -> datetime:
    """ISO 8601, also with nanoseconds as Go writes it. Raises ValueError."""
    return _in_utc(datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip())))


def mail_time(text: str) -> datetime:
    """As in the head of a mail, `Mon, 5 Jan 2026 08:00:00`. Raises ValueError."""
    return _in_utc(parsedate_to_datetime(text))


def epoch_time(number: float) -> datetime:
    """Seconds or milliseconds since 1970. Raises ValueError or OverflowError."""
    return datetime.fromtimestamp(number / 1000 if number >= _FIRST_MILLISECOND_COUNT else number, UTC)
