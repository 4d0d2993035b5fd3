"""Putting a file to a document, and handing it out again."""

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.attachments.content import faults, sniffed
from valeo_erp.attachments.models import document_attachment
from valeo_erp.documents.document import Kind
from valeo_erp.documents.repository import require
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import invalid, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction

Row = dict[str, Any]
MOST = 50
"""Files at one document."""

_c = document_attachment.c
_SHOWN = [
    _c.id,
    _c.at,
    _c.added_by,
    _c.added_by_name,
    _c.name,
    _c.media_type,
    _c.size,
    func.encode(_c.sha256, "hex").label("sha256"),
]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is handed out."""

    name: str
    media_type: str
    sha256: str
    content: bytes

    @property
    def disposition(self) -> str:
        """`Content-Disposition` (RFC 6266): to be saved, never to be shown in the page's own origin."""
        plain = "".join(letter if letter.isascii() else "_" for letter in self.name)
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"


async def attachments_of(connection: AsyncConnection, tenant_id: UUID, document_id: UUID) -> list[Row]:
    """The files of a document without their bytes, the oldest first."""
    statement = select(*_SHOWN).where(_c.tenant_id == tenant_id, _c.document_id == document_id).order_by(_c.at, _c.id)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def attach(
    transaction: Transaction, kind: Kind, document_id: UUID, name: str, content: bytes, most_bytes: int
) -> Row:
    """Put a file to a document, in any state; it can not be changed or taken away.

    Raises:
        Problem: 404; 422 with everything that stands against the file; 409 when there are too many.
    """
    await require(transaction.connection, transaction.tenant_id, kind, document_id)
    media_type = sniffed(content)
    if (failures := faults(name, content, most_bytes)) or media_type is None:
        raise invalid("faulty_file", "The file was not kept; see the failures.", failures)
    await _require_room(transaction, document_id)
    values = {
        "tenant_id": transaction.tenant_id,
        "id": new_id(),
        "document_id": document_id,
        "name": name,
        "media_type": media_type.name,
        "size": len(content),
        "sha256": hashlib.sha256(content).digest(),
        "content": content,
        "added_by": transaction.principal.subject,
        "added_by_name": transaction.principal.name,
        "at": transaction.at,
    }
    statement = insert(document_attachment).values(values).returning(*_SHOWN)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    told = {"attachment_id": str(row["id"])}
    kept = {name: row[name] for name in ("name", "media_type", "size", "sha256")}
    transaction.audit("attach", kind, document_id, after=told | kept)
    transaction.publish(f"{kind}.attached", kind, document_id, told)
    return row


async def _require_room(transaction: Transaction, document_id: UUID) -> None:
    counting = select(func.count()).where(_c.tenant_id == transaction.tenant_id, _c.document_id == document_id)
    if (await transaction.connection.execute(counting)).scalar_one() >= MOST:
        raise refused("too_many_files", f"The document has {MOST} files already; there can be no more.")


async def stored(
    connection: AsyncConnection, tenant_id: UUID, kind: Kind, document_id: UUID, attachment_id: UUID
) -> StoredFile:
    """A file with its bytes.

    Raises:
        Problem: 404.
    """
    await require(connection, tenant_id, kind, document_id)
    statement = select(_c.name, _c.media_type, _c.sha256, _c.content).where(
        _c.tenant_id == tenant_id, _c.document_id == document_id, _c.id == attachment_id
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise not_found("attachment")
    return StoredFile(row.name, row.media_type, bytes(row.sha256).hex(), bytes(row.content))
