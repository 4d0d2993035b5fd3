"""What stands against the recovery of a point in time, before anything is touched. Pure."""

from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.point_in_time import Point, PointInTimeStatus
from valeo_operator.api.valeorestore import ValeoRestore
from valeo_operator.backups.facts import DataFacts
from valeo_operator.installations.status import stamp
from valeo_operator.recovery.told import window_words

_BLIND_AFTER: Final = timedelta(minutes=2)


def not_seen(archive: PointInTimeStatus | None, now: datetime) -> str:
    """What a recovery waits for: the archive was not seen lately. Empty where it was, or where there is none."""
    if archive is None or (archive.observed_at is not None and now - archive.observed_at < _BLIND_AFTER):
        return ""
    seen = f"since {stamp(archive.observed_at)}" if archive.observed_at else "yet"
    return f"How far the archive reaches was not told {seen}. Next step: see the container archivist of the database."


def refusal_of_point(point: Point, facts: DataFacts, now: datetime) -> str:
    """Why this point can't be recovered; empty where it can, or where only the log itself can tell."""
    archive = facts.archive
    if archive is None:
        return "There is no archive to recover from: spec.database.embedded.pointInTime is absent or switched off."
    if facts.active_release is None:
        return "No release is active whose image could restore it."
    if archive.oldest is None or archive.newest is None:
        return f"It is not in the archive: {window_words(archive)}. {archive.problem or ''}".strip()
    if point.time is not None and not archive.oldest <= point.time <= archive.newest:
        return f"The archive does not hold {point.words}: {window_words(archive)}.{_hint(point.time, now)}"
    return ""


def _hint(asked: datetime, now: datetime) -> str:
    return " Next step: ask again in a minute." if now - timedelta(minutes=2) < asked <= now else ""


def name_of_dump(restore: ValeoRestore) -> str:
    """What the dump of the recovered copy is called in its folder; a drill names its database after it."""
    began = restore.status.started_at
    if began is None:
        raise ValueError(f"ValeoRestore/{restore.metadata.name} has not begun")
    return f"{began:%Y%m%d-%H%M%S}-point"


def other_schema(revision: object, restore: ValeoRestore, facts: DataFacts) -> str:
    """Why a recovered point can't take the place of the live database: its schema is another one."""
    live = facts.erp.status.schema_revision
    if not live or revision == live:
        return ""
    return (
        f"It has the schema revision {revision or 'not told'}. Expected: {live}, as the live database. It stays beside"
        f" the live one as {restore.status.database}. Next step: make the release active whose schema it has."
    )
