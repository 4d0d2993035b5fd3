"""A picture of progress by section: one bar each, divided by result. Inline SVG, readable without colours."""

from collections import Counter
from collections.abc import Iterable
from html import escape
from typing import Final

from valeo_operator.api.golive import Result
from valeo_operator.golive.report.document import Gate
from valeo_operator.golive.report.words import Language, word

COLOURS: Final = {
    Result.PASS: "#2b8a3e",
    Result.WAIVED: "#7048a8",
    Result.NOT_APPLICABLE: "#6c757d",
    Result.PENDING: "#1971c2",
    Result.STALE: "#8a6d00",
    Result.UNKNOWN: "#343a40",
    Result.FAIL: "#c92a2a",
}
_LABELS: Final = 330
_BAR: Final = 370
_ROW: Final = 24
_HEIGHT: Final = 16
_NARROWEST: Final = 14  # a number fits in


def picture(gates: Iterable[Gate], language: Language) -> str:
    """The SVG. Widths are shares of the section; each part bears its number."""
    sections: dict[tuple[str, str], Counter[Result]] = {}
    for gate in gates:
        sections.setdefault((gate.phase, gate.section), Counter())[gate.result] += 1
    rows = [_row(place, *of, counted, language) for place, (of, counted) in enumerate(sections.items())]
    title = escape(word("progress", language))
    size = f'viewBox="0 0 {_LABELS + _BAR} {max(len(rows), 1) * _ROW}" width="100%"'
    return f'<svg role="img" xmlns="http://www.w3.org/2000/svg" {size}><title>{title}</title>{"".join(rows)}</svg>'


def _row(place: int, phase: str, section: str, counted: Counter[Result], language: Language) -> str:
    top = place * _ROW
    label = escape(f"{word(phase, language)}: {section}")
    told = escape(", ".join(f"{number} {word(result, language)}" for result, number in _ordered(counted)))
    return (
        f"<g><title>{label}: {told}</title>"
        f'<text x="0" y="{top + 13}" font-size="10.5" fill="#212529">{label}</text>{_parts(top, counted)}</g>'
    )


def _ordered(counted: Counter[Result]) -> Iterable[tuple[Result, int]]:
    return ((result, counted[result]) for result in COLOURS if counted[result])


def _parts(top: int, counted: Counter[Result]) -> str:
    drawn, left = [], float(_LABELS)
    for result, number in _ordered(counted):
        width = _BAR * number / counted.total()
        drawn.append(
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_HEIGHT}" fill="{COLOURS[result]}"/>'
        )
        if width >= _NARROWEST:
            middle = left + width / 2
            drawn.append(
                f'<text x="{middle:.1f}" y="{top + 12}" font-size="10" text-anchor="middle" fill="#fff">{number}</text>'
            )
        left += width
    return "".join(drawn)
