"""How cells are written in CSV."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.documents.document import State
from valeo_erp.exporting.columns import GERMAN_STATES, HEADS, LINES, Cell, Column, guarded
from valeo_erp.exporting.dialects import DIALECTS, CsvEncoder, DialectName

COLUMNS = tuple(Column(cell.value, cell.value.title(), cell.value, cell, 10) for cell in Cell)
ROW = (
    "Weizen; lose",
    "posted",
    date(2026, 7, 3),
    datetime(2026, 7, 3, 22, 30, tzinfo=UTC),
    Decimal("-1234.50"),
    Decimal(7),
    UUID("01980000-0000-7000-8000-000000000002"),
)


def lines_of(dialect: DialectName, *rows: tuple[Any, ...]) -> list[str]:
    encoder = CsvEncoder(DIALECTS[dialect], COLUMNS)
    return (encoder.heading() + encoder.rows(rows)).decode().split("\r\n")


def test_the_german_dialect_has_semicolons_commas_and_dates_of_berlin() -> None:
    assert lines_of(DialectName.GERMAN, ROW) == [
        "\ufeffText;State;Date;Instant;Money;Number;Id",
        '"Weizen; lose";gebucht;03.07.2026;04.07.2026 00:30:00;-1234,50;7;01980000-0000-7000-8000-000000000002',
        "",
    ]


def test_the_machine_dialect_has_commas_dots_and_utc() -> None:
    assert lines_of(DialectName.MACHINE, ROW) == [
        "text,state,date,instant,money,number,id",
        "Weizen; lose,posted,2026-07-03,2026-07-03T22:30:00.000000Z,-1234.50,7,01980000-0000-7000-8000-000000000002",
        "",
    ]


@pytest.mark.parametrize("dialect", list(DialectName))
def test_what_is_absent_is_an_empty_cell(dialect: DialectName) -> None:
    cells = lines_of(dialect, (None,) * len(COLUMNS))[1]

    assert set(cells) == {DIALECTS[dialect].delimiter}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "＝1", "＠A"])  # noqa: RUF001
def test_what_could_start_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Hof Lindenberg", "a=b", "1-2", "", "'quoted", "(+49) 581"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), max_size=5))
def test_any_text_comes_back_from_the_file(texts: list[str]) -> None:
    for dialect in DIALECTS.values():
        encoder = CsvEncoder(dialect, [Column("text", "Text", "Text", Cell.TEXT, 10)])
        written = encoder.rows([(text,) for text in texts]).decode()

        rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=dialect.delimiter))

        assert ["".join(row) for row in rows] == [guarded(text) for text in texts]


def test_every_state_has_a_german_name() -> None:
    assert set(GERMAN_STATES) == set(State)


def test_heads_and_lines_have_fifteen_columns_with_names_of_their_own() -> None:
    for columns in (HEADS, LINES):
        assert len(columns) == 15
        for names in zip(*((column.name, column.german, column.english) for column in columns), strict=True):
            assert len(set(names)) == 15
