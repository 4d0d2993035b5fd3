"""What a policy says of a document."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from valeo_erp.policies.rules import (
    NO_RULES,
    PricedLine,
    Rules,
    approvals_needed,
    dated_back,
    margin_percent,
    over_credit,
    thin_margins,
)

TODAY = date(2026, 11, 24)
LEVELS = Rules.model_validate(
    {"approval_levels": [{"above": "1000.00", "approvals": 2}, {"above": "50000.00", "approvals": 3}]}
)


def line(net: str, quantity: str = "10", unit: str = "t", cost: tuple[str, str, str] | None = None) -> PricedLine:
    net_, quantity_, unit_ = (Decimal(cost[0]), Decimal(cost[1]), cost[2]) if cost else (None, None, None)
    return PricedLine(1, "1010", Decimal(net), Decimal(quantity), unit, net_, quantity_, unit_)


@pytest.mark.parametrize(
    ("gross", "needed"),
    [("0", 1), ("1000.00", 1), ("1000.01", 2), ("50000.00", 2), ("50000.01", 3), ("-60000.00", 3)],
)
def test_a_level_holds_above_its_amount(gross: str, needed: int) -> None:
    assert approvals_needed(LEVELS, Decimal(gross)) == needed


@given(st.decimals(-(10**9), 10**9, places=2))
def test_without_a_policy_nothing_is_restricted(gross: Decimal) -> None:
    assert approvals_needed(NO_RULES, gross) == 1
    assert thin_margins(NO_RULES, [line("1", cost=("100", "1", "t"))]) == []
    assert dated_back(NO_RULES, date(1990, 1, 1), TODAY) is None


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_greater_amount_never_needs_fewer_approvals(one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    assert approvals_needed(LEVELS, low) <= approvals_needed(LEVELS, high)


@pytest.mark.parametrize(
    "levels",
    [
        [{"above": "10", "approvals": 3}, {"above": "20", "approvals": 2}],
        [{"above": "20", "approvals": 2}, {"above": "10", "approvals": 3}],
        [{"above": "10", "approvals": 1}],
        [{"above": "-1", "approvals": 2}],
    ],
)
def test_levels_that_make_no_sense_are_refused(levels: list[dict[str, object]]) -> None:
    with pytest.raises(ValidationError):
        Rules.model_validate({"approval_levels": levels})


@pytest.mark.parametrize(
    ("sold", "margin"),
    [
        (line("2500", cost=("2000", "10", "t")), 20),  # 250 per t sold, 200 per t bought
        (line("2500", "100", "dt", ("2000", "10", "t")), 20),  # 100 dt are 10 t
        (line("1500", cost=("1000", "5", "t")), Decimal(-100) / 3),  # 150 sold, 200 bought
        (line("2500"), None),
        (line("2500", unit="l", cost=("2000", "10", "t")), None),
        (line("0", cost=("2000", "10", "t")), None),
    ],
)
def test_the_margin_is_over_the_last_purchase_in_the_same_measure(sold: PricedLine, margin: Decimal | None) -> None:
    found = margin_percent(sold)
    assert (found is None) if margin is None else (found is not None and abs(found - margin) < Decimal("0.0001"))


def test_a_line_that_earns_too_little_is_named_with_both_numbers() -> None:
    (failure,) = thin_margins(Rules(lowest_margin_percent=Decimal("20.01")), [line("2500", cost=("2000", "10", "t"))])
    assert failure.message == "Line 1 (1010) earns 20.00 %, but at least 20.01 % is asked for."
    assert failure.field == "lines.0.unit_price"


def test_a_credit_limit_counts_what_is_open_what_is_approved_and_what_is_added() -> None:
    none = Decimal("0.00")
    assert over_credit(None, Decimal(10**9), none, Decimal(1)) is None
    assert over_credit(Decimal(100), Decimal(60), none, Decimal(40)) is None
    assert over_credit(Decimal(100), Decimal(50), Decimal(10), Decimal(40)) is None
    failure = over_credit(Decimal(100), Decimal(50), Decimal(10), Decimal("40.01"))
    assert failure is not None
    assert failure.message == (
        "50.00 is open, 10.00 is approved, and 40.01 would be added: "
        "100.01 is 0.01 more than the credit limit of 100.00."
    )


@given(st.integers(0, 366), st.integers(-30, 400))
def test_a_document_is_at_most_so_many_days_old_when_it_is_posted(allowed: int, age: int) -> None:
    failure = dated_back(Rules(back_dating_days=allowed), TODAY - timedelta(age), TODAY)
    assert (failure is None) == (age <= allowed)


@pytest.mark.parametrize("rules", [{"back_dating_days": False}, {"back_dating_days": "3"}])
def test_what_is_no_number_is_not_read_as_one(rules: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rules.model_validate(rules)
