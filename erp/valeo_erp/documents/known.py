"""The master data that a draft refers to, as frozen facts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from valeo_erp.documents.document import PartySnapshot
from valeo_erp.documents.links import Key, SourceLine
from valeo_erp.taxes.treatment import TaxStatus


@dataclass(frozen=True, slots=True)
class KnownParty:
    """The other side, as master data knows it."""

    id: UUID
    active: bool
    payment_days: int
    snapshot: PartySnapshot
    status: TaxStatus = TaxStatus.REGULAR


@dataclass(frozen=True, slots=True)
class GrainTerms:
    """How an item is settled by what was measured; see `calculation.settlement.Quality`."""

    base_moisture: Decimal
    shrinkage: Decimal
    base_impurity: Decimal
    drying_price: Decimal


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """What a price list says of an item at the date of supply."""

    unit_price: Decimal
    price_base: Decimal


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item, as master data knows it.

    Attributes:
        agreed: of the party, or else of everybody; None where no price list says anything.
    """

    id: UUID
    number: str
    name: str
    unit: str
    price_base: Decimal
    list_price: Decimal
    tax_code: str
    revenue_account: str
    active: bool
    purchase_price: Decimal = Decimal(0)
    cost_account: str = ""
    grain: GrainTerms | None = None
    agreed: AgreedPrice | None = None


@dataclass(frozen=True, slots=True)
class KnownTax:
    """A tax code at the date of supply.

    Attributes:
        input_account: where the tax goes when we buy; None where there is none to deduct.
        self_assessed_rate: per cent that we owe and deduct ourselves when we buy.
    """

    rate: Decimal
    account: str
    input_account: str | None = None
    self_assessed_rate: Decimal = Decimal(0)
    self_assessed_account: str = ""


@dataclass(frozen=True, slots=True)
class Masters:
    """The master data that a draft refers to, as far as it exists."""

    party: KnownParty | None
    items: Mapping[UUID, KnownItem]
    taxes: Mapping[str, KnownTax]
    sources: Mapping[Key, SourceLine] = field(default_factory=dict)
    chart: str = "skr03"
    country: str = "DE"
