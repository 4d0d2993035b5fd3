"""What a live client may rely on, with two replicas and writers that commit as they like."""

import asyncio
import re
import socket
import time
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest
from tests.integration.events.conftest import Two, Writer, writing_to
from tests.support.listening import Ear, Replica, until
from tests.support.people import BRANDT, HOFMANN

from valeo_erp.kernel.settings import Settings


async def test_a_client_hears_every_event_once_and_in_order(two_replicas: Two, writer: Writer) -> None:
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        for note in range(50):
            await writer.write(note)
        await ear.hears(50)
    assert ear.notes == list(range(50))
    assert len({event.id for event in ear.heard}) == 50


async def test_a_client_that_was_cut_and_came_back_to_another_replica_heard_the_same(
    two_replicas: Two, writer: Writer
) -> None:
    always, cut = Ear(), Ear()
    async with always.listening(two_replicas[0].url):
        async with cut.listening(two_replicas[0].url):
            await writer.write("before")
            await cut.hears(1)
        for note in range(5):
            await writer.write(f"away {note}")
        async with cut.listening(two_replicas[1].url):
            await writer.write("after")
            await cut.hears(7)
        await always.hears(7)
    assert cut.heard == always.heard
    assert cut.notes == ["before", *(f"away {note}" for note in range(5)), "after"]


async def test_a_client_that_was_cut_before_its_first_event_misses_nothing(two_replicas: Two, writer: Writer) -> None:
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        pass
    await writer.write("away")
    async with ear.listening(two_replicas[1].url):
        await ear.hears(1)
    assert ear.notes == ["away"]


async def test_an_event_that_commits_late_is_not_skipped_and_keeps_its_place(
    two_replicas: Two, writers: list[Writer]
) -> None:
    early, late, last = writers
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        async with early.connection.transaction():
            await early.write("began first, committed last")
            await late.write("began second, committed first")
            await asyncio.sleep(0.3)
            assert ear.notes == []
        await last.write("began last")
        await ear.hears(3, within_seconds=1)
    assert ear.notes == ["began first, committed last", "began second, committed first", "began last"]


async def test_a_transaction_that_is_rolled_back_holds_nobody_up_and_tells_nothing(
    two_replicas: Two, writers: list[Writer]
) -> None:
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        attempt = writers[0].connection.transaction()
        await attempt.start()
        await writers[0].write("never")
        await writers[1].write("told")
        await attempt.rollback()
        await ear.hears(1, within_seconds=1)
    assert ear.notes == ["told"]


async def test_a_client_that_comes_back_while_a_transaction_is_open_hears_of_it_later(
    two_replicas: Two, writers: list[Writer]
) -> None:
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        await writers[0].write("one")
        await ear.hears(1)
    async with writers[1].connection.transaction():
        await writers[1].write("open while the client came back")
        async with ear.listening(two_replicas[1].url):
            await asyncio.sleep(0.2)
    async with ear.listening(two_replicas[0].url):
        await ear.hears(2)
    assert ear.notes == ["one", "open while the client came back"]


async def test_load_then_listen_has_no_hole(two_replicas: Two, writers: list[Writer]) -> None:
    one, other, _ = writers
    ear = Ear()
    async with other.connection.transaction():
        await other.write("open while loading")
        async with httpx.AsyncClient() as client:
            loaded = await client.get(f"{two_replicas[0].url}/api/v1/none", headers={"Authorization": "Bearer adam"})
        await one.write("between loading and listening")
    async with ear.listening(two_replicas[1].url, cursor=loaded.headers["Event-Cursor"]):
        await ear.hears(2)
    assert ear.notes == ["open while loading", "between loading and listening"]


async def test_the_last_event_id_goes_before_the_cursor_of_the_address(two_replicas: Two, writer: Writer) -> None:
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        first = ear.last_event_id
        await writer.write("heard")
        await ear.hears(1)
    await writer.write("missed")
    async with ear.listening(two_replicas[0].url, cursor=first):
        await ear.hears(2)
    assert ear.notes == ["heard", "missed"]


async def test_many_writers_at_once_are_heard_in_one_order_by_everybody(
    two_replicas: Two, writers: list[Writer]
) -> None:
    here, there = Ear(), Ear()

    async def write_many(writer: Writer, name: int) -> None:
        for note in range(60):
            async with writer.connection.transaction():
                await writer.write([name, note])
                await asyncio.sleep(0.002 * (note % 3))

    async with here.listening(two_replicas[0].url), there.listening(two_replicas[1].url):
        await asyncio.gather(*(write_many(writer, name) for name, writer in enumerate(writers)))
        await asyncio.gather(here.hears(180), there.hears(180))
    assert here.heard == there.heard
    for name in range(3):
        assert [note for writer, note in here.notes if writer == name] == list(range(60))


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        ("not a cursor", "cannot be read"),
        ("1.2", "cannot be read"),
        ("{epoch}.99999999999999999999.1", "cannot be read"),
        ("{epoch}.-1.1", "cannot be read"),
        ("0000aaaa.{xid}.0", "restored"),
        ("{epoch}.9223372036854775807.0", "future"),
    ],
)
async def test_a_cursor_that_cannot_be_replayed_is_a_reset(
    two_replicas: Two, writer: Writer, cursor: str, reason: str
) -> None:
    ear = Ear()
    async with ear.listening(two_replicas[0].url):
        epoch, xid, _ = ear.last_event_id.split(".")
    ear.last_event_id = cursor.format(epoch=epoch, xid=xid)
    async with ear.listening(two_replicas[0].url):
        await writer.write("after the reset")
        await ear.hears(2)
    assert [event.event for event in ear.heard] == ["reset", "message"]
    assert reason in ear.heard[0].data["reason"]
    assert ear.heard[0].id.split(".")[0] == epoch


async def test_a_client_hears_only_what_it_asked_for(two_replicas: Two, writer: Writer) -> None:
    about = uuid4()
    posted, invoices, one = Ear(), Ear(), Ear()
    url = two_replicas[0].url
    async with (
        posted.listening(url, kind="invoice.posted"),
        invoices.listening(url, kind=["invoice", "journal.closed"]),
        one.listening(url, document_id=str(about)),
    ):
        await writer.write("edited", kind="invoice.edited", about=about)
        await writer.write("party", kind="party.edited")
        await writer.write("posted", kind="invoice.posted")
        await writer.write("closed", kind="journal.closed")
        await asyncio.gather(posted.hears(1), invoices.hears(3), one.hears(1))
    assert posted.notes == ["posted"]
    assert invoices.notes == ["edited", "posted", "closed"]
    assert one.notes == ["edited"]


async def test_nobody_hears_of_another_tenant_or_of_what_one_may_not_read(two_replicas: Two, writer: Writer) -> None:
    bruno, olga, anna = Ear("bruno"), Ear("olga"), Ear("anna")
    url = two_replicas[0].url
    async with bruno.listening(url), olga.listening(url), anna.listening(url):
        await writer.write("closed", kind="journal.closed")
        await writer.write("a kind that no scope is named for", kind="secret.told")
        await writer.write("brandt", tenant=BRANDT)
        await writer.write("hofmann")
        await asyncio.gather(bruno.hears(1), olga.hears(1), anna.hears(2))
    assert bruno.notes == ["brandt"]
    assert olga.notes == ["hofmann"]
    assert anna.notes == ["closed", "hofmann"]


async def test_a_quiet_stream_has_a_heart_that_beats_and_keeps_the_cursor_young(
    two_replicas: Two, writer: Writer
) -> None:
    ear = Ear("bruno")
    async with ear.listening(two_replicas[0].url):
        first = ear.last_event_id
        await writer.write("of the other tenant")
        await until(lambda: ear.comments.count("heartbeat") >= 4)
    assert ear.heard == []
    assert int(ear.last_event_id.split(".")[1]) > int(first.split(".")[1])


async def test_one_person_holds_at_most_twenty_streams(two_replicas: Two) -> None:
    url = two_replicas[0].url
    ears = [Ear("olga") for _ in range(20)]
    tasks = [asyncio.create_task(ear.listen(url)) for ear in ears]
    await until(lambda: all(ear.retry for ear in ears))
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await Ear("olga").listen(url)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["content-type"] == "application/problem+json"
    assert refused.value.response.headers["retry-after"]
    async with Ear("max").listening(url):
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        await asyncio.sleep(0.2)
    async with Ear("olga").listening(url):
        pass
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_ticket_opens_one_stream_and_only_one(two_replicas: Two, writer: Writer) -> None:
    async with httpx.AsyncClient() as client:
        given = await client.post(
            f"{two_replicas[0].url}/api/v1/events/tickets", headers={"Authorization": "Bearer olga"}
        )
    assert given.status_code == 201
    ear, thief = Ear("nobody known"), Ear("nobody known")
    async with ear.listening(two_replicas[1].url, ticket=given.json()["ticket"]):
        await writer.write("closed", kind="journal.closed")
        await writer.write("heard")
        await ear.hears(1)
    assert ear.notes == ["heard"]
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await thief.listen(two_replicas[0].url, ticket=given.json()["ticket"])
    assert refused.value.response.status_code == 401


async def test_streams_end_within_five_seconds_of_sigterm_with_a_hint_to_come_back(
    two_own_replicas: Two, settings: Settings
) -> None:
    ears = [Ear() for _ in range(10)]
    tasks = [asyncio.create_task(ear.listen(two_own_replicas[0].url)) for ear in ears]
    await until(lambda: all(ear.retry for ear in ears))
    async with writing_to(settings) as writer:
        await writer.write("before the end")
    await asyncio.gather(*(ear.hears(1) for ear in ears))
    begun = time.monotonic()
    two_own_replicas[0].terminate()
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    await asyncio.wait_for(two_own_replicas[0].process.wait(), 5)
    assert time.monotonic() - begun < 5
    for ear in ears:
        assert ear.comments[-1] == "service_ending"
        assert ear.notes == ["before the end"]
    async with writing_to(settings) as writer:
        await writer.write("while the replica was gone")
    async with ears[0].listening(two_own_replicas[1].url):
        await ears[0].hears(2)
    assert ears[0].notes == ["before the end", "while the replica was gone"]


async def test_a_client_that_reads_nothing_is_cut_and_comes_back_without_loss(
    two_replicas: Two, writer: Writer
) -> None:
    """More is written than the kernel's buffers hold, so the service cannot get rid of it."""
    count, padding = 6_000, "x" * 2_000
    host, port = two_replicas[0].url.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        await asyncio.to_thread(slow.connect, (host, int(port)))
        slow.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: erp\r\nAuthorization: Bearer max\r\n\r\n")
        await asyncio.sleep(0.5)
        await writer.connection.execute(
            "insert into outbox (tenant_id, kind, object_kind, object_id, data) "
            "select $1, 'invoice.edited', 'invoice', gen_random_uuid(), "
            "jsonb_build_object('note', n, 'padding', $3::text) from generate_series(1, $2::int) n",
            HOFMANN,
            count,
            padding,
        )
        await writer.connection.execute("notify valeo_outbox")
        await until_metric(two_replicas[0], 'valeo_event_streams_cut_total{reason="too_slow"}', 1.0)
        received = await asyncio.to_thread(_read_all, slow)
    identifiers = re.findall(rb"id: (\S+)\ndata: .*?\n\n", received)
    ear = Ear("max", last_event_id=identifiers[-1].decode())
    notes = [int(note) for note in re.findall(rb'"note":(\d+)', b"".join(re.findall(rb"\ndata: .*?\n\n", received)))]
    assert notes == list(range(1, len(notes) + 1))
    async with ear.listening(two_replicas[1].url):
        await ear.hears(count - len(notes), within_seconds=30)
    assert notes + ear.notes == list(range(1, count + 1))


def _read_all(connection: socket.socket) -> bytes:
    """What is left in the buffers, without the lengths of the chunks."""
    connection.settimeout(20)
    raw = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(1_000_000):
            raw += part
    _, _, body = raw.partition(b"\r\n\r\n")
    text = b""
    while body:
        length, _, body = body.partition(b"\r\n")
        size = int(length, 16)
        text, body = text + body[:size], body[size + 2 :]
    return text


async def until_metric(replica: Replica, name: str, least: float) -> None:
    """Wait until a counter has reached a value."""
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            told = (await client.get(f"{replica.url}/metrics")).text
            found = re.search(rf"^{re.escape(name)} (\S+)$", told, re.MULTILINE)
            if found is not None and float(found[1]) >= least:
                return
            await asyncio.sleep(0.2)
