"""Where the web API of one kind of document is: its address, for reads and for writes."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from valeo_erp.documents.document import Kind
from valeo_erp.documents.kinds import KINDS, rules_of
from valeo_erp.kernel.answers import EVERY_ANSWER
from valeo_erp.kernel.unit_of_work import TransactionalRoute


@dataclass(frozen=True)
class Room:
    """The two routers of one kind: reads, and writes in one transaction each."""

    reads: APIRouter
    writes: APIRouter

    def router(self) -> APIRouter:
        """Both, once every route is added."""
        both = APIRouter()
        both.include_router(self.reads)
        both.include_router(self.writes)
        return both


def room_of(kind: Kind) -> Room:
    """Empty routers at the address of a kind."""
    prefix = f"/{rules_of(kind).collection}"
    return Room(
        APIRouter(prefix=prefix, tags=[kind.value], responses=EVERY_ANSWER),
        APIRouter(prefix=prefix, tags=[kind.value], responses=EVERY_ANSWER, route_class=TransactionalRoute),
    )


def every_room(*adding: Callable[[Room, Kind], None]) -> APIRouter:
    """The same routes for every kind: each of these puts its own into the room."""
    whole = APIRouter()
    for kind in KINDS:
        room = room_of(kind)
        for add in adding:
            add(room, kind)
        whole.include_router(room.router())
    return whole
