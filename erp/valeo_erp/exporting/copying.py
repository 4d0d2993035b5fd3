"""The cells of CSV as PostgreSQL itself writes them, byte for byte as `CsvEncoder` would. Pure.

`COPY … TO STDOUT (FORMAT csv)` quotes as the csv module does; what a cell says is made here, in SQL.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, case, cast, func, literal_column
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.types import Text

from valeo_erp.exporting.columns import FORMULA_SPACES, FORMULA_STARTS, GERMAN_STATES, Cell, Column
from valeo_erp.exporting.dialects import DialectName
from valeo_erp.kernel.statements import Query

Cellwise = Mapping[Cell, Callable[[ColumnElement[Any]], ColumnElement[Any]]]
_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]


def copied(statement: Select[Any], columns: Sequence[Column], dialect: DialectName) -> Query:
    """The query that COPY runs: the rows and the order of a statement, every cell as the dialect writes it.

    Args:
        statement: selects what `columns` names, in that order.
        columns: at least two: of one alone, an empty cell would have to be quoted.
        dialect: how.
    """
    encoders = _ENCODERS[dialect]
    selected = (value.element if isinstance(value, Label) else value for value in statement.selected_columns)
    cells = [encoders[column.cell](value) for column, value in zip(columns, selected, strict=True)]
    made = statement.with_only_columns(*cells).compile(dialect=_DIALECT)
    return Query(made.string, tuple(made.params[name] for name in made.positiontup or ()))


class LineEnds:
    """COPY ends a row by a line feed, RFC 4180 by carriage return and line feed. Those inside of quotes stay."""

    def __init__(self) -> None:
        self._quoted = False

    def __call__(self, data: bytes) -> bytes:
        """The next part of the file; parts may begin and end anywhere."""
        if not self._quoted and b'"' not in data:
            return data.replace(b"\n", b"\r\n")
        parts = data.split(b'"')
        first = int(self._quoted)
        parts[first::2] = [part.replace(b"\n", b"\r\n") for part in parts[first::2]]
        self._quoted ^= len(parts) % 2 == 0
        return b'"'.join(parts)


def _text(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Guarded as `guarded` does it. COPY would write empty text as `""` and absent text as nothing."""
    return case((value.op("~")(_FORMULA), func.concat("'", value)), else_=func.nullif(value, literal_column("''")))


def _ascii(text: str) -> str:
    """For a bracket of a regular expression: no character of it means anything there."""
    return "".join(rf"\u{ord(character):04x}" for character in text)


_FORMULA: ColumnElement[str] = literal_column(f"'^[{_ascii(FORMULA_SPACES)}]*[{_ascii(''.join(FORMULA_STARTS))}]'")


def _plain(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return value


def _german_state(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return case({state.value: name for state, name in GERMAN_STATES.items()}, value=value)


def _german_number(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.replace(cast(value, Text), literal_column("'.'"), literal_column("','"))


def _written(form: str, zone: str = "") -> Callable[[ColumnElement[Any]], ColumnElement[Any]]:
    """By a form of its own, because a server may be set to write dates otherwise."""
    quoted: ColumnElement[str] = literal_column(f"'{form}'")
    if not zone:
        return lambda value: func.to_char(value, quoted)
    return lambda value: func.to_char(func.timezone(literal_column(f"'{zone}'"), value), quoted)


_ENCODERS: Mapping[DialectName, Cellwise] = {
    DialectName.GERMAN: {
        Cell.TEXT: _text,
        Cell.ID: _plain,
        Cell.STATE: _german_state,
        Cell.DATE: _written("DD.MM.YYYY"),
        Cell.INSTANT: _written("DD.MM.YYYY HH24:MI:SS", "Europe/Berlin"),
        Cell.MONEY: _german_number,
        Cell.NUMBER: _german_number,
    },
    DialectName.MACHINE: {
        Cell.TEXT: _text,
        Cell.ID: _plain,
        Cell.STATE: _plain,
        Cell.DATE: _written("YYYY-MM-DD"),
        Cell.INSTANT: _written('YYYY-MM-DD"T"HH24:MI:SS.US"Z"', "UTC"),
        Cell.MONEY: _plain,
        Cell.NUMBER: _plain,
    },
}
