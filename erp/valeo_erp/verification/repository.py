"""The papers that an installation issued, of whichever tenant: who asks has no tenant."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import ISSUED
from valeo_erp.documents.models import document
from valeo_erp.tenants.models import tenant
from valeo_erp.verification.seal import Paper

_ISSUED = [state.value for state in ISSUED]


def paper_statement(document_id: UUID) -> Select[Any]:
    """The columns of `Paper`.

    It goes through the few tenants, so that the key (tenant, id) finds the document: by its id alone all would be read.
    """
    d = document.c
    return (
        select(d.tenant_id, d.id, d.number, d.document_date, d.gross_total, d.currency)
        .join_from(tenant, document, d.tenant_id == tenant.c.id)
        .where(d.id == document_id, d.state.in_(_ISSUED))
    )


async def papers(connection: AsyncConnection, document_id: UUID) -> list[Paper]:
    """What was issued under an id. Ids are unique within a tenant, and in practice altogether."""
    return [Paper(*row) for row in await connection.execute(paper_statement(document_id))]
