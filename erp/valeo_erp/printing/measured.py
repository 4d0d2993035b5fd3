"""What scale and laboratory found, as tables beside the lines: weighings, and what of grain is paid for. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from valeo_erp.calculation.settlement import Quality, drying_cost, settled_quantity
from valeo_erp.calculation.units import factor
from valeo_erp.documents.document import Document, Line, Weighing
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.printing.formats import Language, amount, day, number, per_cent
from valeo_erp.printing.layouts import LAYOUTS
from valeo_erp.printing.words import WORDS


@dataclass(frozen=True)
class TableView:
    """A small table: its first column is text, the others are figures."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(document: Document, language: Language) -> tuple[TableView, ...]:
    """The tables that this document has something to say in."""
    layout = LAYOUTS[document.kind]
    made = (
        _weights(document, language) if layout.weights else None,
        _grain(document, language, priced=layout.priced),
    )
    return tuple(table for table in made if table is not None and table.rows)


def quantity_of(value: Decimal, unit: str, language: Language) -> str:
    """A quantity with its unit: `24,5 t`."""
    return f"{number(value, language, 0, 4)}\u00a0{WORDS[language].units.get(unit, unit)}"


def drying_of(line: Line) -> Decimal:
    """What drying takes off a line, in its currency; rounded."""
    into_price_unit = factor(line.unit, line.price_unit)
    if into_price_unit is None:
        raise ValueError(f"A quantity in {line.unit} has no price per {line.price_unit}")
    return drying_cost(line.quantity * into_price_unit, line.price_base, line.quality)


def _weights(document: Document, language: Language) -> TableView:
    words = WORDS[language].weights
    headings = (WORDS[language].position, words.vehicle, words.first, words.second, words.net)
    rows = [(line.position, line.weighing) for line in document.lines]
    return TableView(
        words.title,
        headings,
        tuple(_weighing(position, weighing, language) for position, weighing in rows if weighing is not None),
    )


def _weighing(position: int, weighing: Weighing, language: Language) -> tuple[str, ...]:
    def shown(kilograms: Decimal | None, at: datetime | None) -> str:
        if kilograms is None or at is None:
            return WORDS[language].weights.open
        local = at.astimezone(BERLIN)
        return f"{quantity_of(kilograms, 'kg', language)}\n{day(local.date(), language)} {local:%H:%M}"

    return (
        str(position),
        weighing.vehicle,
        shown(weighing.first_kg, weighing.first_at),
        shown(weighing.second_kg, weighing.second_at),
        "" if weighing.second_kg is None else quantity_of(weighing.net_kg, "kg", language),
    )


_Cell = Callable[[Line, Quality, Language], str]


def _grain(document: Document, language: Language, *, priced: bool) -> TableView:
    words = WORDS[language].grain
    columns: list[tuple[str, _Cell]] = [
        (WORDS[language].position, lambda line, _, __: str(line.position)),
        (words.delivered, lambda line, _, language: quantity_of(line.quantity, line.unit, language)),
        (words.moisture, lambda _, found, language: _measured(found.moisture, found.base_moisture, language)),
        (words.impurity, lambda _, found, language: _measured(found.impurity, found.base_impurity, language)),
        (words.settled, lambda line, _, language: quantity_of(_settled(line), line.unit, language)),
    ]
    if priced:
        columns.append(
            (f"{words.drying} {document.currency}", lambda line, _, language: amount(-drying_of(line) + 0, language))
        )
    return TableView(
        words.title,
        tuple(heading for heading, _ in columns),
        tuple(
            tuple(cell(line, line.quality, language) for _, cell in columns)
            for line in document.lines
            if line.quality is not None
        ),
    )


def _measured(found: Decimal, base: Decimal, language: Language) -> str:
    return f"{per_cent(found, language)} ({per_cent(base, language)})"


def _settled(line: Line) -> Decimal:
    return settled_quantity(line.quantity, line.quality)
