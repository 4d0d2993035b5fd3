"""Whose turn it is: who of those that wait gets the lock, and when it is given back. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from valeo_operator.api.valeobackup import BackupPhase, BackupReason
from valeo_operator.backups.facts import FINAL_RESTORES, DataFacts
from valeo_operator.backups.lock import Operation, give_back, holder_of, take
from valeo_operator.backups.looks import may_let_go
from valeo_operator.backups.scrub import is_under_way
from valeo_operator.installations.decisions import Create, Delete
from valeo_operator.restores.replaced import may_let_go as may_let_go_of_replaced

_FIRST: Final = 0
_RESTORES: Final = 1
_SCHEDULED: Final = 2
_DELETIONS: Final = 3
_VERIFICATIONS: Final = 4
_URGENT: Final = frozenset({BackupReason.BEFORE_MIGRATION, BackupReason.BEFORE_RESTORE, BackupReason.MANUAL})


def turn(waiting: Sequence[str], facts: DataFacts, now: datetime) -> tuple[Create | Delete, ...]:
    """Give the lock back when its operation has ended; where it is free, the first of those that wait takes it."""
    lock = facts.lock
    if lock is not None:
        return (give_back(lock),) if _has_ended(holder_of(lock), facts, now) else ()
    first = min(waiting, key=lambda holder: (_rank(holder, facts), holder), default=None)
    return () if first is None else (take(first, facts.names, now),)


def _has_ended(holder: str, facts: DataFacts, now: datetime) -> bool:
    """Whether what holds the lock has ended, or is not there any more. A migration gives back its own."""
    operation, _, name = holder.partition("/")
    match operation:
        case Operation.BACKUP:
            backup = facts.backup(name)
            return backup is None or backup.status.phase not in {None, BackupPhase.PENDING, BackupPhase.RUNNING}
        case Operation.DELETION:
            going = facts.backup(name)
            return going is None or may_let_go(going, facts, now)
        case Operation.VERIFICATION:
            read = facts.backup(name)
            return read is None or not is_under_way(read, facts, now)
        case Operation.RESTORE:
            restore = facts.restore(name)
            return restore is None or restore.status.phase in FINAL_RESTORES
        case Operation.DROP:
            replacing = facts.restore(name)
            return replacing is None or may_let_go_of_replaced(replacing, facts, now)
        case _:
            return False


def _rank(holder: str, facts: DataFacts) -> int:
    operation, _, name = holder.partition("/")
    if operation in {Operation.DELETION, Operation.DROP}:
        return _DELETIONS
    if operation == Operation.VERIFICATION:
        return _VERIFICATIONS
    if operation == Operation.RESTORE:
        return _RESTORES
    backup = facts.backup(name)
    return _FIRST if backup is not None and backup.spec.reason in _URGENT else _SCHEDULED
