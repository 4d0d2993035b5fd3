"""What an e-invoice says, as the business terms (BT) and groups (BG) of EN 16931. Pure.

Every amount is one of the document's own, never a second calculation: paper, journal and XML are equal to the cent.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from valeo_erp.calculation.settlement import settled_quantity
from valeo_erp.calculation.units import factor
from valeo_erp.documents.document import Document, Kind, Line, TaxTotal
from valeo_erp.einvoicing import codes
from valeo_erp.kernel.money import round_half_up
from valeo_erp.printing.facts import PrintFacts
from valeo_erp.printing.formats import Language
from valeo_erp.printing.layouts import LAYOUTS, Settlement
from valeo_erp.printing.measured import drying_of
from valeo_erp.printing.titles import TITLES

Terms = dict[str, Any]
"""Business terms by their number in EN 16931; amounts and rates as text."""

E_INVOICED = frozenset(codes.TYPES)
"""The kinds whose paper carries an e-invoice."""

XRECHNUNG_KINDS = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})
"""The kinds that go out as XRechnung, which asks for telephone and e-mail of the seller: a farmer's record has none."""

_ZERO = Decimal("0.00")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def terms_of(facts: PrintFacts) -> Terms:
    """The business terms of an issued document.

    Args:
        facts: all that is printed; the document has a number.
    """
    document = facts.document
    self_billed = LAYOUTS[document.kind].self_billed
    terms: Terms = {
        "BT-1": document.number,
        "BT-2": document.document_date,
        "BT-3": (codes.TYPES if facts.original is None else codes.REVERSAL_TYPES)[document.kind],
        "BT-5": document.currency,
        "BT-10": document.party.number,
        "BT-72": document.supply_date,
        "BG-1": [{"BT-22": text(document.note)}] if document.note.strip() else [],
        "BG-4": _them(facts) if self_billed else _us(facts),
        "BG-7": _our_address(facts) if self_billed else _them(facts),
        "BG-23": _breakdown(document.taxes, facts.tax_names),
        "BG-25": [_line(line, document) for line in document.lines],
        "BT-106": _money(document.net_total),
        "BT-109": _money(document.net_total),
        "BT-110": _money(document.tax_total),
        "BT-112": _money(document.gross_total),
        "BT-115": _money(document.gross_total),
    }
    return terms | (_payment(facts) if facts.original is None else _reversal(facts))


def text(value: str) -> str:
    """Without the few characters that XML cannot carry."""
    return _NO_XML.sub("", value).strip()


def _payment(facts: PrintFacts) -> Terms:
    match LAYOUTS[facts.document.kind].settlement:
        case Settlement.THEY_PAY:
            return _transfer(facts)
        case Settlement.WE_PAY:
            return {"BT-9": facts.document.due_date, "BT-81": codes.NOT_DEFINED}
        case _:
            return {"BT-20": "Gutschrift auf Ihr Konto", "BT-81": codes.NOT_DEFINED, "BG-3": _corrected(facts)}


def _corrected(facts: PrintFacts) -> list[Terms]:
    return [{"BT-25": each.number, "BT-26": each.document_date} for each in facts.followed if each.kind is Kind.INVOICE]


def _transfer(facts: PrintFacts) -> Terms:
    document, supplier = facts.document, facts.supplier
    return {
        "BT-9": document.due_date,
        "BT-81": codes.CREDIT_TRANSFER,
        "BT-83": document.number,
        "BT-84": "".join(supplier.iban.split()),
        "BT-85": text(supplier.name),
        "BT-86": "".join(supplier.bic.split()),
    }


def _reversal(facts: PrintFacts) -> Terms:
    """Names what it reverses; nothing is to be paid."""
    original = facts.original
    assert original is not None  # noqa: S101 - the caller asked
    return {
        "BT-20": f"Storno: {TITLES[Language.GERMAN][facts.document.kind].paper} {original.number}",
        "BT-81": codes.NOT_DEFINED,
        "BG-3": [{"BT-25": original.number, "BT-26": original.document_date}],
    }


def _us(facts: PrintFacts) -> Terms:
    """As the seller."""
    supplier = facts.supplier
    contact = _filled({"name": text(supplier.name), "phone": text(supplier.phone), "email": text(supplier.email)})
    more = {
        "legal_info": text(supplier.register_entry),
        "tax_identifier": text(supplier.tax_number),
        "contacts": [contact],
    }
    return _our_address(facts) | _filled(more)


def _our_address(facts: PrintFacts) -> Terms:
    supplier = facts.supplier
    return _filled(
        {
            "name": text(supplier.name),
            "vat_identifier": text(supplier.vat_id),
            "addr_l1": text(supplier.street),
            "postcode": text(supplier.postal_code),
            "city": text(supplier.city),
            "country_code": supplier.country.upper(),
            "einvoicing_addr": text(supplier.email),
            "einvoicing_addr_schemeid": codes.EMAIL,
        }
    )


def _them(facts: PrintFacts) -> Terms:
    """The other side: the buyer, or the seller of a self-billed credit, whose tax number then counts."""
    party = facts.document.party
    self_billed = LAYOUTS[facts.document.kind].self_billed
    vat_id = text(party.vat_id or "")
    scheme = codes.VAT_NUMBERS.get(vat_id[:2].upper())
    return _filled(
        {
            "name": text(party.name),
            "identifiers": {None: party.number},
            "vat_identifier": vat_id,
            "tax_identifier": text(facts.party_tax_number) if self_billed else "",
            "addr_l1": text(party.street),
            "postcode": text(party.postal_code),
            "city": text(party.city),
            "country_code": party.country.upper(),
            "einvoicing_addr": vat_id if scheme else "",
            "einvoicing_addr_schemeid": scheme,
        }
    )


def _breakdown(taxes: Iterable[TaxTotal], names: Mapping[str, str]) -> list[Terms]:
    """One entry for each category and rate, as EN 16931 has it: codes with the same rate are told together."""
    entries: dict[tuple[str, str], tuple[Decimal, Decimal, list[str]]] = {}
    for tax in taxes:
        key = _category(tax.rate), _plain(tax.rate)
        net, amount, reasons = entries.get(key, (_ZERO, _ZERO, []))
        entries[key] = net + tax.net, amount + tax.tax, [*reasons, names.get(tax.code) or tax.code]
    return [
        _filled(
            {
                "BT-116": _money(net),
                "BT-117": _money(amount),
                "BT-118": category,
                "BT-119": rate,
                "BT-120": text("; ".join(reasons)) if category == codes.EXEMPT else "",
            }
        )
        for (category, rate), (net, amount, reasons) in entries.items()
    ]


def _line(line: Line, document: Document) -> Terms:
    """Quantity and price as they are printed; the price base is told in the unit of the quantity."""
    unit = codes.UNITS[line.unit]
    return _filled(
        {
            "BT-126": str(line.position),
            "BT-129": _plain(settled_quantity(line.quantity, line.quality)),
            "BT-130": unit,
            "BT-131": _money(line.net),
            "BT-146": _plain(line.unit_price),
            "BT-149": _plain(_price_base(line)),
            "BT-151": _category(line.tax_rate),
            "BT-152": _plain(line.tax_rate),
            "BT-153": text(line.description) or line.item_number,
            "BT-155": line.item_number,
            "BG-27": _allowances(line, document),
        }
    )


def _allowances(line: Line, document: Document) -> list[Terms]:
    """What lies between quantity times price and the net: discounts, and what drying grain costs."""
    settled = settled_quantity(line.quantity, line.quality)
    undiscounted = round_half_up(settled * line.unit_price / _price_base(line))
    dried = drying_of(line)
    allowances = []
    if rate := _discount_rate(line, document):
        allowances.append(
            {
                "amount": _money(undiscounted - dried - line.net),
                "base_amount": _money(undiscounted),
                "rate": _plain(rate),
                "reason_code": codes.DISCOUNT,
                "reason": "Rabatt",
            }
        )
    if dried:
        allowances.append({"amount": _money(dried), "reason": "Trocknung"})
    return allowances


def _discount_rate(line: Line, document: Document) -> Decimal:
    """Per cent, of the line's and the document's discount together; freight has only its own."""
    of_document = Decimal(0) if line.freight else document.discount
    return line.discount + of_document - line.discount * of_document / 100


def _price_base(line: Line) -> Decimal:
    into_unit = factor(line.price_unit, line.unit)
    if into_unit is None:
        raise ValueError(f"A price per {line.price_unit} is none for {line.unit}")
    return line.price_base * into_unit


def _category(rate: Decimal) -> str:
    return codes.STANDARD_RATE if rate else codes.EXEMPT


def _money(amount: Decimal) -> str:
    return f"{amount + _ZERO:.2f}"


def _plain(number: Decimal) -> str:
    """Without zeros at its end: `12.5`, `100`, `0`."""
    return f"{number.normalize() + 0:f}"


def _filled(terms: Terms) -> Terms:
    return {name: value for name, value in terms.items() if value}
