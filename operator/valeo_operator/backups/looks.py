"""One look at one backup: where its phase leads, what is to be done for it, and why it waits. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from valeo_operator.api.valeobackup import BackupPhase, BackupReason, ValeoBackup, ValeoBackupStatus
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.jobs import TIME_LIMITS, Standing, State, Task, Work, standing
from valeo_operator.backups.lifecycle import Outcome, next_phase
from valeo_operator.backups.lock import Operation, holds_lock, may_begin
from valeo_operator.cluster.kinds import BACKUPS, JOBS
from valeo_operator.cluster.objects import fingerprint, moment, name_of, uid_of
from valeo_operator.installations.decisions import Delete, Effect

LONGEST: Final = timedelta(seconds=TIME_LIMITS[Task.MAKE] + 300)
_SUFFIXES: Final = {
    BackupReason.BEFORE_MIGRATION: "before-migration",
    BackupReason.BEFORE_RESTORE: "before-restore",
    BackupReason.MANUAL: "manual",
    BackupReason.REPLACEMENT: "replacement",
}


@dataclass(frozen=True)
class Look:
    """What one look came to. `wants`: the holder that needs the lock before it goes on."""

    status: ValeoBackupStatus
    effects: tuple[Effect, ...] = ()
    wants: str = ""


def look(backup: ValeoBackup, facts: DataFacts, now: datetime) -> Look:
    """The next step of a backup that is to be made or taken away; the others stay as they are."""
    match backup.status.phase:
        case None:
            return Look(_first_sight(backup, facts, now))
        case BackupPhase.PENDING:
            return _pending(backup, facts, now)
        case BackupPhase.RUNNING:
            return _running(backup, facts, now)
        case BackupPhase.DELETING:
            return _deleting(backup, facts, now)
        case _:
            return Look(backup.status)


def moved(status: ValeoBackupStatus, outcome: Outcome, now: datetime, message: str = "", **told: Any) -> Any:
    """The status after an outcome. A move that the table does not know changes nothing."""
    before = status.phase or BackupPhase.PENDING
    after = next_phase(before, outcome)
    if after is None:
        return status
    ends = after in {BackupPhase.GOOD, BackupPhase.FAILED} and before is not after
    deadline = now + LONGEST if after is BackupPhase.RUNNING else None
    told = {"ended": now, **told} if ends and status.ended is None else told
    change = {"phase": after, "message": message[:4000] or after.description, "deadline": deadline, "progress": None}
    return status.model_copy(update={**change, **told})


def waits(status: ValeoBackupStatus, message: str, **told: Any) -> ValeoBackupStatus:
    """The status of a backup that stays in its phase."""
    return status.model_copy(update={"message": message[:4000], **told})


def stored_name(backup: ValeoBackup, now: datetime) -> str:
    """The name in the store: when it was asked for, and why. A mark keeps two of one second apart."""
    if backup.spec.stored_name:
        return backup.spec.stored_name
    at = backup.spec.slot or backup.metadata.creation_timestamp or now
    mark = fingerprint([backup.metadata.name, backup.metadata.uid], length=4)
    suffix = _SUFFIXES.get(backup.spec.reason)
    named = f"{at.astimezone(UTC):%Y%m%d-%H%M%S}"
    return f"{named}-{suffix}-{mark}" if suffix else named


def _first_sight(backup: ValeoBackup, facts: DataFacts, now: datetime) -> ValeoBackupStatus:
    begun = backup.spec.slot or backup.metadata.creation_timestamp or now
    destination = facts.destination_of(backup)
    return ValeoBackupStatus(
        observed_generation=backup.metadata.generation,
        phase=BackupPhase.PENDING,
        message=BackupPhase.PENDING.description,
        stored_name=stored_name(backup, now),
        destination=destination.name if destination else backup.spec.destination,
        deadline=begun + timedelta(seconds=facts.settings.starting_deadline_seconds),
    )


# --- Pending ----------------------------------------------------------------------------------------------------------


def _pending(backup: ValeoBackup, facts: DataFacts, now: datetime) -> Look:
    status, holder = backup.status, Operation.BACKUP.of(backup.metadata.name)
    if backup.spec.reason is BackupReason.FOUND:
        return Look(waits(status, "The next listing of the store tells what it is."))
    if facts.destination_of(backup) is None:
        known = ", ".join(each.name for each in facts.settings.destinations)
        words = f"spec.backup has no destination {backup.spec.destination}; it has: {known}."
        return Look(moved(status, Outcome.FAILS, now, words))
    if holds_lock(holder, facts.lock):
        return Look(moved(status, Outcome.BEGINS, now))
    if status.deadline is not None and now >= status.deadline:
        return Look(moved(status, Outcome.FAILS, now, f"It did not get its turn in time: {status.message}"))
    if facts.active_release is None:
        return Look(waits(status, "No release is active: there is nothing to back up yet."))
    busy = may_begin(holder, facts.lock)
    return Look(waits(status, busy.sentence if busy else BackupPhase.PENDING.description), wants=holder)


# --- Running ----------------------------------------------------------------------------------------------------------


def _running(backup: ValeoBackup, facts: DataFacts, now: datetime) -> Look:
    status, holder = backup.status, Operation.BACKUP.of(backup.metadata.name)
    destination = facts.destination_of(backup)
    if destination is None:
        return Look(moved(status, Outcome.FAILS, now, "Its destination was taken out of spec.backup."))
    work = Work(Task.MAKE, backup.metadata.uid, destination, ("--name", str(status.stored_name)))
    stands = standing(work, facts, now)
    if stands.state is State.DONE:
        return Look(_made(status, stands, now))
    if stands.state is State.FAILED:
        return Look(moved(status, Outcome.FAILS, now, f"Attempt {stands.attempt}: {stands.words}"))
    if status.deadline is not None and now >= status.deadline:
        words = f"It did not end within {LONGEST}. {stands.words}".strip()
        return Look(moved(status, Outcome.FAILS, now, words), _stopped(work, facts))
    if not holds_lock(holder, facts.lock):  # somebody took the Lease away
        return Look(waits(status, "It takes the lock again."), wants=holder)
    told = {"attempt": stands.attempt, "progress": progress_of(facts.logs.get(stands.job, "")) or status.progress}
    return Look(waits(status, stands.words or BackupPhase.RUNNING.description, **told), stands.send)


def _made(status: ValeoBackupStatus, stands: Standing, now: datetime) -> ValeoBackupStatus:
    told = stands.told or {}
    if told.get("verified") is not True:
        words = str(told.get("message") or "the Job ended well but did not verify what it wrote")
        after: ValeoBackupStatus = moved(status, Outcome.FAILS, now, words, attempt=stands.attempt)
        return after
    made: ValeoBackupStatus = moved(
        status, Outcome.MADE, now, attempt=stands.attempt, verified_at=now, **facts_of_manifest(told)
    )
    return made


def facts_of_manifest(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the tool tells of a backup, as fields of the status. What it does not tell stays as it is."""
    numbers = {key: int(told[key]) for key in ("bytes", "files", "tables", "rows") if isinstance(told.get(key), int)}
    texts = {
        key: str(told[key])
        for key in ("revision", "manifest_sha256", "fingerprint", "encrypted_with")
        if told.get(key) is not None
    }
    times = {key: moment(told[key]) for key in ("began", "ended") if isinstance(told.get(key), str)}
    return {**numbers, **texts, **{key: at.replace(microsecond=0) for key, at in times.items() if at is not None}}


def _stopped(work: Work, facts: DataFacts) -> tuple[Delete, ...]:
    """A Job that is stuck is taken away, so that it never writes beside the next one."""
    namespace = facts.names.namespace
    return tuple(
        Delete(JOBS, namespace, name_of(each), uid_of(each), "it is stuck") for each in facts.jobs_of(work.key)
    )


def progress_of(log: str) -> str:
    """What the last step that a log tells says, in a few words."""
    for line in reversed(log.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and "step" in told:
            words = (f"{key} {value}" for key, value in told.items() if isinstance(value, str | int | float))
            return ", ".join(words)[:200]
    return ""


# --- Deleting ---------------------------------------------------------------------------------------------------------


def _deleting(backup: ValeoBackup, facts: DataFacts, now: datetime) -> Look:
    status, holder = backup.status, Operation.DELETION.of(backup.metadata.name)
    destination = facts.destination_of(backup)
    if destination is None:
        return Look(waits(status, "Its destination was taken out of spec.backup; the store is left as it is."))
    work = Work(Task.DELETE, backup.metadata.uid, destination, ("--name", str(status.stored_name)))
    stands = standing(work, facts, now)
    meta = backup.metadata
    if stands.state is State.DONE:
        gone = Delete(BACKUPS, meta.namespace, meta.name, meta.uid, "retention took it out of the store")
        return Look(status, (gone,))
    if stands.state is State.FAILED:  # tried again when its Jobs are forgotten
        return Look(waits(status, f"The store did not let go of it: {stands.words}"))
    if not holds_lock(holder, facts.lock):
        return Look(status, wants=holder)
    return Look(waits(status, stands.words or BackupPhase.DELETING.description), stands.send)


def may_let_go(backup: ValeoBackup, facts: DataFacts, now: datetime) -> bool:
    """Whether a deletion that holds the lock has nothing more to do for now."""
    destination = facts.destination_of(backup)
    if backup.status.phase is not BackupPhase.DELETING or destination is None:
        return True
    work = Work(Task.DELETE, backup.metadata.uid, destination, ("--name", str(backup.status.stored_name)))
    return standing(work, facts, now).state in {State.DONE, State.FAILED}
