"""How a process keeps hearing: lost connections, long absences, restored databases, credentials that end."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from fastapi import FastAPI
from tests.integration.events.conftest import Writer, writing_to
from tests.support.databases import administrator, settings_for
from tests.support.listening import until
from tests.support.people import PEOPLE

from valeo_erp.composition import Services, services_of
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.events.feed import WINDOW
from valeo_erp.events.hub import EventHub
from valeo_erp.events.rights import Wanted
from valeo_erp.events.stream import EndedError, EventStream
from valeo_erp.events.upkeep import clear_once
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import system_clock
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.settings import Settings
from valeo_erp.operations.metrics import Metrics


@pytest.fixture
def settings(server: LocalServer, database: str) -> Settings:
    """The settings of an ERP whose heart beats fast."""
    return settings_for(server, database, VALEO_SSE_HEARTBEAT_SECONDS="0.3")


@pytest.fixture
def services(app: FastAPI) -> Services:
    """The services of the application in this process."""
    return services_of(app)


@pytest.fixture
async def writer(settings: Settings) -> AsyncIterator[Writer]:
    """Writes to the test's own database."""
    async with writing_to(settings) as made:
        yield made


async def _same(principal: Principal) -> Principal:
    return principal


def stream(services: Services, principal: Principal = PEOPLE["adam"]) -> EventStream:
    return EventStream(
        hub=services.events,
        engine=services.read_engine,
        clock=services.clock,
        metrics=services.metrics,
        principal=principal,
        wanted=Wanted(),
        heartbeat_seconds=services.settings.sse_heartbeat_seconds,
        check=_same,
    )


async def blocks_until(blocks: AsyncIterator[bytes], text: str) -> str:
    """The text of a stream up to the block that holds a word."""
    heard = ""
    async with asyncio.timeout(10):
        async for block in blocks:
            heard += block.decode()
            if text in heard:
                return heard
    raise AssertionError(f"The stream ended without {text!r}: {heard}")


async def end_listening_connection(admin: asyncpg.Connection, database: str) -> None:
    ended = await admin.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where application_name = 'valeo-erp listener' and datname = $1",
        database,
    )
    assert len(ended) == 1


async def test_no_event_is_lost_when_the_listening_connection_is(
    services: Services, writer: Writer, server: LocalServer, database: str
) -> None:
    admin = await administrator(server)
    async with aclosing(stream(services)("")) as blocks:
        await blocks_until(blocks, "retry")
        await end_listening_connection(admin, database)
        await writer.write("while nobody listened")
        await until(lambda: not services.events.listening)
        assert "while nobody listened" in await blocks_until(blocks, "while nobody listened")
    await admin.close()
    assert services.events.listening
    assert services.metrics.registry.get_sample_value("valeo_listener_reconnects_total") == 1
    assert services.metrics.registry.get_sample_value("valeo_listener_up") == 1


async def test_an_event_without_a_notice_is_told_within_two_seconds(services: Services, writer: Writer) -> None:
    async with aclosing(stream(services)("")) as blocks:
        await blocks_until(blocks, "retry")
        await writer.connection.execute(
            "insert into outbox (tenant_id, kind, object_kind, object_id, data) "
            "values ($1, 'invoice.edited', 'invoice', gen_random_uuid(), '{\"note\": \"silent\"}')",
            PEOPLE["adam"].tenant_id,
        )
        async with asyncio.timeout(2):
            await blocks_until(blocks, "silent")


async def test_what_has_left_the_memory_is_replayed_from_the_outbox(services: Services, writer: Writer) -> None:
    before = services.events.cursor() or ""
    count = WINDOW + 500
    async with aclosing(stream(services)("")) as live:
        await writer.write("first")
        await blocks_until(live, "first")
        await writer.connection.execute(
            "insert into outbox (tenant_id, kind, object_kind, object_id, data) "
            "select $1, 'invoice.edited', 'invoice', gen_random_uuid(), jsonb_build_object('note', n) "
            "from generate_series(1, $2::int) n",
            PEOPLE["adam"].tenant_id,
            count,
        )
        await writer.write("last")
        await services.events.look(5)
        assert "too_slow" in await blocks_until(live, "retry")
    async with aclosing(stream(services)(before)) as again:
        heard = await blocks_until(again, '"note":"last"')
    assert [int(note.split("}")[0]) for note in heard.split('"note":')[2:-1]] == list(range(1, count + 1))


async def test_cleared_events_are_a_reset_for_whoever_has_not_heard_them_and_for_nobody_else(
    services: Services, writer: Writer, settings: Settings
) -> None:
    before = services.events.cursor() or ""
    await writer.write("old")
    await services.events.look(5)
    between = services.events.cursor() or ""
    await writer.connection.execute("update outbox set at = at - interval '26 hours'")
    await writer.write("new")
    assert await clear_once(services.engine, services.clock) == 1
    assert await clear_once(services.engine, services.clock) == 0
    async with aclosing(stream(services)(between)) as blocks:
        assert "reset" not in await blocks_until(blocks, '"note":"new"')
    later = EventStreamOfAnotherProcess(settings)
    async with later as other, aclosing(stream(other)(before)) as blocks:
        assert "older than the events that are kept" in await blocks_until(blocks, "event: reset")
    async with later as other, aclosing(stream(other)(between)) as blocks:
        assert "reset" not in await blocks_until(blocks, '"note":"new"')


class EventStreamOfAnotherProcess:
    """The services of a process that starts later, and remembers nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __aenter__(self) -> Services:
        from valeo_erp.composition import services  # noqa: PLC0415

        self._made = services(self._settings)
        return await self._made.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await self._made.__aexit__(None, None, None)


async def test_a_restored_database_resets_every_stream(
    services: Services, writer: Writer, server: LocalServer, database: str
) -> None:
    admin = await administrator(server, database)
    async with aclosing(stream(services)("")) as blocks:
        await blocks_until(blocks, "retry")
        await admin.execute("update valeo.installation set epoch = 'restored'")
        heard = await blocks_until(blocks, "event: reset")
        assert "id: restored." in heard
        await writer.write("after the restore")
        assert "id: restored." in await blocks_until(blocks, "after the restore")
    await admin.close()


async def test_nothing_is_told_once_the_token_has_ended(services: Services, writer: Writer) -> None:
    soon = replace(PEOPLE["adam"], expires_at=system_clock() + timedelta(milliseconds=300))
    async with aclosing(stream(services, soon)("")) as blocks:
        await writer.write("in time")
        await blocks_until(blocks, "in time")
        await asyncio.sleep(0.3)
        await writer.write("too late")
        heard = await blocks_until(blocks, "credentials_expired")
    assert "too late" not in heard


async def test_a_stream_ends_at_the_next_heartbeat_when_its_owner_may_listen_no_more(services: Services) -> None:
    async def signed_out(_: Principal) -> Principal:
        raise EndedError("unauthenticated")

    listening = stream(services)
    listening.check = signed_out
    async with aclosing(listening("")) as blocks:
        heard = await blocks_until(blocks, "unauthenticated")
    assert re.search(r": unauthenticated\nretry: \d{3,4}\n\n$", heard)


async def test_a_role_that_was_taken_away_is_gone_at_the_next_heartbeat(services: Services, writer: Writer) -> None:
    async def demoted(principal: Principal) -> Principal:
        return replace(principal, roles=PEOPLE["olga"].roles)

    listening = stream(services)
    listening.check = demoted
    async with aclosing(listening("")) as blocks:
        await writer.write("closed", kind="journal.closed")
        await blocks_until(blocks, "closed")
        await blocks_until(blocks, "heartbeat")
        await writer.write("closed again", kind="journal.closed")
        await writer.write("edited")
        heard = await blocks_until(blocks, "edited")
    assert "closed again" not in heard


async def test_the_lag_of_the_outbox_is_measured_while_a_transaction_holds_it_up(
    services: Services, writer: Writer, settings: Settings
) -> None:
    async with writing_to(settings) as slow, slow.connection.transaction():
        await slow.write("held")
        await writer.write("waits")
        await asyncio.sleep(0.3)
        await services.events.look(2)
        lag = services.metrics.registry.get_sample_value("valeo_outbox_lag_seconds")
        assert lag is not None
        assert lag >= 0.3
    await services.events.look(2)
    assert services.metrics.registry.get_sample_value("valeo_outbox_lag_seconds") == 0


@pytest.mark.parametrize("turns", range(6))
async def test_a_process_that_is_woken_while_it_ends_still_ends(settings: Settings, turns: int) -> None:
    hub = EventHub(connector(settings, settings.application_credentials, "valeo-erp listener"), Metrics())
    await hub.start()
    woken = asyncio.create_task(hub.look(within_seconds=5))
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await hub.stop()
    woken.cancel()
    await asyncio.gather(woken, return_exceptions=True)
