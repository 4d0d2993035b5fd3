"""What stands against opening, closing and reopening periods."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from valeo_erp.periods.rules import Period, against_closing, against_opening, against_reopening, months_of

AT = datetime(2026, 2, 3, 9, tzinfo=UTC)


def year(number: int, closed: int = 0) -> list[Period]:
    """The months of a year, the first of them closed."""
    return [
        Period(first, last, "closed", AT, "anna", 2) if month < closed else Period(first, last, "open", None, None, 1)
        for month, (first, last) in enumerate(months_of(number))
    ]


def test_the_months_of_a_year_leave_out_no_day_and_cover_none_twice() -> None:
    months = months_of(2028)
    assert (months[0][0], months[1], months[-1][1]) == (
        date(2028, 1, 1),
        (date(2028, 2, 1), date(2028, 2, 29)),
        date(2028, 12, 31),
    )
    assert all((after[0] - before[1]).days == 1 for before, after in pairwise(months))


@pytest.mark.parametrize(
    ("known", "wanted", "code"),
    [
        ([], 2026, None),
        (year(2026), 2027, None),
        (year(2026), 2025, None),
        (year(2026), 2026, "year_exists"),
        (year(2026), 2028, "leaves_a_gap"),
        (year(2026), 2024, "leaves_a_gap"),
    ],
)
def test_a_year_is_opened_only_beside_those_that_are_there(known: list[Period], wanted: int, code: str | None) -> None:
    assert next((failure.code for failure in against_opening(known, wanted)), None) == code


def test_unposted_documents_are_counted_in_words() -> None:
    [failure] = against_closing(year(2026)[0], {("invoice", "draft"): 2, ("credit_note", "approved"): 1})
    assert failure.code == "unposted_documents"
    assert "3 documents" in failure.message
    assert "(credit note approved: 1, invoice draft: 2)" in failure.message
    assert against_closing(year(2026)[0], {}) == []


@pytest.mark.parametrize(
    ("later", "code"), [([], None), (year(2027, closed=11), None), (year(2027, closed=12), "later_year_closed")]
)
def test_only_a_wholly_closed_later_year_keeps_a_period_closed(later: list[Period], code: str | None) -> None:
    known = [*year(2026, closed=12), *later]
    assert next((failure.code for failure in against_reopening(known[3], known)), None) == code


def test_closed_and_open_are_told_apart() -> None:
    first, second = year(2026, closed=1)[:2]
    assert [failure.code for failure in against_closing(first, {})] == ["already_closed"]
    assert [failure.code for failure in against_reopening(second, [first, second])] == ["not_closed"]
