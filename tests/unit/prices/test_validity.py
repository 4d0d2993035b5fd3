"""No two prices of the same thing for the same party hold on the same day."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.documents.kinds import Side
from valeo_erp.prices.validity import Validity, overlaps

ITEM, OTHER = UUID(int=1), UUID(int=2)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))


def price(
    first: int, last: int | None, party: UUID | None = None, item: UUID = ITEM, side: Side = Side.SALES
) -> Validity:
    return Validity(side, item, party, date(2026, 1, first), None if last is None else date(2026, 1, last))


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (price(1, 10), price(11, 20), False),
        (price(1, 10), price(10, 20), True),
        (price(1, None), price(20, None), True),
        (price(1, 19), price(20, None), False),
        (price(5, 6), price(1, 20), True),
        (price(1, None), price(1, None, party=OTHER), False),
        (price(1, None), price(1, None, item=OTHER), False),
        (price(1, None), price(1, None, side=Side.PURCHASE), False),
    ],
)
def test_prices_of_the_same_thing_follow_each_other(one: Validity, other: Validity, clash: bool) -> None:
    for first, second in ((one, other), (other, one)):
        assert [failure.code for failure in overlaps([("", first)], [second])] == ["price_overlaps"] * clash


@given(st.lists(st.tuples(DAYS, st.none() | DAYS).filter(lambda days: days[1] is None or days[0] <= days[1])))
def test_what_is_let_through_leaves_one_price_for_a_day_at_most(spans: list[tuple[date, date | None]]) -> None:
    kept: list[Validity] = []
    for first, last in spans:
        new = Validity(Side.SALES, ITEM, None, first, last)
        if not overlaps([("", new)], kept):
            kept.append(new)
    for day in (date(2026, 1, number) for number in range(1, 31)):
        assert sum(one.valid_from <= day <= (one.valid_to or date.max) for one in kept) <= 1


def test_a_row_of_a_file_is_told_by_its_place() -> None:
    [failure] = overlaps([("row 2.", price(1, None)), ("row 3.", price(9, None))], [])
    assert (failure.field, "from 2026-01-01 until further notice" in failure.message) == ("row 3.valid_from", True)
