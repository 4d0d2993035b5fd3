"""What an e-invoice says, as the business terms (BT) and groups (BG) of EN 16931. Pure.

Every amount is one of the document's own, never a second calculation: paper, journal and XML are equal to the cent.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from valeo_erp.calculation.units import factor
from valeo_erp.documents.document import Kind, Line, TaxTotal
from valeo_erp.einvoicing import codes
from valeo_erp.kernel.money import round_half_up
from valeo_erp.printing.facts import PrintFacts

Terms = dict[str, Any]
"""Business terms by their number in EN 16931; amounts and rates as text."""

E_INVOICED = frozenset({Kind.INVOICE})
"""The kinds whose paper carries an e-invoice."""

_ZERO = Decimal("0.00")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def terms_of(facts: PrintFacts) -> Terms:
    """The business terms of an issued document.

    Args:
        facts: all that is printed; the document has a number.
    """
    document = facts.document
    terms: Terms = {
        "BT-1": document.number,
        "BT-2": document.document_date,
        "BT-3": codes.INVOICE if facts.original is None else codes.CORRECTION,
        "BT-5": document.currency,
        "BT-10": document.party.number,
        "BT-72": document.supply_date,
        "BG-1": [{"BT-22": text(document.note)}] if document.note.strip() else [],
        "BG-4": _seller(facts),
        "BG-7": _buyer(facts),
        "BG-23": _breakdown(document.taxes, facts.tax_names),
        "BG-25": [_line(line) for line in document.lines],
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
        "BT-20": f"Storno der Rechnung {original.number}",
        "BT-81": codes.NOT_DEFINED,
        "BG-3": [{"BT-25": original.number, "BT-26": original.document_date}],
    }


def _seller(facts: PrintFacts) -> Terms:
    supplier = facts.supplier
    return _filled(
        {
            "name": text(supplier.name),
            "legal_info": text(supplier.register_entry),
            "vat_identifier": text(supplier.vat_id),
            "tax_identifier": text(supplier.tax_number),
            "addr_l1": text(supplier.street),
            "postcode": text(supplier.postal_code),
            "city": text(supplier.city),
            "country_code": supplier.country.upper(),
            "einvoicing_addr": text(supplier.email),
            "einvoicing_addr_schemeid": codes.EMAIL,
            "contacts": [
                _filled({"name": text(supplier.name), "phone": text(supplier.phone), "email": text(supplier.email)})
            ],
        }
    )


def _buyer(facts: PrintFacts) -> Terms:
    party = facts.document.party
    vat_id = text(party.vat_id or "")
    scheme = codes.VAT_NUMBERS.get(vat_id[:2].upper())
    return _filled(
        {
            "name": text(party.name),
            "identifiers": {None: party.number},
            "vat_identifier": vat_id,
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


def _line(line: Line) -> Terms:
    """Quantity and price as they are printed; the price base is told in the unit of the quantity."""
    unit = codes.UNITS[line.unit]
    return _filled(
        {
            "BT-126": str(line.position),
            "BT-129": _plain(line.quantity),
            "BT-130": unit,
            "BT-131": _money(line.net),
            "BT-146": _plain(line.unit_price),
            "BT-149": _plain(_price_base(line)),
            "BT-151": _category(line.tax_rate),
            "BT-152": _plain(line.tax_rate),
            "BT-153": text(line.description) or line.item_number,
            "BT-155": line.item_number,
            "BG-27": _discount(line),
        }
    )


def _discount(line: Line) -> list[Terms]:
    if not line.discount:
        return []
    undiscounted = round_half_up(line.quantity * line.unit_price / _price_base(line))
    return [
        {
            "amount": _money(undiscounted - line.net),
            "base_amount": _money(undiscounted),
            "rate": _plain(line.discount),
            "reason_code": codes.DISCOUNT,
            "reason": "Rabatt",
        }
    ]


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
