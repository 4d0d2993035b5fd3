"""A believable invoice, as facts: for tests of what is printed and exported."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot, State, TaxTotal
from valeo_erp.printing.facts import Original, PrintFacts, Supplier

SUPPLIER = Supplier(
    name="Landhandel Hofmann GmbH",
    street="Mühlenweg 12",
    postal_code="29525",
    city="Uelzen",
    country="DE",
    vat_id="DE123456789",
    tax_number="23/456/78901",
    phone="+49 581 123450",
    email="kontor@landhandel-hofmann.example",
    bank_name="Volksbank Uelzen",
    iban="DE02120300000000202051",
    bic="BYLADEM1001",
    register_entry="Amtsgericht Lüneburg, HRB 12345, Geschäftsführer: Karl Hofmann",
)
PARTY = PartySnapshot(
    number="10001",
    name="Hof Lindenberg GbR",
    street="Dorfstraße 4",
    postal_code="29584",
    city="Himbergen",
    country="DE",
    vat_id="DE987654321",
)
TENANT = UUID("01980000-0000-7000-8000-000000000001")
NOON = datetime(2026, 7, 20, 10, 0, tzinfo=UTC)


def line(position: int, description: str, quantity: str, price: str, net: str, rate: str = "19", **more: str) -> Line:
    """One line; `more` are further attributes."""
    return Line(
        position=position,
        item_id=UUID(int=position),
        item_number=f"A-{position:04}",
        description=description,
        quantity=Decimal(quantity),
        unit=more.get("unit", "t"),
        unit_price=Decimal(price),
        price_base=Decimal(more.get("price_base", "1")),
        price_unit=more.get("price_unit", more.get("unit", "t")),
        discount=Decimal(more.get("discount", "0")),
        tax_code={"19": "standard", "7": "reduced", "0": "exempt"}[rate],
        tax_rate=Decimal(rate),
        net=Decimal(net),
        revenue_account="8400",
    )


INVOICE = Document(
    tenant_id=TENANT,
    id=UUID("01980000-0000-7000-8000-0000000000aa"),
    kind=Kind.INVOICE,
    state=State.POSTED,
    version=5,
    number="INV-2026-00001",
    party_id=UUID("01980000-0000-7000-8000-0000000000bb"),
    party=PARTY,
    document_date=date(2026, 7, 20),
    supply_date=date(2026, 7, 17),
    due_date=date(2026, 8, 3),
    currency="EUR",
    note="Lieferung frei Hof. Wir danken für Ihren Auftrag.",
    net_total=Decimal("9403.39"),
    tax_total=Decimal("1192.24"),
    gross_total=Decimal("10595.63"),
    taxes=(
        TaxTotal("standard", Decimal(19), Decimal("4450.00"), Decimal("845.50"), "1776"),
        TaxTotal("reduced", Decimal(7), Decimal("4953.39"), Decimal("346.74"), "1771"),
    ),
    content_hash=b"\x01" * 32,
    reverses_id=None,
    reversed_by_id=None,
    created_by="olga",
    created_at=NOON,
    edited_by="olga",
    edited_at=NOON,
    submitted_by="olga",
    submitted_at=NOON,
    approved_by="max",
    approved_at=NOON,
    approved_hash=b"\x01" * 32,
    posted_by="anna",
    posted_at=NOON,
    lines=(
        line(
            1,
            "Kalkammonsalpeter 27 % N, lose",
            "12.5000",
            "29.800000",
            "3725.00",
            unit="t",
            price_base="100",
            price_unit="kg",
        ),
        line(
            2,
            "Weizensaatgut „Informer“ Z, gebeizt, 500-kg-Big-Bag",
            "8.2000",
            "61.640000",
            "4953.39",
            "7",
            unit="t",
            price_base="100",
            price_unit="kg",
            discount="2",
        ),
        line(3, "Diesel-Additiv, Kanister 20 l", "25", "29.000000", "725.00", unit="piece"),
    ),
)
FACTS = PrintFacts(INVOICE, SUPPLIER, {"standard": "Regelsteuersatz", "reduced": "Ermäßigt", "exempt": ""}, None)
DRAFT_FACTS = replace(FACTS, document=replace(INVOICE, state=State.DRAFT, number=None, posted_at=None, posted_by=None))
REVERSAL_FACTS = replace(
    FACTS,
    document=replace(
        INVOICE,
        number="INV-2026-00002",
        reverses_id=UUID(int=7),
        lines=tuple(replace(each, quantity=-each.quantity, net=-each.net) for each in INVOICE.lines),
        net_total=-INVOICE.net_total,
        tax_total=-INVOICE.tax_total,
        gross_total=-INVOICE.gross_total,
        taxes=tuple(replace(tax, net=-tax.net, tax=-tax.tax) for tax in INVOICE.taxes),
    ),
    original=Original("INV-2026-00001", date(2026, 7, 20)),
)


def many_lines(count: int) -> PrintFacts:
    """The same invoice with so many lines; its totals are not recomputed."""
    return replace(
        FACTS,
        document=replace(INVOICE, lines=tuple(replace(INVOICE.lines[0], position=n) for n in range(1, count + 1))),
    )
