"""One client's stream: what it missed, then what comes, until it leaves, may no longer listen, or this process ends."""

import asyncio
import secrets
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncEngine
from sse_starlette.sse import AppStatus

from valeo_erp.events.cursor import Cursor, Position, parse_cursor
from valeo_erp.events.feed import Feed, FellBehindError
from valeo_erp.events.frames import RETRY_MILLISECONDS, Frame, ending, heartbeat, opening, reset
from valeo_erp.events.hub import EventHub
from valeo_erp.events.repository import BATCH, read_floor, replay
from valeo_erp.events.rights import Wanted, has_expired
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.answers import DATABASE_AWAY, database_problem
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.tenancy import acting_for
from valeo_erp.operations.metrics import Metrics

LOOK_SECONDS = 2.0
SHUTDOWN_POLL_SECONDS = 0.2


class EndedError(Exception):
    """This side ends the stream. The reason is told to the client and counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Resumption:
    """Where a stream begins.

    Attributes:
        after: the client has everything up to here.
        reset: why the client must load everything again, None when nothing was missed.
    """

    after: Position
    reset: str | None = None


def resumption(asked: Cursor | None, *, malformed: bool, at: Cursor, floor: Position) -> Resumption:
    """Decide where a client goes on.

    Args:
        asked: the cursor that it sent, if it sent one that can be read.
        malformed: whether it sent one that cannot.
        at: how far this process has looked, after a look that began when the client came.
        floor: events up to here may have been cleared away.
    """
    if malformed:
        return Resumption(at.position, "The cursor cannot be read.")
    if asked is None:
        return Resumption(at.position)
    if asked.epoch != at.epoch:
        return Resumption(at.position, "The database was restored since this cursor was given.")
    if asked.position < floor:
        return Resumption(at.position, "The cursor is older than the events that are kept.")
    if asked.position > at.position:
        return Resumption(at.position, "The cursor is from the future.")
    return Resumption(asked.position)


@dataclass
class EventStream:
    """The stream of one client.

    Attributes:
        principal: who listens; the scopes are looked at again with every event.
        check: asks again who listens, at every heartbeat. Raises `EndedError` when the client may listen no more.
    """

    hub: EventHub
    engine: AsyncEngine
    clock: Clock
    metrics: Metrics
    principal: Principal
    wanted: Wanted
    heartbeat_seconds: float
    check: Callable[[Principal], Awaitable[Principal]]
    _position: Position = field(default=Position(0, 0), init=False)
    _feed: Feed = field(init=False)
    _spoke_at: float = field(default=0.0, init=False)

    async def __call__(self, asked: str) -> AsyncGenerator[bytes, None]:
        """The blocks of the stream.

        Args:
            asked: the cursor as the client sent it, empty if it sent none.
        """
        try:
            async for block in self._past(asked):
                yield block
            while True:
                yield await self._next()
        except EndedError as end:
            yield self._cut(end.reason)
        except DATABASE_AWAY as error:
            yield self._cut(database_problem(error).code)

    def _cut(self, reason: str) -> bytes:
        self.metrics.streams_cut.labels(reason).inc()
        return ending(reason, RETRY_MILLISECONDS // 2 + secrets.randbelow(RETRY_MILLISECONDS))

    async def _past(self, asked: str) -> AsyncIterator[bytes]:
        """Where the client stands, and what was written while it was away."""
        begin = await self._begin(asked)
        self._go_on_at(begin.after)
        yield opening(self._cursor())
        if begin.reset is not None:
            yield reset(self._cursor(), begin.reset)
        async for block in self._missed():
            yield block
        self._spoke_at = monotonic()

    def _at(self) -> Cursor:
        at = self.hub.at
        if at is None:
            raise EndedError("database_unreachable")
        return at

    def _cursor(self) -> Cursor:
        return Cursor(self._at().epoch, self._position)

    async def _begin(self, asked: str) -> Resumption:
        cursor = parse_cursor(asked)
        at = self._at()
        if cursor is not None and cursor.position > at.position:
            # Another replica may be a moment ahead of this one: look before calling it the future.
            try:
                await self.hub.look(LOOK_SECONDS)
            except TimeoutError:
                raise EndedError("database_unreachable") from None
        floor = Position(0, 0)
        if cursor is not None and not self.hub.feed(self.principal.tenant_id).covers(cursor.position):
            async with self.engine.connect() as connection:
                floor = await read_floor(connection)
        return resumption(cursor, malformed=bool(asked) and cursor is None, at=self._at(), floor=floor)

    async def _missed(self) -> AsyncIterator[bytes]:
        """From the outbox, until the feed in memory goes on."""
        while self._same_database() and not self._feed.covers(self._position):
            at = self._at()
            with acting_for(self.principal.tenant_id):
                async with self.engine.connect() as connection:
                    frames = await replay(connection, at.epoch, self.principal.tenant_id, self._position, at.position)
            if self._same_database():
                self._position = frames[-1].position if len(frames) == BATCH else at.position
                if told := self._told(frames):
                    yield told

    async def _next(self) -> bytes:
        """The next block, as soon as there is one."""
        while True:
            bell = self._feed.bell
            said = self._news() or await self._heartbeat()
            if said:
                self._spoke_at = monotonic()
                return said
            if self.hub.replaced:
                raise EndedError("release_replaced")
            if self.hub.draining:
                raise EndedError("service_ending")
            await bell.wait()

    def _news(self) -> bytes:
        if not self._same_database():
            self._go_on_at(self._at().position)
            return reset(self._cursor(), "The database was restored.")
        try:
            frames = self._feed.after(self._position)
        except FellBehindError:
            raise EndedError("too_slow") from None
        if not frames:
            return b""
        self._position = frames[-1].position
        return self._told(frames)

    async def _heartbeat(self) -> bytes:
        """Asks again who listens, and shows that the stream is alive. The hub rings thrice in a heartbeat's time."""
        if monotonic() - self._spoke_at < self.heartbeat_seconds * 2 / 3:
            return b""
        self.principal = await self.check(self.principal)
        if news := self._news():
            return news
        self._position = self._at().position
        return heartbeat(self._cursor())

    def _go_on_at(self, position: Position) -> None:
        self._feed = self.hub.feed(self.principal.tenant_id)
        self._position = position

    def _same_database(self) -> bool:
        """Whether the feed is still the one that the stream began with: the hub begins anew after a restore."""
        return not self._feed.replaced

    def _told(self, frames: Iterable[Frame]) -> bytes:
        """The events that this client may hear and wants to."""
        if has_expired(self.principal, self.clock()):
            raise EndedError("credentials_expired")
        scopes = self.principal.scopes
        told = [
            frame.text for frame in frames if frame.scope in scopes and self.wanted.covers(frame.kind, frame.object_id)
        ]
        self.metrics.events_delivered.inc(len(told))
        return b"".join(told)


async def end_with_the_server(hub: EventHub) -> None:
    """Wait for the HTTP server to be told to end, then end the streams: it waits for them, and they for nothing.

    uvicorn ends the lifespan only after the last connection, so this looks at the server's own flag.
    """
    while not _server_is_ending():  # noqa: ASYNC110 - the flag is set by a signal handler of another library
        await asyncio.sleep(SHUTDOWN_POLL_SECONDS)
    hub.drain()


def _server_is_ending() -> bool:
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return AppStatus.should_exit or bool(getattr(server, "should_exit", False))
