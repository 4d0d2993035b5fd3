"""What the archive of the log reaches: only over an unbroken row of segments that begins with a base backup."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from valeo_archivist.archive import BaseBackup, Beat, archive_in, backups_in, number_of, reach, segment_at, segments_in
from valeo_archivist.due import Due, Rhythm, due
from valeo_archivist.keeping import damage_in
from valeo_archivist.recovering import Target, candidates

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
RHYTHM = Rhythm(timedelta(days=7), timedelta(days=1))


def segment(number: int) -> str:
    return f"00000001{number // 256:08X}{number % 256:08X}"


def segments(*numbers: int) -> frozenset[str]:
    return frozenset(segment(each) for each in numbers)


def backup(number: int, *, hours: int = 0, is_full: bool = True, transaction: int | None = None) -> BaseBackup:
    at = NOON + timedelta(hours=hours)
    return BaseBackup(f"b{number}", is_full, at, at, segment(number), 100, transaction)


def beat(number: int, minutes: int) -> Beat:
    return Beat(NOON + timedelta(minutes=minutes), segment(number))


def test_the_window_goes_from_the_end_of_the_oldest_copy_to_the_newest_beat_that_is_archived() -> None:
    reached = reach([backup(1)], segments(1, 2, 3), [beat(2, 1), beat(3, 2), beat(4, 3)])
    assert (reached.oldest, reached.newest) == (NOON, NOON + timedelta(minutes=2))


def test_behind_a_gap_nothing_is_promised() -> None:
    reached = reach([backup(1)], segments(1, 2, 4), [beat(2, 1), beat(4, 3)])
    assert reached.newest == NOON + timedelta(minutes=1)
    assert (reached.missing, reached.is_open) == ((segment(3),), True)


def test_a_copy_after_a_gap_begins_a_window_of_its_own() -> None:
    reached = reach([backup(1), backup(4, hours=1)], segments(1, 2, 4, 5), [beat(5, 90)])
    assert (reached.oldest, reached.newest) == (NOON + timedelta(hours=1), NOON + timedelta(minutes=90))
    assert (reached.missing, reached.is_open) == ((segment(3),), False)


def test_without_a_copy_there_is_no_window() -> None:
    assert reach([], segments(1, 2), [beat(1, 1)]).newest is None
    assert reach([backup(3)], segments(1, 2), [beat(1, 1)]).newest is None


@given(st.sets(st.integers(1, 40)), st.integers(1, 40), st.lists(st.integers(1, 40), min_size=1))
def test_no_point_is_promised_whose_log_is_not_there(there: set[int], first: int, beats: list[int]) -> None:
    reached = reach([backup(first)], segments(*there), [beat(each, each) for each in beats])
    if reached.newest is not None:
        minutes = (reached.newest - NOON) // timedelta(minutes=1)
        assert set(range(first, minutes + 1)) <= there


def test_two_weeks_of_segments_are_looked_at_in_a_moment() -> None:
    copies = [backup(each, hours=each // 120) for each in range(1, 40_000, 2880)]
    there = segments(*range(1, 40_001))
    begun = time.monotonic()
    reached = reach(copies, there, [beat(40_000, 60 * 336)])
    assert reached.newest == NOON + timedelta(hours=336)
    assert time.monotonic() - begun < 1


def test_segments_are_counted_over_the_end_of_a_folder() -> None:
    assert segment_at(number_of("0000000100000000000000FF") + 1, "00000001") == "000000010000000100000000"


def test_a_listing_gives_segments_and_nothing_else() -> None:
    listing = """{".": {}, "0000000100000000": {}, "0000000100000000/000000010000000000000001-9f.zst": {},
      "0000000100000000/000000010000000000000001.00000028.backup": {}}"""
    assert segments_in(listing) == segments(1)


def test_what_pgbackrest_tells_is_read() -> None:
    told = """[{"archive": [{"id": "17-1", "min": "x", "max": "y"}], "backup": [
      {"annotation": {"transaction": "770"}, "archive": {"start": "000000010000000000000002"}, "error": false,
       "info": {"repository": {"delta": 28}}, "label": "a", "timestamp": {"start": 10, "stop": 20}, "type": "full"},
      {"archive": {"start": "000000010000000000000009"}, "error": true,
       "info": {"repository": {"delta": 28}},
       "label": "b", "timestamp": {"start": 10, "stop": 20}, "type": "diff"}]}]"""
    (read,) = backups_in(told)
    assert (read.label, read.is_full, read.first, read.next_transaction) == ("a", True, segment(2), 770)
    assert archive_in(told) == "17-1"
    assert archive_in("[]") is None


def test_copies_are_due_by_age_and_at_once_after_a_gap() -> None:
    whole = segments(*range(1, 9))
    now = NOON + timedelta(hours=30)
    assert due([], reach([], whole, []), RHYTHM, now) == Due(is_full=True, reason="there is none yet")
    fresh = [backup(1, hours=29)]
    assert due(fresh, reach(fresh, whole, []), RHYTHM, now) is None
    broken = due(fresh, reach(fresh, segments(1, 3), []), RHYTHM, now)
    assert broken is not None
    assert broken.is_full
    day_old = [backup(1)]
    assert getattr(due(day_old, reach(day_old, whole, []), RHYTHM, now), "kind", "") == "diff"
    followed = [backup(1), backup(2, hours=28, is_full=False)]
    assert due(followed, reach(followed, whole, []), RHYTHM, now) is None
    week = NOON + timedelta(days=7)
    assert getattr(due(followed, reach(followed, whole, []), RHYTHM, week), "kind", "") == "full"


def test_a_server_that_came_back_from_its_archive_is_copied_at_once() -> None:
    copies = [backup(1)]
    reached = reach(copies, segments(1, 2), [Beat(NOON, "000000020000000000000003")])
    assert reached.newest is None
    wanted = due(copies, reached, RHYTHM, NOON, "00000002")
    assert wanted is not None
    assert wanted.is_full


def test_recovery_begins_with_the_newest_copy_before_the_target() -> None:
    copies = [backup(1, hours=0, transaction=10), backup(5, hours=5, transaction=50), backup(9, hours=9)]
    assert [each.label for each in candidates(Target(time=NOON + timedelta(hours=6)), copies)] == ["b5"]
    assert candidates(Target(time=NOON - timedelta(hours=1)), copies) == []
    assert [each.label for each in candidates(Target(transaction=20), copies)] == ["b9", "b1"]
    assert [each.label for each in candidates(Target(name="x"), copies)] == ["b9", "b5", "b1"]


def test_a_damage_that_was_read_is_told_in_the_words_of_the_program() -> None:
    whole = "stanza: valeo\nstatus: ok\n  archiveId: 17-1, total WAL checked: 5, total valid WAL: 5\n"
    assert damage_in(whole, 0) == ""
    broken = "stanza: valeo\nstatus: error\n  backup: x, status: invalid, total\n    missing: 0, checksum invalid: 1\n"
    assert "checksum invalid: 1" in damage_in(broken, 0)
    assert damage_in("no such stanza", 1) == "no such stanza"
