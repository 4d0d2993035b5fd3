"""What every look at a restore works with: what it came to, and the moves of its status. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from valeo_operator.api.valeorestore import RestorePhase, ValeoRestore, ValeoRestoreStatus
from valeo_operator.backups.facts import FINAL_RESTORES
from valeo_operator.installations.decisions import Effect
from valeo_operator.restores.lifecycle import DEADLINES, Outcome, next_phase


@dataclass(frozen=True)
class RestoreLook:
    """What one look came to. `wants`: the holder that needs the lock before it goes on."""

    status: ValeoRestoreStatus
    effects: tuple[Effect, ...] = ()
    wants: str = ""


def moved(restore: ValeoRestore, outcome: Outcome, now: datetime, message: str = "", **told: Any) -> ValeoRestoreStatus:
    """The status after an outcome. A move that the table does not know changes nothing."""
    status = restore.status
    before = status.phase or RestorePhase.PENDING
    after = next_phase(restore.spec.mode, before, outcome)
    if after is None:
        return status
    change: dict[str, Any] = {
        "phase": after,
        "phase_since": now,
        "message": message[:4000] or after.description,
        "deadline": now + DEADLINES[after] if after in DEADLINES else None,
        "progress": None,
        "completed_at": now if after in FINAL_RESTORES else None,
    }
    return status.model_copy(update={**change, **told})


def waits(restore: ValeoRestore, message: str, **told: Any) -> ValeoRestoreStatus:
    """The status of a restore that stays in its phase."""
    return restore.status.model_copy(update={"message": message[:4000], **told})
