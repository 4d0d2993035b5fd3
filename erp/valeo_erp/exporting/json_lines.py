"""One JSON object in a line for each row, with the names and values of the API. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from valeo_erp.exporting.columns import Cell, Column
from valeo_erp.exporting.dialects import machine_instant, plain_number

_ENCODERS: Mapping[Cell, Callable[[Any], str]] = {
    Cell.TEXT: str,
    Cell.ID: str,
    Cell.STATE: str,
    Cell.DATE: date.isoformat,
    Cell.INSTANT: machine_instant,
    Cell.MONEY: plain_number,
    Cell.NUMBER: plain_number,
}


class JsonLinesEncoder:
    """Turns rows into the bytes of a file, some rows at a time. Text is as it is: no spreadsheet opens this."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]
        self._encoders = [_ENCODERS[column.cell] for column in columns]

    def heading(self) -> bytes:
        """There is none: every line names its values."""
        return b""

    def rows(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """The lines of some rows."""
        return "".join(self._line(row) for row in rows).encode()

    def _line(self, row: Sequence[Any]) -> str:
        values = (None if value is None else encode(value) for encode, value in zip(self._encoders, row, strict=True))
        return json.dumps(dict(zip(self._names, values, strict=True)), ensure_ascii=False) + "\n"
