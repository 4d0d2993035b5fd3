"""Whose rows the database shows: row-level security by the tenant of whoever is being served.

The queries name their tenant; this holds where one forgets it. Every connection that leaves the pool is told the tenant
of the request before anything runs on it (kernel/database.py), and the policies of the tables compare with that. A
connection that was told nothing sees no row of any tenant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

SETTING = "valeo.tenant"

EVERY = UUID(int=2**128 - 1)
"""For what looks across tenants on purpose: who is tenant of a slug, whose paper a QR code is on, events to tell.
Only the tables that these need show their rows to it."""

_current: ContextVar[UUID | None] = ContextVar("tenant", default=None)


def current_tenant() -> UUID | None:
    """The tenant for whom this task works, None outside of any."""
    return _current.get()


def act_for(tenant_id: UUID) -> None:
    """From now on this task works for a tenant: called when the caller of a request is known."""
    _current.set(tenant_id)


@contextmanager
def acting_for(tenant_id: UUID) -> Iterator[None]:
    """Work for a tenant, until the block ends."""
    before = _current.set(tenant_id)
    try:
        yield
    finally:
        _current.reset(before)


def command_for(tenant_id: UUID | None) -> str:
    """What a connection is told."""
    return f"set {SETTING} = '{'' if tenant_id is None else tenant_id}'"
