"""The slots of a five-field cron schedule: the one that is due, those that were missed, the next one. Pure.

Both changes of summer time are those of Debian's cron: a slot in the hour that is skipped comes right after it, a slot
in the hour that comes twice comes once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS: Final = 5
_MOST_SLOTS: Final = 500  # that are counted one by one after a long silence


class ScheduleError(ValueError):
    """A schedule or a time zone that nobody can read; the sentence names it."""


@dataclass(frozen=True)
class Schedule:
    """A cron expression in a time zone, and how late a slot may still begin."""

    expression: str
    zone: str = "Etc/UTC"
    starting_deadline: timedelta = timedelta(hours=6)

    def __post_init__(self) -> None:
        if len(self.expression.split()) != _FIELDS:
            raise ScheduleError(f"the schedule {self.expression!r} has not five fields, as 0 2 * * *")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError) as unknown:  # zoneinfo's words for no path, a folder, and not there
            raise ScheduleError(f"the time zone {self.zone!r} is not known; write it as Europe/Berlin") from unknown
        try:
            next(self._from(datetime(2026, 1, 1, tzinfo=UTC)))
        except StopIteration as never:
            raise ScheduleError(f"the schedule {self.expression!r} never comes") from never
        except CronSimError as wrong:
            raise ScheduleError(f"the schedule {self.expression!r} can't be read: {wrong}") from wrong

    def _from(self, moment: datetime) -> CronSim:
        return CronSim(self.expression, moment.astimezone(ZoneInfo(self.zone)))


@dataclass(frozen=True)
class Due:
    """What is due now. `slot` shall begin, `missed` are too old to begin (newest last), `handled` closes them all."""

    slot: datetime | None
    missed: tuple[datetime, ...]
    handled: datetime
    next_slot: datetime


def due(schedule: Schedule, handled: datetime, now: datetime) -> Due:
    """What of the slots after `handled` is due at `now`. The newest one begins, if it is not too late; older ones not.

    After a silence of very many slots only the newest ones are told one by one.
    """
    passed = list(_passed(schedule, handled, now))
    newest = passed[-1] if passed else None
    begins = newest if newest is not None and now - newest <= schedule.starting_deadline else None
    missed = tuple(passed if begins is None else passed[:-1])
    return Due(begins, missed, newest or handled, next_slot(schedule, max(handled, now)))


def next_slot(schedule: Schedule, after: datetime) -> datetime:
    """The first slot after a moment."""
    return next(schedule._from(after)).astimezone(UTC)  # noqa: SLF001 - the iterator is a detail of this module


def _passed(schedule: Schedule, handled: datetime, now: datetime) -> list[datetime]:
    found = _between(schedule, handled, now)
    silence = now - handled
    while len(found) == _MOST_SLOTS:  # too many to look at: those of the last part of the silence are enough
        silence /= 2
        found = _between(schedule, now - silence, now)
    return found


def _between(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    slots = (each.astimezone(UTC) for each in schedule._from(after))  # noqa: SLF001 - as above
    found: list[datetime] = []
    for slot in islice(slots, _MOST_SLOTS):
        if slot > until:
            break
        if slot > after:
            found.append(slot)
    return found
