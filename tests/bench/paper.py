"""Printing: PDFs over HTTP, rendered anew each time because drafts are not archived."""

import json
from typing import Any

from tests.bench.documents import Say
from tests.bench.http_client import Ask
from tests.bench.load import load
from tests.bench.plain_paper import plain_paper
from tests.bench.processes import KIB_PER_MIB
from tests.bench.results import Figure, Result, Yardstick, at_least, at_most, p50, p95
from tests.bench.sizes import Sizes
from tests.bench.surroundings import Service, Surroundings
from tests.support.invoices import INVOICES, body, item

GROUP = "paper"
LONG_PRINTS = 3


def measure(place: Surroundings, service: Service, sizes: Sizes, say: Say) -> list[Result]:
    """All of it."""
    say(f"PDFs: {sizes.pages * 3} of one page, {LONG_PRINTS} of {sizes.long_lines} lines")
    short = _written(place, service, body())
    long = _written(place, service, body(lines=_lines(sizes.long_lines)))
    load(service.address, [short] * 4, clients=2)  # both workers have printed
    one_by_one = load(service.address, [short] * sizes.pages, clients=1)
    at_once = load(service.address, [short] * (sizes.pages * 2), clients=4)
    slow = load(service.address, [long] * LONG_PRINTS, clients=1)
    workers = service.process.descendants()
    peak = max(worker.peak_kib for worker in workers) / KIB_PER_MIB
    plain = p50(plain_paper(3, sizes.pages))
    plain_long = p50(plain_paper(sizes.long_lines, LONG_PRINTS))
    return [
        Result(
            GROUP,
            "A one-page PDF, warm",
            (
                Figure(p50(one_by_one.milliseconds), "ms", "P50", goal=at_most(150)),
                Figure(p95(one_by_one.milliseconds), "ms", "P95"),
            ),
            (Yardstick("WeasyPrint alone, a plain table", plain),),
            {"bytes": one_by_one.answers[0]["length"]},
        ),
        Result(
            GROUP,
            "One-page PDFs on two workers, 4 clients",
            (Figure(at_once.per_second, "PDFs/s", goal=at_least(15)),),
            (Yardstick("WeasyPrint alone, a plain table, one process", 1000 / plain),),
        ),
        Result(
            GROUP,
            f"A PDF of {sizes.long_lines} lines",
            (
                Figure(p50(slow.milliseconds) / 1000, "s", goal=at_most(4)),
                Figure(peak, "MB", "largest worker", goal=at_most(200)),
            ),
            (Yardstick("WeasyPrint alone, a plain table as long", plain_long / 1000),),
            {"bytes": slow.answers[0]["length"], "processes": len(workers)},
        ),
    ]


def _lines(count: int) -> list[dict[str, Any]]:
    return [{"item_id": item(index % 3 + 1), "quantity": str(index + 1)} for index in range(count)]


def _written(place: Surroundings, service: Service, content: dict[str, Any]) -> Ask:
    """A draft, as the request that prints it."""
    headers = place.issuer.bearer("olga", "operator")
    made = load(service.address, [Ask("POST", INVOICES, headers, json.dumps(content))], clients=1).answers[0]
    return Ask("GET", f"{made['location']}/pdf", headers)
