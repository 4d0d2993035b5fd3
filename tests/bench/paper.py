"""Printing: PDFs over HTTP, rendered anew each time because drafts are not archived."""

import json
from time import perf_counter
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

from valeo_erp.seeds.trader import seeded_id

GROUP = "paper"
LONG_PRINTS = 3
BATCH_PARTY = str(seeded_id(1, 0, 2))
"""A customer of the demo trader to whom nothing else here is written."""


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
    batch = _batch(place, service, sizes, say)
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
        batch,
    ]


def _batch(place: Surroundings, service: Service, sizes: Sizes, say: Say) -> Result:
    """A job prints them all, while somebody reads invoices."""
    say(f"{sizes.batch} invoices into one ZIP")
    reader = Ask("GET", _posted(place, service, sizes.batch)[0], place.issuer.bearer("olga", "operator"))
    begun, milliseconds = perf_counter(), list[float]()
    prints = f"/api/v1/prints/jobs?party_id={BATCH_PARTY}"
    load(service.address, [Ask("POST", prints, place.issuer.bearer("olga", "operator"))], clients=1)
    while (job := place.query("select state, done, file from export_job")[0])["state"] in {"waiting", "running"}:
        milliseconds += load(service.address, [reader] * 25, clients=2, interval=0.02).milliseconds
    seconds = perf_counter() - begun
    if (job["state"], job["done"]) != ("done", sizes.batch):
        raise RuntimeError(f"the batch ended as {dict(job)}")
    return Result(
        GROUP,
        f"{sizes.batch:,} invoices into one ZIP, while others read",
        (Figure(seconds, "s", goal=at_most(90)), Figure(p95(milliseconds), "ms", "P95 of reads", goal=at_most(500))),
    )


def _posted(place: Surroundings, service: Service, count: int) -> list[str]:
    """The addresses of posted invoices to one customer who has no others."""
    olga, max_, anna = (
        place.issuer.bearer(*who) for who in (("olga", "operator"), ("max", "manager"), ("anna", "accountant"))
    )
    written = [Ask("POST", INVOICES, olga, json.dumps(body(party_id=BATCH_PARTY)))] * count
    addresses = [str(made["location"]) for made in load(service.address, written, clients=8).answers]
    for version, (action, who) in enumerate((("submit", olga), ("approve", max_), ("post", anna)), start=1):
        headers = {**who, "If-Match": f'"{version}"'}
        asks = [Ask("POST", f"{address}/actions/{action}", headers, '{"reason": null}') for address in addresses]
        load(service.address, asks, clients=8)
    return addresses


def _lines(count: int) -> list[dict[str, Any]]:
    return [{"item_id": item(index % 3 + 1), "quantity": str(index + 1)} for index in range(count)]


def _written(place: Surroundings, service: Service, content: dict[str, Any]) -> Ask:
    """A draft, as the request that prints it."""
    headers = place.issuer.bearer("olga", "operator")
    made = load(service.address, [Ask("POST", INVOICES, headers, json.dumps(content))], clients=1).answers[0]
    return Ask("GET", f"{made['location']}/pdf", headers)
