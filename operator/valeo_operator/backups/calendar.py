"""What the schedules of an installation ask for now: backups, drills, and slots that are only recorded. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from valeo_operator.api.conditions import Reason
from valeo_operator.api.valeobackup import BackupReason
from valeo_operator.api.valeorestore import RestoreMode
from valeo_operator.backups.catalogue import backup_object, object_name
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.standing import Problem, drill_schedule_of, schedule_of
from valeo_operator.cluster.kinds import BACKUPS, RESTORES
from valeo_operator.cluster.objects import Object
from valeo_operator.installations.decisions import Create
from valeo_operator.installations.names import Component
from valeo_operator.installations.status import stamp
from valeo_operator.schedules.slots import ScheduleError, due


@dataclass(frozen=True)
class Asked:
    """What is begun, what is told of the slots, and why a schedule can't be read."""

    effects: tuple[Create, ...] = ()
    told: Mapping[str, Any] | None = None
    problem: Problem | None = None


def asked(facts: DataFacts, now: datetime) -> Asked:
    """What the schedules ask for. A slot is begun by the name of its objects, so never twice."""
    try:
        backups, backups_told = _backups(facts, now)
        drills, drills_told = _drills(facts, now)
    except ScheduleError as wrong:
        return Asked(problem=Problem(Reason.SPEC_INVALID, f"spec.backup: {wrong}."))
    return Asked((*backups, *drills), {**backups_told, **drills_told})


def _backups(facts: DataFacts, now: datetime) -> tuple[tuple[Create, ...], dict[str, Any]]:
    told = facts.told
    found = due(schedule_of(facts.settings), told.handled_slot or now, now)
    if facts.settings.suspend:
        return (), {"handled_slot": now, "next_slot": None}
    made = _backups_of(found.slot, facts) if found.slot is not None else ()
    return made, {
        "handled_slot": found.handled,
        "next_slot": found.next_slot,
        "missed_slots": told.missed_slots + len(found.missed),
        "last_missed": found.missed[-1] if found.missed else told.last_missed,
    }


def _backups_of(slot: datetime, facts: DataFacts) -> tuple[Create, ...]:
    """One backup for each destination."""
    stored = f"{slot.astimezone(UTC):%Y%m%d-%H%M%S}"
    return tuple(
        Create(
            BACKUPS,
            backup_object(
                facts,
                object_name(facts, stored, destination),
                {
                    "installation": facts.names.name,
                    "destination": destination.name,
                    "reason": BackupReason.SCHEDULED.value,
                    "slot": stamp(slot),
                },
            ),
        )
        for destination in facts.settings.destinations
    )


def _drills(facts: DataFacts, now: datetime) -> tuple[tuple[Create, ...], dict[str, Any]]:
    found = due(drill_schedule_of(facts.settings), facts.told.handled_drill or now, now)
    if facts.settings.drill.suspend:
        return (), {"handled_drill": now, "next_drill": None}
    made = (Create(RESTORES, _drill(found.slot, facts)),) if found.slot is not None else ()
    return made, {"handled_drill": found.handled, "next_drill": found.next_slot}


def _drill(slot: datetime, facts: DataFacts) -> Object:
    name = f"{facts.names.name}-drill-{slot.astimezone(UTC):%Y%m%d-%H%M%S}"
    return {
        "metadata": facts.names.metadata(name, Component.JOB),
        "spec": {"installation": facts.names.name, "mode": RestoreMode.DRILL.value},
    }
