"""BackupHealthy, RestoreVerified and the column BACKUP: what is told of the backups on the ValeoERP. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.backup_settings import Backup, BackupsStatus
from valeo_operator.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from valeo_operator.api.point_in_time import PointInTimeStatus
from valeo_operator.api.valeobackup import BackupPhase
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.objects import Object
from valeo_operator.installations.status import NEVER, Saying, stamp
from valeo_operator.recovery.told import worth_telling
from valeo_operator.schedules.slots import Schedule, next_slot

_TRUE: Final = ConditionStatus.TRUE
_FALSE: Final = ConditionStatus.FALSE
_DRILL_PATIENCE: Final = timedelta(days=1)


@dataclass(frozen=True)
class Problem:
    """What is wrong at present beside the times: the newest backup is broken, or the settings can't be read."""

    reason: Reason
    message: str


def schedule_of(settings: Backup) -> Schedule:
    """When backups are made. Raises ScheduleError."""
    return Schedule(settings.schedule, settings.time_zone, timedelta(seconds=settings.starting_deadline_seconds))


def drill_schedule_of(settings: Backup) -> Schedule:
    """When drills are made. Raises ScheduleError."""
    return Schedule(settings.drill.schedule, settings.time_zone, _DRILL_PATIENCE)


def stale_at(settings: Backup, last_good: datetime) -> datetime:
    """When a backup of this age is too old: the next slot is over, with all the time that it may take to begin."""
    schedule = schedule_of(settings)
    return next_slot(schedule, last_good) + schedule.starting_deadline + timedelta(hours=1)


def drill_stale_at(settings: Backup, last_drill: datetime) -> datetime:
    """When an exact drill of this age is too old."""
    return next_slot(drill_schedule_of(settings), last_drill) + _DRILL_PATIENCE


def backup_saying(settings: Backup, told: BackupsStatus, problem: Problem | None, now: datetime) -> Saying:
    """BackupHealthy: the newest backup is good, and young enough."""
    if problem is not None:
        return Saying(_FALSE, problem.reason, problem.message[:4000])
    if told.last_good is None:
        failed = f" The last attempt failed at {stamp(told.last_failure)}." if told.last_failure else ""
        return Saying(_FALSE, Reason.NEVER_BACKED_UP, f"No backup was ever made.{failed}")
    newest = f"{told.last_good_name} is of {stamp(told.last_good)}"
    late = stale_at(settings, told.last_good)
    if now > late:
        return Saying(_FALSE, Reason.BACKUP_STALE, f"The newest good backup {newest}; one was due by {stamp(late)}.")
    if told.last_failure is not None and told.last_failure > told.last_good:
        words = f"The last backup failed at {stamp(told.last_failure)}. The newest good one {newest}."
        return Saying(_FALSE, Reason.BACKUP_FAILED, words)
    broken = f" {told.corrupt} older ones are broken or lost." if told.corrupt else ""
    return Saying(_TRUE, Reason.BACKUP_FRESH, f"The newest good backup {newest}.{broken}")


def drill_saying(settings: Backup, told: BackupsStatus, now: datetime) -> Saying:
    """RestoreVerified: a drill restored a backup exactly, lately."""
    if told.last_drill is None:
        failed = f" The last drill failed at {stamp(told.last_drill_failure)}." if told.last_drill_failure else ""
        return Saying(_FALSE, Reason.NEVER_RESTORED, f"No restore was ever verified.{failed}")
    if told.last_drill_failure is not None and told.last_drill_failure > told.last_drill:
        words = f"The last drill failed at {stamp(told.last_drill_failure)}; one was exact at {stamp(told.last_drill)}."
        return Saying(_FALSE, Reason.DRILL_FAILED, words)
    late = drill_stale_at(settings, told.last_drill)
    if now > late:
        words = f"The last exact drill was at {stamp(told.last_drill)}; one was due by {stamp(late)}."
        return Saying(_FALSE, Reason.DRILL_STALE, words)
    spent, target = told.last_drill_seconds or 0, settings.drill.target_seconds
    within = "within" if spent <= target else "beyond"
    words = f"A drill at {stamp(told.last_drill)} was exact and took {spent} s, {within} the target of {target} s."
    return Saying(_TRUE, Reason.DRILL_EXACT, words)


def erp_status(
    erp: ValeoERP,
    told: BackupsStatus,
    archive: PointInTimeStatus | None,
    sayings: dict[ConditionType, Saying],
    now: datetime,
) -> Object:
    """This driver's part of the status of the ValeoERP."""
    before = {each.type: each for each in erp.status.conditions}
    return {
        **({"pointInTime": worth_telling(erp.status.point_in_time, archive).to_object()} if archive else {}),
        "backup": stamp(told.last_good) if told.last_good else NEVER,
        "backups": told.to_object(),
        "conditions": [_condition(kind, saying, before.get(kind), erp, now) for kind, saying in sayings.items()],
    }


def _condition(kind: ConditionType, saying: Saying, before: Condition | None, erp: ValeoERP, now: datetime) -> Object:
    stays = before is not None and before.status is saying.status
    since = before.last_transition_time if before is not None and stays else now
    return {
        "type": kind.value,
        "status": saying.status.value,
        "reason": saying.reason.value,
        "message": saying.message,
        "lastTransitionTime": stamp(since),
        "observedGeneration": erp.metadata.generation,
    }


def newest(times: Iterable[datetime | None]) -> datetime | None:
    """The newest of some times, where there is one."""
    return max((each for each in times if each is not None), default=None)


OWN_CONDITIONS: Final = frozenset(
    {
        ConditionType.BACKUP_HEALTHY.value,
        ConditionType.RESTORE_VERIFIED.value,
        ConditionType.RECOVERY_POINT_FRESH.value,
    }
)
BROKEN: Final = frozenset({BackupPhase.CORRUPT, BackupPhase.LOST})
