"""Writing and reading invoices at 16 clients: each write with audit, outbox, idempotency key and a durable commit."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.http_client import Address, Ask
from tests.bench.load import Load, load
from tests.bench.pgbench import pgbench
from tests.bench.raw import raw
from tests.bench.results import Figure, Result, Yardstick, at_least, at_most, p50, p95
from tests.bench.sizes import Sizes
from tests.bench.surroundings import Service, Surroundings, bare
from tests.support.invoices import INVOICES, body

Say = Callable[[str], None]

GROUP = "documents"
STEPS = (("submit", "olga", "operator"), ("approve", "max", "manager"), ("post", "anna", "accountant"))
WRITES_PER_SECOND, WRITE_P95 = at_least(400), at_most(50)
READS_PER_SECOND, READ_P95 = at_least(1000), at_most(20)
POSTINGS_PER_SECOND = at_least(300)


class GapError(RuntimeError):
    """The number series is not whole after the run: a speed that loses numbers is none."""


@dataclass(frozen=True)
class Yardsticks:
    """Per second, in the same run."""

    insert: float
    select: float
    echo: float
    small: float
    update: float | None
    pg_select: float | None

    def of_writes(self) -> tuple[Yardstick, ...]:
        """What a write is compared with."""
        pgbench_update = () if self.update is None else (Yardstick("pgbench simple update", self.update),)
        return (
            Yardstick("asyncpg insert+commit", self.insert),
            *pgbench_update,
            Yardstick("bare FastAPI, POST of the same body", self.echo),
        )

    def of_reads(self) -> tuple[Yardstick, ...]:
        """What a read is compared with."""
        pgbench_select = () if self.pg_select is None else (Yardstick("pgbench select", self.pg_select),)
        return (
            Yardstick("asyncpg select by key", self.select),
            *pgbench_select,
            Yardstick("bare FastAPI, GET", self.small),
        )


def measure(place: Surroundings, service: Service, sizes: Sizes, say: Say) -> list[Result]:
    """All of it."""
    say("yardsticks: asyncpg, pgbench, a bare FastAPI")
    beside = _yardsticks(place, sizes)
    walk = Walk(place, service)
    walk.go(sizes.warm, "warm")
    say(f"{sizes.invoices} invoices from draft to posted")
    writes = walk.go(sizes.invoices, "full")
    walk.must_be_gapless(sizes.warm + sizes.invoices)
    say(f"{sizes.reads} reads by id, {sizes.reads // 10} of the list")
    return [*_write_rows(writes, beside), *_read_rows(place, service, walk.locations, sizes, beside)]


def _yardsticks(place: Surroundings, sizes: Sizes) -> Yardsticks:
    rates = raw(place.connection, sizes.raw, sizes.raw * 2)
    own = pgbench(place, sizes.pgbench_seconds, sizes.pgbench_scale)
    with bare(place) as nothing:
        written = json.dumps(body())
        load(nothing.address, [Ask("POST", "/echo", {}, written)] * 100)
        echo = load(nothing.address, [Ask("POST", "/echo", {}, written)] * sizes.raw)
        small = load(nothing.address, [Ask("GET", "/echo", {})] * sizes.raw)
    return Yardsticks(
        rates["insert"], rates["select"], echo.per_second, small.per_second, own.get("update"), own.get("select")
    )


class Walk:
    """Invoices on their way from draft to posted, all of them one step at a time."""

    def __init__(self, place: Surroundings, service: Service) -> None:
        self._issuer = place.issuer
        self._service = service
        self.locations: list[str] = []

    def go(self, count: int, purpose: str) -> dict[str, "Measured"]:
        """Every step of so many new invoices."""
        headers = self._issuer.bearer("olga", "operator")
        written = json.dumps(body())
        asks = [
            Ask("POST", INVOICES, headers | {"Idempotency-Key": f"{purpose}-create-{index}"}, written)
            for index in range(count)
        ]
        measured = {"create": self._measured(asks)}
        made = measured["create"].load.answers
        versions = [answer["etag"] for answer in made]
        self.locations = [answer["location"] for answer in made]
        for action, person, role in STEPS:
            measured[action] = self._measured(self._steps(action, self._issuer.bearer(person, role), versions, purpose))
            versions = [answer["etag"] for answer in measured[action].load.answers]
        return measured

    def _steps(self, action: str, headers: dict[str, str], versions: list[str], purpose: str) -> list[Ask]:
        return [
            Ask(
                "POST",
                f"{location}/actions/{action}",
                headers | {"If-Match": version, "Idempotency-Key": f"{purpose}-{action}-{index}"},
                "{}",
            )
            for index, (location, version) in enumerate(zip(self.locations, versions, strict=True))
        ]

    def _measured(self, asks: list[Ask]) -> "Measured":
        return measured(self._service, asks)

    def must_be_gapless(self, count: int) -> None:
        """Read the proof of the series.

        Raises:
            GapError: it is not whole, or another length.
        """
        proof = json.loads(_got(self._service.address, self._issuer, "/api/v1/number-series/invoice/proof"))
        if not proof["complete"] or proof["count"] != count:
            raise GapError(f"the number series after {count} postings: {proof}")


@dataclass(frozen=True)
class Measured:
    """A load, and what it cost the service."""

    load: Load
    service_cpu_seconds: float

    def figures(self, per_second: Any, slowest: Any) -> tuple[Figure, ...]:
        """Rate, P50 and P95."""
        milliseconds = self.load.milliseconds
        return (
            Figure(self.load.per_second, "req/s", goal=per_second),
            Figure(p50(milliseconds), "ms", "P50"),
            Figure(p95(milliseconds), "ms", "P95", goal=slowest),
        )

    @property
    def detail(self) -> dict[str, float | int]:
        """Where the processor time went."""
        count = len(self.load.milliseconds)
        return {
            "requests": count,
            "service_cpu_ms_each": self.service_cpu_seconds * 1000 / count,
            "client_cpu_ms_each": self.load.client_cpu_seconds * 1000 / count,
            "slowest_ms": max(self.load.milliseconds),
        }


def measured(service: Service, asks: list[Ask], clients: int = 16) -> Measured:
    """A load, with the processor time of the service."""
    before = service.process.cpu_seconds
    done = load(service.address, asks, clients)
    return Measured(done, service.process.cpu_seconds - before)


def _got(address: Address, issuer: Any, path: str) -> str:
    answer = load(address, [Ask("GET", path, issuer.bearer("anna", "accountant"))], clients=1).answers[0]
    return str(answer["body"])


def _write_rows(writes: dict[str, Measured], beside: Yardsticks) -> list[Result]:
    words = {
        "create": "Create an invoice of three lines",
        "submit": "Submit",
        "approve": "Approve",
        "post": "Post",
    }
    rows = [
        Result(GROUP, words[step], seen.figures(WRITES_PER_SECOND, WRITE_P95), beside.of_writes(), seen.detail)
        for step, seen in writes.items()
    ]
    post = writes["post"]
    loads = [seen.load for seen in writes.values()]
    rate = sum(len(each.milliseconds) for each in loads) / sum(each.seconds for each in loads)
    together = Figure(rate, "req/s", goal=WRITES_PER_SECOND)
    series = Figure(post.load.per_second, "numbers/s", goal=POSTINGS_PER_SECOND)
    return [
        *rows,
        Result(GROUP, "Create, submit, approve, post together", (together,), beside.of_writes()),
        Result(GROUP, "Post into one series, its proof whole afterwards", (series,), beside.of_writes()[:1]),
    ]


def _read_rows(
    place: Surroundings, service: Service, locations: list[str], sizes: Sizes, beside: Yardsticks
) -> list[Result]:
    headers = place.issuer.bearer("olga", "operator")
    by_id = [Ask("GET", locations[index % len(locations)], headers) for index in range(sizes.reads)]
    lists = [Ask("GET", f"{INVOICES}?limit=50", headers)] * (sizes.reads // 10)
    measured(service, by_id[:200])
    found = measured(service, by_id)
    listed = measured(service, lists)
    return [
        Result(GROUP, "Read by id", found.figures(READS_PER_SECOND, READ_P95), beside.of_reads(), found.detail),
        Result(GROUP, "List, 50 to a page", listed.figures(None, None), beside.of_reads(), listed.detail),
    ]
