"""`/supplier-invoices/e-invoice`: reading in a received e-invoice. The API's use case; the answer is for people."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from valeo_erp.composition import services_of
from valeo_erp.einvoicing.drafting import KIND
from valeo_erp.einvoicing.inbox import PATH, SCOPE
from valeo_erp.einvoicing.receiving import Arrival, opened, take_in
from valeo_erp.identity.access import Reading, allowed, reading, writing
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.problems import Failure, invalid
from valeo_erp.kernel.unit_of_work import Transaction, TransactionalRoute
from valeo_erp.pages import choices
from valeo_erp.pages.rendering import page
from valeo_erp.pages.sent import whole

LIST = PATH.removesuffix("/e-invoice")

reads = APIRouter(tags=[KIND.value], include_in_schema=False)
writes = APIRouter(tags=[KIND.value], include_in_schema=False, route_class=TransactionalRoute)


@reads.get(PATH)
async def receive_page(request: Request, read: Annotated[Reading, reading(SCOPE)]) -> Response:
    """The form."""
    items = await choices.items(read.connection, read.tenant_id)
    return page("e_invoice.html", request, read.principal, {"base": LIST, "items": items, "key": uuid4().hex})


async def _sent(request: Request, _: Annotated[Principal, allowed(SCOPE)]) -> tuple[Arrival, UUID | None]:
    """The file, opened before the transaction begins, and the chosen item."""
    await whole(request)
    services = services_of(request.app)
    async with request.form(max_fields=10, max_files=1) as form:
        file, chosen = form.get("file"), form.get("item_id")
        name, content = (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")
    arrival = await opened(services.printing.pool, name, content, services.settings.attachment_limit_bytes)
    return arrival, _item(chosen if isinstance(chosen, str) else "")


def _item(chosen: str) -> UUID | None:
    try:
        return UUID(chosen) if chosen else None
    except ValueError as error:
        fault = Failure("item_unknown", "There is no such item.", "item_id")
        raise invalid("faulty_e_invoice", fault.message, [fault]) from error


@writes.post(PATH, name="receive")
async def receive(
    request: Request,
    sent: Annotated[tuple[Arrival, UUID | None], Depends(_sent)],
    transaction: Annotated[Transaction, writing(SCOPE)],
) -> Response:
    """Write the draft, and go to it."""
    most = services_of(request.app).settings.attachment_limit_bytes
    document = await take_in(transaction, *sent, most)
    address = f"{LIST}/{document.id}"
    return Response(status_code=HTTPStatus.CREATED, headers={"HX-Redirect": address, "Location": address})
