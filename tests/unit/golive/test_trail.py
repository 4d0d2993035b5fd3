"""The trail: every entry holds the hash of the one before, and every change of it is found."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valeo_operator.cluster.objects import Object
from valeo_operator.golive.trail import LINES, PAGE, Chain, Happening, pages_with, read_chain, verify, written
from valeo_operator.installations.names import Names

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
NAMES = Names("production", "erp", "u")
DIGEST = f"sha256:{'ab' * 32}"


def grown(*sizes: int) -> dict[str, Object]:
    """The pages after several looks, each with so many happenings."""
    pages: dict[str, Object] = {}
    for look, size in enumerate(sizes):
        chain = read_chain(pages.values(), NAMES)
        assert not chain.broken
        happened = [Happening("Gate", f"g{n}", f"Ünïcode {look}", "Fail", "Pass") for n in range(size)]
        for page in pages_with(chain, written(chain, happened, DIGEST, NOW), NAMES):
            assert not pages.get(page["metadata"]["name"], {}).get("immutable"), "a closed page is written again"
            pages[page["metadata"]["name"]] = page
    return pages


def lines_of(pages: dict[str, Object]) -> list[str]:
    return [line for _, page in sorted(pages.items()) for line in page["data"][LINES].splitlines()]


@settings(deadline=None, max_examples=30)  # how long a thousand hashes take depends on the machine
@given(st.lists(st.integers(0, 2 * PAGE + 3), max_size=4))
def test_whatever_is_written_is_read_back_whole_and_pages_are_closed_when_full(sizes: list[int]) -> None:
    pages = grown(*sizes)
    chain = read_chain(pages.values(), NAMES)

    assert (len(chain.entries), chain.broken) == (sum(sizes), "")
    assert [bool(page.get("immutable")) for _, page in sorted(pages.items())] == [
        page["data"][LINES].count("\n") == PAGE for _, page in sorted(pages.items())
    ]


def test_nothing_happened_writes_no_page() -> None:
    assert pages_with(Chain(), [], NAMES) == []


@given(st.data())
def test_every_change_of_a_line_is_found(data: st.DataObject) -> None:
    lines = lines_of(grown(5))
    place = data.draw(st.integers(0, 4))
    key = data.draw(st.sampled_from(sorted(json.loads(lines[place]))))
    changed = {**json.loads(lines[place]), key: "changed"}
    lines[place] = json.dumps(changed)

    assert verify(lines)[1]


@pytest.mark.parametrize("damage", ["swap", "drop", "double", "garbage"])
def test_order_gaps_and_rubbish_are_found(damage: str) -> None:
    lines = lines_of(grown(4))
    match damage:
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case "drop":
            del lines[1]
        case "double":
            lines.insert(1, lines[1])
        case _:
            lines[1] = "{"

    assert verify(lines)[1]


def test_an_export_is_verified_without_the_cluster() -> None:
    entries, broken = verify(lines_of(grown(3, PAGE)))

    assert (len(entries), broken) == (PAGE + 3, "")


def test_the_trail_of_another_installation_is_not_ours() -> None:
    assert read_chain(grown(2).values(), Names("staging", "erp", "u")).entries == ()


def test_the_newest_entry_tells_how_a_subject_stands() -> None:
    chain = read_chain(grown(2).values(), NAMES)

    assert (chain.after("Gate", "g1"), chain.after("Gate", "unheard-of")) == ("Pass", "")
