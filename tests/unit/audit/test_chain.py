"""The audit chain: whatever is changed, removed, put in or moved is seen at the first place where it is."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.audit.chain import GENESIS, LASTING, PERSONAL, Link, fault, sealed

SALT = bytes(16)


def entry(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "tenant_id": UUID(int=1),
        "id": UUID(int=number),
        "at": datetime(2026, 11, 24, 12, number % 60, tzinfo=UTC),
        "actor": "olga",
        "actor_name": "Olga",
        "action": "edit",
        "object_kind": "party",
        "object_id": UUID(int=7),
        "outcome": "done",
        "reason": None,
        "before": '{"name": "a"}',
        "after": '{"name": "b"}',
        "correlation_id": "c" * 8,
    } | changed


def chain(entries: list[dict[str, Any]]) -> list[Link]:
    links: list[Link] = []
    for sequence, one in enumerate(entries, 1):
        links.append(sealed(sequence, links[-1].hash if links else GENESIS, one, SALT))
    return links


def first_fault(links: list[Link], entries: dict[UUID, dict[str, Any]]) -> tuple[int, str] | None:
    previous = GENESIS
    for expected, link in enumerate(links, 1):
        if reason := fault(link, expected, previous, entries.get(link.entry_id)):
            return expected, reason
        previous = link.hash
    return None


ENTRIES = [entry(number) for number in range(1, 8)]
STORED = {one["id"]: one for one in ENTRIES}


def test_what_was_not_touched_verifies() -> None:
    assert first_fault(chain(ENTRIES), STORED) is None


@given(st.integers(1, 7), st.sampled_from([name for name in (*LASTING, *PERSONAL) if name != "id"]))
def test_any_changed_value_is_found_at_its_entry(number: int, name: str) -> None:
    value: Any = datetime(2020, 1, 1, tzinfo=UTC) if name == "at" else "x"
    found = first_fault(chain(ENTRIES), STORED | {UUID(int=number): entry(number, **{name: value})})
    assert found is not None
    assert found[0] == number


@given(st.integers(1, 7))
def test_a_removed_entry_and_a_removed_link_are_found(number: int) -> None:
    removed = {key: one for key, one in STORED.items() if key != UUID(int=number)}
    assert first_fault(chain(ENTRIES), removed) == (number, "The entry was removed.")
    links = chain(ENTRIES)
    del links[number - 1]
    found = first_fault(links, STORED)
    assert (found is None) if number == 7 else (found is not None and found[0] == number)


@given(st.permutations(range(7)))
def test_entries_in_another_order_are_found(order: list[int]) -> None:
    links = chain(ENTRIES)
    moved = [
        Link(sequence, links[old].entry_id, links[old].salt, links[old].personal_digest, links[old].hash)
        for sequence, old in enumerate(order, 1)
    ]
    assert (first_fault(moved, STORED) is None) == (list(order) == sorted(order))


def test_an_erased_personal_part_verifies_and_the_lasting_part_is_still_proven() -> None:
    links = chain(ENTRIES)
    links[2] = Link(3, links[2].entry_id, None, links[2].personal_digest, links[2].hash)
    nobody = entry(3, actor="erased", actor_name="erased", reason=None, before=None, after=None)
    assert first_fault(links, STORED | {UUID(int=3): nobody}) is None
    assert first_fault(links, STORED | {UUID(int=3): nobody | {"outcome": "refused"}}) is not None


def test_values_may_not_come_back_after_they_were_erased() -> None:
    link = chain(ENTRIES)[0]
    erased = Link(1, link.entry_id, None, link.personal_digest, link.hash)
    assert fault(erased, 1, GENESIS, ENTRIES[0]) == "The entry has values although its personal part was erased."


@pytest.mark.parametrize("salt", [b"\1" * 16])
def test_what_was_erased_can_not_be_guessed_from_the_digest_without_the_salt(salt: bytes) -> None:
    assert sealed(1, GENESIS, ENTRIES[0], salt).personal_digest != sealed(1, GENESIS, ENTRIES[0], SALT).personal_digest
