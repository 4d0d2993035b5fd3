"""Sessions of the web page in PostgreSQL. The cookie is a random word; only its hash is stored."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.identity.models import web_session
from valeo_erp.identity.scopes import Principal, Role

SESSION_LASTS = timedelta(hours=8)

_FIND = select(web_session.c.principal, web_session.c.expires_at).where(
    web_session.c.digest == bindparam("digest"), web_session.c.expires_at > bindparam("now")
)
_FORGET = delete(web_session).where(web_session.c.digest == bindparam("digest"))
_FORGET_EXPIRED = delete(web_session).where(web_session.c.expires_at <= bindparam("now"))


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


async def start(connection: AsyncConnection, principal: Principal, now: datetime) -> str:
    """Begin a session and give the value of its cookie. Expired sessions of others are removed on the way."""
    cookie = secrets.token_urlsafe(32)
    await connection.execute(_FORGET_EXPIRED, {"now": now})
    await connection.execute(
        insert(web_session),
        {
            "digest": _digest(cookie),
            "principal": to_json(principal),
            "created_at": now,
            "expires_at": now + SESSION_LASTS,
        },
    )
    return cookie


async def find(connection: AsyncConnection, cookie: str, now: datetime) -> Principal | None:
    """Whose session the cookie is, None if it is unknown, ended or expired."""
    row = (await connection.execute(_FIND, {"digest": _digest(cookie), "now": now})).one_or_none()
    return None if row is None else from_json(row.principal, row.expires_at)


async def end(connection: AsyncConnection, cookie: str) -> None:
    """End a session; an unknown one is already ended."""
    await connection.execute(_FORGET, {"digest": _digest(cookie)})


def to_json(principal: Principal) -> dict[str, Any]:
    """A principal as it is kept in a row."""
    return {
        "subject": principal.subject,
        "name": principal.name,
        "tenant_id": str(principal.tenant_id),
        "roles": sorted(principal.roles),
    }


def from_json(kept: dict[str, Any], expires_at: datetime) -> Principal:
    """The principal of a row."""
    known = set(Role)
    roles = frozenset(Role(role) for role in kept["roles"] if role in known)
    return Principal(kept["subject"], kept["name"], UUID(kept["tenant_id"]), roles, expires_at)
