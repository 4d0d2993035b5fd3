"""Hears of new events for a whole process: one listening connection, the outbox as the truth, a feed per tenant.

NOTIFY only wakes up; a look at the outbox every second is the net beneath it.
"""

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

import asyncpg

from valeo_erp.events.channel import CHANNEL, LOST, Connect
from valeo_erp.events.cursor import Cursor, Position
from valeo_erp.events.feed import Feed, by_tenant
from valeo_erp.events.repository import Batch, read_horizon, read_newer
from valeo_erp.operations.metrics import Metrics

POLL_SECONDS = 1.0
PENDING_SECONDS = 0.01
"""How soon to look again while a committed event waits for an older transaction."""
COALESCE_SECONDS = 0.003
"""Many commits in a row are one look at the outbox."""
RECONNECT_SECONDS = 0.2

logger = logging.getLogger(__name__)


class EventHub:
    """What streams read from. Everything in it can be lost with the process: the outbox has it all.

    Attributes:
        listening: whether new events are heard of now.
        draining: whether the process is about to end, so that streams must.
        replaced: whether users reach another release by now, so that streams must go on there.
    """

    def __init__(self, connect: Connect, metrics: Metrics, heartbeat_seconds: float = 15.0) -> None:
        self._connect = connect
        self._ring_seconds = heartbeat_seconds / 3
        self._metrics = metrics
        self._feeds: dict[UUID, Feed] = {}
        self._at: Cursor | None = None
        self._begins = Position(0, 0)
        self._wake = asyncio.Event()
        self._looked = asyncio.Condition()
        self._begun = 0
        self._ended = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.listening = False
        self.draining = False
        self.replaced = False

    def cursor(self) -> str | None:
        """The point that a client may load after and listen from without a hole; None before the first look."""
        return None if self._at is None else str(self._at)

    @property
    def at(self) -> Cursor | None:
        """Up to where every event has been put into the feeds."""
        return self._at

    def feed(self, tenant_id: UUID) -> Feed:
        """The tenant's newest events."""
        if tenant_id not in self._feeds:
            self._feeds[tenant_id] = Feed(self._begins)
        return self._feeds[tenant_id]

    async def start(self) -> None:
        """Begin to listen. Waits a moment for the first look; a database that is away does not stop the process."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._ring_at_times())]
        with suppress(TimeoutError):
            await self.look(within_seconds=2.0)

    async def stop(self) -> None:
        """End every stream and the listening connection."""
        self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drain(self) -> None:
        """Tell every stream to end now."""
        self.draining = True
        self._ring()

    def hand_over(self, replaced: bool) -> None:
        """Streams end while another release has replaced this one; whoever comes again reaches that one."""
        self.replaced = replaced
        self._ring()

    async def look(self, within_seconds: float) -> None:
        """Wait for a look at the outbox that begins after this call.

        Raises:
            TimeoutError: the database did not answer in time.
        """
        wanted = self._begun + 1
        async with asyncio.timeout(within_seconds), self._looked:
            self._wake.set()
            await self._looked.wait_for(lambda: self._ended >= wanted)

    def _ring(self) -> None:
        for feed in self._feeds.values():
            feed.ring()

    async def _ring_at_times(self) -> None:
        """One clock for all streams: a timer in each costs more than telling it an event."""
        while True:
            await asyncio.sleep(self._ring_seconds)
            self._ring()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except LOST as error:
                logger.warning("The listening connection was lost", extra={"cause": type(error).__name__})
            self.listening = False
            self._metrics.listener_up.set(0)
            self._metrics.listener_reconnects.inc()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        """Listen on one connection until it is lost."""
        connection = await self._connect()
        try:
            connection.add_termination_listener(self._woken)
            await connection.add_listener(CHANNEL, self._woken)
            if self._at is None:
                self._begin_at(await read_horizon(connection))
            while True:
                self._wake.clear()
                pause = await self._catch_up(connection)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):  # wait_for of Python 3.11 may swallow the end of this task
                        await self._wake.wait()
                await asyncio.sleep(COALESCE_SECONDS)
        finally:
            connection.terminate()

    def _woken(self, *_: object) -> None:
        self._wake.set()

    def _begin_at(self, cursor: Cursor) -> None:
        self._at = cursor
        self._begins = cursor.position
        feeds, self._feeds = self._feeds, {}
        for feed in feeds.values():
            feed.replaced = True
            feed.ring()

    async def _catch_up(self, connection: asyncpg.Connection) -> float:
        """Take everything that may be told, and say how long to wait for more."""
        self._begun += 1
        while True:
            at = self._at
            if at is None:
                raise AssertionError("the hub catches up after it has begun")
            batch = await read_newer(connection, at.position)
            if batch.epoch != at.epoch or batch.horizon < at.position.xid:
                logger.warning("The database is another one than before: every stream is reset")
                self._begin_at(await read_horizon(connection))
                continue
            self._take(batch)
            if batch.complete:
                break
        self.listening = True
        self._metrics.listener_up.set(1)
        lag = 0.0 if batch.waiting_since is None else (batch.now - batch.waiting_since).total_seconds()
        self._metrics.outbox_lag.set(max(0.0, lag))
        async with self._looked:
            self._ended = self._begun
            self._looked.notify_all()
        return POLL_SECONDS if batch.waiting_since is None else PENDING_SECONDS

    def _take(self, batch: Batch) -> None:
        """Put the events into the feeds first, then move on: a stream never sees a position without its events."""
        events = by_tenant(batch.frames)
        for tenant_id, frames in events.items():
            self.feed(tenant_id).append(frames)
        self._at = Cursor(batch.epoch, batch.position)
        for tenant_id in events:
            self.feed(tenant_id).ring()
