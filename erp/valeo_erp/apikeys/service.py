"""Giving, rotating and revoking keys."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.apikeys.key import PREFIX, digest_of, faults
from valeo_erp.apikeys.models import api_key
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import invalid, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction

Row = dict[str, Any]
_SHOWN = [column for column in api_key.columns if column.name not in {"tenant_id", "digest"}]


async def all_keys(connection: AsyncConnection, tenant_id: UUID) -> list[Row]:
    """Every key, the newest first, also those that hold no more."""
    statement = select(*_SHOWN).where(api_key.c.tenant_id == tenant_id).order_by(api_key.c.id.desc())
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def give(
    transaction: Transaction, name: str, scopes: Iterable[Scope], expires_at: datetime, replaces_id: UUID | None = None
) -> tuple[Row, str]:
    """A new key and its secret, which is nowhere afterwards.

    Raises:
        Problem: 422 with everything that stands against it.
    """
    wanted = sorted(set(scopes))
    if against := faults(wanted, transaction.principal, transaction.at, expires_at):
        raise invalid("api_key_refused", "There is no such key; see the failures.", against)
    secret = PREFIX + secrets.token_urlsafe(32)
    values = {
        "tenant_id": transaction.tenant_id,
        "id": new_id(),
        "name": name,
        "digest": digest_of(secret),
        "scopes": wanted,
        "created_by": transaction.principal.subject,
        "created_at": transaction.at,
        "expires_at": expires_at,
        "replaces_id": replaces_id,
    }
    statement = insert(api_key).values(values).returning(*_SHOWN)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    transaction.audit("create", "api_key", row["id"], after=_audited(row))
    return row, secret


async def rotate(transaction: Transaction, key_id: UUID, expires_at: datetime, overlap: timedelta) -> tuple[Row, str]:
    """A key like another one, which itself holds only until the overlap ends.

    Raises:
        Problem: 404; 409 when it holds no more; 422 as `give`.
    """
    old = await _locked(transaction, key_id)
    if old["revoked_at"] is not None or old["expires_at"] <= transaction.at:
        raise refused("api_key_over", "This key holds no more. Give a new one.")
    scopes = [Scope(scope) for scope in old["scopes"]]
    row, secret = await give(transaction, old["name"], scopes, expires_at, key_id)
    ends = min(old["expires_at"], transaction.at + overlap)
    await _change(transaction, old, "rotate", {"expires_at": ends})
    return row, secret


async def revoke(transaction: Transaction, key_id: UUID) -> Row:
    """End a key now. One that was revoked before stays as it is.

    Raises:
        Problem: 404.
    """
    old = await _locked(transaction, key_id)
    if old["revoked_at"] is not None:
        return old
    return await _change(transaction, old, "revoke", {"revoked_at": transaction.at})


async def _locked(transaction: Transaction, key_id: UUID) -> Row:
    own = (api_key.c.tenant_id == transaction.tenant_id, api_key.c.id == key_id)
    statement = select(*_SHOWN).where(*own).with_for_update()
    row = (await transaction.connection.execute(statement)).mappings().one_or_none()
    if row is None:
        raise not_found("API key")
    return dict(row)


async def _change(transaction: Transaction, old: Row, action: str, values: Row) -> Row:
    own = (api_key.c.tenant_id == transaction.tenant_id, api_key.c.id == old["id"])
    statement = update(api_key).where(*own).values(values).returning(*_SHOWN)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    transaction.audit(action, "api_key", row["id"], before=_audited(old), after=_audited(row))
    return row


def _audited(row: Row) -> Row:
    shown = {name: row[name] for name in ("name", "scopes", "expires_at", "revoked_at", "replaces_id")}
    return {name: value if isinstance(value, list | None) else str(value) for name, value in shown.items()}
