"""Whatever the catalogue holds: two good ones stay, the newest good one stays, days and months stay as promised."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from valeo_operator.retention.plan import BUDGET, FEWEST_GOOD, Catalogue, Entry, Retention, Rules, Why, plan

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(days_ago: float, **facts: bool) -> Entry:
    at = NOW - days_ago * DAY
    return Entry(f"{at:%Y%m%d-%H%M%S}", at, **facts)


def seen(*entries: Entry, complete: bool = True, after_success: bool = True) -> Catalogue:
    return Catalogue(entries, complete, after_success)


ENTRIES = st.lists(
    st.builds(
        entry,
        st.floats(0, 1900),
        good=st.booleans(),
        proven=st.booleans(),
        before_migration=st.booleans(),
        in_use=st.booleans(),
        asked_for=st.booleans(),
    ),
    max_size=80,
    unique_by=lambda each: each.name,
)
RULES = st.builds(Rules, st.integers(0, 40), st.integers(0, 15))


@given(ENTRIES, RULES, st.integers(0, 30))
def test_two_good_ones_and_the_newest_one_always_stay(entries: list[Entry], rules: Rules, budget: int) -> None:
    found = plan(seen(*entries), rules, NOW, budget)
    good = [each for each in entries if each.good]
    stay = [each for each in good if each.name not in found.delete]
    assert len(stay) >= min(len(good), FEWEST_GOOD)
    if good:
        assert max(good, key=lambda each: each.at).at in {each.at for each in stay}


@given(ENTRIES, RULES)
def test_what_is_pinned_never_goes(entries: list[Entry], rules: Rules) -> None:
    found = plan(seen(*entries), rules, NOW)
    gone = {*found.delete, *found.later}
    assert not [each for each in entries if (each.in_use or each.asked_for) and each.name in gone]
    assert not [each for each in entries if each.good and each.before_migration and each.name in gone]
    proven = [each for each in entries if each.good and each.proven]
    if proven:
        assert max(proven, key=lambda each: each.at).name not in gone


@given(ENTRIES, RULES)
def test_every_backup_stays_for_a_reason_or_is_shown_to_go(entries: list[Entry], rules: Rules) -> None:
    found = plan(seen(*entries), rules, NOW)
    assert {*found.keep, *found.delete, *found.later} == {each.name for each in entries}
    assert len(found.keep) + len(found.delete) + len(found.later) == len(entries)
    assert all(found.keep.values())
    assert len(found.delete) <= BUDGET


@given(ENTRIES)
def test_an_incomplete_listing_or_no_success_deletes_nothing_and_still_shows_what_would_go(
    entries: list[Entry],
) -> None:
    whole = plan(seen(*entries), Rules(), NOW, len(entries))
    for blind in (seen(*entries, complete=False), seen(*entries, after_success=False)):
        found = plan(blind, Rules(), NOW)
        assert found.delete == ()
        assert found.later == (*whole.delete, *whole.later)
        assert found.held


def test_a_backup_from_the_future_stops_it() -> None:
    found = plan(seen(entry(-1), *(entry(days) for days in range(60))), Rules(), NOW)
    assert found.delete == ()
    assert "clocks is wrong" in found.held


def test_a_broken_one_never_counts_as_the_one_of_its_day() -> None:
    found = plan(seen(entry(1.0), entry(0.9, good=False), entry(2.0)), Rules(), NOW)
    assert found.keep[entry(1.0).name] == (Why.DAILY, Why.NEWEST_GOOD)
    assert found.keep[entry(0.9).name] == (Why.EVIDENCE,)


def test_two_of_one_day_both_stay_for_a_day() -> None:
    found = plan(seen(entry(0.1), entry(0.2), entry(0.3)), Rules(), NOW)
    assert (found.delete, found.later) == ((), ())
    older = plan(seen(entry(1.1), entry(1.2), entry(1.3)), Rules(1, 0), NOW)
    assert older.delete == (entry(1.3).name,)


def test_a_broken_one_goes_after_a_month() -> None:
    found = plan(seen(entry(0), entry(1), entry(31, good=False)), Rules(), NOW)
    assert found.delete == (entry(31).name,)


def simulated(days: int, rules: Rules) -> tuple[Sequence[Entry], datetime]:
    """A backup every day at two, sometimes broken, sometimes missing, and retention after each good one."""
    begin = datetime(2021, 1, 1, 2, tzinfo=UTC)
    held: dict[str, Entry] = {}
    now = begin
    for day in range(days):
        now = begin + day * DAY
        if day % 11 == 7:  # the machine was off
            continue
        made = Entry(f"{now:%Y%m%d-%H%M%S}", now, good=day % 13 != 5)
        held[made.name] = made
        found: Retention = plan(Catalogue(tuple(held.values()), True, made.good), rules, now)  # noqa: FBT003
        for name in found.delete:
            del held[name]
    return tuple(held.values()), now


@settings(max_examples=5, deadline=None)
@given(st.integers(5 * 365, 5 * 366))
def test_after_five_years_thirty_days_and_twelve_months_are_there(days: int) -> None:
    entries, now = simulated(days, Rules())
    good = sorted((each for each in entries if each.good), key=lambda each: each.at, reverse=True)
    made = [day for day in range(days) if day % 11 != 7 and day % 13 != 5]
    begin = datetime(2021, 1, 1, 2, tzinfo=UTC)
    newest = [begin + day * DAY for day in made[:-31:-1]]
    assert {each.at for each in good} >= set(newest)
    months = dict.fromkeys((each.at.year, each.at.month) for each in good)
    expected = list(dict.fromkeys(((begin + day * DAY).year, (begin + day * DAY).month) for day in reversed(made)))
    assert list(months)[:12] == expected[:12]
    firsts = {month: min(begin + day * DAY for day in made if at_month(begin, day) == month) for month in expected[:12]}
    assert {each.at for each in good} >= set(firsts.values())
    assert len(good) <= 30 + 12
    assert now - good[-1].at < timedelta(days=366)


def at_month(begin: datetime, day: int) -> tuple[int, int]:
    at = begin + day * DAY
    return at.year, at.month


def test_ten_thousand_backups_are_planned_within_a_second() -> None:
    many = tuple(entry(number / 8, proven=number % 9 == 0, good=number % 7 != 0) for number in range(10_000))
    begun = time.perf_counter()
    found = plan(seen(*many), Rules(), NOW)
    took = time.perf_counter() - begun
    assert len(found.keep) + len(found.delete) + len(found.later) == 10_000
    assert took <= 1.0
