"""Cursors of lists: where the next page begins, in a form that clients pass back unread."""

import base64
import binascii
import json

from valeo_erp.kernel.problems import Problem, invalid


def write_cursor(*key: str | int) -> str:
    """The cursor after the row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> list[str]:
    """The sort key in a cursor, as text.

    Raises:
        Problem: 422, this service did not make it.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise cursor_invalid() from error
    if not isinstance(key, list):
        raise cursor_invalid()
    texts = [str(part) for part in key]
    if any("\0" in part for part in texts):
        raise cursor_invalid()
    return texts


def cursor_invalid() -> Problem:
    """The answer for a cursor that this service did not give out."""
    return invalid("cursor_invalid", "This cursor was not given out by this list; begin without one.")
