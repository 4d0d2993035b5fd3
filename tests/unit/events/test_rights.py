"""Who hears what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from valeo_erp.events.cursor import Cursor, Position
from valeo_erp.events.rights import Wanted, has_expired, scope_of
from valeo_erp.events.stream import Resumption, resumption
from valeo_erp.identity.scopes import Principal, Scope

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


def test_the_noun_of_an_event_decides_the_scope() -> None:
    assert scope_of("invoice.posted") is Scope.SALES_READ
    assert scope_of("journal.closed") is Scope.LEDGER_READ
    assert scope_of("unheard.of") is None


@pytest.mark.parametrize(
    ("wanted", "covered"),
    [
        (Wanted(), True),
        (Wanted(kinds=frozenset({"invoice"})), True),
        (Wanted(kinds=frozenset({"invoice.posted"})), True),
        (Wanted(kinds=frozenset({"invoice.edited"})), False),
        (Wanted(kinds=frozenset({"inv"})), False),
        (Wanted(object_ids=frozenset({ONE})), True),
        (Wanted(object_ids=frozenset({OTHER})), False),
        (Wanted(kinds=frozenset({"party"}), object_ids=frozenset({ONE})), False),
    ],
)
def test_a_listener_gets_what_it_asked_for(wanted: Wanted, *, covered: bool) -> None:
    assert wanted.covers("invoice.posted", ONE) is covered


@pytest.mark.parametrize(
    ("expires_at", "expired"),
    [(None, False), (NOW, True), (NOW - timedelta(seconds=1), True), (NOW + timedelta(seconds=1), False)],
)
def test_a_principal_holds_until_its_token_ends(expires_at: datetime | None, *, expired: bool) -> None:
    assert has_expired(Principal("olga", "Olga", ONE, frozenset(), expires_at), NOW) is expired


AT = Cursor("abc", Position(100, 0))


@pytest.mark.parametrize(
    ("asked", "after", "reset"),
    [
        (None, AT.position, None),
        (Cursor("abc", Position(99, 3)), Position(99, 3), None),
        (Cursor("abc", Position(100, 0)), Position(100, 0), None),
        (Cursor("abc", Position(50, 0)), Position(50, 0), None),
        (Cursor("abc", Position(49, 9)), AT.position, "older"),
        (Cursor("abc", Position(100, 1)), AT.position, "future"),
        (Cursor("xyz", Position(99, 3)), AT.position, "restored"),
    ],
)
def test_a_client_goes_on_after_its_cursor_or_is_told_to_load_again(
    asked: Cursor | None, after: Position, reset: str | None
) -> None:
    begin = resumption(asked, malformed=False, at=AT, floor=Position(50, 0))
    assert begin.after == after
    assert (begin.reset is None) == (reset is None)
    assert reset is None or reset in (begin.reset or "")


def test_a_cursor_that_cannot_be_read_is_a_reset() -> None:
    assert resumption(None, malformed=True, at=AT, floor=Position(0, 0)) == Resumption(
        AT.position, "The cursor cannot be read."
    )
