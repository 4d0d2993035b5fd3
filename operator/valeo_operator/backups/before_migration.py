"""Whether a rollout may change the schema: a fresh, verified backup of the live data is there, or is made. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.conditions import Reason
from valeo_operator.api.valeobackup import BackupPhase, BackupReason, ValeoBackup
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.backups.lock import Operation, holds_lock, left_behind, lock_name, may_begin, take
from valeo_operator.cluster.kinds import BACKUPS, LEASES
from valeo_operator.installations.decisions import Create, Delete, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import Component

FRESH: Final = timedelta(minutes=15)
_BAD: Final = frozenset({BackupPhase.FAILED, BackupPhase.CORRUPT, BackupPhase.LOST, BackupPhase.DELETING})


@dataclass(frozen=True)
class Cover:
    """Whether the live data is covered: nothing to wait for, a finding that waits, or one that fails the rollout."""

    waits: Finding | None = None
    fails: Finding | None = None
    effects: tuple[Create, ...] = ()


def cover(release: ValeoRelease, facts: Facts, now: datetime) -> Cover:
    """The backup before the migration of this release. Nothing where the spec asks for none, or nothing migrates.

    Nothing also where no release was ever active: there is no data yet.
    """
    live = facts.live_revision
    if facts.erp.spec.backup is None or facts.proven_release is None or live in {"", release.spec.schema_revision}:
        return Cover()
    backups = [ValeoBackup.model_validate(each) for each in facts.all(BACKUPS)]
    if any(_covers(each, live, facts, now) for each in backups):
        return Cover()
    made = [each for each in backups if each.spec.release == release.metadata.name]
    last = max(made, key=lambda each: int(each.metadata.name.rpartition("-")[2]), default=None)
    if last is None or _is_of_an_earlier_try(last, facts):
        name = f"{release.metadata.name[:52].rstrip('-')}-before-{len(made) + 1}"
        return Cover(waits=_being_made(name, "it is not made yet"), effects=(_asked_for(name, release, facts),))
    return _standing(last)


def _is_of_an_earlier_try(last: ValeoBackup, facts: Facts) -> bool:
    """Whether it ended, well or not, before this phase began: a rollout that is tried again makes another one."""
    ended, since = last.status.ended, facts.erp.status.phase_since
    return ended is not None and since is not None and ended < since


def _covers(backup: ValeoBackup, live: str, facts: Facts, now: datetime) -> bool:
    status, mine = backup.status, backup.spec.installation == facts.names.name
    good = mine and status.phase is BackupPhase.GOOD and status.revision == live
    return good and status.began is not None and now - status.began <= FRESH


def _standing(made: ValeoBackup) -> Cover:
    name, status = made.metadata.name, made.status
    if status.phase is BackupPhase.GOOD:
        return Cover()  # made for this very migration, however long its Job took
    if status.phase in _BAD:
        return Cover(fails=_failed(name, status.message or status.phase.description))
    return Cover(waits=_being_made(name, status.message or "it is being made"))


def _asked_for(name: str, release: ValeoRelease, facts: Facts) -> Create:
    spec = {
        "installation": facts.names.name,
        "reason": BackupReason.BEFORE_MIGRATION.value,
        "release": release.metadata.name,
    }
    return Create(BACKUPS, {"metadata": facts.names.metadata(name, Component.JOB, owned=False), "spec": spec})


def _being_made(name: str, observed: str) -> Finding:
    expected = "a fresh, verified backup before the schema is changed"
    return Finding(Reason.BACKING_UP, f"ValeoBackup/{name}", observed, expected, "none; it is under way")


def _failed(name: str, observed: str) -> Finding:
    return Finding(
        Reason.BACKUP_FAILED,
        f"ValeoBackup/{name}",
        observed,
        "a fresh, verified backup before the schema is changed; nothing was touched",
        "put right what it names; the rollout is tried again by itself, with another backup",
        blocking=True,
    )


# --- the lock ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """Whether the migration has its turn: a finding while it has not, and the taking of the free lock."""

    waits: Finding | None = None
    effects: tuple[Create, ...] = ()


def turn_of_migration(release: ValeoRelease, facts: Facts, now: datetime) -> Turn:
    """The lock for data operations, taken before the schema is touched. Only where there are backups to exclude."""
    if facts.erp.spec.backup is None or facts.proven_release is None:
        return Turn()
    holder, lock = Operation.MIGRATION.of(release.metadata.name), facts.find(LEASES, lock_name(facts.names))
    if holds_lock(holder, lock):
        return Turn()
    busy = may_begin(holder, lock)
    if busy is not None:
        return Turn(busy)
    taking = Finding(
        Reason.WAITING_FOR_DATA_OPERATION,
        f"Lease/{lock_name(facts.names)}",
        "it is free",
        f"that {holder} holds it",
        "none; it is being taken",
    )
    return Turn(taking, (take(holder, facts.names, now),))


def migration_has_ended(under_way: str, facts: Facts) -> Sequence[Delete]:
    """Give the lock back when no migration, or another one, is under way. `under_way`: its release, or empty."""
    return left_behind(facts.find(LEASES, lock_name(facts.names)), Operation.MIGRATION, under_way=under_way)
