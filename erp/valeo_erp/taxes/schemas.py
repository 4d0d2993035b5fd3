"""What the web API of tax codes takes and answers."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.money import Percent
from valeo_erp.kernel.text import ShortText

TaxCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Such as standard", examples=["standard"])
]
Account = Annotated[str, Field(pattern=r"^[0-9]{4,8}$", examples=["1776"])]


class _Rate(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[ShortText, Field(examples=["Umsatzsteuer Regelsatz"])]
    rate: Percent
    tax_account: Annotated[Account, Field(description="Output tax, when we sell")]
    input_account: Annotated[Account | None, Field(description="Input tax, when we buy; empty without one")] = None
    self_assessed_rate: Annotated[Percent | None, Field(description="What a buyer owes itself, per cent")] = None
    self_assessed_account: Annotated[Account | None, Field(description="Where that is booked")] = None
    valid_to: Annotated[BusinessDate | None, Field(description="The last day; empty: until further notice")] = None

    @model_validator(mode="after")
    def _self_assessed_has_an_account(self) -> Self:
        if (self.self_assessed_rate is None) != (self.self_assessed_account is None):
            raise PydanticCustomError(
                "self_assessed_account", "self_assessed_rate and self_assessed_account go together: give both or none"
            )
        return self


class RateBody(_Rate):
    """Other values of a rate that no document carries."""


class TaxCodeBody(_Rate):
    """A rate of a new or a known code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "travel_margin",
                    "name": "Differenzbesteuerung, §25a UStG",
                    "rate": "0",
                    "tax_account": "1770",
                    "valid_from": "2026-01-01",
                }
            ]
        }
    )

    code: TaxCode
    valid_from: BusinessDate

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("ends_before_it_begins", "valid_to must not be before valid_from")
        return self


class SuccessorBody(BaseModel):
    """The rate that follows; name and accounts that are left out stay as they are."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"valid_from": "2027-01-01", "rate": "20"}]}
    )

    valid_from: BusinessDate
    rate: Percent
    name: ShortText | None = None
    tax_account: Account | None = None
    input_account: Account | None = None


class EndBody(BaseModel):
    """The last day of a rate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_to: BusinessDate


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
    version: int


class TaxCodesAnswer(BaseModel):
    """All of them."""

    items: list[TaxCodeAnswer]
    next_cursor: None
