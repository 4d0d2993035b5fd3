"""Live updates: many streams on one worker, from the database's own commit time to the client's receiving it."""

import json
import time
from dataclasses import dataclass

from tests.bench.documents import Say
from tests.bench.flood import flood
from tests.bench.http_client import Ask
from tests.bench.listeners import Heard, listening
from tests.bench.load import load
from tests.bench.results import Figure, Goal, Result, Yardstick, at_least, at_most, p50, p95
from tests.bench.sizes import Sizes
from tests.bench.surroundings import Service, Surroundings, bare, erp
from tests.support.invoices import INVOICES, body

from valeo_erp.events.slots import STREAMS_PER_PRINCIPAL

GROUP = "live"
EVENTS_PATH = "/api/v1/events"
FEW_STREAMS = 10
SECONDS_BETWEEN_EVENTS = 0.2


@dataclass(frozen=True)
class Streams:
    """How many streams, how many events to all of them, and how long to wait until all is quiet."""

    count: int
    events: int
    settle_seconds: float
    seconds_between: float = SECONDS_BETWEEN_EVENTS


class LostError(RuntimeError):
    """A stream did not hear every event once."""


@dataclass(frozen=True)
class Told:
    """What many streams heard.

    Attributes:
        milliseconds: from commit to client, of every event on every stream.
        kib_each: memory that the service needed more with the streams than before, for each.
        ended_seconds: from SIGTERM to the end of the last stream; None if they were not ended that way.
        gone_seconds: from SIGTERM to the end of the process.
    """

    milliseconds: list[float]
    kib_each: float
    ended_seconds: float | None = None
    gone_seconds: float | None = None


def measure(place: Surroundings, sizes: Sizes, say: Say) -> list[Result]:
    """All of it. The services are fresh, because memory that was used before hides what streams need."""
    say(f"{sizes.flood_events} events to {FEW_STREAMS} streams, {sizes.live_events} to {sizes.streams}; yardsticks")
    with bare(place) as nothing:
        plain = _bare_streams(nothing, sizes.streams, sizes.live_events, sizes.settle_seconds)
    with erp(place) as service:
        rate = flood(place.connection, service.address, _listeners(place, FEW_STREAMS), sizes.flood_events)
        told = _streams(place, service, Streams(sizes.streams, sizes.live_events, sizes.settle_seconds))
    beside = flood(place.connection, None, [], sizes.flood_events)
    rows = [
        _latency_row(sizes.streams, told, at_most(75), plain),
        _memory_row(sizes.streams, told, plain),
        _drain(told),
    ]
    if sizes.many_streams:
        say(f"{sizes.many_streams} streams")
        with erp(place) as service:
            many = _streams(place, service, Streams(sizes.many_streams, 10, sizes.settle_seconds, 1.0))
        rows.append(_latency_row(sizes.many_streams, many, at_most(300)))
    return [
        *rows,
        Result(
            GROUP,
            f"From the outbox to {FEW_STREAMS} streams, {sizes.flood_events:,} events",
            (Figure(rate["per_second"], "events/s", goal=at_least(1000)),),
            (Yardstick("asyncpg, read back on NOTIFY by one connection", beside["per_second"]),),
        ),
    ]


def _listeners(place: Surroundings, count: int) -> list[Ask]:
    """As many persons as are needed, because each may have only so many streams."""
    people = [f"listener-{index // STREAMS_PER_PRINCIPAL}" for index in range(count)]
    return [Ask("GET", EVENTS_PATH, place.issuer.bearer(person, "operator")) for person in people]


def _streams(place: Surroundings, service: Service, how: Streams) -> Told:
    count, settle = how.count, how.settle_seconds
    writer = place.issuer.bearer("olga", "operator")
    asks = [Ask("POST", INVOICES, writer, json.dumps(body()))] * how.events
    load(service.address, asks[:1], clients=1)
    before = service.process.memory_kib
    with listening(service.address, _listeners(place, count)) as ears:
        time.sleep(settle)
        kib_each = (service.process.memory_kib - before) / count
        newest = place.query("select coalesce(max(id), 0) as id from outbox")[0]["id"]
        load(service.address, asks, clients=2, interval=how.seconds_between)
        time.sleep(settle)
        committed = _commit_times(place, newest)
        signalled = time.time()
        service.running.terminate()
        service.running.wait(30)
        gone = time.time()
        heard = ears.until_ended()
    _must_have_heard_all(heard, committed, count)
    milliseconds = [(at - committed[identity]) * 1000 for identity, times in heard.times.items() for at in times]
    return Told(milliseconds, kib_each, max(heard.ended) - signalled, gone - signalled)


def _commit_times(place: Surroundings, after: int) -> dict[str, float]:
    rows = place.query(
        "select (select epoch from installation) || '.' || xid::text || '.' || id as cursor, "
        "extract(epoch from pg_xact_commit_timestamp(xid::xid))::float8 as at from outbox where id > $1",
        after,
    )
    return {row["cursor"]: row["at"] for row in rows}


def _must_have_heard_all(heard: Heard, committed: dict[str, float], count: int) -> None:
    wrong = {identity: len(heard.times.get(identity, [])) for identity in committed}
    wrong = {identity: times for identity, times in wrong.items() if times != count}
    if wrong or set(heard.times) - set(committed) or len(heard.ended) != count:
        raise LostError(f"of {count} streams, events were heard by {wrong}; {len(heard.ended)} streams were ended")


def _bare_streams(nothing: Service, count: int, events: int, settle: float) -> Told:
    load(nothing.address, [Ask("POST", "/say", {})], clients=1)
    before = nothing.process.memory_kib
    with listening(nothing.address, [Ask("GET", "/events", {})] * count) as ears:
        time.sleep(settle)
        kib_each = (nothing.process.memory_kib - before) / count
        load(nothing.address, [Ask("POST", "/say", {})] * events, clients=2, interval=SECONDS_BETWEEN_EVENTS)
        time.sleep(settle)
        heard = ears.stop()
    milliseconds = [(at - float(identity)) * 1000 for identity, times in heard.times.items() for at in times]
    return Told(milliseconds, kib_each)


def _latency_row(count: int, told: Told, goal: Goal, plain: Told | None = None) -> Result:
    figures = (
        Figure(p95(told.milliseconds), "ms", "P95", goal=goal),
        Figure(p50(told.milliseconds), "ms", "P50"),
    )
    beside = () if plain is None else (Yardstick("bare FastAPI stream, P95", p95(plain.milliseconds)),)
    seen = {"deliveries": len(told.milliseconds), "slowest_ms": max(told.milliseconds), "kib_each": told.kib_each}
    return Result(GROUP, f"{count:,} live streams, from commit to client", figures, beside, seen)


def _memory_row(count: int, told: Told, plain: Told) -> Result:
    figure = Figure(told.kib_each, "KiB each", goal=at_most(55))
    return Result(
        GROUP, f"Memory of {count:,} live streams", (figure,), (Yardstick("bare FastAPI stream", plain.kib_each),)
    )


def _drain(told: Told) -> Result:
    assert told.ended_seconds is not None
    assert told.gone_seconds is not None
    figures = (
        Figure(told.ended_seconds, "s", "last stream", goal=at_most(1)),
        Figure(told.gone_seconds, "s", "process"),
    )
    return Result(GROUP, "Drained after SIGTERM, with all these streams", figures)
