"""A child: WeasyPrint alone, setting a plain table. The yardstick of printing."""

from time import perf_counter
from typing import Any

import weasyprint
from tests.bench.children import answer_parent, ask_child
from weasyprint.text.fonts import FontConfiguration


def plain_paper(rows: int, count: int) -> list[float]:
    """Milliseconds of each of so many prints with so many rows, after one that is not counted."""
    seen: list[float] = ask_child("plain_paper", {"rows": rows, "count": count})["milliseconds"]
    return seen


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The child."""
    fonts = FontConfiguration()
    cells = "".join(f"<td>cell {cell}</td>" for cell in range(8))
    html = f"<h1>Table</h1><table>{f'<tr>{cells}</tr>' * plan['rows']}</table>"
    milliseconds = []
    for _ in range(plan["count"] + 1):
        begun = perf_counter()
        weasyprint.HTML(string=html).write_pdf(font_config=fonts)
        milliseconds.append((perf_counter() - begun) * 1000)
    return {"milliseconds": milliseconds[1:]}


if __name__ == "__main__":
    answer_parent(run)
