"""What of the journal goes to DATEV: each document's entry as gross amounts on the other side's account. Pure.

DATEV takes the tax out of a gross amount by itself, by the account or by the tax key. That gives back the same cents:
the tax that was added differs from the exact one by half a cent at most, the one that is taken out by less. Only where
several accounts share one rate may single accounts differ by the cents that rounding leaves; customers never do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from valeo_erp.accounts.chart import automatic_rates
from valeo_erp.calculation.totals import TaxTotal
from valeo_erp.exporting import datev_format as fields
from valeo_erp.kernel.money import round_half_up
from valeo_erp.kernel.problems import refused

_TAX_KEYS = {Decimal(19): "0003", Decimal(7): "0002", Decimal(0): "0001"}
"""Of output tax: what the rate is, where the account does not say it."""
_INPUT_TAX_KEYS = {Decimal(19): "0009", Decimal(7): "0008", Decimal(0): ""}
"""Of input tax."""
_SELF_ASSESSED_KEYS = {"acquisition": "0019", "acquisition_reduced": "0018", "reverse_charge": "0094"}
"""Of tax that the buyer owes itself: DATEV books both sides of it."""
_NO_AUTOMATIC = "0040"
"""Takes the tax off an account that knows its rate: for tax that no key says, such as the farmers' flat rate."""
_CUSTOMERS = re.compile(r"[1-6][0-9]{4}")
"""Personal accounts of customers, one digit longer than the others: 10000 to 69999."""
_SUPPLIERS = re.compile(r"[7-9][0-9]{4}")
"""Personal accounts of suppliers: 70000 to 99999."""
_NO_REFERENCE = re.compile(r"[^A-Za-z0-9$%&*+/-]")
_REFERENCE_LENGTH = 36
_TEXT_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Revenue:
    """The net on one account with one tax code; negative on a reversal."""

    account: str
    tax_code: str
    tax_rate: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """A journal entry with what its document says of revenue, or cost, and tax.

    Attributes:
        receivables: the account of what we are owed, or of what we owe.
        receivable: what the entry books on `receivables`: debit less credit.
        revenues: negative where the other side's account is credited.
        buying: whether the goods came to us.
        chart: of accounts; some of its accounts know their rate, and a tax key would be an error there.
    """

    number: str
    entry_date: date
    currency: str
    party_number: str
    party_name: str
    receivables: str
    receivable: Decimal
    revenues: tuple[Revenue, ...]
    taxes: tuple[TaxTotal, ...]
    buying: bool = False
    chart: str = "skr03"

    @property
    def automatic(self) -> Mapping[str, Decimal]:
        """The accounts that know their rate, each with it."""
        return automatic_rates(self.chart)


@dataclass(frozen=True, slots=True)
class Posting:
    """One row of the batch: the customer's account to a revenue account; a negative amount the other way round."""

    amount: Decimal
    account: str
    contra_account: str
    tax_key: str


def rows(booked: BookedDocument) -> list[bytes]:
    """The rows of one entry.

    Raises:
        Problem: 409 for a tax rate or a currency that this batch can not say.
    """
    return [fields.row(_values(booked, posting)) for posting in postings(booked)]


def postings(booked: BookedDocument) -> list[Posting]:
    """The entry as gross amounts, together what the journal has on the receivables.

    Raises:
        Problem: as `rows`.
    """
    if booked.currency != "EUR":
        raise refused("datev_currency", f"{booked.number} is in {booked.currency}; this batch is in EUR.")
    number = booked.party_number
    personal = _SUPPLIERS if booked.buying else _CUSTOMERS
    account = number if personal.fullmatch(number) else booked.receivables
    found = [posting for tax in booked.taxes for posting in _of_tax(booked, tax, account) if posting.amount]
    if sum((posting.amount for posting in found), Decimal("0.00")) != booked.receivable:
        raise refused("datev_differs", f"{booked.number} does not say what its journal entry says. Verify the journal.")
    return found


def _of_tax(booked: BookedDocument, tax: TaxTotal, account: str) -> Iterator[Posting]:
    """One gross amount for each account, or net and tax apart where no key says the rate."""
    mine = [each for each in booked.revenues if (each.tax_code, each.tax_rate) == (tax.code, tax.rate)]
    if booked.buying and tax.code not in _SELF_ASSESSED_KEYS and tax.rate not in _INPUT_TAX_KEYS:
        for revenue in mine:
            key = _NO_AUTOMATIC if revenue.account in booked.automatic else ""
            yield Posting(revenue.net, account, revenue.account, key)
        yield Posting(tax.tax, account, tax.account, "")
        return
    for revenue, gross in _gross(tax, booked.revenues):
        yield Posting(gross, account, revenue.account, _tax_key(booked, revenue))


def _gross(tax: TaxTotal, revenues: Sequence[Revenue]) -> Iterator[tuple[Revenue, Decimal]]:
    """The tax is shared among the accounts of its rate; the last one takes the cents that rounding leaves."""
    mine = [each for each in revenues if (each.tax_code, each.tax_rate) == (tax.code, tax.rate)]
    left = tax.tax
    for revenue in mine[:-1]:
        share = round_half_up(revenue.net * tax.rate / 100)
        left -= share
        yield revenue, revenue.net + share
    for revenue in mine[-1:]:
        yield revenue, revenue.net + left


def _tax_key(booked: BookedDocument, revenue: Revenue) -> str:
    if booked.buying and revenue.tax_code in _SELF_ASSESSED_KEYS:
        return _SELF_ASSESSED_KEYS[revenue.tax_code]
    if booked.automatic.get(revenue.account) == revenue.tax_rate:
        return ""
    if booked.buying and revenue.account in booked.automatic and not revenue.tax_rate:
        return _NO_AUTOMATIC
    key = (_INPUT_TAX_KEYS if booked.buying else _TAX_KEYS).get(revenue.tax_rate)
    if key is None or revenue.account in booked.automatic:
        rate = f"{revenue.tax_rate.normalize():f} %"
        raise refused("datev_tax", f"{booked.number}: there is no tax key for {rate} on account {revenue.account}.")
    return key


def _values(booked: BookedDocument, posting: Posting) -> dict[int, str]:
    return {
        fields.AMOUNT: f"{abs(posting.amount):.2f}".replace(".", ","),
        fields.DEBIT_OR_CREDIT: "S" if posting.amount > 0 else "H",
        fields.CURRENCY: booked.currency,
        fields.ACCOUNT: posting.account,
        fields.CONTRA_ACCOUNT: posting.contra_account,
        fields.TAX_KEY: posting.tax_key,
        fields.DAY: f"{booked.entry_date:%d%m}",
        fields.REFERENCE: _NO_REFERENCE.sub("-", booked.number)[:_REFERENCE_LENGTH],
        fields.TEXT: booked.party_name[:_TEXT_LENGTH],
        fields.FIXED: "0",
    }
