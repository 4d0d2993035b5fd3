"""A bounded window that streams read at their own pace."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from valeo_erp.events.cursor import Cursor, Position
from valeo_erp.events.feed import Feed, FellBehindError, by_tenant
from valeo_erp.events.frames import Frame, ending, event_frame, heartbeat, opening, reset
from valeo_erp.identity.scopes import Scope

TENANT = UUID(int=1)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def frame(xid: int, identity: int, tenant: UUID = TENANT, kind: str = "invoice.posted") -> Frame:
    return event_frame(
        Cursor("abc", Position(xid, identity)),
        tenant_id=tenant,
        kind=kind,
        object_kind="invoice",
        object_id=UUID(int=7),
        data={"number": "INV-2026-00001"},
        at=AT,
    )


def test_a_stream_gets_the_events_after_its_position_in_their_order() -> None:
    feed = Feed(Position(10, 0))
    feed.append([frame(10, 1), frame(10, 2), frame(12, 1)])
    assert [found.position for found in feed.after(Position(10, 1))] == [(10, 2), (12, 1)]
    assert feed.after(Position(12, 1)) == []


def test_a_stream_that_left_the_window_is_told_so_and_never_served_with_a_hole() -> None:
    feed = Feed(Position(10, 0), window=2)
    feed.append([frame(10, 1), frame(10, 2), frame(10, 3)])
    with pytest.raises(FellBehindError):
        feed.after(Position(10, 0))
    assert [found.position for found in feed.after(Position(10, 1))] == [(10, 2), (10, 3)]


def test_a_position_from_before_the_window_is_not_covered() -> None:
    feed = Feed(Position(10, 0))
    assert feed.covers(Position(10, 0))
    assert not feed.covers(Position(9, 99))


def test_the_bell_rings_once_for_everybody_who_waits() -> None:
    feed = Feed(Position(0, 0))
    bell = feed.bell
    feed.ring()
    assert bell.is_set()
    assert not feed.bell.is_set()


def test_each_tenant_gets_its_own_events_in_their_order() -> None:
    other = UUID(int=2)
    events = [frame(1, 1), frame(1, 2, other), frame(2, 1)]
    assert by_tenant(events) == {TENANT: [events[0], events[2]], other: [events[1]]}


def test_an_event_is_one_block_with_its_cursor_and_the_scope_it_needs() -> None:
    made = frame(5, 6)
    first, second, *rest = made.text.decode().split("\n")
    assert first == "id: abc.5.6"
    assert json.loads(second.removeprefix("data: ")) == {
        "kind": "invoice.posted",
        "object_kind": "invoice",
        "object_id": str(UUID(int=7)),
        "at": "2026-03-01T12:00:00+00:00",
        "data": {"number": "INV-2026-00001"},
    }
    assert rest == ["", ""]
    assert made.scope is Scope.SALES_READ


def test_an_event_of_a_noun_without_a_scope_is_for_nobody() -> None:
    assert frame(1, 1, kind="secret.told").scope is None


def test_the_other_blocks_fire_no_event_but_a_reset() -> None:
    at = Cursor("abc", Position(5, 6))
    assert opening(at) == b"retry: 1000\nid: abc.5.6\n\n"
    assert heartbeat(at) == b": heartbeat\nid: abc.5.6\n\n"
    assert reset(at, "Why") == b'event: reset\nid: abc.5.6\ndata: {"reason": "Why"}\n\n'
    assert ending("too_slow", 1000) == b": too_slow\nretry: 1000\n\n"
