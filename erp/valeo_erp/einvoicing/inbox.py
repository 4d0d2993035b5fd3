"""`POST /api/v1/supplier-invoices/e-invoice`: a received e-invoice becomes a draft."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from valeo_erp.attachments.routes import FileName
from valeo_erp.attachments.schemas import FILE_BODY
from valeo_erp.composition import services_of
from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.routes import answer_of
from valeo_erp.documents.schemas import DocumentAnswer
from valeo_erp.einvoicing.drafting import KIND
from valeo_erp.einvoicing.receiving import Arrival, opened, take_in
from valeo_erp.identity.access import allowed, writing
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute

SCOPE = rules_of(KIND).scopes.write
PATH = f"/{rules_of(KIND).collection}/e-invoice"
OtherItem = Annotated[
    UUID | None, Query(description="The item of lines that name none of ours by number; otherwise they are refused")
]

router = APIRouter(tags=[KIND.value], responses=EVERY_ANSWER, route_class=TransactionalRoute)


async def _arrived(request: Request, name: FileName, _: Annotated[Principal, allowed(SCOPE)]) -> Arrival:
    """Before the transaction: no connection waits for a worker."""
    services = services_of(request.app)
    content = await request.body()
    return await opened(services.printing.pool, name, content, services.settings.attachment_limit_bytes)


@router.post(
    PATH,
    response_model=DocumentAnswer,
    status_code=201,
    operation_id="receive_e_invoice",
    summary="Read in a received e-invoice",
    openapi_extra=FILE_BODY,
    name="receive",
)
async def receive(
    request: Request,
    arrival: Annotated[Arrival, Depends(_arrived)],
    transaction: Annotated[Transaction, writing(SCOPE)],
    item_id: OtherItem = None,
) -> Response:
    """ZUGFeRD 2 / Factur-X (from BASIC) or XRechnung, as PDF, CII or UBL 2.1. The file is kept at the draft.

    The seller is found by VAT id, items by our number, or by the seller's number and the same name. Totals are
    calculated again; where they are others than the seller's, it is refused with both.
    """
    most = services_of(request.app).settings.attachment_limit_bytes
    document = await take_in(transaction, arrival, item_id, most)
    return answer_of(document, transaction.principal, transaction.at, created=True)
