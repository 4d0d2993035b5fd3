"""Checks of backups and drills: what the spec asks for, and what the driver of the data operations saw."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from valeo_operator.api.backup_settings import Backup
from valeo_operator.api.conditions import Condition, ConditionStatus, ConditionType
from valeo_operator.backups.standing import schedule_of
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.installations.status import stamp
from valeo_operator.schedules.slots import ScheduleError, next_slot

_DAYS: Final = 7
_HOUR: Final = 2
_DAILY: Final = 30
_MONTHLY: Final = 12


def schedule(facts: Facts) -> Outcome:
    """A backup every day at 02:00 UTC, for the whole of the next week."""
    settings = facts.erp.spec.backup
    if settings is None:
        return _not_configured()
    try:
        days = _days_with_backup(settings, facts)
    except ScheduleError as wrong:
        return failed(f"spec.backup: {wrong}.", "Correct the schedule.", schedule=settings.schedule)
    seen = {"schedule": settings.schedule, "timeZone": settings.time_zone, "suspend": settings.suspend}
    if settings.suspend:
        return failed("spec.backup.suspend is true: no backup begins by schedule.", "Set it to false.", **seen)
    if days < _DAYS:
        told = f"Of the next {_DAYS} days {days} have a backup at 02:00 UTC."
        return failed(told, 'Set spec.backup.schedule to "0 2 * * *" and timeZone to Etc/UTC.', **seen)
    return passed(f"On each of the next {_DAYS} days a backup is due at 02:00 UTC.", **seen)


def _days_with_backup(settings: Backup, facts: Facts) -> int:
    slots, at = schedule_of(settings), facts.now.replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = [at + timedelta(days=day, hours=_HOUR) for day in range(1, _DAYS + 1)]
    return sum(next_slot(slots, each - timedelta(minutes=1)) == each for each in wanted)


def retention(facts: Facts) -> Outcome:
    """Thirty days and twelve months are kept."""
    settings = facts.erp.spec.backup
    if settings is None:
        return _not_configured()
    kept = settings.retention
    told = f"{kept.daily} days and {kept.monthly} months are kept."
    if kept.daily < _DAILY or kept.monthly < _MONTHLY:
        step = f"Set spec.backup.retention to {_DAILY} daily and {_MONTHLY} monthly, or more."
        return failed(told, step, daily=kept.daily, monthly=kept.monthly)
    return passed(told, daily=kept.daily, monthly=kept.monthly)


def completed(facts: Facts) -> Outcome:
    """The newest backup is good and young enough."""
    told = facts.erp.status.backups
    evidence = {} if told is None or told.last_good is None else {"at": stamp(told.last_good), "good": told.good}
    step = "Make one with kubectl valeo backup --wait, and put right what it says."
    return _as_told(facts, ConditionType.BACKUP_HEALTHY, evidence, step)


def drill(facts: Facts) -> Outcome:
    """A drill restored a backup exactly, lately."""
    told = facts.erp.status.backups
    evidence = (
        {}
        if told is None or told.last_drill is None
        else {"at": stamp(told.last_drill), "seconds": told.last_drill_seconds}
    )
    step = "Make one with kubectl valeo drill --wait, and put right what it says."
    return _as_told(facts, ConditionType.RESTORE_VERIFIED, evidence, step)


def _as_told(facts: Facts, kind: ConditionType, evidence: Mapping[str, object], step: str) -> Outcome:
    if facts.erp.spec.backup is None:
        return _not_configured()
    found = _condition(facts, kind)
    if found is None or found.status is ConditionStatus.UNKNOWN:
        return unknown(f"{kind.value} was not observed yet.", "Look again in a minute.")
    if found.status is ConditionStatus.TRUE and evidence:
        return passed(found.message, **evidence)
    return failed(found.message or f"{kind.value} does not hold.", step, **evidence)


def _condition(facts: Facts, kind: ConditionType) -> Condition | None:
    return next((each for each in facts.erp.status.conditions if each.type is kind), None)


def _not_configured() -> Outcome:
    return unknown("spec.backup is absent: there is nothing to look at.", "Set spec.backup.", reason="NotConfigured")
