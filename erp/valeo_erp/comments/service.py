"""Saying something about a document, and reading what was said."""

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.comments.models import document_comment
from valeo_erp.documents.document import Kind
from valeo_erp.documents.repository import require
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.unit_of_work import Transaction

Row = dict[str, Any]
MOST = 500
"""Comments that are shown of one document."""

_SHOWN = [document_comment.c[name] for name in ("id", "at", "author", "author_name", "text")]


async def comments_of(connection: AsyncConnection, tenant_id: UUID, document_id: UUID) -> list[Row]:
    """What was said about a document, the oldest first."""
    c = document_comment.c
    statement = (
        select(*_SHOWN).where(c.tenant_id == tenant_id, c.document_id == document_id).order_by(c.at, c.id).limit(MOST)
    )
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def comment(transaction: Transaction, kind: Kind, document_id: UUID, text: str) -> Row:
    """Say something; it can not be changed or taken back. The audit keeps its sha-256, not its words.

    Raises:
        Problem: 404.
    """
    await require(transaction.connection, transaction.tenant_id, kind, document_id)
    values = {
        "tenant_id": transaction.tenant_id,
        "id": new_id(),
        "document_id": document_id,
        "text": text,
        "author": transaction.principal.subject,
        "author_name": transaction.principal.name,
        "at": transaction.at,
    }
    statement = insert(document_comment).values(values).returning(*_SHOWN)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    told = {"comment_id": str(row["id"])}
    transaction.audit("comment", kind, document_id, after=told | {"sha256": hashlib.sha256(text.encode()).hexdigest()})
    transaction.publish(f"{kind}.commented", kind, document_id, told)
    return row
