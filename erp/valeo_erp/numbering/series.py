"""How a number is written, what has one, and what stands against giving or changing something of a series. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from valeo_erp.documents.document import Kind
from valeo_erp.kernel.problems import Failure

Numbered = StrEnum("Numbered", {**{kind.name: kind.value for kind in Kind}, "PAYMENT": "payment"})  # type: ignore[misc]
"""Kinds of documents, and payments."""

MOST_VOIDS = 100
"""At once: more is a case for a start of the year, or for a look at what happened."""


@dataclass(frozen=True, slots=True)
class Year:
    """The counter of one year.

    Attributes:
        start: the first sequence, 1 unless another system gave numbers before.
        last: the last one that was given or voided; `start - 1` when there is none yet.
    """

    year: int
    start: int
    last: int
    last_date: date
    closed_at: datetime | None
    closed_by: str | None

    @property
    def used(self) -> bool:
        """Whether a number was given or voided."""
        return self.last >= self.start


@dataclass(frozen=True, slots=True)
class Series:
    """A series with the years that it has counted in, the oldest first."""

    document_kind: str
    prefix: str
    version: int
    years: tuple[Year, ...]

    def counter(self, year: int) -> Year | None:
        """The counter of a year; None while nothing was given or set."""
        return next((each for each in self.years if each.year == year), None)


def written(prefix: str, year: int, sequence: int) -> str:
    """A number as it stands on the document, such as INV-2026-00001; longer than five digits when it must be."""
    return f"{prefix}-{year}-{sequence:05}"


def why_no_number(
    kind: str, day: date, last_date: date | None, *, series_exists: bool, year_closed: bool
) -> list[Failure]:
    """Why a series gave no number to something of a day."""
    failures = []
    if not series_exists:
        failures.append(Failure("series_missing", f"There is no number series for the kind {kind}."))
    if year_closed:
        message = f"The year {day.year} of the number series is closed; give the document a date in an open year."
        failures.append(Failure("series_closed", message, "document_date"))
    if last_date is not None and last_date > day:
        message = f"The series has already given a number on {last_date}; a document of {day} can not follow it."
        failures.append(Failure("date_falls", message, "document_date"))
    return failures


def against_prefix(series: Series) -> list[Failure]:
    """What stands against another prefix: numbers that were given are looked up and proven by it."""
    given = next((written(series.prefix, each.year, each.last) for each in series.years if each.used), None)
    if given is None:
        return []
    return [Failure("series_used", f"{given} was given; the prefix stays.", "prefix", {"number": given})]


def against_start(series: Series, year: int) -> list[Failure]:
    """What stands against a year beginning with another number."""
    found = series.counter(year)
    if found is None or not found.used:
        return []
    message = f"{written(series.prefix, year, found.last)} was given; a year begins where its first number was."
    return [Failure("year_used", message, "year")]


def against_closing(series: Series, year: int, today: date) -> list[Failure]:
    """What stands against a year giving no more numbers."""
    found = series.counter(year)
    if found is None:
        return [Failure("year_unused", f"No number of {year} was given; there is nothing to close.", "year")]
    if found.closed_at is not None:
        return [Failure("already_closed", f"{year} was closed by {found.closed_by} on {found.closed_at:%Y-%m-%d}.")]
    if year >= today.year:
        return [Failure("year_not_over", f"{year} is not over; documents of today need their numbers.", "year")]
    return []


def against_reopening(series: Series, year: int) -> list[Failure]:
    """What stands against a closed year giving numbers again."""
    found = series.counter(year)
    if found is None or found.closed_at is None:
        return [Failure("not_closed", f"{year} is not closed.", "year")]
    return []


def against_voids(series: Series, year: int, first: int, last: int, taken: Sequence[str]) -> list[Failure]:
    """What stands against voiding the sequences of a range: they must be next, or lost, and no document's.

    `taken` are the numbers among them that a document carries, that were given to one, or that are void already.
    """
    found = series.counter(year)
    start, counted = (found.start, found.last) if found is not None else (1, 0)
    failures = []
    if last < first or last - first >= MOST_VOIDS:
        failures.append(Failure("range", f"Void 1 to {MOST_VOIDS} numbers at once, the first one first.", "last"))
    if first < start:
        failures.append(Failure("before_start", f"{year} begins with {written(series.prefix, year, start)}.", "first"))
    if first > counted + 1:
        message = (
            f"The next number is {written(series.prefix, year, counted + 1)}; none may be left out before {first}."
        )
        failures.append(Failure("leaves_a_gap", message, "first"))
    if found is not None and found.closed_at is not None and last > counted:
        failures.append(Failure("series_closed", f"The year {year} is closed; it gives no more numbers.", "year"))
    if taken:
        failures.append(
            Failure("number_taken", f"{', '.join(taken)} can not be voided: on a document, or void already.")
        )
    return failures
