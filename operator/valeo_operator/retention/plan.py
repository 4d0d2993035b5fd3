"""Which backups of a catalogue stay and which go: a function of the catalogue and the time alone. Pure.

Kept are the newest good one of each of the newest days that have one, the first good one of each of the newest months
that have one, and what is pinned. A backup that is not good is never counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

FEWEST_GOOD: Final = 2
BUDGET: Final = 10
SKEW: Final = timedelta(minutes=5)
_YOUNG: Final = timedelta(days=1)  # whoever asks for a backup before a change finds it after the change
_BROKEN_STAY: Final = timedelta(days=30)


class Why(StrEnum):
    """Why a backup stays."""

    DAILY = "daily"
    MONTHLY = "monthly"
    NEWEST_GOOD = "newest good"
    NEWEST_PROVEN = "newest proven by a drill"
    BEFORE_MIGRATION = "made before a migration"
    IN_USE = "in use"
    ASKED_FOR = "kept by annotation"
    FEWEST = "the fewest that must stay"
    YOUNG = "younger than a day"
    EVIDENCE = "broken, kept to be looked at"


@dataclass(frozen=True)
class Entry:
    """One backup of the catalogue. `at`: when its snapshot was taken. `proven`: a drill restored it exactly."""

    name: str
    at: datetime
    good: bool = True
    proven: bool = False
    before_migration: bool = False
    in_use: bool = False
    asked_for: bool = False


@dataclass(frozen=True)
class Rules:
    """How many days and months are kept; days begin at midnight of the zone."""

    daily: int = 30
    monthly: int = 12
    zone: str = "Etc/UTC"


@dataclass(frozen=True)
class Catalogue:
    """What the store was seen to hold. `complete`: the listing came to its end and spoke of every backup."""

    entries: Sequence[Entry]
    complete: bool
    after_success: bool


@dataclass(frozen=True)
class Retention:
    """The plan. `delete` goes now, `later` next time; `held` says why nothing goes now although something could."""

    keep: Mapping[str, tuple[Why, ...]] = field(default_factory=dict)
    delete: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    held: str = ""


def plan(catalogue: Catalogue, rules: Rules, now: datetime, budget: int = BUDGET) -> Retention:
    """What stays and what goes. The oldest goes first, at most `budget` in one run."""
    keep = _kept(catalogue.entries, rules, now)
    going = [each.name for each in sorted(catalogue.entries, key=_age) if each.name not in keep]
    held = _held(catalogue, now)
    if held:
        return Retention(keep, (), tuple(going), held)
    return Retention(keep, tuple(going[:budget]), tuple(going[budget:]))


def _age(entry: Entry) -> tuple[datetime, str]:
    return entry.at, entry.name


def _held(catalogue: Catalogue, now: datetime) -> str:
    """Why nothing may be deleted now."""
    if not catalogue.complete:
        return "the listing of the store is not complete"
    ahead = max((each.at for each in catalogue.entries), default=now) - now
    if ahead > SKEW:
        return f"a backup is {ahead} younger than this clock: one of the clocks is wrong"
    good = sum(each.good for each in catalogue.entries)
    if good < FEWEST_GOOD:
        return f"{good} good backups are fewer than {FEWEST_GOOD}"
    if not catalogue.after_success:
        return "it only goes on after the next good backup"
    return ""


def _kept(entries: Sequence[Entry], rules: Rules, now: datetime) -> dict[str, tuple[Why, ...]]:
    good = sorted((each for each in entries if each.good), key=_age, reverse=True)
    kept: dict[str, list[Why]] = {}
    for name, why in (*_periods(good, rules), *_newest(good), *_pinned(entries, now)):
        kept.setdefault(name, []).append(why)
    stay = sum(each.name in kept for each in good)
    for each in good:
        if stay >= FEWEST_GOOD:
            break
        if each.name not in kept:
            kept[each.name] = [Why.FEWEST]
            stay += 1
    return {name: tuple(dict.fromkeys(whys)) for name, whys in kept.items()}


def _periods(newest_first: Sequence[Entry], rules: Rules) -> Iterable[tuple[str, Why]]:
    zone = ZoneInfo(rules.zone)
    days: dict[object, str] = {}
    months: dict[object, str] = {}
    for each in newest_first:
        at = each.at.astimezone(zone)
        days.setdefault(at.date(), each.name)
        months[at.year, at.month] = each.name  # the last one written is the first of its month
    yield from ((name, Why.DAILY) for name in list(days.values())[: rules.daily])
    yield from ((name, Why.MONTHLY) for name in list(months.values())[: rules.monthly])


def _newest(newest_first: Sequence[Entry]) -> Iterable[tuple[str, Why]]:
    if newest_first:
        yield newest_first[0].name, Why.NEWEST_GOOD
    proven = next((each for each in newest_first if each.proven), None)
    if proven is not None:
        yield proven.name, Why.NEWEST_PROVEN


def _pinned(entries: Iterable[Entry], now: datetime) -> Iterable[tuple[str, Why]]:
    for each in entries:
        if each.before_migration and each.good:
            yield each.name, Why.BEFORE_MIGRATION
        if each.in_use:
            yield each.name, Why.IN_USE
        if each.asked_for:
            yield each.name, Why.ASKED_FOR
        if each.good and now - each.at < _YOUNG:
            yield each.name, Why.YOUNG
        if not each.good and now - each.at < _BROKEN_STAY:
            yield each.name, Why.EVIDENCE
