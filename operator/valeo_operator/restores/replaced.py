"""The database whose place a restored one took: until when it is kept, and its dropping. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from valeo_operator.api.valeorestore import RestorePhase, ValeoRestore, ValeoRestoreStatus
from valeo_operator.backups.catalogue import KEEP_ANNOTATION
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.jobs import State, Task, standing
from valeo_operator.backups.lock import Operation, holds_lock, may_begin
from valeo_operator.restores.moves import RestoreLook
from valeo_operator.restores.swapping import work_on_databases


@dataclass(frozen=True)
class Fate:
    """What becomes of the replaced database. `drops_at`: None while it stays without an end."""

    reason: str
    drops_at: datetime | None = None
    is_due: bool = False


def fate(restore: ValeoRestore, kept: timedelta, now: datetime) -> Fate:
    """Whether the replaced database is dropped now, later, or not at all. `kept`: for how long after the proof."""
    proven = restore.status.completed_at if restore.status.phase is RestorePhase.COMPLETE else None
    if proven is None:
        return Fate("It may still be swapped back.")
    if restore.metadata.annotations.get(KEEP_ANNOTATION) == "true":
        return Fate(f"The annotation {KEEP_ANNOTATION} keeps it.")
    drops_at = proven + kept
    if now < drops_at:
        return Fate(f"It is kept for {kept.days} days after the restore.", drops_at)
    return Fate(f"It was kept for {kept.days} days after the restore.", drops_at, is_due=True)


def look_at_replaced(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """The next step for the replaced database of a restore that has ended; where there is none, nothing."""
    replaced = restore.status.replaced
    if replaced is None or replaced.dropped_at is not None:
        return RestoreLook(restore.status)
    decided, holder = _fate(restore, facts, now), Operation.DROP.of(restore.metadata.name)
    stands = standing(work_on_databases(restore, facts, Task.DROP_REPLACED), facts, now)
    if stands.state is State.DONE:
        return RestoreLook(_dropped(restore, now, was_there=(stands.told or {}).get("dropped") is True))
    if not decided.is_due:
        return RestoreLook(_kept(restore, decided, decided.reason))
    if stands.state is State.FAILED:  # tried again when its Jobs are forgotten
        return RestoreLook(_kept(restore, decided, f"It could not be dropped: {stands.words}"))
    if not holds_lock(holder, facts.lock):
        busy = may_begin(holder, facts.lock)
        return RestoreLook(_kept(restore, decided, busy.sentence if busy else decided.reason), wants=holder)
    return RestoreLook(_kept(restore, decided, stands.words or "A Job drops it."), stands.send)


def may_let_go(restore: ValeoRestore, facts: DataFacts, now: datetime) -> bool:
    """Whether a dropping that holds the lock has nothing more to do for now."""
    replaced = restore.status.replaced
    if replaced is None or replaced.dropped_at is not None or not _fate(restore, facts, now).is_due:
        return True
    stands = standing(work_on_databases(restore, facts, Task.DROP_REPLACED), facts, now)
    return stands.state in {State.DONE, State.FAILED}


def _fate(restore: ValeoRestore, facts: DataFacts, now: datetime) -> Fate:
    return fate(restore, timedelta(days=facts.settings.keep_replaced_days), now)


def _kept(restore: ValeoRestore, decided: Fate, message: str) -> ValeoRestoreStatus:
    return _told(restore, drops_at=decided.drops_at, message=message[:4000])


def _dropped(restore: ValeoRestore, now: datetime, *, was_there: bool) -> ValeoRestoreStatus:
    words = "It was dropped." if was_there else "It was not there any more: somebody dropped it or swapped it back."
    return _told(restore, dropped_at=now, message=words)


def _told(restore: ValeoRestore, **told: object) -> ValeoRestoreStatus:
    replaced = restore.status.replaced
    changed = replaced.model_copy(update=told) if replaced is not None else None
    return restore.status.model_copy(update={"replaced": changed})
