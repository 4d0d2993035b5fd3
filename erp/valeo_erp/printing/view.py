"""What stands on the paper: a document, its supplier and a language become texts. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from valeo_erp.documents.document import ISSUED, Document, Line, PartySnapshot, TaxTotal
from valeo_erp.printing.countries import country_name
from valeo_erp.printing.formats import Language, amount, day, iban, money, number, per_cent
from valeo_erp.printing.words import WORDS, Words


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
class PrintFacts:
    """Everything that a print is made from.

    Attributes:
        tax_names: the name of each tax code, which for a zero rate is the reason of the exemption.
        original: set on a reversal.
    """

    document: Document
    supplier: Supplier
    tax_names: Mapping[str, str]
    original: Original | None


@dataclass(frozen=True)
class AddressView:
    """An address; `country` is empty at home."""

    name: str
    street: str
    place: str
    country: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of an envelope window that are not empty."""
        return tuple(line for line in (self.name, self.street, self.place, self.country) if line)


@dataclass(frozen=True)
class LineView:
    """One row of the table."""

    position: str
    item: str
    description: str
    quantity: str
    unit_price: str
    per: str
    discount: str
    tax: str
    net: str


@dataclass(frozen=True)
class TaxView:
    """One row of the tax table: the net of a rate and its tax, or why there is none."""

    label: str
    tax: str
    charged: bool
    exemption: str


@dataclass(frozen=True)
class Transfer:
    """A SEPA credit transfer as a GiroCode says it (EPC069-12): in euros."""

    name: str
    iban: str
    bic: str
    amount: Decimal
    text: str


@dataclass(frozen=True)
class DocumentView:
    """A document, ready to be set. Every attribute that is not a flag is text as it is printed.

    Attributes:
        transfer: what the GiroCode says; None where there is none.
        verify_address: what the other QR code says; empty on a draft.
        verify_notice: what stands beside it.
    """

    language: Language
    words: Words
    issued: bool
    title: str
    number: str
    document_date: str
    supply_date: str
    supplier: Supplier
    sender: AddressView
    recipient: AddressView
    facts: tuple[tuple[str, str], ...]
    lines: tuple[LineView, ...]
    with_discount: bool
    net_total: str
    taxes: tuple[TaxView, ...]
    gross_total: str
    currency: str
    notes: tuple[str, ...]
    payment: tuple[tuple[str, str], ...]
    transfer: Transfer | None
    verify_address: str
    verify_notice: str


def file_name(document: Document, language: Language) -> str:
    """Plain ASCII, safe in a header and on every file system."""
    words = WORDS[language]
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", document.number or words.draft)
    return f"{words.reversal if document.reverses_id else words.invoice}-{plain}.pdf".replace(" ", "-")


def view_of(facts: PrintFacts, language: Language, verify_address: str = "") -> DocumentView:
    """The view of one document in one language.

    Args:
        facts: all that is printed.
        language: of the fixed words, numbers and dates.
        verify_address: where anybody may check that an issued paper is genuine.
    """
    document, words = facts.document, WORDS[language]
    return DocumentView(
        language=language,
        words=words,
        issued=document.state in ISSUED,
        title=words.invoice if facts.original is None else words.reversal,
        number=document.number or "",
        document_date=day(document.document_date, language),
        supply_date=day(document.supply_date, language),
        supplier=replace(facts.supplier, iban=iban(facts.supplier.iban)),
        sender=_address(facts.supplier, facts.supplier.country, language),
        recipient=_address(document.party, facts.supplier.country, language),
        facts=_facts(document, language),
        lines=tuple(_line(line, language) for line in document.lines),
        with_discount=any(line.discount for line in document.lines),
        net_total=money(document.net_total, document.currency, language),
        taxes=tuple(_tax(tax, document.currency, facts.tax_names, language) for tax in document.taxes),
        gross_total=money(document.gross_total, document.currency, language),
        currency=document.currency,
        notes=_notes(facts, language),
        payment=_payment(facts, language),
        transfer=_transfer(facts),
        verify_address=verify_address,
        verify_notice=words.verify.format(host=urlsplit(verify_address).hostname) if verify_address else "",
    )


def _address(of: Supplier | PartySnapshot, home: str, language: Language) -> AddressView:
    abroad = of.country.upper() != home.upper()
    country = country_name(of.country, language).upper() if abroad else ""
    return AddressView(of.name, of.street, f"{of.postal_code} {of.city}".strip(), country)


def _facts(document: Document, language: Language) -> tuple[tuple[str, str], ...]:
    words = WORDS[language]
    rows = (
        (words.number, document.number or words.draft),
        (words.document_date, day(document.document_date, language)),
        (words.supply_date, day(document.supply_date, language)),
        (words.customer_number, document.party.number),
        (words.customer_vat_id, document.party.vat_id or ""),
        (words.due_date, "" if document.reverses_id else day(document.due_date, language)),
    )
    return tuple(row for row in rows if row[1])


def _line(line: Line, language: Language) -> LineView:
    words = WORDS[language]
    unit = words.units.get(line.unit, line.unit)
    return LineView(
        position=str(line.position),
        item=line.item_number,
        description=line.description,
        quantity=f"{number(line.quantity, language, 0, 4)}\u00a0{unit}",
        unit_price=number(line.unit_price, language, 2, 6),
        per=words.per.format(
            quantity="" if line.price_base == 1 else number(line.price_base, language, 0, 4),
            unit=words.units.get(line.price_unit, line.price_unit),
        ).replace("  ", " "),
        discount=per_cent(line.discount, language) if line.discount else "",
        tax=per_cent(line.tax_rate, language),
        net=amount(line.net, language),
    )


def _tax(tax: TaxTotal, currency: str, names: Mapping[str, str], language: Language) -> TaxView:
    words = WORDS[language]
    net = money(tax.net, currency, language)
    exempt = tax.rate == 0
    template = words.exempt_row if exempt else words.tax_row
    return TaxView(
        label=template.format(rate=per_cent(tax.rate, language), net=net),
        tax=money(tax.tax, currency, language),
        charged=not exempt,
        exemption=words.exempt.format(reason=names[tax.code]) if exempt and names.get(tax.code) else "",
    )


def _notes(facts: PrintFacts, language: Language) -> tuple[str, ...]:
    document, words = facts.document, WORDS[language]
    reverses = facts.original and words.reverses.format(
        number=facts.original.number, date=day(facts.original.document_date, language)
    )
    exemptions = [_tax(tax, document.currency, facts.tax_names, language).exemption for tax in document.taxes]
    draft = "" if document.state in ISSUED else words.draft_notice
    return tuple(note for note in (reverses, document.note, *exemptions, draft) if note)


def _payment(facts: PrintFacts, language: Language) -> tuple[tuple[str, str], ...]:
    """Where and until when to pay; nothing on a reversal and on a draft."""
    document, supplier, words = facts.document, facts.supplier, WORDS[language]
    if document.number is None or facts.original is not None:
        return ()
    request = words.pay.format(
        gross=money(document.gross_total, document.currency, language),
        due=day(document.due_date, language),
        number=document.number,
    )
    return (
        (words.payment, request),
        (words.bank, supplier.bank_name),
        ("IBAN", iban(supplier.iban)),
        ("BIC", supplier.bic),
        (words.reference, document.number),
    )


_TRANSFER_NAME = 70  # characters, by EPC069-12; as are the bounds below
_SMALLEST_TRANSFER = Decimal("0.01")
_LARGEST_TRANSFER = Decimal("999999999.99")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?")


def _transfer(facts: PrintFacts) -> Transfer | None:
    """The same payment for a bank's app, if a GiroCode can say it."""
    document, supplier = facts.document, facts.supplier
    account = "".join(supplier.iban.split()).upper()
    payable = (
        document.number is not None
        and facts.original is None
        and document.currency == "EUR"
        and _SMALLEST_TRANSFER <= document.gross_total <= _LARGEST_TRANSFER
        and _IBAN.fullmatch(account)
        and supplier.name.strip()
    )
    if not payable:
        return None
    bic = "".join(supplier.bic.split()).upper()
    return Transfer(
        name=supplier.name.strip()[:_TRANSFER_NAME].strip(),
        iban=account,
        bic=bic if _BIC.fullmatch(bic) else "",
        amount=document.gross_total,
        text=document.number or "",
    )
