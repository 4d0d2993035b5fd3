"""A child: XlsxWriter alone, as many rows of as many cells. The yardstick of workbooks."""

import tempfile
from time import perf_counter
from typing import Any

import xlsxwriter
from tests.bench.children import answer_parent, ask_child


def plain_workbook(rows: int, columns: int) -> float:
    """Seconds."""
    seconds: float = ask_child("plain_workbook", {"rows": rows, "columns": columns})["seconds"]
    return seconds


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The child. A third of the cells are numbers."""
    begun = perf_counter()
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet = book.add_worksheet()
        for row in range(plan["rows"]):
            for column in range(plan["columns"]):
                if column % 3:
                    sheet.write_string(row, column, "a text as usual")
                else:
                    sheet.write_number(row, column, 1234.56)
        book.close()
    return {"seconds": perf_counter() - begun}


if __name__ == "__main__":
    answer_parent(run)
