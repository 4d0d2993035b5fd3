"""What clients send and get of parties."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from valeo_erp.kernel.money import Money, Percent
from valeo_erp.kernel.text import Code, ShortText
from valeo_erp.parties.vat_ids import vat_id_fault
from valeo_erp.taxes.treatment import TaxStatus


def _can_be_one(vat_id: str | None) -> str | None:
    if vat_id is not None and (fault := vat_id_fault(vat_id)):
        raise PydanticCustomError("vat_id_faulty", "{fault}", {"fault": fault})
    return vat_id


class PartyBody(BaseModel):
    """A party as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[Code, Field(examples=["10020"])]
    name: Annotated[ShortText, Field(examples=["Hof Lindner GbR"])]
    street: Annotated[ShortText, Field(examples=["Am Anger 3"])]
    postal_code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9 -]{1,9}$", examples=["94315"])]
    city: Annotated[ShortText, Field(examples=["Straubing"])]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1", examples=["DE"])] = "DE"
    vat_id: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Z]{2}[A-Z0-9+*]{2,12}$",
            examples=["DE812044778"],
            description="With right check digits",
        ),
        AfterValidator(_can_be_one),
    ] = None
    tax_number: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9A-Z][0-9A-Z /.-]{3,29}$",
            examples=["162/225/30471"],
            description="Of a farmer without a VAT ID who gets self-billed credits (§ 14 (4) no. 2 UStG)",
        ),
    ] = None
    tax_status: TaxStatus = TaxStatus.REGULAR
    payment_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 14
    cash_discount_days: Annotated[int, Field(ge=0, le=365, strict=True, description="From the document date")] = 0
    cash_discount: Annotated[Percent, Field(description="Granted within those days")] = Decimal(0)
    credit_limit: Annotated[Money | None, Field(ge=0, description="Of what is open, gross")] = None
    active: Annotated[bool, Field(strict=True)] = True


class PartyAnswer(PartyBody):
    """A party."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    version: int
    updated_at: datetime


class PartiesAnswer(BaseModel):
    """One page of parties, by number."""

    items: list[PartyAnswer]
    next_cursor: str | None
