"""The catalogue and the store: what a listing says of each backup, and what retention does. Pure.

The store is the truth. An object without its backup is lost, a backup without its object is found.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from valeo_operator.api.backup_settings import BackupDestination, BackupListing
from valeo_operator.api.valeobackup import BackupPhase, BackupReason, ValeoBackup, ValeoBackupStatus
from valeo_operator.backups.facts import FINAL_RESTORES, DataFacts
from valeo_operator.backups.jobs import State, Task, Work, standing
from valeo_operator.backups.lifecycle import Outcome
from valeo_operator.backups.looks import facts_of_manifest, moved
from valeo_operator.cluster.kinds import BACKUPS
from valeo_operator.cluster.objects import Object
from valeo_operator.installations.decisions import Apply, Create, Effect
from valeo_operator.installations.names import Component
from valeo_operator.retention.plan import Catalogue, Entry, Retention, Rules, plan

KEEP_ANNOTATION: Final = "valeoerp.io/keep"
LISTED_EVERY: Final = timedelta(hours=6)
_SOONEST: Final = timedelta(seconds=30)
_KEPT_BEFORE_RESTORE: Final = timedelta(days=7)
_IN_STORE: Final = frozenset({BackupPhase.GOOD, BackupPhase.CORRUPT})
Statuses = Mapping[str, ValeoBackupStatus]


@dataclass(frozen=True)
class Listed:
    """A listing of one store that came to its end."""

    destination: BackupDestination
    at: datetime
    backups: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Listing:
    """Where the listing of one store stands: not wanted, under way, failed, or read."""

    wanted: bool = False
    listed: Listed | None = None
    effects: tuple[Effect, ...] = ()
    problem: str = ""


def listing(destination: BackupDestination, facts: DataFacts, now: datetime) -> Listing:
    """Whether the store must be listed, and where that stands."""
    before = listed_before(destination, facts)
    if facts.active_release is None or not _is_due(destination, before, facts, now):
        return Listing()
    since = before.listed_at.isoformat() if before else "never"
    stands = standing(Work(Task.LIST, since, destination), facts, now)
    if stands.state is State.DONE:
        found = parse_listing(facts.logs.get(stands.job, ""))
        if found is None:
            return Listing(wanted=True, problem="what the Job listed could not be read to its end")
        at = (stands.began or now).replace(microsecond=0)
        return Listing(wanted=True, listed=Listed(destination, at, found))
    return Listing(wanted=True, effects=stands.send, problem=stands.words)


def work_of_listing(destination: BackupDestination, facts: DataFacts) -> Work:
    """The listing that is due, or under way."""
    before = listed_before(destination, facts)
    return Work(Task.LIST, before.listed_at.isoformat() if before else "never", destination)


def listed_before(destination: BackupDestination, facts: DataFacts) -> BackupListing | None:
    """What was last told of the store."""
    return next((each for each in facts.told.listings if each.destination == destination.name), None)


def _is_due(destination: BackupDestination, before: BackupListing | None, facts: DataFacts, now: datetime) -> bool:
    """Never listed, long ago, a backup ended since, or there are fewer objects than the store was seen to hold."""
    if before is None or now - before.listed_at >= LISTED_EVERY:
        return True
    here = [each.status for each in facts.backups if _at(each, destination)]
    if any(each.ended and each.ended >= before.listed_at for each in here if each.phase is BackupPhase.GOOD):
        return True
    shown = sum(each.phase in {*_IN_STORE, BackupPhase.DELETING} for each in here)
    return shown < before.good + before.corrupt and now - before.listed_at >= _SOONEST


def _at(backup: ValeoBackup, destination: BackupDestination) -> bool:
    return backup.status.destination == destination.name


def parse_listing(text: str) -> tuple[Mapping[str, Any], ...] | None:
    """The JSON list that the tool wrote; None where it is cut off or none."""
    for line in reversed(text.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            told = told.get("backups")
        if isinstance(told, list):
            return tuple(each for each in told if isinstance(each, dict) and isinstance(each.get("name"), str))
    return None


# --- what a listing changes -------------------------------------------------------------------------------------------


def compared(listed: Listed, facts: DataFacts, statuses: Statuses, now: datetime) -> dict[str, ValeoBackupStatus]:
    """The statuses of the known backups of this store, as the listing says they are."""
    there = {str(each["name"]): each for each in listed.backups}
    changed: dict[str, ValeoBackupStatus] = {}
    for backup in facts.backups:
        status = statuses[backup.metadata.name]
        is_made = status.phase is BackupPhase.PENDING and backup.spec.reason is not BackupReason.FOUND
        if status.destination != listed.destination.name or status.phase is None or is_made:
            continue
        after = _as_seen(status, there.get(status.stored_name or ""), listed, now)
        if after is not status:
            changed[backup.metadata.name] = after
    return changed


def _as_seen(
    status: ValeoBackupStatus, seen: Mapping[str, Any] | None, listed: Listed, now: datetime
) -> ValeoBackupStatus:
    if seen is None:
        younger = status.phase in _IN_STORE and (status.ended is None or status.ended >= listed.at)
        if younger or status.phase not in {BackupPhase.PENDING, *_IN_STORE}:
            return status
        words = f"The store was listed at {listed.at:%Y-%m-%d %H:%M} UTC and does not hold it."
        lost: ValeoBackupStatus = moved(status, Outcome.NOT_FOUND, now, words)
        return lost
    problem = problem_of(seen)
    if status.phase is BackupPhase.CORRUPT and status.broken_at is not None:
        return status  # it was read; a listing only knows the sizes
    if (status.phase is BackupPhase.GOOD and not problem) or (status.phase is BackupPhase.CORRUPT and problem):
        return status
    told = facts_of_manifest(seen)
    outcome = Outcome.FOUND_CORRUPT if problem else Outcome.FOUND_GOOD
    after: ValeoBackupStatus = moved(status, outcome, now, problem, **told)
    return after


def problem_of(seen: Mapping[str, Any]) -> str:
    """What is wrong with a listed backup, in words; empty for a good one."""
    if seen.get("corrupt") or seen.get("error") or seen.get("problem") or seen.get("good") is False:
        words = next((seen[key] for key in ("reason", "problem", "error", "message") if seen.get(key)), "")
        return str(words or "the tool calls it corrupt")
    return ""


def found(listed: Listed, facts: DataFacts, now: datetime) -> tuple[Effect, ...]:
    """Objects for the backups of the store that have none, with what the listing tells of them."""
    known = {each.status.stored_name for each in facts.backups if _at(each, listed.destination)}
    named = {
        each.spec.stored_name for each in facts.backups if (each.spec.destination or "") == listed.destination.name
    }
    effects: list[Effect] = []
    for seen in listed.backups:
        if seen["name"] not in known | named:
            effects += _found(seen, listed, facts, now)
    return tuple(effects)


def _found(seen: Mapping[str, Any], listed: Listed, facts: DataFacts, now: datetime) -> tuple[Effect, Effect]:
    spec = {
        "installation": facts.names.name,
        "destination": listed.destination.name,
        "reason": BackupReason.FOUND.value,
        "storedName": seen["name"],
    }
    name = object_name(facts, str(seen["name"]), listed.destination)
    status = ValeoBackupStatus(
        phase=BackupPhase.PENDING, stored_name=str(seen["name"]), destination=listed.destination.name
    )
    after = _as_seen(status, seen, listed, now)
    return (Create(BACKUPS, backup_object(facts, name, spec)), backup_report(facts, name, after))


def object_name(facts: DataFacts, stored: str, destination: BackupDestination) -> str:
    """Name of the ValeoBackup of a backup in a store. That of the first destination is not named."""
    first = facts.settings.destinations[0].name == destination.name
    name = f"{facts.names.name}-{stored}" if first else f"{facts.names.name}-{stored}-{destination.name}"
    return name[:63].rstrip("-")


def backup_object(facts: DataFacts, name: str, spec: Object) -> Object:
    """A ValeoBackup. It has no owner: the backup stays when the installation goes, and so does what tells of it."""
    return {"metadata": facts.names.metadata(name, Component.JOB, owned=False), "spec": spec}


def backup_report(facts: DataFacts, name: str, status: ValeoBackupStatus) -> Apply:
    """The status of a ValeoBackup."""
    meta = {"name": name, "namespace": facts.names.namespace}
    return Apply(BACKUPS, {"metadata": meta, "status": status.to_object()}, subresource="status")


def told_of(listed: Listed) -> BackupListing:
    """What is remembered of a listing."""
    broken = sum(bool(problem_of(each)) for each in listed.backups)
    return BackupListing(
        destination=listed.destination.name,
        listed_at=listed.at,
        good=len(listed.backups) - broken,
        corrupt=broken,
        bytes=sum(int(each["bytes"]) for each in listed.backups if isinstance(each.get("bytes"), int)),
    )


# --- all stores together ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Survey:
    """What all stores together come to: corrected statuses, what to do, and what is told."""

    statuses: Statuses
    effects: tuple[Effect, ...]
    listings: tuple[BackupListing, ...]
    deletes_next: tuple[str, ...]
    held: str
    under_way: bool


def survey(facts: DataFacts, now: datetime) -> Survey:
    """Look at every store: list it where that is due, correct the catalogue, let retention choose."""
    statuses = {each.metadata.name: _status(each) for each in facts.backups}
    effects: list[Effect] = []
    listings: list[BackupListing] = []
    going: list[str] = []
    held: list[str] = []
    under_way = False
    for destination in facts.settings.destinations:
        seen = listing(destination, facts, now)
        effects += seen.effects
        under_way |= seen.wanted and seen.listed is None
        if seen.listed is not None:
            corrected = compared(seen.listed, facts, statuses, now)
            effects += [*found(seen.listed, facts, now), *replacements(corrected, facts, destination)]
            statuses |= corrected
        before = listed_before(destination, facts)
        listings += [each for each in (told_of(seen.listed) if seen.listed else before,) if each is not None]
        chosen = retention(destination, facts, statuses, now, complete=not seen.wanted)
        statuses |= _kept_and_going(chosen, statuses, now)
        going += [*chosen.delete, *chosen.later]
        problem = f": {seen.problem}" if seen.problem else ""
        held += [f"{destination.name}: {chosen.held}{problem}"] if chosen.held else []
    return Survey(statuses, tuple(effects), tuple(listings), tuple(going), "; ".join(held), under_way)


def _status(backup: ValeoBackup) -> ValeoBackupStatus:
    """Its status; that of a found one is known before it was ever looked at."""
    if backup.status.phase is not None or backup.spec.reason is not BackupReason.FOUND:
        return backup.status
    spec = backup.spec
    return ValeoBackupStatus(phase=BackupPhase.PENDING, stored_name=spec.stored_name, destination=spec.destination)


def _kept_and_going(chosen: Retention, statuses: Statuses, now: datetime) -> dict[str, ValeoBackupStatus]:
    told = {
        name: statuses[name].model_copy(update={"kept_because": tuple(why.value for why in whys)})
        for name, whys in chosen.keep.items()
        if statuses[name].kept_because != tuple(why.value for why in whys)
    }
    later = {name: statuses[name].model_copy(update={"kept_because": ()}) for name in chosen.later}
    gone = {name: moved(statuses[name], Outcome.GOES, now, kept_because=()) for name in chosen.delete}
    return {**told, **{name: each for name, each in later.items() if statuses[name].kept_because}, **gone}


def replacements(corrected: Statuses, facts: DataFacts, destination: BackupDestination) -> tuple[Create, ...]:
    """Where a good backup turned out to be broken or lost, another one is made at once."""
    broken = [
        each.metadata.name
        for each in facts.backups
        if each.status.phase is BackupPhase.GOOD
        and each.metadata.name in corrected
        and corrected[each.metadata.name].phase is not BackupPhase.GOOD
    ]
    spec = {
        "installation": facts.names.name,
        "destination": destination.name,
        "reason": BackupReason.REPLACEMENT.value,
    }
    return tuple(Create(BACKUPS, backup_object(facts, f"{name[:57].rstrip('-')}-again", spec)) for name in broken[:1])


# --- retention --------------------------------------------------------------------------------------------------------


def retention(
    destination: BackupDestination, facts: DataFacts, statuses: Statuses, now: datetime, *, complete: bool
) -> Retention:
    """What retention does with the backups of one store."""
    mine = [each for each in facts.backups if statuses[each.metadata.name].destination == destination.name]
    entries = tuple(_entries(mine, facts, statuses, now))
    settings = facts.settings
    rules = Rules(settings.retention.daily, settings.retention.monthly, settings.time_zone)
    return plan(Catalogue(entries, complete, _last_was_good(mine, statuses)), rules, now)


def _last_was_good(mine: Sequence[ValeoBackup], statuses: Statuses) -> bool:
    """Whether of the backups that were tried to be made the newest one is good."""
    tried = [statuses[each.metadata.name] for each in mine]
    ended = [each for each in tried if each.ended is not None and each.phase in {*_IN_STORE, BackupPhase.FAILED}]
    newest = max(ended, key=lambda each: each.ended or datetime.min.replace(tzinfo=UTC), default=None)
    return newest is not None and newest.phase is BackupPhase.GOOD


def _entries(mine: Iterable[ValeoBackup], facts: DataFacts, statuses: Statuses, now: datetime) -> Iterable[Entry]:
    used = _used(facts)
    for backup in mine:
        status = statuses[backup.metadata.name]
        at = status.began or status.ended or backup.metadata.creation_timestamp
        if status.phase not in _IN_STORE or at is None:
            continue
        yield Entry(
            backup.metadata.name,
            at,
            good=status.phase is BackupPhase.GOOD,
            proven=status.drilled_at is not None,
            before_migration=(backup.spec.release or "") in facts.releases,
            in_use=backup.metadata.name in used or _covers_restore(backup, now),
            asked_for=backup.metadata.annotations.get(KEEP_ANNOTATION) == "true",
        )


def _used(facts: DataFacts) -> frozenset[str]:
    running = [each for each in facts.restores if each.status.phase not in FINAL_RESTORES]
    return frozenset(
        name for each in running for name in (each.spec.backup, each.status.backup, each.status.fresh_backup) if name
    )


def _covers_restore(backup: ValeoBackup, now: datetime) -> bool:
    """What stood in the database before a restore in place is kept for a week."""
    born = backup.metadata.creation_timestamp
    before = backup.spec.reason is BackupReason.BEFORE_RESTORE
    return before and born is not None and now - born < _KEPT_BEFORE_RESTORE
