"""How numbers are written, and what stands against changing a series."""

from datetime import UTC, date, datetime

import pytest

from valeo_erp.kernel.problems import Failure
from valeo_erp.numbering.series import (
    Series,
    Year,
    against_closing,
    against_prefix,
    against_reopening,
    against_start,
    against_voids,
    why_no_number,
    written,
)

CLOSED_AT = datetime(2026, 1, 10, 9, tzinfo=UTC)
SERIES = Series(
    "invoice",
    "INV",
    3,
    (
        Year(2024, 421, 420, date(2024, 1, 1), None, None),
        Year(2025, 1, 7, date(2025, 12, 30), CLOSED_AT, "adam"),
        Year(2026, 10, 12, date(2026, 3, 1), None, None),
    ),
)


def codes(failures: list[Failure]) -> list[str]:
    return [failure.code for failure in failures]


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [(1, "INV-2026-00001"), (99999, "INV-2026-99999"), (100000, "INV-2026-100000")],
)
def test_a_number_has_five_digits_and_more_when_it_must(sequence: int, expected: str) -> None:
    assert written("INV", 2026, sequence) == expected


def test_a_year_without_a_number_keeps_nothing_from_being_changed() -> None:
    unused = Series("invoice", "INV", 1, SERIES.years[:1])
    assert against_prefix(unused) == []
    assert against_start(unused, 2024) == against_start(unused, 2030) == []


def test_the_first_given_number_keeps_prefix_and_start() -> None:
    assert codes(against_prefix(SERIES)) == ["series_used"]
    assert codes(against_start(SERIES, 2026)) == ["year_used"]


@pytest.mark.parametrize(
    ("year", "today", "expected"),
    [
        (2026, date(2027, 1, 1), []),
        (2026, date(2026, 12, 31), ["year_not_over"]),
        (2025, date(2027, 1, 1), ["already_closed"]),
        (2030, date(2031, 1, 1), ["year_unused"]),
    ],
)
def test_only_a_used_year_that_is_over_closes_and_only_once(year: int, today: date, expected: list[str]) -> None:
    assert codes(against_closing(SERIES, year, today)) == expected


def test_only_a_closed_year_reopens() -> None:
    assert [codes(against_reopening(SERIES, year)) for year in (2025, 2026, 2030)] == [
        [],
        ["not_closed"],
        ["not_closed"],
    ]


@pytest.mark.parametrize(
    ("year", "first", "last", "taken", "expected"),
    [
        (2026, 13, 15, [], []),
        (2026, 11, 11, [], []),
        (2026, 11, 14, [], []),
        (2030, 1, 1, [], []),
        (2026, 14, 14, [], ["leaves_a_gap"]),
        (2026, 9, 9, [], ["before_start"]),
        (2026, 13, 12, [], ["range"]),
        (2026, 13, 113, [], ["range"]),
        (2025, 8, 8, [], ["series_closed"]),
        (2025, 5, 5, [], []),
        (2026, 12, 13, ["INV-2026-00012"], ["number_taken"]),
    ],
)
def test_only_the_next_and_lost_numbers_are_voided(
    year: int, first: int, last: int, taken: list[str], expected: list[str]
) -> None:
    assert codes(against_voids(SERIES, year, first, last, taken)) == expected


def test_everything_that_keeps_a_number_back_is_told_at_once() -> None:
    found = why_no_number("invoice", date(2026, 2, 1), date(2026, 3, 1), series_exists=True, year_closed=True)
    assert codes(found) == ["series_closed", "date_falls"]
    assert codes(why_no_number("invoice", date(2026, 2, 1), None, series_exists=False, year_closed=False)) == [
        "series_missing"
    ]
