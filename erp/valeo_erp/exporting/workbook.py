"""The XLSX file: heads, lines and a manifest, written row by row in constant memory. Runs in a thread."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from valeo_erp.documents.document import State
from valeo_erp.exporting.columns import GERMAN_STATES, HEADS, LINES, Cell, Column
from valeo_erp.exporting.manifest import Manifest
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.kernel.problems import invalid
from valeo_erp.printing.formats import Language

MOST_ROWS = 1_048_576 - 20
"""Of a sheet, less the heading and the sums."""

_NUMBER_FORMATS = {
    Cell.DATE: "dd.mm.yyyy",
    Cell.INSTANT: "dd.mm.yyyy hh:mm:ss",
    Cell.MONEY: "#,##0.00",
    Cell.NUMBER: "#,##0.######",
}
_TITLES = {
    Language.GERMAN: ("Belege", "Positionen", "Nachweis", "Summe"),
    Language.ENGLISH: ("Documents", "Lines", "Manifest", "Total"),
}


class InvoiceWorkbook:
    """One workbook under way. Rows go to disk as they come; `finish` makes the file."""

    def __init__(self, file: IO[bytes], language: Language, created: datetime) -> None:
        self._book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        # The file says nothing of the clock or the machine that wrote it.
        self._book.set_properties({"created": created.astimezone(UTC).replace(tzinfo=None), "author": "ValeoERP"})
        self._language = language
        documents, lines, manifest, total = _TITLES[language]
        self._bold = self._book.add_format({"bold": True, "bg_color": "#E7EFE9", "bottom": 1})
        self.heads = Sheet(self._book, self._bold, documents, HEADS, language, total)
        self.lines = Sheet(self._book, self._bold, lines, LINES, language, total)
        self._manifest_title = manifest

    def finish(self, manifest: Manifest) -> None:
        """Sums, filters and the manifest; then the file is complete."""
        self.heads.finish()
        self.lines.finish()
        sheet = self._book.add_worksheet(self._manifest_title)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 90)
        for row, (name, value) in enumerate(manifest.rows(self._language)):
            sheet.write_string(row, 0, name, self._bold)
            sheet.write_string(row, 1, value)
        self._book.close()


class Sheet:
    """One sheet with a frozen heading, a filter, real dates and numbers, and a sum for each currency."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        heading: Format,
        title: str,
        columns: Sequence[Column],
        language: Language,
        total: str,
    ) -> None:
        self._sheet: Worksheet = book.add_worksheet(title)
        self._columns = columns
        self._total = total
        self._sum_format = book.add_format({"bold": True, "top": 1, "num_format": _NUMBER_FORMATS[Cell.MONEY]})
        formats = {cell: book.add_format({"num_format": text}) for cell, text in _NUMBER_FORMATS.items()}
        self._writers = [_writer(self._sheet, column.cell, formats, language) for column in columns]
        self._currency = next(n for n, column in enumerate(columns) if column.name == "currency")
        self._money = [n for n, column in enumerate(columns) if column.cell is Cell.MONEY]
        self._sums: dict[str, list[Decimal]] = {}
        self.rows = 0
        self._head(heading, language)

    def _head(self, heading: Format, language: Language) -> None:
        for number, column in enumerate(self._columns):
            self._sheet.set_column(number, number, column.width)
            title = column.german if language is Language.GERMAN else column.english
            self._sheet.write_string(0, number, title, heading)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_landscape()

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Append rows.

        Raises:
            Problem: 422 when a sheet cannot hold so many.
        """
        for row in rows:
            if self.rows == MOST_ROWS:
                raise invalid(
                    "export_too_large", f"A sheet holds at most {MOST_ROWS} rows. Narrow the filter or take CSV."
                )
            self.rows += 1
            for number, (write, value) in enumerate(zip(self._writers, row, strict=True)):
                if value is not None:
                    write(self.rows, number, value)
            self._add(row)

    def _add(self, row: Sequence[Any]) -> None:
        sums = self._sums.setdefault(row[self._currency], [Decimal(0)] * len(self._money))
        for place, number in enumerate(self._money):
            sums[place] += row[number]

    def finish(self) -> None:
        """Filter and sums. Every sum is a formula with its value, for readers that do not calculate."""
        self._sheet.autofilter(0, 0, self.rows, len(self._columns) - 1)
        for offset, (currency, sums) in enumerate(sorted(self._sums.items())):
            at = self.rows + 2 + offset
            self._sheet.write_string(at, 0, self._total, self._sum_format)
            self._sheet.write_string(at, self._currency, currency, self._sum_format)
            for number, value in zip(self._money, sums, strict=True):
                self._sheet.write_formula(at, number, self._sum_of(number, at), self._sum_format, float(value))

    def _sum_of(self, number: int, at: int) -> str:
        currencies = xl_range_abs(1, self._currency, self.rows, self._currency)
        wanted = f"${xl_col_to_name(self._currency)}{at + 1}"
        return f"=SUMIFS({xl_range(1, number, self.rows, number)},{currencies},{wanted})"


_Write = Callable[[int, int, Any], object]


def _writer(sheet: Worksheet, cell: Cell, formats: Mapping[Cell, Format], language: Language) -> _Write:
    """The function that writes a cell. Text is always text: nothing in it is a formula."""

    def state(row: int, column: int, value: str) -> None:
        sheet.write_string(row, column, GERMAN_STATES[State(value)] if language is Language.GERMAN else value)

    def instant(row: int, column: int, value: datetime) -> None:
        sheet.write_datetime(row, column, value.astimezone(BERLIN).replace(tzinfo=None), formats[cell])

    match cell:
        case Cell.TEXT | Cell.ID:
            return lambda row, column, value: sheet.write_string(row, column, str(value))
        case Cell.STATE:
            return state
        case Cell.INSTANT:
            return instant
        case Cell.DATE:
            return lambda row, column, value: sheet.write_datetime(row, column, value, formats[cell])
        case Cell.MONEY | Cell.NUMBER:
            return lambda row, column, value: sheet.write_number(row, column, float(value), formats[cell])
