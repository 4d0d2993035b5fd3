"""Rows of a CSV file as bodies of the API, or everything that is wrong with them, row by row. Pure.

The first row names the fields of the body; `grain.drying_price` is a field of a field. A file with semicolons may have
decimal commas. An empty cell is a field that was left out.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from valeo_erp.kernel.problems import Failure

MOST_ROWS = 5_000
MOST_FAILURES = 1_000
_DECIMAL_COMMA = re.compile(r"(-?[0-9]+),([0-9]+)")

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Imported(Generic[Body]):
    """What a file holds.

    Attributes:
        rows: each with its place in the file, from 2: the heading is row 1.
    """

    rows: Sequence[tuple[int, Body]]
    failures: Sequence[Failure]


def imported(content: bytes, model: type[Body]) -> Imported[Body]:
    """The rows of a file in UTF-8, with or without a byte order mark."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Imported((), [Failure("not_utf8", f"Byte {error.start} is not UTF-8. Save the file as UTF-8.")])
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return Imported((), [Failure("not_csv", f"This is not CSV: {error}.")])
    if failures := _heading_faults(table, model):
        return Imported((), failures)
    return _rows(table, delimiter, model)


def _heading_faults(table: Sequence[Sequence[str]], model: type[BaseModel]) -> list[Failure]:
    if not table or len(table) < 2:  # noqa: PLR2004 - a heading and a row
        return [Failure("no_rows", "The file has no rows below its heading.")]
    if len(table) - 1 > MOST_ROWS:
        return [Failure("too_many_rows", f"The file has {len(table) - 1} rows; import {MOST_ROWS} at once.")]
    known = model.model_fields.keys()
    unknown = [name for name in table[0] if name.partition(".")[0] not in known]
    if unknown:
        names = ", ".join(known)
        return [Failure("unknown_column", f"There is no field {name}; there are {names}.", "row 1") for name in unknown]
    if len(set(table[0])) < len(table[0]):
        return [Failure("column_twice", "A column stands in the heading more than once.", "row 1")]
    return []


def _rows(table: Sequence[Sequence[str]], delimiter: str, model: type[Body]) -> Imported[Body]:
    heading, rows, failures = table[0], [], list[Failure]()
    for place, cells in enumerate(table[1:], 2):
        if not any(cells):
            continue
        if len(cells) != len(heading):
            message = f"The row has {len(cells)} cells, the heading has {len(heading)}."
            failures.append(Failure("cells_differ", message, f"row {place}"))
            continue
        try:
            rows.append((place, model.model_validate_strings(_values(heading, cells, delimiter))))
        except ValidationError as error:
            failures += list(_faults(place, error))
    return Imported(rows, failures[:MOST_FAILURES])


def _values(heading: Sequence[str], cells: Sequence[str], delimiter: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, cell in zip(heading, cells, strict=True):
        text = cell.strip()
        if delimiter == ";" and (number := _DECIMAL_COMMA.fullmatch(text)):
            text = f"{number[1]}.{number[2]}"
        if text:
            outer, _, inner = name.partition(".")
            if inner:
                values.setdefault(outer, {})[inner] = text
            else:
                values[outer] = text
    return values


def _faults(place: int, error: ValidationError) -> Iterator[Failure]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        yield Failure(fault["type"], fault["msg"], ".".join([f"row {place}", *map(str, fault["loc"])]))
