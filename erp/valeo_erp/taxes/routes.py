"""The web API of tax codes."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import select

from valeo_erp.identity.access import Reading, reading
from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.bodies import json_answer
from valeo_erp.kernel.money import Percent
from valeo_erp.taxes.models import tax_code

router = APIRouter(tags=["tax_code"], responses=EVERY_ANSWER)


class TaxCodeAnswer(BaseModel):
    """A rate and the days of supply it holds for."""

    code: str
    name: str
    rate: Percent
    valid_from: date
    valid_to: date | None
    tax_account: str
    input_account: str | None
    self_assessed_rate: Percent | None
    self_assessed_account: str | None


class TaxCodesAnswer(BaseModel):
    """All of them."""

    items: list[TaxCodeAnswer]
    next_cursor: None


_COLUMNS = [tax_code.c[name] for name in TaxCodeAnswer.model_fields]


@router.get("/tax-codes", response_model=TaxCodesAnswer, operation_id="list_tax_codes", summary="List tax codes")
async def list_tax_codes(read: Annotated[Reading, reading(Scope.MASTER_READ)]) -> Response:
    """All of them, with every rate that ever held."""
    statement = (
        select(*_COLUMNS).where(tax_code.c.tenant_id == read.tenant_id).order_by(tax_code.c.code, tax_code.c.valid_from)
    )
    rows = [dict(row) for row in (await read.connection.execute(statement)).mappings()]
    return json_answer({"items": rows, "next_cursor": None})
