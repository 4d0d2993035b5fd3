"""Lists of documents: filters, orders and pages that stay fast among a million (docs/decisions/lists.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, false, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.calculation.totals import LARGEST
from valeo_erp.documents.document import DocumentSummary, Kind, State
from valeo_erp.documents.models import document as document_table
from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.parties.models import party as party_table

SHORT_TEXT = 2
"""So few letters are looked for at the beginning of words only: no index of three letters finds them elsewhere."""

MANY_FOUND = 10_000
"""About as many rows are read to collect all that hold a word as to go through the list until a page holds it."""

NUMBERED = frozenset({State.POSTED, State.REVERSED})


class Sort(StrEnum):
    """Orders of the list; the last column breaks ties, so that a page never repeats or skips a row."""

    NEWEST_FIRST = "-document_date"
    OLDEST_FIRST = "document_date"
    HIGHEST_NUMBER_FIRST = "-number"
    LOWEST_NUMBER_FIRST = "number"
    LARGEST_FIRST = "-gross_total"
    SMALLEST_FIRST = "gross_total"
    LAST_DUE_FIRST = "-due_date"
    FIRST_DUE_FIRST = "due_date"

    @property
    def column(self) -> str:
        """What it orders by."""
        return self.value.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.value.startswith("-")


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What a list shows. None means no condition.

    Attributes:
        text: found in number, reference, note, or the party's name or number; in any case of letters.
        number: the whole number.
        from_gross: the smallest gross total.
    """

    kind: Kind
    state: State | None = None
    party_id: UUID | None = None
    from_date: date | None = None
    to_date: date | None = None
    text: str | None = None
    number: str | None = None
    from_gross: Decimal | None = None
    to_gross: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        next_cursor: where the next page begins, None on the last.
    """

    items: tuple[DocumentSummary, ...]
    next_cursor: str | None


def list_statement(
    tenant_id: UUID, filter_: ListFilter, sort: Sort = Sort.NEWEST_FIRST, *, common_text: bool = False
) -> Select[Any]:
    """All rows of a list: the columns of `DocumentSummary`, filtered and ordered, unlimited.

    Exports use this very statement, so that a file holds what the list shows.

    Args:
        tenant_id: whose documents.
        filter_: which of them.
        sort: in which order.
        common_text: whether so many hold the text that a page of them is found sooner by going through the list.
    """
    d, p = document_table.c, party_table.c
    statement = (
        select(
            d.id,
            d.state,
            d.version,
            d.number,
            d.party_id,
            func.coalesce(d.party["number"].astext, p.number).label("party_number"),
            func.coalesce(d.party["name"].astext, p.name).label("party_name"),
            d.document_date,
            d.due_date,
            d.currency,
            d.net_total,
            d.tax_total,
            d.gross_total,
        )
        .join_from(document_table, party_table, and_(p.tenant_id == d.tenant_id, p.id == d.party_id))
        .where(d.tenant_id == tenant_id, d.kind == filter_.kind.value)
        .where(*_conditions(filter_), *_implied(tenant_id, filter_, sort))
    )
    if filter_.text:
        statement = statement.where(_holds(filter_.text) if common_text else _found(filter_.kind, filter_.text))
    keys = _ORDERS[sort.column].columns
    return statement.order_by(*(key.desc() for key in keys) if sort.descending else keys)


async def page(
    connection: AsyncConnection,
    tenant_id: UUID,
    filter_: ListFilter,
    cursor: str | None = None,
    limit: int = 50,
    sort: Sort = Sort.NEWEST_FIRST,
) -> Page:
    """One page of the list, from where the cursor points.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    common = bool(filter_.text) and await _held_by_many(connection, filter_)
    statement = page_statement(tenant_id, filter_, sort, cursor, limit, common_text=common)
    rows = (await connection.execute(statement)).all()
    items = tuple(DocumentSummary(row.id, State(row.state), *row[2:]) for row in rows[:limit])
    return Page(items, cursor_after(items[-1], sort) if len(rows) > limit else None)


def page_statement(
    tenant_id: UUID, filter_: ListFilter, sort: Sort, cursor: str | None, limit: int, *, common_text: bool = False
) -> Select[Any]:
    """The rows of one page, and one more if there is another page after it.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    statement = list_statement(tenant_id, filter_, sort, common_text=common_text).limit(limit + 1)
    return statement if cursor is None else statement.where(*_after(cursor, sort))


def _conditions(filter_: ListFilter) -> list[ColumnElement[bool]]:
    d = document_table.c
    wanted: tuple[tuple[Any, Callable[[Any], ColumnElement[bool]]], ...] = (
        (filter_.state, lambda state: d.state == state.value),
        (filter_.party_id, lambda party_id: d.party_id == party_id),
        (filter_.from_date, lambda day: d.document_date >= day),
        (filter_.to_date, lambda day: d.document_date <= day),
        (filter_.number, lambda number: d.number == number),
        (filter_.from_gross, lambda amount: d.gross_cents >= _cents(amount)),
        (filter_.to_gross, lambda amount: d.gross_cents <= _cents(amount)),
    )
    return [condition(value) for value, condition in wanted if value is not None]


def _implied(tenant_id: UUID, filter_: ListFilter, sort: Sort) -> list[ColumnElement[bool]]:
    """What follows from filter and order, said so that the index of the order is entered where the filter begins."""
    d = document_table.c
    implied: list[ColumnElement[bool]] = []
    if sort.column == "number":
        numbered = filter_.state is None or filter_.state in NUMBERED
        implied.append(d.number.is_not(None) if numbered else false())  # what has no number has no place in this order
    if sort.column == "due_date" and filter_.from_date is not None:
        implied.append(d.due_date >= filter_.from_date)  # nothing is due before its date
    if sort.column == "due_date" and filter_.to_date is not None:
        other = document_table.alias("other").c
        longest = select(func.coalesce(func.max(other.due_date - other.document_date), 0)).where(
            other.tenant_id == tenant_id, other.kind == filter_.kind.value
        )
        implied.append(d.due_date <= cast(filter_.to_date, Date) + longest.scalar_subquery())
    return implied


def _found(kind: Kind, text: str) -> ColumnElement[bool]:
    """Collected by the index of their letters, which row-level security lets nobody but the owner look into."""
    return document_table.c.id.in_(select(func.documents_with(kind.value, text)))


def _holds(text: str) -> ColumnElement[bool]:
    """The same, asked of one row after the other.

    By `strpos`, which the planner takes to be true of every third row: what it thinks of `like` under row-level
    security is so little that it would read and sort the whole table.
    """
    d, p = document_table.c, party_table.c
    wanted = func.lower(text if len(text) > SHORT_TEXT else f" {text}")
    own = func.strpos(literal(" ") + d.search_text, wanted) > 0
    partys = func.strpos(func.lower(literal(" ") + p.number + " " + p.name), wanted) > 0
    return or_(own, and_(d.party.is_(None), partys))


async def _held_by_many(connection: AsyncConnection, filter_: ListFilter) -> bool:
    """By the statistics of the database: without reading what holds it."""
    about = select(func.documents_with_about(filter_.kind.value, filter_.text))
    estimate: int = (await connection.execute(about)).scalar_one()
    return estimate > MANY_FOUND


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of the list.

    Attributes:
        columns: the last one is never the same in two rows.
        told: what a cursor holds, of the last row of a page.
        read: the values of `columns` from what a cursor holds; ValueError or InvalidOperation for other words.
    """

    columns: tuple[Any, ...]
    told: Callable[[DocumentSummary], tuple[str, ...]]
    read: Callable[[list[str]], tuple[Any, ...]]


def _by_date_and_number(words: list[str]) -> tuple[date, int, str]:
    day, number = words
    return date.fromisoformat(day), len(number), number


def _by(column: str, read: Callable[[str], Any], name: str | None = None) -> _Order:
    def told(last: DocumentSummary) -> tuple[str, ...]:
        return str(getattr(last, name or column)), str(last.id)

    def values(words: list[str]) -> tuple[Any, ...]:
        key, identifier = words
        return read(key), UUID(identifier)

    return _Order((document_table.c[column], document_table.c.id), told, values)


def _cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _cents_told(text: str) -> int:
    amount = Decimal(text)
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise cursor_invalid()
    return _cents(amount)


# Numbers are given in the order of dates, and a longer one of the same day is a later one: INV-2026-100000 comes after
# INV-2026-99999. So the list of dates is that of numbers, too, and its index serves both.
_ORDERS = {
    "document_date": _by("document_date", date.fromisoformat),
    "due_date": _by("due_date", date.fromisoformat),
    "gross_total": _by("gross_cents", _cents_told, "gross_total"),
    "number": _Order(
        (document_table.c.document_date, func.length(document_table.c.number), document_table.c.number),
        lambda last: (str(last.document_date), str(last.number)),
        _by_date_and_number,
    ),
}


def cursor_after(last: DocumentSummary, sort: Sort) -> str:
    """Where the page that follows this row begins."""
    return write_cursor(sort.value, *_ORDERS[sort.column].told(last))


def _after(cursor: str, sort: Sort) -> list[ColumnElement[bool]]:
    """What comes after the row that a cursor points at."""
    order = _ORDERS[sort.column]
    values = _read_cursor(cursor, sort)
    key, start = tuple_(*order.columns), tuple_(*values)
    first, begin = order.columns[0], values[0]
    if sort.descending:
        return [key < start, first <= begin]
    return [key > start, first >= begin]


def _read_cursor(cursor: str, sort: Sort) -> tuple[Any, ...]:
    try:
        of, *words = read_cursor(cursor)
        if of != sort.value:
            raise cursor_invalid()
        return _ORDERS[sort.column].read(words)
    except (ValueError, InvalidOperation) as error:
        raise cursor_invalid() from error
