"""What stands on the paper: a document, its supplier and a language become texts. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from valeo_erp.calculation.settlement import settled_quantity
from valeo_erp.documents.document import ISSUED, Document, Line, PartySnapshot, TaxTotal
from valeo_erp.documents.kinds import Side, rules_of
from valeo_erp.printing.countries import country_name
from valeo_erp.printing.facts import PrintFacts, Supplier
from valeo_erp.printing.formats import Language, PaperSize, amount, day, iban, money, number, per_cent
from valeo_erp.printing.layouts import LAYOUTS, Column, Layout
from valeo_erp.printing.letterhead import Letterhead, letterhead_of
from valeo_erp.printing.measured import TableView, quantity_of, tables_of
from valeo_erp.printing.paying import Transfer, payment_of, transfer_of
from valeo_erp.printing.titles import TITLES, Title
from valeo_erp.printing.words import WORDS, Words


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
    """One row of the table.

    Attributes:
        quantity: that is paid for, where there are prices.
        delivered: what was delivered, where that is another quantity.
    """

    position: str
    item: str
    description: str
    quantity: str
    delivered: str
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
class ColumnView:
    """A column of the table of lines.

    Attributes:
        key: the attribute of a line that stands in it.
        below: the attribute that stands under it in small letters; empty without one.
    """

    key: str
    heading: str
    below: str = ""


@dataclass(frozen=True)
class DocumentView:
    """A document, ready to be set. Every attribute that is not a flag or a table is text as it is printed.

    Attributes:
        seller: who supplies: the other side on a self-billed credit.
        buyer: who is supplied.
        seller_tax_ids: tax number and VAT ID of who supplies.
        columns: of the table of lines.
        tables: of what was measured.
        signatures: what stands under each line to sign on.
        transfer: what the GiroCode says; None where there is none.
        verify_address: what the other QR code says; empty on a draft.
        verify_notice: what stands beside it.
        follows: the documents that its lines follow.
        letterhead: what the branding puts on it.
    """

    language: Language
    paper: PaperSize
    words: Words
    layout: Layout
    issued: bool
    reversal: bool
    title: str
    number: str
    document_date: str
    supply_date: str
    supplier: Supplier
    sender: AddressView
    recipient: AddressView
    seller: AddressView
    buyer: AddressView
    seller_tax_ids: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[ColumnView, ...]
    lines: tuple[LineView, ...]
    tables: tuple[TableView, ...]
    net_total: str
    taxes: tuple[TaxView, ...]
    gross_total: str
    currency: str
    notes: tuple[str, ...]
    payment: tuple[tuple[str, str], ...]
    transfer: Transfer | None
    signatures: tuple[str, ...]
    verify_address: str
    verify_notice: str
    follows: tuple[str, ...]
    letterhead: Letterhead


_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def file_name(document: Document, language: Language) -> str:
    """Plain ASCII, safe in a header and on every file system."""
    title = TITLES[language][document.kind]
    name = title.reversal if document.reverses_id else title.paper
    return f"{_plain(name)}-{_plain(document.number or WORDS[language].draft)}.pdf"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", re.sub(r"[()]", "", text).translate(_PLAIN))


def view_of(
    facts: PrintFacts, language: Language, verify_address: str = "", paper: PaperSize = PaperSize.A4
) -> DocumentView:
    """The view of one document in one language.

    Args:
        facts: all that is printed.
        language: of the fixed words, numbers and dates.
        verify_address: where anybody may check that an issued paper is genuine.
        paper: the sheet that it is set for.
    """
    document, words, layout = facts.document, WORDS[language], LAYOUTS[facts.document.kind]
    title = TITLES[language][document.kind]
    verified = verify_address if layout.priced else ""  # the page behind it tells the amount
    us = _address(facts.supplier, facts.supplier.country, language)
    them = _address(document.party, facts.supplier.country, language)
    return DocumentView(
        language=language,
        paper=paper,
        words=words,
        layout=layout,
        issued=document.state in ISSUED,
        reversal=facts.original is not None,
        title=title.paper if facts.original is None else title.reversal,
        number=document.number or "",
        document_date=day(document.document_date, language),
        supply_date=day(document.supply_date, language),
        supplier=replace(facts.supplier, iban=iban(facts.supplier.iban)),
        sender=us,
        recipient=them,
        seller=them if layout.self_billed else us,
        buyer=us if layout.self_billed else them,
        seller_tax_ids=_seller_tax_ids(facts, layout),
        facts=_facts(facts, language, layout),
        columns=_columns(document, words, layout),
        lines=tuple(_line(line, language, layout) for line in document.lines),
        tables=tables_of(document, language),
        net_total=money(document.net_total, document.currency, language),
        taxes=tuple(_tax(tax, document.currency, facts.tax_names, language) for tax in document.taxes),
        gross_total=money(document.gross_total, document.currency, language),
        currency=document.currency,
        notes=_notes(facts, language, title, layout),
        payment=payment_of(facts, language),
        transfer=transfer_of(facts),
        signatures=tuple(words.signatures[signature] for signature in layout.signatures),
        verify_address=verified,
        verify_notice=words.verify.format(host=urlsplit(verified).hostname) if verified else "",
        follows=_follows(facts, language),
        letterhead=letterhead_of(facts.supplier, facts.brand),
    )


def _seller_tax_ids(facts: PrintFacts, layout: Layout) -> tuple[str, ...]:
    of_ours = (facts.supplier.tax_number, facts.supplier.vat_id)
    of_theirs = (facts.party_tax_number, facts.document.party.vat_id or "")
    return tuple(each.strip() for each in (of_theirs if layout.self_billed else of_ours) if each.strip())


def _address(of: Supplier | PartySnapshot, home: str, language: Language) -> AddressView:
    abroad = of.country.upper() != home.upper()
    country = country_name(of.country, language).upper() if abroad else ""
    return AddressView(of.name, of.street, f"{of.postal_code} {of.city}".strip(), country)


def _facts(facts: PrintFacts, language: Language, layout: Layout) -> tuple[tuple[str, str], ...]:
    document, words, title = facts.document, WORDS[language], TITLES[language][facts.document.kind]
    selling = rules_of(document.kind).side is Side.SALES
    rows = (
        (title.number, document.number or words.draft),
        (title.date, day(document.document_date, language)),
        (title.supply, day(document.supply_date, language)),
        (words.customer_number if selling else words.supplier_number, document.party.number),
        (words.their_vat_id, document.party.vat_id or ""),
        (words.their_tax_number, facts.party_tax_number if layout.self_billed else ""),
        (words.reference, document.reference),
        (words.due_date, day(document.due_date, language) if layout.due and not document.reverses_id else ""),
    )
    return tuple(row for row in rows if row[1])


def _follows(facts: PrintFacts, language: Language) -> tuple[str, ...]:
    titles = TITLES[language]
    return tuple(
        f"{titles[each.kind].paper} {each.number}, {day(each.document_date, language)}" for each in facts.followed
    )


_BELOW = {Column.DESCRIPTION: "item", Column.QUANTITY: "delivered", Column.UNIT_PRICE: "per"}
_OF_THE_CURRENCY = frozenset({Column.UNIT_PRICE, Column.NET})


def _columns(document: Document, words: Words, layout: Layout) -> tuple[ColumnView, ...]:
    """Those of the kind, without that of discounts where there is none."""
    discounted = any(line.discount for line in document.lines)
    return tuple(
        ColumnView(
            key=column.value,
            heading=_heading(column, words) + (f" {document.currency}" if column in _OF_THE_CURRENCY else ""),
            below=_BELOW.get(column, ""),
        )
        for column in layout.columns
        if column is not Column.DISCOUNT or discounted
    )


def _heading(column: Column, words: Words) -> str:
    heading: str = getattr(words, column.value)
    return heading


def _line(line: Line, language: Language, layout: Layout) -> LineView:
    words = WORDS[language]
    counted = settled_quantity(line.quantity, line.quality) if layout.priced else line.quantity
    delivered = quantity_of(line.quantity, line.unit, language)
    return LineView(
        position=str(line.position),
        item=f"{words.item} {line.item_number}",
        description=line.description,
        quantity=quantity_of(counted, line.unit, language),
        delivered="" if counted == line.quantity else words.delivered.format(quantity=delivered),
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


def _notes(facts: PrintFacts, language: Language, title: Title, layout: Layout) -> tuple[str, ...]:
    document, words = facts.document, WORDS[language]
    reverses = facts.original and words.reverses.format(
        this=title.this,
        that=title.that,
        number=facts.original.number,
        date=day(facts.original.document_date, language),
    )
    follows = _follows(facts, language)
    notes = (
        reverses,
        f"{words.follows}: {'; '.join(follows)}" if follows else "",
        document.note,
        *(_of_prices(facts, language) if layout.priced else ()),
        words.internal_notice if layout.internal else "",
        "" if document.state in ISSUED else words.draft_invoice_notice if layout.invoice else words.draft_notice,
    )
    return tuple(note for note in notes if note)


def _of_prices(facts: PrintFacts, language: Language) -> tuple[str, ...]:
    """What must be known to understand the amounts."""
    document, words = facts.document, WORDS[language]
    discount = words.document_discount.format(rate=per_cent(document.discount, language)) if document.discount else ""
    return (
        discount,
        *(_tax(tax, document.currency, facts.tax_names, language).exemption for tax in document.taxes),
    )
