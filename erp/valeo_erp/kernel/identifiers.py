"""Identifiers: UUID version 7 (RFC 9562), so that keys grow with time and indexes stay dense."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered identifier."""
    return UUID(int=uuid7().int)
