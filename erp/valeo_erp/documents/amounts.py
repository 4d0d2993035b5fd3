"""The amounts of a document by the one calculation: of lines that are written, and of those that are stored. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from valeo_erp.calculation.totals import PricedLine, Totals, calculate
from valeo_erp.documents.document import Document, Line


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """Where the tax of a code is booked, and what the buyer owes itself; per cent."""

    account: str
    self_assessed_rate: Decimal = Decimal(0)
    self_assessed_account: str = ""


def totals_of(lines: Sequence[Line], terms: Mapping[str, TaxTerms], discount: Decimal = Decimal(0)) -> Totals:
    """The amounts of lines by the one calculation.

    Raises:
        AmountTooLargeError: an amount can not be stored.
    """
    return calculate(
        [
            PricedLine(
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                price_base=line.price_base,
                price_unit=line.price_unit,
                discount=line.discount,
                tax_code=line.tax_code,
                tax_rate=line.tax_rate,
                tax_account=terms[line.tax_code].account,
                document_discount=Decimal(0) if line.freight else discount,
                quality=line.quality,
                self_assessed_rate=terms[line.tax_code].self_assessed_rate,
                self_assessed_account=terms[line.tax_code].self_assessed_account,
            )
            for line in lines
        ]
    )


def recalculated(document: Document) -> Totals:
    """The amounts of a stored document, from its lines and the accounts of its taxes.

    Raises:
        AmountTooLargeError: an amount can not be stored.
    """
    terms = {
        tax.code: TaxTerms(tax.account, tax.self_assessed_rate, tax.self_assessed_account) for tax in document.taxes
    }
    return totals_of(document.lines, terms, document.discount)
