"""An invoice that nobody sent, to see a branding on. Pure."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot, State, TaxTotal
from valeo_erp.printing.formats import Language

_NOBODY = UUID(int=0)
_TERMS = timedelta(days=14)
_WORDS = {
    Language.GERMAN: ("MUSTER", "Muster-Kunde", "Musterweg 1", "Musterstadt", "Kalkammonsalpeter", "Winterweizen"),
    Language.ENGLISH: (
        "SAMPLE",
        "Sample customer",
        "Sample street 1",
        "Sampletown",
        "Ammonium nitrate",
        "Winter wheat",
    ),
}


def sample_invoice(tenant_id: UUID, language: Language, at: datetime, today: date) -> Document:
    """A draft that bears a word as its number, so that the payment block is seen."""
    number, customer, street, city, fertiliser, wheat = _WORDS[language]
    return Document(
        tenant_id=tenant_id,
        id=_NOBODY,
        kind=Kind.INVOICE,
        state=State.DRAFT,
        version=1,
        number=number,
        party_id=_NOBODY,
        party=PartySnapshot("10000", customer, street, "12345", city, "DE", None),
        document_date=today,
        supply_date=today,
        due_date=today + _TERMS,
        currency="EUR",
        note="",
        net_total=Decimal("2500.00"),
        tax_total=Decimal("415.00"),
        gross_total=Decimal("2915.00"),
        taxes=(
            TaxTotal("standard", Decimal(19), Decimal("2000.00"), Decimal("380.00"), ""),
            TaxTotal("reduced", Decimal(7), Decimal("500.00"), Decimal("35.00"), ""),
        ),
        content_hash=b"",
        reverses_id=None,
        reversed_by_id=None,
        created_by="",
        created_at=at,
        edited_by="",
        edited_at=at,
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
        approved_hash=None,
        posted_by=None,
        posted_at=None,
        lines=(
            _line(1, fertiliser, Decimal(10), Decimal(200), "standard", Decimal(19)),
            _line(2, wheat, Decimal(2), Decimal(250), "reduced", Decimal(7)),
        ),
    )


def _line(position: int, description: str, tons: Decimal, price: Decimal, tax_code: str, rate: Decimal) -> Line:
    return Line(
        position=position,
        item_id=_NOBODY,
        item_number=f"A-{position:04}",
        description=description,
        quantity=tons,
        unit="t",
        unit_price=price,
        price_base=Decimal(1),
        price_unit="t",
        discount=Decimal(0),
        tax_code=tax_code,
        tax_rate=rate,
        net=tons * price,
        revenue_account="",
    )
