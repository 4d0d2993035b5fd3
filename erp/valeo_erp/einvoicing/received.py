"""What a received e-invoice says, as frozen facts; or everything that keeps it from becoming a draft. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from valeo_erp.einvoicing import codes
from valeo_erp.einvoicing.terms import Terms
from valeo_erp.kernel.problems import Failure

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sent it."""

    name: str
    vat_id: str
    tax_number: str


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A line as the seller wrote it.

    Attributes:
        unit: a code of UN/ECE recommendation 20.
        price: net, for `price_base` of `price_unit`.
        allowances: taken off, in euros; `rate` when they are one percentage of quantity times price.
        charges: added, in euros.
        category: of the tax (UNTDID 5305).
        tax_rate: per cent.
    """

    name: str
    sellers_number: str
    buyers_number: str
    quantity: Decimal
    unit: str
    price: Decimal
    price_base: Decimal
    price_unit: str
    allowances: Decimal
    rate: Decimal | None
    charges: Decimal
    net: Decimal
    category: str
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class ReceivedInvoice:
    """An invoice in euros whose amounts are all in its lines and their taxes."""

    number: str
    issued: date
    supplied: date
    due: date | None
    note: str
    seller: Seller
    buyer_vat_id: str
    lines: tuple[ReceivedLine, ...]
    net_total: Decimal
    tax_total: Decimal
    gross_total: Decimal


def received(terms: Terms) -> ReceivedInvoice | list[Failure]:
    """The facts of an e-invoice that its schema allows, or all reasons why it can not become a draft."""
    try:
        failures = _refusals(terms)
        return failures or _invoice(terms)
    except (InvalidOperation, KeyError, _SeveralError) as error:
        what = error.args[0] if isinstance(error, KeyError | _SeveralError) else "a number"
        return [Failure("einvoice_incomplete", f"{what} is missing, not a number, or there more than once.")]


class _SeveralError(ValueError):
    pass


def _refusals(terms: Terms) -> list[Failure]:
    kind, currency = _text(terms, "BT-3"), _text(terms, "BT-5")
    failures = []
    if kind != codes.INVOICE:
        message = f"It is of the type {kind}; only invoices ({codes.INVOICE}) become drafts. Write it by hand."
        failures.append(Failure("not_an_invoice", message, "BT-3"))
    if currency != "EUR":
        failures.append(Failure("currency", f"It is in {currency}; only EUR is booked.", "BT-5"))
    for name, code, words in _NOT_IN_LINES:
        value = terms.get(name)
        if value and (isinstance(value, list) or _number(value)):
            message = f"It has {words}, which no line of a draft can say. Write it by hand and attach the file."
            failures.append(Failure(code, message, name))
    return failures


_NOT_IN_LINES = (
    ("BG-20", "allowances_of_document", "allowances on the whole invoice"),
    ("BG-21", "charges_of_document", "charges on the whole invoice"),
    ("BT-113", "paid_already", "an amount that was paid before"),
    ("BT-114", "rounded_payment", "a rounded amount to pay"),
)


def _invoice(terms: Terms) -> ReceivedInvoice:
    seller, buyer = terms["BG-4"], terms["BG-7"]
    issued = terms["BT-2"]
    return ReceivedInvoice(
        number=_text(terms, "BT-1"),
        issued=issued,
        supplied=terms.get("BT-72") or terms.get("BT-74") or issued,
        due=terms.get("BT-9"),
        note="\n".join(_texts(terms.get("BG-1") or [], "BT-22")),
        seller=Seller(_text(seller, "name"), _vat_id(seller), "".join(_optional(seller, "tax_identifier").split())),
        buyer_vat_id=_vat_id(buyer),
        lines=tuple(_line(line) for line in terms["BG-25"]),
        net_total=_amount(terms, "BT-109"),
        tax_total=_number(terms.get("BT-110") or "0"),
        gross_total=_amount(terms, "BT-112"),
    )


def _line(line: Terms) -> ReceivedLine:
    allowances, unit = line.get("BG-27") or [], _text(line, "BT-130")
    return ReceivedLine(
        name=_text(line, "BT-153"),
        sellers_number=_optional(line, "BT-155"),
        buyers_number=_optional(line, "BT-156"),
        quantity=_amount(line, "BT-129"),
        unit=unit,
        price=_amount(line, "BT-146"),
        price_base=_number(line.get("BT-149") or "1"),
        price_unit=_optional(line, "BT-150") or unit,
        allowances=_sum(allowances),
        rate=_rate(allowances),
        charges=_sum(line.get("BG-28") or []),
        net=_amount(line, "BT-131"),
        category=_text(line, "BT-151"),
        tax_rate=_number(line.get("BT-152") or "0"),
    )


def _rate(allowances: Sequence[Terms]) -> Decimal | None:
    if len(allowances) == 1 and allowances[0].get("rate"):
        return _number(allowances[0]["rate"])
    return None


def _sum(parts: Sequence[Terms]) -> Decimal:
    return sum((_number(part["amount"]) for part in parts), _ZERO)


def _texts(parts: Sequence[Terms], name: str) -> list[str]:
    return [str(part[name]).strip() for part in parts if part.get(name)]


def _text(terms: Terms, name: str) -> str:
    value = terms[name]
    if not isinstance(value, str):
        raise _SeveralError(name)
    return " ".join(value.split())


def _optional(terms: Terms, name: str) -> str:
    return _text(terms, name) if terms.get(name) else ""


def _vat_id(party: Terms) -> str:
    return "".join(_optional(party, "vat_identifier").split()).upper()


def _amount(terms: Terms, name: str) -> Decimal:
    return _number(terms[name])


def _number(value: Any) -> Decimal:
    if isinstance(value, list):
        raise _SeveralError("a number")
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidOperation
    return number
