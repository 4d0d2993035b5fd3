"""The charts of accounts: one account for each role in both, and rules that book by role."""

from decimal import Decimal

import pytest

from valeo_erp.accounts.chart import AccountType, Chart, Role, accounts_of, automatic_rates, number_of
from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import counter_account


@pytest.mark.parametrize("chart", Chart)
def test_every_role_has_one_account_in_each_chart(chart: Chart) -> None:
    accounts = accounts_of(chart)
    assert sorted(account.role for account in accounts) == sorted(Role)
    assert len({account.number for account in accounts}) == len(accounts)
    assert [account.number for account in accounts] == sorted(account.number for account in accounts)
    assert all(account.name and account.name_en and len(account.number) == 4 for account in accounts)


def test_a_role_is_the_same_kind_of_account_with_the_same_tax_in_both_charts() -> None:
    told = [
        {
            account.role: (account.type, account.tax, account.automatic_rate, account.name)
            for account in accounts_of(chart)
        }
        for chart in Chart
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("chart", "numbers"),
    [
        (Chart.SKR03, ("1200", "1400", "1600", "8400", "8300", "3400", "1776", "1576", "8736")),
        (Chart.SKR04, ("1800", "1200", "3300", "4400", "4300", "5400", "3806", "1406", "4736")),
    ],
)
def test_the_numbers_are_those_that_datev_publishes(chart: Chart, numbers: tuple[str, ...]) -> None:
    roles = (
        Role.BANK,
        Role.RECEIVABLES,
        Role.PAYABLES,
        Role.REVENUE_STANDARD,
        Role.REVENUE_REDUCED,
        Role.COST_STANDARD,
        Role.OUTPUT_TAX_STANDARD,
        Role.INPUT_TAX_STANDARD,
        Role.DISCOUNT_GRANTED_STANDARD,
    )
    assert tuple(number_of(chart, role) for role in roles) == numbers


def test_the_same_number_is_another_account_in_the_other_chart() -> None:
    assert automatic_rates(Chart.SKR03)["3300"] == Decimal(7)
    assert "3300" not in automatic_rates(Chart.SKR04)
    assert next(each.type for each in accounts_of(Chart.SKR04) if each.number == "3300") is AccountType.LIABILITY


def test_debts_are_booked_on_the_account_of_the_tenants_chart() -> None:
    assert [counter_account(Kind.INVOICE, chart) for chart in Chart] == ["1400", "1200"]
    assert [counter_account(Kind.SELF_BILLED_CREDIT, chart) for chart in Chart] == ["1600", "3300"]
    assert counter_account(Kind.QUOTATION, Chart.SKR04) is None
