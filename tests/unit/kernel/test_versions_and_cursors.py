"""ETags and cursors: what this service gave out comes back, everything else is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.kernel.cursors import read_cursor, write_cursor
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.statements import Statement
from valeo_erp.kernel.versions import etag, expected_version, require_version


@given(st.integers(1, 2**29))
def test_an_etag_comes_back_as_its_version(version: int) -> None:
    assert expected_version(etag(version)) == version


@pytest.mark.parametrize("bad", ["", "*", "3", '"3', '"-1"', '"x"', '"3", "4"', '"99999999999"', '"٣"'])
def test_what_is_no_etag_of_this_service_is_refused(bad: str) -> None:
    with pytest.raises(Problem, match="400 if_match_invalid"):
        expected_version(bad)


def test_a_missing_version_is_asked_for() -> None:
    with pytest.raises(Problem, match="428 if_match_missing"):
        expected_version(None)


def test_a_conflict_tells_the_current_version() -> None:
    with pytest.raises(Problem, match="412 version_conflict") as caught:
        require_version(3, 4)
    assert caught.value.facts == {"current_version": 4}


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4))
def test_a_cursor_comes_back_as_its_key(key: list[str]) -> None:
    assert read_cursor(write_cursor(*key)) == key


@given(st.text(max_size=60))
def test_no_text_makes_the_reading_of_a_cursor_fail_otherwise_than_by_refusal(text: str) -> None:
    with contextlib.suppress(Problem):
        assert isinstance(read_cursor(text), list)


@pytest.mark.parametrize("forged", ["eyJhIjoxfQ", "WyJcdTAwMDAiXQ"])  # {"a":1} and ["\\u0000"]
def test_a_cursor_that_is_no_list_or_holds_what_postgresql_can_not_is_refused(forged: str) -> None:
    with pytest.raises(Problem, match="cursor_invalid"):
        read_cursor(forged)


def test_names_in_a_statement_become_places_and_casts_stay() -> None:
    statement = Statement("select :a::text, :b_c where :a = '' and x::jsonb is not null")
    assert statement.sql == "select $1::text, $2 where $1 = '' and x::jsonb is not null"
    assert statement.names == ("a", "b_c")
