"""`GET /api/v1/events`: the live stream, and tickets for clients that can send neither header nor cookie."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette.sse import EventSourceResponse
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from valeo_erp.composition import services_of
from valeo_erp.events.patience import Patience
from valeo_erp.events.rights import Wanted
from valeo_erp.events.schemas import SERVER_SENT_EVENT, DocumentIds, Kinds, Ticket
from valeo_erp.events.slots import StreamSlots
from valeo_erp.events.stream import EndedError, EventStream
from valeo_erp.events.tickets import LIFETIME, give_ticket, take_ticket
from valeo_erp.identity.access import allowed, authenticated, declaring, require
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.straight import straight
from valeo_erp.kernel.tenancy import act_for

DRAIN_SECONDS = 4.0

router = APIRouter(prefix="/events", tags=["event"])

Recheck = Callable[[Principal], Awaitable[Principal]]


@dataclass(frozen=True)
class Listener:
    """Who opened a stream, and how to ask again whether it may go on."""

    principal: Principal
    recheck: Recheck


class LiveResponse(EventSourceResponse):
    """A stream that gives its slot back when it ends, however it ends."""

    def __init__(self, stream: EventStream, asked: str, slots: StreamSlots, patience: Patience) -> None:
        self._stream_blocks = stream(asked)
        super().__init__(self._stream_blocks, ping=0, sep="\n", shutdown_grace_period=DRAIN_SECONDS)
        self._stream = stream
        self._slots = slots
        self._patience = patience
        self._straight: Send

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Stream until one side ends."""
        self._straight = straight(scope, send)
        try:
            await super().__call__(scope, receive, send)
        except TimeoutError:
            self._stream.metrics.streams_cut.labels("too_slow").inc()
        finally:
            self._slots.give_back(self._stream.principal)

    async def _stream_response(self, send: Send) -> None:
        """As sse-starlette does it, with a third of its work for each block: they are bytes already."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with asyncio.timeout(None) as end, aclosing(self._stream_blocks) as blocks:
            async for block in blocks:
                told = {"type": "http.response.body", "body": block, "more_body": True}
                await self._patience.send(end, self._straight, told)
        self.active = False
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _listening(scope: Scope) -> Any:
    async def dependency(
        request: Request,
        ticket: Annotated[str, Query(max_length=100, description="From `POST /api/v1/events/tickets`")] = "",
    ) -> Listener:
        if not ticket:
            return Listener(await authenticated(request, scope), _recheck_of(request, scope))
        services = services_of(request.app)
        async with services.engine.begin() as connection:
            principal = await take_ticket(connection, ticket, services.clock())
        act_for(principal.tenant_id)
        require(principal, scope)
        return Listener(principal, _unchanged)

    return Depends(declaring(dependency, scope))


async def _unchanged(principal: Principal) -> Principal:
    """A ticket is used up: what it gave holds until its principal expires, which is checked at delivery."""
    return principal


def _recheck_of(request: Request, scope: Scope) -> Recheck:
    async def recheck(principal: Principal) -> Principal:
        try:
            return await authenticated(request, scope)
        except Problem as problem:
            if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
                return principal
            raise EndedError(problem.code) from problem

    return recheck


@router.get(
    "",
    operation_id="listen_to_events",
    summary="Hear of every change as it is committed",
    response_class=EventSourceResponse,
    responses=EVERY_ANSWER
    | {
        HTTPStatus.OK.value: {
            "description": "Server-sent events. `id` is the cursor, `data` an Event; `event: reset` says that events "
            "may have been missed and everything must be loaded again.",
            "content": {"text/event-stream": {"schema": SERVER_SENT_EVENT}},
        }
    },
)
async def listen(
    request: Request,
    listener: Annotated[Listener, _listening(Scope.SALES_READ)],
    kinds: Kinds = [],  # noqa: B006 - FastAPI copies defaults
    document_ids: DocumentIds = [],  # noqa: B006
    cursor: Annotated[str, Query(description="From `Event-Cursor`: load, then listen, without a hole")] = "",
    last_event_id: Annotated[str, Header(description="Goes on after this event, on any replica, for 24 hours")] = "",
) -> LiveResponse:
    """Events of one's own tenant that one may read, from now on or from a cursor on.

    The first block sets `retry` and an `id`; a comment every 15 seconds keeps the connection open. A client that is
    cut comes back with `Last-Event-ID` and misses nothing.
    """
    services = services_of(request.app)
    services.stream_slots.take(listener.principal)
    stream = EventStream(
        hub=services.events,
        engine=services.read_engine,
        clock=services.clock,
        metrics=services.metrics,
        principal=listener.principal,
        wanted=Wanted(frozenset(kinds), frozenset(document_ids)),
        heartbeat_seconds=services.settings.sse_heartbeat_seconds,
        check=listener.recheck,
    )
    return LiveResponse(stream, last_event_id or cursor, services.stream_slots, services.patience)


@router.post(
    "/tickets",
    operation_id="create_event_ticket",
    summary="A one-time ticket for one stream",
    status_code=HTTPStatus.CREATED,
    responses=EVERY_ANSWER,
)
async def create_ticket(request: Request, principal: Annotated[Principal, allowed(Scope.SALES_READ)]) -> Ticket:
    """For clients that cannot send a header: open `GET /api/v1/events?ticket=…` within 30 seconds, once.

    A repeated request gives another ticket; an `Idempotency-Key` is not needed and not looked at, because the answer
    is a secret that is not kept.
    """
    services = services_of(request.app)
    at = services.clock()
    async with services.engine.begin() as connection:
        return Ticket(ticket=await give_ticket(connection, principal, at), expires_at=at + LIFETIME)
