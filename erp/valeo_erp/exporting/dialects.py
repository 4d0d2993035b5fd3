"""How a cell is written in CSV: for German spreadsheets, or for machines. Pure."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from valeo_erp.documents.document import State
from valeo_erp.exporting.columns import GERMAN_STATES, Cell, Column, guarded
from valeo_erp.kernel.clock import BERLIN

BYTE_ORDER_MARK = "\ufeff"


class DialectName(StrEnum):
    """The dialects of CSV."""

    GERMAN = "german"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to write CSV.

    Attributes:
        opening: what the file begins with.
        encoders: by what a cell holds; an absent value is an empty cell in every dialect.
    """

    opening: str
    delimiter: str
    heading: Callable[[Column], str]
    encoders: Mapping[Cell, Callable[[Any], str]]


def _german_number(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def plain_number(value: Decimal) -> str:
    """As the API writes numbers: `1234.50`."""
    return f"{value:f}"


def _german_instant(value: datetime) -> str:
    return f"{value.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"


def machine_instant(value: datetime) -> str:
    """As RFC 3339 writes instants, in UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _german_day(value: date) -> str:
    return f"{value:%d.%m.%Y}"


DIALECTS: dict[DialectName, Dialect] = {
    DialectName.GERMAN: Dialect(
        opening=BYTE_ORDER_MARK,
        delimiter=";",
        heading=lambda column: column.german,
        encoders={
            Cell.TEXT: guarded,
            Cell.ID: str,
            Cell.STATE: lambda value: GERMAN_STATES[State(value)],
            Cell.DATE: _german_day,
            Cell.INSTANT: _german_instant,
            Cell.MONEY: _german_number,
            Cell.NUMBER: _german_number,
        },
    ),
    DialectName.MACHINE: Dialect(
        opening="",
        delimiter=",",
        heading=lambda column: column.name,
        encoders={
            Cell.TEXT: guarded,
            Cell.ID: str,
            Cell.STATE: str,
            Cell.DATE: date.isoformat,
            Cell.INSTANT: machine_instant,
            Cell.MONEY: plain_number,
            Cell.NUMBER: plain_number,
        },
    ),
}


class CsvEncoder:
    """Turns rows into the bytes of a file, some rows at a time."""

    def __init__(self, dialect: Dialect, columns: Sequence[Column]) -> None:
        self._dialect = dialect
        self._columns = columns
        self._encoders = [dialect.encoders[column.cell] for column in columns]

    def heading(self) -> bytes:
        """The opening and the line with the names."""
        names = [self._dialect.heading(column) for column in self._columns]
        return self._dialect.opening.encode() + self._lines([names])

    def rows(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """The lines of some rows."""
        return self._lines(
            ["" if value is None else encode(value) for encode, value in zip(self._encoders, row, strict=True)]
            for row in rows
        )

    def _lines(self, lines: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=self._dialect.delimiter, lineterminator="\r\n").writerows(lines)
        return text.getvalue().encode()
