"""From a received e-invoice to the body of a supplier invoice of the same cents, or all reasons not to. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from valeo_erp.calculation.totals import PricedLine, calculate
from valeo_erp.calculation.units import factor
from valeo_erp.documents.document import Document, Kind
from valeo_erp.documents.drawing import PERCENT_STEP, PRICE_STEP, QUANTITY_STEP, usual_tax_code
from valeo_erp.documents.known import KnownItem, KnownTax, Masters
from valeo_erp.documents.schemas import MOST_LINES, DocumentBody
from valeo_erp.einvoicing import codes
from valeo_erp.einvoicing.received import ReceivedInvoice, ReceivedLine
from valeo_erp.kernel.money import CENT, round_half_up
from valeo_erp.kernel.problems import Failure

KIND = Kind.SUPPLIER_INVOICE
_LONGEST_NOTE, _LONGEST_NAME = 2000, 200
_PRECISION = 60


class _UnsayableError(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def body_of(invoice: ReceivedInvoice, masters: Masters, otherwise: UUID | None) -> DocumentBody | list[Failure]:
    """What a person would have written; or everything that nobody could write.

    Args:
        invoice: what was received.
        masters: with the party, and the items whose numbers stand on the lines.
        otherwise: the item of lines that name none of ours.
    """
    if masters.party is None:
        raise AssertionError("the seller was found before")
    if len(invoice.lines) > MOST_LINES:
        return [Failure("too_many_lines", f"It has {len(invoice.lines)} lines; a document has up to {MOST_LINES}.")]
    lines, failures = _each(invoice.lines, lambda line: _line(line, masters, otherwise))
    if failures:
        return failures
    written = {
        "party_id": masters.party.id,
        "document_date": invoice.issued,
        "supply_date": invoice.supplied,
        "due_date": invoice.due or invoice.issued + timedelta(days=masters.party.payment_days),
        "reference": invoice.number,
        "note": _printable(invoice.note)[:_LONGEST_NOTE],  # the whole of it stands in the file that is kept
        "lines": lines,
    }
    try:
        return DocumentBody.model_validate(written)
    except ValidationError as error:
        return [
            Failure(fault["type"], f"{fault['msg']}: {fault['input']!s:.100}", ".".join(map(str, fault["loc"])))
            for fault in error.errors(include_url=False, include_context=False)
        ]


def differences(invoice: ReceivedInvoice, document: Document) -> list[Failure]:
    """Where the one calculation comes to other totals than the seller, in both numbers."""
    compared = (
        ("net_total", "net", invoice.net_total, document.net_total),
        ("tax_total", "tax", invoice.tax_total, document.tax_total),
        ("gross_total", "gross", invoice.gross_total, document.gross_total),
    )
    return [
        Failure(f"{name}_differs", f"The seller's {word} total is {theirs:.2f}, ours is {ours:.2f}.", name)
        for name, word, theirs, ours in compared
        if theirs != ours
    ]


def item_numbers(invoice: ReceivedInvoice) -> list[str]:
    """The numbers by which our items may be called on the lines."""
    return sorted({number for line in invoice.lines for number in (line.buyers_number, line.sellers_number) if number})


def _each(
    lines: Sequence[ReceivedLine], written: Callable[[ReceivedLine], dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[Failure]]:
    made, failures = [], []
    with localcontext(prec=_PRECISION):
        for position, line in enumerate(lines):
            try:
                made.append(written(line))
            except _UnsayableError as error:
                failures.append(Failure(error.code, f"Line {position + 1}: {error}", f"lines.{position}"))
    return made, failures


def _line(line: ReceivedLine, masters: Masters, otherwise: UUID | None) -> dict[str, Any]:
    item = _item(line, masters.items, otherwise)
    unit = _unit(line.unit)
    if factor(unit, item.unit) is None:
        raise _UnsayableError("unit_mismatch", f"{item.number} is traded in {item.unit}, not in {unit}.")
    if line.quantity <= 0 or line.quantity != line.quantity.quantize(QUANTITY_STEP):
        message = f"The quantity {line.quantity:f} is none of 0.0001 and more with up to four decimals."
        raise _UnsayableError("quantity", message)
    price, discount = _price(line, unit, item)
    return {
        "item_id": item.id,
        "description": _printable(line.name)[:_LONGEST_NAME] or None,
        "quantity": line.quantity,
        "unit": unit,
        "unit_price": price,
        "discount": discount,
        "tax_code": _tax_code(line, item, masters),
    }


def _item(line: ReceivedLine, items: Mapping[UUID, KnownItem], otherwise: UUID | None) -> KnownItem:
    """By our number where the seller knows it; by the seller's number only if the name is the same, too."""
    for item in items.values():
        same_name = " ".join(item.name.split()).casefold() == line.name.casefold()
        if item.number == line.buyers_number or (item.number == line.sellers_number and same_name):
            return item
    if otherwise is not None and otherwise in items:
        return items[otherwise]
    called = " ".join(filter(None, (line.sellers_number, line.name)))[:200]
    message = f"{called} is none of our items by number and name. Name the item for such lines (item_id)."
    raise _UnsayableError("line_item_unknown", message)


def _unit(code: str) -> str:
    if code not in codes.UNITS_TAKEN:
        raise _UnsayableError("unit_unknown", f"The unit {code} is none of {', '.join(sorted(codes.UNITS_TAKEN))}.")
    return codes.UNITS_TAKEN[code]


def _price(line: ReceivedLine, unit: str, item: KnownItem) -> tuple[Decimal, Decimal]:
    """Price for the item's own base and discount, that come to the seller's net."""
    if line.price < 0 or line.price_base <= 0:
        raise _UnsayableError("price", f"The price {line.price:f} for {line.price_base:f} is none.")
    for price, discount in _ways_to_say(line, unit, item):
        if _net(line, unit, item, price, discount) == line.net:
            return price, discount
    ours = _expected(line, unit)
    message = f"The seller's net is {line.net:.2f}, quantity and price come to {ours:.2f}. Write the invoice by hand."
    raise _UnsayableError("line_differs", message)


def _ways_to_say(line: ReceivedLine, unit: str, item: KnownItem) -> Iterator[tuple[Decimal, Decimal]]:
    """As it is written; with the allowances as a percentage; with what is added or taken off inside of the price."""
    into = (factor(item.unit, unit) or Decimal(0)) * item.price_base
    base = _base(line, unit)
    price = round_half_up(line.price * into / base, PRICE_STEP)
    if line.rate is not None:
        yield price, round_half_up(line.rate, PERCENT_STEP)
    if not line.allowances and not line.charges:
        yield price, Decimal(0)
        return
    if line.net < 0 or abs(_expected(line, unit) - line.net) > CENT:
        return
    undiscounted = line.quantity * line.price / base
    if undiscounted and not line.charges:
        yield price, round_half_up(line.allowances * 100 / undiscounted, PERCENT_STEP)
    yield round_half_up(line.net * into / line.quantity, PRICE_STEP), Decimal(0)


def _base(line: ReceivedLine, unit: str) -> Decimal:
    """How many of the line's unit the price is for."""
    into = factor(_unit(line.price_unit), unit)
    if into is None:
        raise _UnsayableError("unit_mismatch", f"The price is per {line.price_unit}, the quantity in {line.unit}.")
    return line.price_base * into


def _expected(line: ReceivedLine, unit: str) -> Decimal:
    return round_half_up(line.quantity * line.price / _base(line, unit)) - line.allowances + line.charges


def _net(line: ReceivedLine, unit: str, item: KnownItem, price: Decimal, discount: Decimal) -> Decimal:
    """By the one calculation."""
    base, zero = item.price_base, Decimal(0)
    priced = PricedLine(line.quantity, unit, price, base, item.unit, discount, "", tax_rate=zero, tax_account="")
    return calculate([priced]).nets[0]


def _tax_code(line: ReceivedLine, item: KnownItem, masters: Masters) -> str:
    """The usual one where it says what the seller says; else the only one that does."""
    fitting = [code for code, tax in masters.taxes.items() if _says(tax, line)]
    usual = usual_tax_code(KIND, item, masters)
    if usual in fitting:
        return usual
    if len(fitting) == 1:
        return fitting[0]
    seen = f"The seller has tax {line.category} at {line.tax_rate:f} %; {item.number} has {usual} from this seller"
    hint = "Correct the item or the tax status of the party, or write the invoice by hand."
    raise _UnsayableError("tax_differs", f"{seen}, and {', '.join(sorted(fitting)) or 'no code'} would fit. {hint}")


def _says(tax: KnownTax, line: ReceivedLine) -> bool:
    deductible = tax.input_account is not None or not (tax.rate or tax.self_assessed_rate)
    owed_by_us = line.category in codes.OWED_BY_THE_BUYER
    return tax.rate == line.tax_rate and bool(tax.self_assessed_rate) == owed_by_us and deductible


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n").strip()
