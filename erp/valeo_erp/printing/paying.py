"""What a paper says about the money: who pays whom, by when, and the same for a bank's app. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from valeo_erp.printing.facts import PrintFacts
from valeo_erp.printing.formats import Language, day, iban, money
from valeo_erp.printing.layouts import LAYOUTS, Settlement
from valeo_erp.printing.words import WORDS

_TRANSFER_NAME = 70  # characters, by EPC069-12; as are the bounds below
_SMALLEST_TRANSFER = Decimal("0.01")
_LARGEST_TRANSFER = Decimal("999999999.99")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?")


@dataclass(frozen=True)
class Transfer:
    """A SEPA credit transfer as a GiroCode says it (EPC069-12): in euros."""

    name: str
    iban: str
    bic: str
    amount: Decimal
    text: str


def payment_of(facts: PrintFacts, language: Language) -> tuple[tuple[str, str], ...]:
    """The sentence about the payment, then where to; nothing on a reversal and on a draft."""
    document, words = facts.document, WORDS[language]
    if document.number is None or facts.original is not None:
        return ()
    terms = {
        "gross": money(document.gross_total, document.currency, language),
        "due": day(document.due_date, language),
        "number": document.number,
    }
    match settlement := LAYOUTS[document.kind].settlement:
        case Settlement.NOBODY:
            return ()
        case Settlement.CREDITED:
            return ((words.payment, words.credited.format(**terms)),)
        case Settlement.WE_PAY:
            return ((words.payment, words.we_pay.format(**terms)),)
        case Settlement.THEY_PAY:
            return ((words.payment, words.pay.format(**terms)), *_account(facts, language))
        case _:
            assert_never(settlement)


def _account(facts: PrintFacts, language: Language) -> tuple[tuple[str, str], ...]:
    supplier, words = facts.supplier, WORDS[language]
    return (
        (words.bank, supplier.bank_name),
        ("IBAN", iban(supplier.iban)),
        ("BIC", supplier.bic),
        (words.payment_reference, facts.document.number or ""),
    )


def transfer_of(facts: PrintFacts) -> Transfer | None:
    """The same payment for a bank's app, if a GiroCode can say it."""
    document, supplier = facts.document, facts.supplier
    account = "".join(supplier.iban.split()).upper()
    payable = (
        LAYOUTS[document.kind].settlement is Settlement.THEY_PAY
        and document.number is not None
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
