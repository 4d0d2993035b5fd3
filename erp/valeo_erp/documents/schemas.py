"""What clients send and get. Bodies of requests are checked here; answers are written from the facts as they are."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from valeo_erp.calculation.units import Unit
from valeo_erp.documents.document import Document, Kind, State
from valeo_erp.documents.lifecycle import Action, offered_actions
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.dates import BusinessDate
from valeo_erp.kernel.money import Money, Percent, Quantity, UnitPrice
from valeo_erp.kernel.text import Code, LongText, Reference, ShortText

MOST_LINES = 500

SignedQuantity = Annotated[
    Decimal,
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,11}(\.[0-9]{1,4})?$", "examples": ["24.5000"]}),
]
"""A quantity of an answer: negative on a reversal."""

_EXAMPLE_LINES: list[Any] = [
    {"item_id": "01980000-0002-7000-8000-000000000001", "quantity": "24.5", "unit": "t", "unit_price": "20.40"},
    {"item_id": "01980000-0002-7000-8000-000000000009", "quantity": "3", "discount": "2.5"},
]


class SourceBody(BaseModel):
    """The line of another document that a line follows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: UUID
    position: Annotated[int, Field(ge=1, le=MOST_LINES, strict=True)]


class WeighingBody(BaseModel):
    """The weighings of a vehicle: full and empty, in whatever order. The second may come with a later change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vehicle: Annotated[ShortText, Field(examples=["SR-LH 204"], description="Registration number")]
    first_kg: Annotated[Quantity, Field(examples=["39840"])]
    first_at: Annotated[AwareDatetime, Field(examples=["2026-08-03T09:12:00Z"])]
    second_kg: Annotated[Quantity | None, Field(examples=["14960"])] = None
    second_at: Annotated[AwareDatetime | None, Field(examples=["2026-08-03T09:31:00Z"])] = None

    @model_validator(mode="after")
    def _whole(self) -> "WeighingBody":
        if (self.second_kg is None) != (self.second_at is None):
            raise PydanticCustomError("weighing_half", "second_kg and second_at come together or not at all")
        if self.second_at is not None and self.second_at < self.first_at:
            raise PydanticCustomError("weighing_order", "second_at must not be before first_at")
        return self


def _unless_given(*others: str) -> AfterValidator:
    """A field that may be missing only when one of the others, which stand before it, is there."""

    def check(value: Any, info: ValidationInfo) -> Any:
        if value is None and all(info.data.get(name) is None for name in others):
            raise PydanticKnownError("missing")
        return value

    return AfterValidator(check)


class LineBody(BaseModel):
    """A line as it is written. What is left out comes from the line it follows, else from the item."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: SourceBody | None = None
    weighing: Annotated[WeighingBody | None, Field(description="On weighing tickets, instead of a quantity")] = None
    item_id: Annotated[
        UUID | None, Field(validate_default=True, description="May be left out with a source"), _unless_given("source")
    ] = None
    quantity: Annotated[
        Quantity | None,
        Field(validate_default=True, description="What is still open of the source if left out"),
        _unless_given("source", "weighing"),
    ] = None
    unit: Annotated[Unit | None, Field(description="The item's own unit if left out")] = None
    unit_price: Annotated[UnitPrice | None, Field(description="The price of the list if left out")] = None
    discount: Annotated[Percent | None, Field(description="None if left out")] = None
    description: Annotated[ShortText | None, Field(description="The item's name if left out")] = None
    tax_code: Annotated[Code | None, Field(description="As item, party and country want it, if left out")] = None
    moisture: Annotated[Percent | None, Field(description="Of grain, as measured", examples=["16.5"])] = None
    impurity: Annotated[Percent | None, Field(description="Of grain, as measured", examples=["2.4"])] = None


class FreightBody(BaseModel):
    """Freight that goes with the goods: it is taxed as they are, so it becomes a line for each of their tax rates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item_id: Annotated[UUID, Field(description="The item under which freight is written")]
    amount: Annotated[Money, Field(gt=0, description="Net")]


class CalculationBody(BaseModel):
    """Lines whose amounts are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"lines": _EXAMPLE_LINES}]})

    party_id: Annotated[UUID | None, Field(description="Decides the tax, too")] = None
    supply_date: Annotated[BusinessDate | None, Field(description="Decides the tax rate; today if left out")] = None
    discount: Annotated[Percent, Field(description="On every line, besides the line's own")] = Decimal(0)
    freight: FreightBody | None = None
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=MOST_LINES)]


class DocumentBody(BaseModel):
    """A document as it is written."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"party_id": "01980000-0001-7000-8000-000000000001", "lines": _EXAMPLE_LINES, "note": ""}]
        },
    )

    party_id: UUID
    document_date: Annotated[BusinessDate | None, Field(description="Today if left out")] = None
    supply_date: Annotated[BusinessDate | None, Field(description="The document date if left out")] = None
    due_date: Annotated[BusinessDate | None, Field(description="By the party's payment days if left out")] = None
    currency: Literal["EUR"] = "EUR"
    note: LongText = ""
    reference: Annotated[Reference, Field(description="How the other side calls it", examples=["RE-2026/1187"])] = ""
    discount: Annotated[Percent, Field(description="On every line, besides the line's own")] = Decimal(0)
    freight: FreightBody | None = None
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=MOST_LINES)]


class ActionBody(BaseModel):
    """What goes with an action."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "Falsche Menge"}]}
    )

    reason: Annotated[ShortText | None, Field(description="Needed to reject and to reverse; kept in the audit")] = None


class PartyAnswer(BaseModel):
    """Name and address: as they were when posted, before that as they are now."""

    number: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str | None


class QualityAnswer(BaseModel):
    """What was measured of grain, and the terms it is settled by: per cent, and a price for each of them."""

    moisture: Percent
    impurity: Percent
    base_moisture: Percent
    shrinkage: Percent
    base_impurity: Percent
    drying_price: UnitPrice


class WeighingAnswer(BaseModel):
    """The two weighings of a vehicle."""

    vehicle: str
    first_kg: Quantity
    first_at: datetime
    second_kg: Quantity | None
    second_at: datetime | None


class LineAnswer(BaseModel):
    """A line with everything that its amount follows from."""

    position: int
    item_id: UUID
    item_number: str
    description: str
    quantity: SignedQuantity
    unit: Unit
    unit_price: UnitPrice
    price_base: Quantity
    price_unit: Unit
    discount: Percent
    tax_code: str
    tax_rate: Percent
    net: Money
    revenue_account: str
    source_id: UUID | None
    source_position: int | None
    quality: QualityAnswer | None
    weighing: WeighingAnswer | None
    freight: Annotated[bool, Field(description="Made from `freight`: not to be sent back as a line")]


class TaxAnswer(BaseModel):
    """The tax of all lines with one code and rate."""

    code: str
    rate: Percent
    net: Money
    tax: Money
    account: str
    self_assessed_rate: Percent
    self_assessed: Money
    self_assessed_account: str


class ActionAnswer(BaseModel):
    """An action that leads on from here."""

    action: Action
    allowed: bool
    reason: str | None
    needs_reason: bool


class DocumentAnswer(BaseModel):
    """A document, and what the caller may do with it now."""

    id: UUID
    kind: Kind
    state: State
    version: int
    number: str | None
    party_id: UUID
    party: PartyAnswer
    document_date: date
    supply_date: date
    due_date: date
    currency: str
    note: str
    reference: str
    discount: Percent
    counter_account: str | None
    net_total: Money
    tax_total: Money
    gross_total: Money
    taxes: list[TaxAnswer]
    lines: list[LineAnswer]
    reverses_id: UUID | None
    reversed_by_id: UUID | None
    created_by: str
    created_at: datetime
    edited_by: str
    edited_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    posted_by: str | None
    posted_at: datetime | None
    actions: list[ActionAnswer]


class SummaryAnswer(BaseModel):
    """A document as a row of the list."""

    id: UUID
    state: State
    version: int
    number: str | None
    party_id: UUID
    party_number: str
    party_name: str
    document_date: date
    due_date: date
    currency: str
    net_total: Money
    tax_total: Money
    gross_total: Money


class PageAnswer(BaseModel):
    """One page of the list."""

    items: list[SummaryAnswer]
    next_cursor: str | None


class CalculationAnswer(BaseModel):
    """The amounts of the lines that were sent, and of them together."""

    lines: list[LineAnswer]
    taxes: list[TaxAnswer]
    net_total: Money
    tax_total: Money
    gross_total: Money


_SHOWN = tuple(name for name in DocumentAnswer.model_fields if name != "actions")


def document_answer(document: Document, principal: Principal, today: date) -> dict[str, Any]:
    """The members of `DocumentAnswer`, with the actions offered to this person."""
    shown: dict[str, Any] = {name: getattr(document, name) for name in _SHOWN}
    shown["actions"] = offered_actions(document, principal, today)
    return shown
