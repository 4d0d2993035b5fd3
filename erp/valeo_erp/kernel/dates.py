"""Business dates in requests: ISO 8601 text, within what a trader can mean."""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
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
