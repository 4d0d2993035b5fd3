"""One look at one restore: where its phase leads, what is to be done for it, and why it waits. Pure.

A failure before the swap means that nothing happened; after it, the databases are swapped back.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from valeo_operator.api.point_in_time import Point
from valeo_operator.api.valeobackup import BackupPhase, BackupReason, ValeoBackup
from valeo_operator.api.valeorestore import RestoreMode, RestorePhase, ValeoRestore, ValeoRestoreStatus
from valeo_operator.backups.catalogue import backup_object
from valeo_operator.backups.facts import FINAL_RESTORES, DataFacts
from valeo_operator.backups.jobs import Standing, State, Task, Work, standing
from valeo_operator.backups.lock import Operation, holds_lock, may_begin
from valeo_operator.backups.looks import progress_of
from valeo_operator.cluster.kinds import BACKUPS, JOBS
from valeo_operator.cluster.objects import fingerprint, name_of, uid_of
from valeo_operator.installations.decisions import Create, Delete
from valeo_operator.restores.lifecycle import DEADLINES, Outcome
from valeo_operator.restores.moves import RestoreLook, moved, waits
from valeo_operator.restores.points import name_of_dump, not_seen, other_schema, refusal_of_point
from valeo_operator.restores.replaced import look_at_replaced
from valeo_operator.restores.swapping import erasing, proving, swapping, swapping_back, work_on_databases

CANCEL_ANNOTATION: Final = "valeoerp.io/cancel"
_MOST_LINES: Final = 20
_LONGEST_LINE: Final = 500


def look(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """The next step of a restore; one that has ended stays as it is, but for the database that it replaced."""
    phase = restore.status.phase
    if phase is None:
        return RestoreLook(_first_sight(restore, now))
    if phase in FINAL_RESTORES:
        return look_at_replaced(restore, facts, now)
    if restore.metadata.annotations.get(CANCEL_ANNOTATION) == "true":
        cancelled = moved(restore, Outcome.CANCELS, now, "Somebody cancelled it. The live database was not touched.")
        if cancelled.phase is RestorePhase.CANCELLED:
            return RestoreLook(cancelled, _stopped(restore, facts))
    return _in_time(restore, _STEPS[phase](restore, facts, now), facts, now)


def _in_time(restore: ValeoRestore, stepped: RestoreLook, facts: DataFacts, now: datetime) -> RestoreLook:
    status = restore.status
    if stepped.status.phase is not status.phase or status.deadline is None or now < status.deadline:
        return stepped
    words = f"The phase {status.phase} did not end in its time. It waited for: {stepped.status.message}"
    return RestoreLook(moved(restore, Outcome.FAILS, now, words), _stopped(restore, facts))


def _first_sight(restore: ValeoRestore, now: datetime) -> ValeoRestoreStatus:
    return ValeoRestoreStatus(
        observed_generation=restore.metadata.generation,
        phase=RestorePhase.PENDING,
        message=RestorePhase.PENDING.description,
        started_at=now,
        phase_since=now,
        deadline=now + DEADLINES[RestorePhase.PENDING],
    )


def _holder(restore: ValeoRestore) -> str:
    return Operation.RESTORE.of(restore.metadata.name)


# --- Pending, Preparing -----------------------------------------------------------------------------------------------


def _pending(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """The backup is chosen, and what stands against it is said before anything is touched."""
    point = restore.spec.point_in_time
    if point is not None:
        return _pending_point(restore, point, facts, now)
    source = _source(restore, facts)
    refused = _refusal(restore, source, facts)
    if source is None or refused:
        return RestoreLook(moved(restore, Outcome.FAILS, now, refused))
    return _begun(restore, facts, now, backup=source.metadata.name)


def _pending_point(restore: ValeoRestore, point: Point, facts: DataFacts, now: datetime) -> RestoreLook:
    unseen = not_seen(facts.archive, now)
    if unseen:
        return RestoreLook(waits(restore, unseen))
    refused = refusal_of_point(point, facts, now)
    if refused:
        return RestoreLook(moved(restore, Outcome.FAILS, now, refused))
    return _begun(restore, facts, now)


def _begun(restore: ValeoRestore, facts: DataFacts, now: datetime, **told: Any) -> RestoreLook:
    told = {**told, "database": _database(restore, facts)}
    if restore.spec.mode is RestoreMode.IN_PLACE:
        return RestoreLook(moved(restore, Outcome.DONE, now, **told))
    return _with_lock(restore, facts, moved(restore, Outcome.DONE, now, **told))


def _with_lock(restore: ValeoRestore, facts: DataFacts, then: ValeoRestoreStatus) -> RestoreLook:
    holder = _holder(restore)
    if holds_lock(holder, facts.lock):
        return RestoreLook(then)
    busy = may_begin(holder, facts.lock)
    words = busy.sentence if busy else "It takes the lock for data operations."
    return RestoreLook(waits(restore, words), wants=holder)


def _source(restore: ValeoRestore, facts: DataFacts) -> ValeoBackup | None:
    chosen = restore.status.backup or restore.spec.backup
    if chosen:
        return facts.backup(chosen)
    return facts.good[0] if facts.good else None


def _refusal(restore: ValeoRestore, source: ValeoBackup | None, facts: DataFacts) -> str:
    """Why this backup can't be restored."""
    if source is None:
        asked = restore.spec.backup
        return f"There is no ValeoBackup {asked}." if asked else "There is no good backup to restore."
    name, status = f"ValeoBackup/{source.metadata.name}", source.status
    reasons = {
        f"{name} is of another installation: {source.spec.installation}.": source.spec.installation != facts.names.name,
        f"{name} is {status.phase or 'not looked at yet'}, not Good.": status.phase is not BackupPhase.GOOD,
        f"{name} is in {status.destination}, which spec.backup does not name.": facts.destination_of(source) is None,
        "No release is active whose image could restore it.": facts.active_release is None,
        _other_schema(restore, source, facts): bool(_other_schema(restore, source, facts)),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _other_schema(restore: ValeoRestore, source: ValeoBackup, facts: DataFacts) -> str:
    revision, live = source.status.revision, facts.erp.status.schema_revision
    if restore.spec.mode is not RestoreMode.IN_PLACE or not revision or not live or revision == live:
        return ""
    return (
        f"ValeoBackup/{source.metadata.name} has schema revision {revision}. Expected: {live}, as the live database."
        " Next step: make the release active whose schema it is, or restore it with mode NewDatabase."
    )


def _database(restore: ValeoRestore, facts: DataFacts) -> str:
    """The database that it is restored into; its name says which restore made it."""
    if restore.spec.into:
        return restore.spec.into
    external = facts.erp.spec.database.external
    live = external.name if external is not None else "valeo"
    word = "drill" if restore.spec.mode is RestoreMode.DRILL else "restored"
    return f"{live[:40]}_{word}_{fingerprint([restore.metadata.name, restore.metadata.uid], length=8)}"


def _preparing(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """What stands in the live database now is backed up first."""
    name = f"{restore.metadata.name[:50].rstrip('-')}-before"
    fresh = facts.backup(name)
    if fresh is None:
        spec = {"installation": facts.names.name, "reason": BackupReason.BEFORE_RESTORE.value}
        made = Create(BACKUPS, backup_object(facts, name, spec))
        return RestoreLook(waits(restore, f"ValeoBackup/{name} is made first.", fresh_backup=name), (made,))
    if fresh.status.phase is BackupPhase.GOOD:
        return _with_lock(restore, facts, moved(restore, Outcome.DONE, now, fresh_backup=name))
    if fresh.status.phase in {BackupPhase.FAILED, BackupPhase.CORRUPT, BackupPhase.LOST}:
        words = f"The live database could not be backed up before: {fresh.status.message}"
        return RestoreLook(moved(restore, Outcome.FAILS, now, words))
    return RestoreLook(waits(restore, f"ValeoBackup/{name}: {fresh.status.message or 'it is being made'}"))


# --- Restoring --------------------------------------------------------------------------------------------------------


def work_of(restore: ValeoRestore, facts: DataFacts) -> Work | None:
    """The Job that restores; None where its source is gone."""
    if restore.spec.point_in_time is not None:
        return _work_of_point(restore, restore.spec.point_in_time, facts)
    source = facts.backup(restore.status.backup or "")
    destination = facts.destination_of(source) if source is not None else None
    if source is None or destination is None:
        return None
    named = ("--name", str(source.status.stored_name))
    into = ("--into", str(restore.status.database))
    if restore.spec.mode is RestoreMode.DRILL:
        return Work(Task.DRILL, restore.metadata.uid, destination, named)
    return Work(Task.RESTORE, restore.metadata.uid, destination, (*named, *into))


def _work_of_point(restore: ValeoRestore, point: Point, facts: DataFacts) -> Work | None:
    if facts.archive is None:
        return None
    task = Task.DRILL if restore.spec.mode is RestoreMode.DRILL else Task.RESTORE
    into = () if task is Task.DRILL else ("--into", str(restore.status.database))
    words = ("--name", name_of_dump(restore), *into)
    return Work(task, restore.metadata.uid, facts.settings.destinations[0], words, point)


def _restoring(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    work = work_of(restore, facts)
    if work is None:
        source = f"ValeoBackup/{restore.status.backup} or its destination" if restore.status.backup else "The archive"
        words = f"{source} is gone."
        return RestoreLook(moved(restore, Outcome.FAILS, now, words))
    stands = standing(work, facts, now)
    if stands.state is State.DONE:
        return RestoreLook(_restored(restore, stands, facts, now))
    if stands.state is State.FAILED:
        told = _comparison(stands, facts, recovers=restore.spec.point_in_time is not None)
        return RestoreLook(moved(restore, Outcome.FAILS, now, f"It could not be restored: {stands.words}", **told))
    if not holds_lock(_holder(restore), facts.lock):
        return RestoreLook(waits(restore, "It takes the lock again."), wants=_holder(restore))
    told = {"progress": progress_of(facts.logs.get(stands.job, "")) or restore.status.progress}
    return RestoreLook(waits(restore, stands.words or RestorePhase.RESTORING.description, **told), stands.send)


def _restored(restore: ValeoRestore, stands: Standing, facts: DataFacts, now: datetime) -> ValeoRestoreStatus:
    told = _comparison(stands, facts, recovers=restore.spec.point_in_time is not None)
    if told["exact"] is not True:
        words = f"The restored data is not exactly that of the backup: {'; '.join(told['differences']) or 'not told'}"
        return moved(restore, Outcome.FAILS, now, words, **told)
    if told["invariants"]:
        words = f"The restored data is exact, and breaks rules of the trade: {'; '.join(told['invariants'])}"
        return moved(restore, Outcome.FAILS, now, words, **told)
    if restore.spec.point_in_time is not None and restore.spec.mode is RestoreMode.IN_PLACE:
        other = other_schema((stands.told or {}).get("revision"), restore, facts)
        if other:
            return moved(restore, Outcome.FAILS, now, other, **told)
    return moved(restore, Outcome.DONE, now, **told)


def _comparison(stands: Standing, facts: DataFacts, *, recovers: bool) -> dict[str, Any]:
    told = stands.told or {}
    spent = told.get("seconds") if not recovers else None  # the recovery before it takes time, too
    took = stands.ended - stands.began if stands.ended and stands.began else timedelta(0)
    seconds = round(float(spent)) if isinstance(spent, int | float) else round(took.total_seconds())
    return {
        "exact": told.get("exact") is True,
        "differences": _lines(told.get("differences")),
        "invariants": _lines(told.get("invariants")),
        "seconds": seconds,
        "target_met": seconds <= facts.settings.drill.target_seconds,
    }


def _lines(told: object) -> tuple[str, ...]:
    if not isinstance(told, list):
        return ()
    return tuple(str(each)[:_LONGEST_LINE] for each in told[:_MOST_LINES])


def _work_to_stop(restore: ValeoRestore, facts: DataFacts) -> Work | None:
    match restore.status.phase:
        case RestorePhase.RESTORING:
            return work_of(restore, facts)
        case RestorePhase.ERASING:
            return work_on_databases(restore, facts, Task.CARRY_ERASURES)
        case _:
            return None


def _stopped(restore: ValeoRestore, facts: DataFacts) -> tuple[Delete, ...]:
    """The Job of a restore that is cancelled or stuck is taken away."""
    work = _work_to_stop(restore, facts)
    if work is None:
        return ()
    namespace = facts.names.namespace
    return tuple(
        Delete(JOBS, namespace, name_of(each), uid_of(each), "its restore has ended")
        for each in facts.jobs_of(work.key)
    )


_STEPS: Final = {
    RestorePhase.PENDING: _pending,
    RestorePhase.PREPARING: _preparing,
    RestorePhase.RESTORING: _restoring,
    RestorePhase.ERASING: erasing,
    RestorePhase.SWAPPING: swapping,
    RestorePhase.PROVING: proving,
    RestorePhase.SWAPPING_BACK: swapping_back,
}
