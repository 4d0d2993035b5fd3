"""The charts of accounts, and the account of each role in them. Pure: the data stands beside this file.

What books says which role it means, never a number: the same rules post in SKR03 and in SKR04. The rows are an excerpt
of what DATEV publishes: numbers and what they are for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


class Chart(StrEnum):
    """By process (SKR03), or by the balance sheet (SKR04)."""

    SKR03 = "skr03"
    SKR04 = "skr04"


class AccountType(StrEnum):
    """Where a balance goes at the end of the year."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


class Role(StrEnum):
    """What an account is for when something is booked."""

    CASH = "cash"
    BANK = "bank"
    RECEIVABLES = "receivables"
    INPUT_TAX = "input_tax"
    INPUT_TAX_REDUCED = "input_tax_reduced"
    INPUT_TAX_ACQUISITION_REDUCED = "input_tax_acquisition_reduced"
    INPUT_TAX_ACQUISITION = "input_tax_acquisition"
    INPUT_TAX_STANDARD = "input_tax_standard"
    INPUT_TAX_REVERSE_CHARGE = "input_tax_reverse_charge"
    PAYABLES = "payables"
    OUTPUT_TAX = "output_tax"
    OUTPUT_TAX_REDUCED = "output_tax_reduced"
    OUTPUT_TAX_ACQUISITION_REDUCED = "output_tax_acquisition_reduced"
    OUTPUT_TAX_ACQUISITION = "output_tax_acquisition"
    OUTPUT_TAX_STANDARD = "output_tax_standard"
    OUTPUT_TAX_REVERSE_CHARGE = "output_tax_reverse_charge"
    TAX_PREPAID = "tax_prepaid"
    COST = "cost"
    COST_REDUCED = "cost_reduced"
    COST_STANDARD = "cost_standard"
    DISCOUNT_RECEIVED = "discount_received"
    DISCOUNT_RECEIVED_REDUCED = "discount_received_reduced"
    DISCOUNT_RECEIVED_STANDARD = "discount_received_standard"
    REVENUE_EXPORT = "revenue_export"
    REVENUE_INTRA_COMMUNITY = "revenue_intra_community"
    REVENUE = "revenue"
    REVENUE_REDUCED = "revenue_reduced"
    REVENUE_STANDARD = "revenue_standard"
    DISCOUNT_GRANTED = "discount_granted"
    DISCOUNT_GRANTED_REDUCED = "discount_granted_reduced"
    DISCOUNT_GRANTED_STANDARD = "discount_granted_standard"
    BROUGHT_FORWARD = "brought_forward"


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a chart.

    Attributes:
        name: German.
        name_en: English.
        tax: the tax code that it goes with; None where it goes with none.
        automatic_rate: per cent that DATEV takes out of a gross amount by itself; None where it takes none.
    """

    number: str
    name: str
    name_en: str
    type: AccountType
    tax: str | None
    automatic_rate: Decimal | None
    role: Role


@cache
def accounts_of(chart: str) -> tuple[Account, ...]:
    """The accounts of a chart, by number."""
    rows = json.loads(files(__package__).joinpath(f"{Chart(chart)}.json").read_text(encoding="utf-8"))
    return tuple(_account(row) for row in rows)


def _account(row: Mapping[str, Any]) -> Account:
    rate = row["automatic_rate"]
    return Account(
        number=row["number"],
        name=row["name"],
        name_en=row["name_en"],
        type=AccountType(row["type"]),
        tax=row["tax"],
        automatic_rate=None if rate is None else Decimal(rate),
        role=Role(row["role"]),
    )


@cache
def _numbers(chart: str) -> Mapping[Role, str]:
    return MappingProxyType({account.role: account.number for account in accounts_of(chart)})


def number_of(chart: str, role: Role) -> str:
    """The account that has a role in a chart."""
    return _numbers(chart)[role]


@cache
def automatic_rates(chart: str) -> Mapping[str, Decimal]:
    """The accounts that know their tax rate by themselves, each with it."""
    return MappingProxyType(
        {each.number: each.automatic_rate for each in accounts_of(chart) if each.automatic_rate is not None}
    )
