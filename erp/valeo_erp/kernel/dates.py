"""Business dates and instants in requests: ISO 8601 text, within what a trader can mean."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _only_iso_text(value: object) -> object:
    """Numbers would be read as seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _ISO.fullmatch(value)):
        return value
    raise PydanticCustomError("not_a_date", 'must be a date such as "2026-03-31"')


BusinessDate = Annotated[
    date,
    Field(ge=date(1990, 1, 1), le=date(2100, 12, 31)),
    BeforeValidator(_only_iso_text),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-03-31"]}),
]
"""A date from 1990 to 2100."""


_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})")


def _only_instant_text(value: object) -> object:
    """Numbers would be read as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return value
    raise PydanticCustomError("not_an_instant", 'must be an instant with its zone, such as "2026-03-31T08:00:00Z"')


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_only_instant_text),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-31T08:00:00Z"]}),
]
"""A moment with its zone (RFC 3339)."""
