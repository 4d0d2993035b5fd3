"""A slot comes when it should, also where the clock changes; a missed one is recorded, the newest one still runs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valeo_operator.schedules.slots import Due, Schedule, ScheduleError, due, next_slot

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def slots(schedule: Schedule, begin: datetime, end: datetime) -> list[datetime]:
    found = [next_slot(schedule, begin)]
    while found[-1] < end:
        found.append(next_slot(schedule, found[-1]))
    return found[:-1]


def test_every_night_at_two() -> None:
    nightly = Schedule("0 2 * * *")
    assert slots(nightly, at(2026, 1, 1), at(2026, 1, 4)) == [at(2026, 1, day, 2) for day in (1, 2, 3)]


def test_a_slot_in_the_hour_that_spring_skips_comes_right_after_it() -> None:
    nightly = Schedule("30 2 * * *", BERLIN)  # on 29 March 2026 two o'clock becomes three o'clock
    assert slots(nightly, at(2026, 3, 28, 12), at(2026, 3, 30, 12)) == [at(2026, 3, 29, 1), at(2026, 3, 30, 0, 30)]


def test_a_slot_in_the_hour_that_comes_twice_in_autumn_comes_once() -> None:
    nightly = Schedule("30 2 * * *", BERLIN)  # on 25 October 2026 three o'clock becomes two o'clock
    found = slots(nightly, at(2026, 10, 24, 12), at(2026, 10, 26, 12))
    assert found == [at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)]


@pytest.mark.parametrize("begin", [at(2026, 3, 28), at(2026, 10, 24)])
def test_a_nightly_slot_comes_once_on_each_night_around_both_changes(begin: datetime) -> None:
    nightly = Schedule("15 2 * * *", BERLIN)
    assert len(slots(nightly, begin, begin + timedelta(days=3))) == 3


def test_nothing_is_due_before_the_slot() -> None:
    found = due(Schedule("0 2 * * *"), at(2026, 1, 1, 2), at(2026, 1, 2, 1, 59))
    assert found == Due(None, (), at(2026, 1, 1, 2), at(2026, 1, 2, 2))


def test_a_slot_is_due_once() -> None:
    nightly = Schedule("0 2 * * *")
    first = due(nightly, at(2026, 1, 1, 12), at(2026, 1, 2, 2))
    assert first.slot == at(2026, 1, 2, 2)
    assert due(nightly, first.handled, at(2026, 1, 2, 2, 1)).slot is None


def test_of_several_missed_slots_the_newest_one_runs_and_the_older_ones_are_recorded() -> None:
    found = due(Schedule("0 2 * * *"), at(2026, 1, 1, 12), at(2026, 1, 5, 4))
    assert found.slot == at(2026, 1, 5, 2)
    assert found.missed == tuple(at(2026, 1, day, 2) for day in (2, 3, 4))


def test_a_slot_that_is_too_late_to_begin_is_recorded_only() -> None:
    found = due(Schedule("0 2 * * *", starting_deadline=HOUR), at(2026, 1, 1, 12), at(2026, 1, 2, 3, 0, 1))
    assert (found.slot, found.missed) == (None, (at(2026, 1, 2, 2),))
    assert found.handled == at(2026, 1, 2, 2)


def test_a_silence_of_years_over_a_schedule_of_minutes_still_finds_the_newest_slot() -> None:
    found = due(Schedule("* * * * *"), at(2024, 1, 1), at(2026, 1, 1, 0, 0, 30))
    assert found.slot == at(2026, 1, 1)
    assert 0 < len(found.missed) <= 500


@pytest.mark.parametrize(
    ("expression", "zone", "said"),
    [
        ("0 2 * *", "Etc/UTC", "has not five fields"),
        ("0 0 2 * * *", "Etc/UTC", "has not five fields"),
        ("61 2 * * *", "Etc/UTC", "Bad minute"),
        ("0 2 30 2 *", "Etc/UTC", "Bad day-of-month"),
        ("0 2 * * *", "Europe/Atlantis", "Europe/Atlantis"),
        ("0 2 * * *", "../etc/passwd", "not known"),
    ],
)
def test_what_nobody_can_read_is_refused_in_words(expression: str, zone: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        Schedule(expression, zone)


TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001
EXPRESSIONS = st.sampled_from(["0 2 * * *", "*/15 * * * *", "30 2 * * 0", "0 */6 * * *", "5 3 1 * *"])


@settings(deadline=None, max_examples=60)  # years of slots, one by one
@given(EXPRESSIONS, st.sampled_from(["Etc/UTC", BERLIN, "Australia/Lord_Howe"]), TIMES, TIMES)
def test_every_slot_is_run_recorded_or_still_to_come_and_never_twice(
    expression: str, zone: str, one: datetime, other: datetime
) -> None:
    handled, now = min(one, other), max(one, other)
    found = due(Schedule(expression, zone), handled, now)
    told = [*found.missed, *([found.slot] if found.slot else [])]
    assert told == sorted(set(told))
    assert all(handled < slot <= now for slot in told)
    assert found.next_slot > now
    assert due(Schedule(expression, zone), found.handled, now).slot is None
