"""What is done for the data operations of one installation in one pass, and what is told. Pure.

Schedules ask for backups and drills, listings correct the catalogue, retention takes away, and one operation at a time
goes on: whoever holds the lock. A backup that fails or is stuck lets go of it, so that the next one is never blocked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.backup_settings import BackupsStatus
from valeo_operator.api.conditions import ConditionStatus, ConditionType, Reason
from valeo_operator.api.valeobackup import BackupPhase, ValeoBackup, ValeoBackupStatus
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.api.valeorestore import RestoreMode, RestorePhase, ValeoRestoreStatus
from valeo_operator.backups.calendar import Asked, asked
from valeo_operator.backups.catalogue import Survey, backup_report, survey
from valeo_operator.backups.facts import FINAL_RESTORES, DataFacts
from valeo_operator.backups.jobs import volume
from valeo_operator.backups.looks import look
from valeo_operator.backups.scrub import scrub
from valeo_operator.backups.standing import BROKEN, Problem, backup_saying, drill_saying, erp_status, newest
from valeo_operator.backups.turns import turn
from valeo_operator.cluster.kinds import BACKUPS, CLAIMS, ERPS, RESTORES
from valeo_operator.cluster.objects import Object, name_of
from valeo_operator.installations.decisions import Announcement, Apply, Delete, Effect
from valeo_operator.installations.status import Saying
from valeo_operator.recovery.told import recovery_saying
from valeo_operator.restores.looks import look as look_at_restore

_FORGOTTEN: Final = timedelta(days=30)
_DRILLS_KEPT: Final = 20
_MOST_SHOWN: Final = 20
_MADE: Final = frozenset({BackupPhase.GOOD, BackupPhase.FAILED, BackupPhase.CORRUPT, BackupPhase.LOST})
_UNDER_WAY: Final = frozenset({None, BackupPhase.PENDING, BackupPhase.RUNNING, BackupPhase.DELETING})
Statuses = Mapping[str, ValeoBackupStatus]
RestoreStatuses = Mapping[str, ValeoRestoreStatus]


@dataclass(frozen=True)
class DataPlan:
    """One pass. `status`: this driver's part of the ValeoERP's status. `busy`: it goes on without being woken."""

    effects: tuple[Effect, ...]
    news: tuple[Announcement, ...]
    status: Object
    told: BackupsStatus
    busy: bool


def plan(facts: DataFacts, now: datetime) -> DataPlan:
    """The next pass over the data operations of an installation."""
    now = now.replace(microsecond=0)
    schedule, seen = asked(facts, now), survey(facts, now)
    backups = {each.metadata.name: look(each, facts, now) for each in facts.backups}
    read_again = scrub(facts, now)
    restores = {each.metadata.name: look_at_restore(each, facts, now) for each in facts.restores}
    wanted = (*(each.wants for each in restores.values()), *(each.wants for each in backups.values()), read_again.wants)
    waiting = [holder for holder in wanted if holder]
    looked = {name: each.status for name, each in backups.items()}
    after = _after(facts, seen, looked | ({read_again.name: read_again.status} if read_again.status else {}))
    restored = {name: each.status for name, each in restores.items()}
    told = _told(facts, schedule, seen, after, restored)
    effects: tuple[Effect, ...] = (
        *_volumes(facts),
        *schedule.effects,
        *seen.effects,
        *(effect for each in backups.values() for effect in each.effects),
        *(effect for each in restores.values() for effect in each.effects),
        *read_again.effects,
        *_reports(facts, after, restored),
        *_forgotten(facts, now),
        *turn(waiting, facts, now),
    )
    status = erp_status(facts.erp, told, facts.archive, _sayings(facts, schedule, told, after, now), now)
    busy = bool(effects) or facts.lock is not None or seen.under_way or _goes_on(after, restored)
    return DataPlan(effects, tuple(_news(facts, after, restored)), status, told, busy)


def status_application(erp: ValeoERP, status: Object) -> Apply:
    """The write of this driver's part of the status of the ValeoERP."""
    address = {"name": erp.metadata.name, "namespace": erp.metadata.namespace}
    return Apply(ERPS, {"metadata": address, "status": status}, subresource="status")


def _after(facts: DataFacts, seen: Survey, looked: Statuses) -> dict[str, ValeoBackupStatus]:
    """The status of each backup after this pass: as its own look says, unless the store says otherwise."""
    proven = dict(_proven(facts))
    after: dict[str, ValeoBackupStatus] = {}
    for backup in facts.backups:
        name = backup.metadata.name
        status = seen.statuses[name] if seen.statuses[name] is not backup.status else looked[name]
        drill = proven.get(name)
        if drill is not None and drill.completed_at != status.drilled_at:
            told = {"drilled_at": drill.completed_at, "drill_seconds": drill.seconds}
            status = status.model_copy(update=told)
        after[name] = status
    return after


def _proven(facts: DataFacts) -> Iterator[tuple[str, ValeoRestoreStatus]]:
    """The newest exact drill of each backup."""
    exact = [
        each.status
        for each in facts.restores
        if each.spec.mode is RestoreMode.DRILL and each.status.phase is RestorePhase.COMPLETE and each.status.exact
    ]
    for status in sorted(exact, key=lambda each: str(each.completed_at)):
        if status.backup:
            yield status.backup, status


def _volumes(facts: DataFacts) -> Iterable[Apply]:
    for destination in facts.settings.destinations:
        wanted = volume(facts.names, destination)
        if wanted is None:
            continue
        found = facts.claims.get(name_of(wanted))
        if found is None or found["spec"]["resources"]["requests"] != wanted["spec"]["resources"]["requests"]:
            yield Apply(CLAIMS, wanted)


def _reports(facts: DataFacts, after: Statuses, restored: RestoreStatuses) -> Iterable[Apply]:
    for backup in facts.backups:
        if after[backup.metadata.name] != backup.status:
            yield backup_report(facts, backup.metadata.name, after[backup.metadata.name])
    for restore in facts.restores:
        status = restored[restore.metadata.name]
        if status != restore.status:
            meta = {"name": restore.metadata.name, "namespace": restore.metadata.namespace}
            yield Apply(RESTORES, {"metadata": meta, "status": status.to_object()}, subresource="status")


def _forgotten(facts: DataFacts, now: datetime) -> Iterable[Delete]:
    """What left nothing in the store is forgotten after a month, and of the drills the newest are remembered."""
    for backup in facts.backups:
        old = backup.status.ended is not None and now - backup.status.ended > _FORGOTTEN
        if old and backup.status.phase in {BackupPhase.FAILED, BackupPhase.LOST}:
            yield _forget(backup)
    drills = [each for each in facts.restores if each.spec.mode is RestoreMode.DRILL]
    ended = [each for each in drills if each.status.phase in FINAL_RESTORES]
    ended.sort(key=lambda each: str(each.status.completed_at), reverse=True)
    for drill in ended[_DRILLS_KEPT:]:
        meta = drill.metadata
        yield Delete(RESTORES, meta.namespace, meta.name, meta.uid, f"{_DRILLS_KEPT} newer drills are remembered")


def _forget(backup: ValeoBackup) -> Delete:
    meta = backup.metadata
    return Delete(BACKUPS, meta.namespace, meta.name, meta.uid, "the store has held nothing of it for a month")


def _goes_on(after: Statuses, restored: RestoreStatuses) -> bool:
    return any(each.phase in _UNDER_WAY for each in after.values()) or any(
        each.phase not in FINAL_RESTORES for each in restored.values()
    )


# --- what is told -----------------------------------------------------------------------------------------------------


def _told(facts: DataFacts, schedule: Asked, seen: Survey, after: Statuses, restored: RestoreStatuses) -> BackupsStatus:
    good = {name: each for name, each in after.items() if each.phase is BackupPhase.GOOD and each.began}
    last = max(good, key=lambda name: (str(good[name].began), name), default=None)
    drills = [restored[each.metadata.name] for each in facts.restores if each.spec.mode is RestoreMode.DRILL]
    exact = [each for each in drills if each.phase is RestorePhase.COMPLETE]
    proven = max(exact, key=lambda each: str(each.completed_at), default=None)
    before = facts.told
    change = {
        "last_good": good[last].began if last else None,
        "last_good_name": last,
        "last_attempt": newest((before.last_attempt, *(each.ended for each in after.values() if each.attempt))),
        "last_failure": newest(each.ended for each in after.values() if each.phase is BackupPhase.FAILED),
        "good": len(good),
        "oldest_proof": min((each.verified_at or each.began for each in good.values() if each.began), default=None),
        "corrupt": sum(each.phase in BROKEN for each in after.values()),
        "last_drill": proven.completed_at if proven else before.last_drill,
        "last_drill_seconds": proven.seconds if proven else before.last_drill_seconds,
        "last_drill_failure": newest(each.completed_at for each in drills if each.phase is RestorePhase.FAILED),
        "deletes_next": seen.deletes_next[:_MOST_SHOWN],
        "retention_held": seen.held or None,
        "listings": seen.listings,
        "operation": str((facts.lock or {}).get("spec", {}).get("holderIdentity") or "") or None,
        **(schedule.told or {}),
    }
    return before.model_copy(update=change)


def _sayings(
    facts: DataFacts, schedule: Asked, told: BackupsStatus, after: Statuses, now: datetime
) -> dict[ConditionType, Saying]:
    archived = {ConditionType.RECOVERY_POINT_FRESH: recovery_saying(facts.archive, now)} if facts.archive else {}
    if schedule.problem is not None:
        unreadable = Saying(ConditionStatus.FALSE, schedule.problem.reason, schedule.problem.message)
        return archived | {ConditionType.BACKUP_HEALTHY: unreadable, ConditionType.RESTORE_VERIFIED: unreadable}
    return archived | {
        ConditionType.BACKUP_HEALTHY: backup_saying(facts.settings, told, _broken(after), now),
        ConditionType.RESTORE_VERIFIED: drill_saying(facts.settings, told, now),
    }


def _broken(after: Statuses) -> Problem | None:
    """The newest backup that was ever good is broken or lost."""
    ever = {name: each for name, each in after.items() if each.began and each.phase in {BackupPhase.GOOD, *BROKEN}}
    last = max(ever, key=lambda name: (str(ever[name].began), name), default=None)
    if last is None or ever[last].phase is BackupPhase.GOOD:
        return None
    return Problem(Reason.BACKUP_CORRUPT, f"ValeoBackup/{last} is {ever[last].phase}: {ever[last].message}")


def _news(facts: DataFacts, after: Statuses, restored: RestoreStatuses) -> Iterator[Announcement]:
    """One event for each backup and restore that ended, and for each database that was dropped."""
    for backup in facts.backups:
        status = after[backup.metadata.name]
        if status.phase is not backup.status.phase and status.phase in _MADE:
            bad = status.phase is not BackupPhase.GOOD
            yield Announcement(bad, f"Backup{status.phase}", f"ValeoBackup/{backup.metadata.name}: {status.message}")
    for restore in facts.restores:
        ended = restored[restore.metadata.name]
        if ended.phase is not restore.status.phase and ended.phase in FINAL_RESTORES:
            bad = ended.phase is RestorePhase.FAILED
            yield Announcement(bad, f"Restore{ended.phase}", f"ValeoRestore/{restore.metadata.name}: {ended.message}")
        before, replaced = restore.status.replaced, ended.replaced
        if before is not None and replaced is not None and replaced.dropped_at != before.dropped_at:
            words = f"ValeoRestore/{restore.metadata.name}: database {replaced.name}: {replaced.message}"
            yield Announcement(warning=False, reason="ReplacedDropped", message=words)
