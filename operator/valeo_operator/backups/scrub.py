"""The scrub: stored backups are read and decoded again, the one whose proof is oldest first, one at a time. Pure.

A medium forgets bits in silence, and a listing shows sizes only. A backup that is found broken leaves the count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from valeo_operator.api.valeobackup import BackupPhase, ValeoBackup, ValeoBackupStatus
from valeo_operator.backups.catalogue import replacements
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.jobs import Standing, State, Task, Work, standing
from valeo_operator.backups.lifecycle import Outcome
from valeo_operator.backups.lock import Operation, holds_lock
from valeo_operator.backups.looks import moved
from valeo_operator.installations.decisions import Create

BROKEN: Final = "broken"
"""What the tool calls a backup that is not what was put there; every other error says nothing of the backup."""
PATIENCE: Final = timedelta(days=7)
"""How late a proof may be before somebody is called."""


@dataclass(frozen=True)
class Scrub:
    """What the scrub came to. `name`: the backup that is read now. `wants`: the holder that needs the lock first."""

    name: str = ""
    status: ValeoBackupStatus | None = None
    effects: tuple[Create, ...] = ()
    wants: str = ""


def scrub(facts: DataFacts, now: datetime) -> Scrub:
    """The next step. A backup that can't be read for reasons of its own does not hold up the others."""
    for backup, work in _due(facts, now):
        stands = standing(work, facts, now)
        match stands.state:
            case State.DONE:
                return Scrub(backup.metadata.name, _proven(backup.status, stands, now))
            case State.FAILED if (stands.told or {}).get("error") == BROKEN:
                return _broken(backup, stands, facts, now)
            case State.FAILED:  # tried again when its Jobs are forgotten
                continue
            case State.NOT_BEGUN | State.RUNNING:
                return _read(backup, stands, facts)
    return Scrub()


def is_under_way(backup: ValeoBackup, facts: DataFacts, now: datetime) -> bool:
    """Whether this is the backup that is being read, so that its lock is still needed."""
    decided = scrub(facts, now)
    return decided.name == backup.metadata.name and decided.status is None


def _due(facts: DataFacts, now: datetime) -> Iterator[tuple[ValeoBackup, Work]]:
    """The good backups whose proof is too old, the oldest first, each with the Job that reads it."""
    if not facts.settings.verify_days or facts.active_release is None:
        return
    too_old = now - timedelta(days=facts.settings.verify_days)
    due = [each for each in facts.good if _age(each) <= too_old]
    for backup in sorted(due, key=lambda each: (_age(each), each.metadata.name)):
        destination = facts.destination_of(backup)
        if destination is not None:
            subject = f"{backup.metadata.uid}/{backup.status.verified_at}"
            yield backup, Work(Task.VERIFY, subject, destination, ("--name", str(backup.status.stored_name)))


def _age(backup: ValeoBackup) -> datetime:
    return backup.status.verified_at or datetime.min.replace(tzinfo=UTC)


def _read(backup: ValeoBackup, stands: Standing, facts: DataFacts) -> Scrub:
    holder = Operation.VERIFICATION.of(backup.metadata.name)
    if not holds_lock(holder, facts.lock):
        return Scrub(backup.metadata.name, wants=holder)
    return Scrub(backup.metadata.name, effects=stands.send)


def _proven(status: ValeoBackupStatus, stands: Standing, now: datetime) -> ValeoBackupStatus:
    return status.model_copy(update={"verified_at": stands.ended or now, "message": BackupPhase.GOOD.description})


def _broken(backup: ValeoBackup, stands: Standing, facts: DataFacts, now: datetime) -> Scrub:
    """It leaves the count, and another one is made at once."""
    status: ValeoBackupStatus = moved(backup.status, Outcome.FOUND_CORRUPT, now, stands.words, broken_at=now)
    destination = facts.destination_of(backup)
    again = replacements({backup.metadata.name: status}, facts, destination) if destination is not None else ()
    return Scrub(backup.metadata.name, status, again)
