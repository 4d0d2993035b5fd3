"""The papers that an installation issued, of whichever tenant: who asks has no tenant."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import ISSUED
from valeo_erp.documents.models import document
from valeo_erp.verification.seal import Paper

_PAPER = select(
    document.c.tenant_id,
    document.c.id,
    document.c.number,
    document.c.document_date,
    document.c.gross_total,
    document.c.currency,
).where(document.c.id == bindparam("id"), document.c.state.in_([state.value for state in ISSUED]))


async def papers(connection: AsyncConnection, document_id: UUID) -> list[Paper]:
    """What was issued under an id. Ids are unique within a tenant, and in practice altogether."""
    return [Paper(*row) for row in await connection.execute(_PAPER, {"id": document_id})]
