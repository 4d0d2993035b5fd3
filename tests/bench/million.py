"""A trader of a million documents: lists with filters, search, and pages far behind.

One client at a time: not how many there are in a second, but how long a person waits.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import create_async_engine
from tests.bench.documents import Say, measured
from tests.bench.http_client import Ask
from tests.bench.load import load
from tests.bench.many_documents import fill, party_id
from tests.bench.results import Figure, Goal, Result, Yardstick, at_most, p50, p95
from tests.bench.sizes import Sizes
from tests.bench.surroundings import Service, Surroundings
from tests.support.invoices import INVOICES
from tests.support.people import HOFMANN

from valeo_erp.documents.document import DocumentSummary, Kind
from valeo_erp.documents.listing import ListFilter, Sort, cursor_after, list_statement

GROUP = "million"
LIST_P95, SEARCH_P95 = at_most(50), at_most(100)
DIALECT = create_async_engine("postgresql+asyncpg://").dialect
TEXTS = ("a0b923820dcc509a", "50012", "K000077", "Kontrakt", "gut", "gu", "zzzqqq")
"""Pieces of one note, of some numbers, of a buyer's number; a word of every fourth note, of buyers' names; nothing."""


def measure(place: Surroundings, service: Service, sizes: Sizes, say: Say) -> list[Result]:
    """All of it."""
    say(f"{sizes.many_invoices} invoices of one trader, as rows")
    fill(place, HOFMANN, sizes.many_invoices)
    say(f"lists and search among them, {sizes.asked} times each")
    many = f"{sizes.many_invoices:,} documents"
    filters = [wish | {"sort": sort.value} for wish in _filters(_today(place)) for sort in Sort]
    wanted: dict[str, tuple[list[dict[str, str]], Goal]] = {
        f"A list of {many}: 10 filters in 8 orders": (filters, LIST_P95),
        f"A page in the middle of {many}, in 8 orders": (list(_in_the_middle(place, sizes)), LIST_P95),
        f"Search in {many}: rare and common words": ([{"text": text} for text in TEXTS], SEARCH_P95),
    }
    beside = (Yardstick("asyncpg, the 51 newest rows, P95", _newest(place)),)
    return [
        Result(GROUP, what, figures, beside, {"slowest": slowest})
        for what, (wishes, goal) in wanted.items()
        for figures, slowest in [_timed(place, service, sizes, wishes, goal)]
    ]


def _filters(today: date) -> tuple[dict[str, str], ...]:
    month = {"from": str(today - timedelta(500)), "to": str(today - timedelta(470))}
    large, small = str(party_id(3)), str(party_id(199))
    return (
        {},
        {"state": "draft"},
        {"state": "reversed"},
        {"party_id": large},
        {"party_id": small},
        month,
        {"from": str(today - timedelta(7))},
        {"from_gross": "10000.00", "to_gross": "10100.00"},
        {"from_gross": "26740.00"},
        {"party_id": large, **month},
    )


def _in_the_middle(place: Surroundings, sizes: Sizes) -> Iterator[dict[str, str]]:
    for sort in Sort:
        rows = list_statement(HOFMANN, ListFilter(Kind.INVOICE), sort).offset(sizes.many_invoices // 2).limit(1)
        [row] = place.query(str(rows.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})))
        yield {"sort": sort.value, "cursor": cursor_after(DocumentSummary(**dict(row)), sort)}


def _timed(
    place: Surroundings, service: Service, sizes: Sizes, wishes: list[dict[str, str]], goal: Goal
) -> tuple[tuple[Figure, ...], dict[str, float]]:
    """P95 and P50 over all wishes, and which were the slowest."""
    headers = place.issuer.bearer("olga", "operator")
    asks = [Ask("GET", f"{INVOICES}?{urlencode(wish)}", headers) for wish in wishes]
    load(service.address, asks, clients=1)  # what is read for the first time comes from the disk
    seen = measured(service, asks * max(1, sizes.asked // len(asks)), clients=1).load.milliseconds
    each = {urlencode(wish): p95(seen[index :: len(asks)]) for index, wish in enumerate(wishes)}
    slowest = dict(sorted(each.items(), key=lambda entry: -entry[1])[:5])
    return (Figure(p95(seen), "ms", "P95", goal=goal), Figure(p50(seen), "ms", "P50")), slowest


def _newest(place: Surroundings) -> float:
    """Milliseconds of the same columns by the primary index of the list, without service and rights."""
    rows = list_statement(HOFMANN, ListFilter(Kind.INVOICE)).limit(51)
    statement = str(rows.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    return p95(place.milliseconds(statement, 100))


def _today(place: Surroundings) -> date:
    [row] = place.query("select current_date as today")
    today: date = row["today"]
    return today
