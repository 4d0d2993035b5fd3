"""Cursors are read back as they were written, and everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.events.cursor import Cursor, Position, parse_cursor

numbers = st.integers(0, 2**63 - 1)


@given(st.from_regex(r"[0-9a-z]{1,32}", fullmatch=True), numbers, numbers)
def test_a_cursor_is_read_back_as_it_was_written(epoch: str, xid: int, identity: int) -> None:
    cursor = Cursor(epoch, Position(xid, identity))
    assert parse_cursor(str(cursor)) == cursor


@given(st.text())
def test_any_text_is_a_cursor_or_none_and_never_an_error(text: str) -> None:
    found = parse_cursor(text)
    assert found is None or found.position >= Position(0, 0)


@pytest.mark.parametrize("text", ["", "1.2", "a.b.c", "e.1.2.3", "e.-1.0", "e.1.9223372036854775808", "E.1.1", "e.१.1"])
def test_what_is_not_ours_is_no_cursor(text: str) -> None:
    assert parse_cursor(text) is None


@given(numbers, numbers, st.integers(1, 2**63 - 1))
def test_a_horizon_lies_after_every_event_of_older_transactions_and_before_those_of_its_own(
    older: int, horizon: int, identity: int
) -> None:
    assert Position(horizon, 0) < Position(horizon, identity)
    if older < horizon:
        assert Position(older, identity) < Position(horizon, 0)
