"""One-time tickets: how a browser without a cookie opens a stream, because no token may stand in a URL."""

import hashlib
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.events.models import stream_ticket
from valeo_erp.identity.scopes import Principal, Role, Scope
from valeo_erp.kernel.problems import Problem

LIFETIME = timedelta(seconds=30)


async def give_ticket(connection: AsyncConnection, principal: Principal, at: datetime) -> str:
    """A new ticket for one stream of this principal; only its sha-256 is kept."""
    ticket = secrets.token_urlsafe(32)
    await connection.execute(
        insert(stream_ticket).values(digest=_digest(ticket), principal=_as_json(principal), expires_at=at + LIFETIME)
    )
    return ticket


async def take_ticket(connection: AsyncConnection, ticket: str, at: datetime) -> Principal:
    """Who the ticket was given to. It is gone afterwards.

    Raises:
        Problem: 401, it was used, is too old, or never was.
    """
    table = stream_ticket.c
    row = (
        await connection.execute(
            delete(stream_ticket).where(table.digest == _digest(ticket)).returning(table.principal, table.expires_at)
        )
    ).one_or_none()
    if row is None or row.expires_at <= at:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "ticket_invalid",
            "This ticket was used or is older than 30 seconds. Take a new one.",
        )
    return _from_json(row.principal)


async def clear_tickets(connection: AsyncConnection, at: datetime) -> None:
    """Remove tickets that nobody used."""
    await connection.execute(delete(stream_ticket).where(stream_ticket.c.expires_at <= at))


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()


def _as_json(principal: Principal) -> dict[str, object]:
    return {
        "subject": principal.subject,
        "name": principal.name,
        "tenant_id": str(principal.tenant_id),
        "roles": sorted(principal.roles),
        "granted": sorted(principal.granted),
        "expires_at": None if principal.expires_at is None else principal.expires_at.isoformat(),
    }


def _from_json(kept: dict[str, str | list[str] | None]) -> Principal:
    expires_at = kept["expires_at"]
    return Principal(
        subject=str(kept["subject"]),
        name=str(kept["name"]),
        tenant_id=UUID(str(kept["tenant_id"])),
        roles=frozenset(Role(role) for role in kept["roles"] or ()),
        expires_at=datetime.fromisoformat(str(expires_at)) if expires_at else None,
        granted=frozenset(Scope(scope) for scope in kept.get("granted") or ()),
    )
