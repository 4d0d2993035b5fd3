"""What a print is made from. Frozen facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from valeo_erp.branding.logo import Logo
from valeo_erp.branding.look import Look
from valeo_erp.documents.document import Document, Kind


@dataclass(frozen=True)
class Supplier:
    """The tenant, as it stands on its paper."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    tax_number: str
    phone: str
    email: str
    bank_name: str
    iban: str
    bic: str
    register_entry: str


@dataclass(frozen=True)
class Original:
    """The document that a reversal reverses."""

    number: str
    document_date: date


@dataclass(frozen=True)
class Followed:
    """A document that lines of this one follow."""

    kind: Kind
    number: str
    document_date: date


@dataclass(frozen=True)
class Brand:
    """A version of the branding. `logo` is read only for what is printed."""

    version: int
    look: Look
    logo: Logo | None = None


@dataclass(frozen=True)
class PrintFacts:
    """Everything that a print is made from.

    Attributes:
        tax_names: the name of each tax code, which for a zero rate is the reason of the exemption.
        original: set on a reversal.
        followed: what its lines follow, in the order of kinds and numbers.
        party_tax_number: of the other side, as it is now; empty if it is not known.
        brand: in force; None without one. The supplier has its account and register entry already.
    """

    document: Document
    supplier: Supplier
    tax_names: Mapping[str, str]
    original: Original | None
    followed: tuple[Followed, ...] = ()
    party_tax_number: str = ""
    brand: Brand | None = None
