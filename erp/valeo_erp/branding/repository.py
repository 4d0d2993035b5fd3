"""Rows of versions. The bytes of a logo are read only where they are asked for."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.branding.logo import Logo
from valeo_erp.branding.models import branding
from valeo_erp.kernel.problems import not_found
from valeo_erp.kernel.unit_of_work import Transaction

Row = dict[str, Any]

_c = branding.c
_WITHOUT = frozenset({"tenant_id", "logo", "logo_sha256"})
SHOWN: list[Any] = [
    *[column for column in branding.columns if column.name not in _WITHOUT],
    func.encode(_c.logo_sha256, "hex").label("logo_sha256"),
    func.length(_c.logo).label("logo_size"),
]
"""The columns of an answer; `as_answer` makes one of them."""


def as_answer(row: Any) -> Row:
    """A version as it stands in answers."""
    told = dict(row)
    media_type, sha256, size = (told.pop(f"logo_{name}") for name in ("media_type", "sha256", "size"))
    logo = None if sha256 is None else {"media_type": media_type, "sha256": sha256, "size": size}
    return told | {"logo": logo}


async def versions(connection: AsyncConnection, tenant_id: UUID) -> list[Row]:
    """Every version, the newest first."""
    statement = select(*SHOWN).where(_c.tenant_id == tenant_id).order_by(_c.version.desc())
    return [as_answer(row) for row in (await connection.execute(statement)).mappings()]


async def find(connection: AsyncConnection, tenant_id: UUID, version: int) -> Row:
    """One version.

    Raises:
        Problem: 404.
    """
    statement = select(*SHOWN).where(_c.tenant_id == tenant_id, _c.version == version)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        raise not_found("version of the branding")
    return as_answer(row)


async def locked(transaction: Transaction, version: int) -> Row:
    """One version, which nobody else changes until the transaction ends.

    Raises:
        Problem: 404.
    """
    own = (_c.tenant_id == transaction.tenant_id, _c.version == version)
    await transaction.connection.execute(select(_c.version).where(*own).with_for_update())
    return await find(transaction.connection, transaction.tenant_id, version)


async def find_logo(connection: AsyncConnection, tenant_id: UUID, version: int) -> Logo | None:
    """The logo of a version, None if there is no such version or it has none."""
    statement = select(_c.logo_media_type, _c.logo).where(
        _c.tenant_id == tenant_id, _c.version == version, _c.logo.is_not(None)
    )
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Logo(row.logo_media_type, bytes(row.logo))
