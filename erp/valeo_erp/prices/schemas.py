"""What clients send and get of prices."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from valeo_erp.documents.kinds import Side
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.money import Quantity, UnitPrice
from valeo_erp.kernel.text import Code


class PriceBody(BaseModel):
    """A price as it is written; a row of a file has the same fields."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"item": "1010", "party": "10001", "unit_price": "221.50", "valid_from": "2026-07-01"},
                {
                    "item": "1010",
                    "side": "purchase",
                    "unit_price": "19.80",
                    "price_base": "0.1",
                    "valid_from": "2026-07-01",
                },
            ]
        },
    )

    item: Annotated[Code, Field(description="Its number", examples=["1010"])]
    party: Annotated[Code | None, Field(description="Its number; left out: for everybody else")] = None
    side: Annotated[Side, Field(description="Whether it is for what we sell or what we buy")] = Side.SALES
    unit_price: UnitPrice
    price_base: Annotated[Quantity, Field(description="It is for so many of the item's units")] = Decimal(1)
    valid_from: BusinessDate
    valid_to: Annotated[BusinessDate | None, Field(description="The last day; left out: until further notice")] = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("ends_before_it_begins", "The last day is before the first.")
        return self


class EndBody(BaseModel):
    """When a price ends."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"valid_to": "2026-12-31"}]})

    valid_to: Annotated[BusinessDate, Field(description="Its last day")]


class PriceAnswer(BaseModel):
    """A price."""

    id: UUID
    side: Side
    item_id: UUID
    item: str
    party_id: UUID | None
    party: str | None
    unit_price: UnitPrice
    price_base: Quantity
    valid_from: date
    valid_to: date | None
    created_by: str
    created_at: datetime


class PricesAnswer(BaseModel):
    """One page of prices, the newest first."""

    items: list[PriceAnswer]
    next_cursor: str | None
