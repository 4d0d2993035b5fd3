"""What clients send and get of items."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.calculation.units import Unit
from valeo_erp.kernel.money import Percent, Quantity, UnitPrice
from valeo_erp.kernel.text import Code, ShortText


class GrainBody(BaseModel):
    """How a load of grain is settled by what was measured of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_moisture: Annotated[Percent, Field(description="Up to which nothing is deducted", examples=["14.5"])]
    shrinkage: Annotated[Percent, Field(description="Of the weight, for each per cent above", examples=["1.3"])]
    base_impurity: Annotated[Percent, Field(description="Up to which nothing is deducted", examples=["2"])]
    drying_price: Annotated[
        UnitPrice, Field(description="For each per cent above, for as much as the price is for", examples=["0.45"])
    ]


class ItemBody(BaseModel):
    """An item as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[Code, Field(examples=["1050"])]
    name: Annotated[ShortText, Field(description="German, as it is printed", examples=["Winterroggen"])]
    name_en: Annotated[ShortText, Field(description="English, as it is printed", examples=["Winter rye"])]
    unit: Annotated[Unit, Field(description="What it is traded and priced in")]
    price_base: Annotated[Quantity, Field(description="The price is for so many units")] = Decimal(1)
    list_price: UnitPrice
    tax_code: Annotated[Code, Field(examples=["reduced"])]
    revenue_account: Annotated[str, Field(pattern=r"^[0-9]{4,8}$", examples=["8300"])]
    purchase_price: Annotated[UnitPrice, Field(description="What we pay for the price base")] = Decimal(0)
    cost_account: Annotated[
        str | None, Field(pattern=r"^[0-9]{4,8}$", description="Left out: purchases of the chart", examples=["3300"])
    ] = None
    tolerance: Annotated[Percent, Field(description="What a delivery may be more than its order")] = Decimal(0)
    grain: GrainBody | None = None
    active: Annotated[bool, Field(strict=True)] = True


class ItemAnswer(ItemBody):
    """An item."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    version: int
    cost_account: str
    updated_at: datetime


class ItemsAnswer(BaseModel):
    """One page of items, by number."""

    items: list[ItemAnswer]
    next_cursor: str | None
