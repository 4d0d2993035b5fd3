"""The bytes that go over the wire: server-sent events as WHATWG HTML §9.2 defines them. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from valeo_erp.events.cursor import Cursor, Position
from valeo_erp.events.rights import scope_of
from valeo_erp.identity.scopes import Scope

RETRY_MILLISECONDS = 1_000
"""When a cut client comes back. Told first in every stream, so that a client that is cut knows it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event, written once for all its listeners.

    Attributes:
        scope: who may hear of it, None for nobody.
        text: the bytes of the event, the same for everybody.
    """

    position: Position
    tenant_id: UUID
    kind: str
    object_id: UUID
    scope: Scope | None
    text: bytes


def event_frame(
    cursor: Cursor, *, tenant_id: UUID, kind: str, object_kind: str, object_id: UUID, data: Any, at: datetime
) -> Frame:
    """The frame of one outbox row."""
    body = {"kind": kind, "object_kind": object_kind, "object_id": str(object_id), "at": at.isoformat(), "data": data}
    text = f"id: {cursor}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"
    return Frame(cursor.position, tenant_id, kind, object_id, scope_of(kind), text.encode())


def opening(cursor: Cursor) -> bytes:
    """The first block of a stream: an id without data moves a client's `Last-Event-ID` and fires no event.

    Without it a client that is cut before its first event would come back without knowing from where.
    """
    return f"retry: {RETRY_MILLISECONDS}\nid: {cursor}\n\n".encode()


def heartbeat(cursor: Cursor) -> bytes:
    """Keeps proxies from closing a quiet stream, and keeps a quiet client's cursor young."""
    return f": heartbeat\nid: {cursor}\n\n".encode()


def reset(cursor: Cursor, reason: str) -> bytes:
    """Events may have been missed: load everything again, then go on from here."""
    return f"event: reset\nid: {cursor}\ndata: {json.dumps({'reason': reason})}\n\n".encode()


def ending(reason: str, retry_milliseconds: int) -> bytes:
    """The last block of a stream that this side ends: come back, nothing is lost.

    Many end at once at a switch; each is told another time, so that they do not come back at once.
    """
    return f": {reason}\nretry: {retry_milliseconds}\n\n".encode()
