"""What the archivist beside the embedded database tells in its log, and what is made of it. Pure."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from valeo_operator.api.conditions import ConditionStatus, Reason
from valeo_operator.api.point_in_time import PointInTimeStatus
from valeo_operator.cluster.objects import moment
from valeo_operator.installations.status import Saying, stamp

RECOVERY_POINT_LIMIT: Final = timedelta(seconds=60)
_BLIND_AFTER: Final = timedelta(seconds=60)
_TRUE: Final = ConditionStatus.TRUE
_FALSE: Final = ConditionStatus.FALSE
_UNKNOWN: Final = ConditionStatus.UNKNOWN


def archive_told(log: str) -> PointInTimeStatus:
    """The newest line of the archivist; an empty status where it has not written one."""
    for line in reversed(log.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("archivist") == 1:
            return _status(told)
    return PointInTimeStatus()


def _status(told: Mapping[str, Any]) -> PointInTimeStatus:
    at, newest = moment(told.get("at")), moment(told.get("newest"))
    age = round((at - newest).total_seconds()) if at and newest else None
    return PointInTimeStatus(
        observed_at=at,
        oldest=moment(told.get("oldest")),
        newest=newest,
        recovery_point_seconds=max(0, age) if age is not None else None,
        last_full=moment(told.get("last_full")),
        last_differential=moment(told.get("last_differential")),
        base_backups=int(told.get("backups") or 0),
        bytes=int(told.get("bytes") or 0),
        missing_segments=int(told.get("missing") or 0),
        verified_at=moment(told.get("verified_at")),
        running=told.get("running"),
        gap_is_open=told.get("gap_is_open") is True,
        problem=_problem(told),
    )


def _problem(told: Mapping[str, Any]) -> str | None:
    words = [str(told["problem"])] if told.get("problem") else []
    if told.get("damage"):
        words.append(f"What was read back is damaged: {told['damage']}")
    if told.get("gap_is_open"):
        words.append(f"The archive lacks {told['missing']} segments of the log, the last is {told['last_missing']}.")
    return " ".join(words)[:4000] or None


def recovery_point_age(told: PointInTimeStatus, now: datetime) -> timedelta | None:
    """How much would be lost now; None where nothing can be recovered, or was ever seen.

    As it was seen while the look is young; from then on it grows: what is not seen may be lost.
    """
    if told.newest is None or told.observed_at is None:
        return None
    seen = now if now - told.observed_at > _BLIND_AFTER else told.observed_at
    return max(timedelta(0), seen - told.newest)


def window_words(told: PointInTimeStatus) -> str:
    """Which times can be recovered, for a person."""
    if told.oldest is None or told.newest is None:
        return "no point can be recovered yet"
    return f"every point from {stamp(told.oldest)} to {stamp(told.newest)} can be recovered"


def recovery_saying(told: PointInTimeStatus, now: datetime) -> Saying:
    """RecoveryPointFresh: what would be lost is less than a minute, and the archive is whole."""
    if told.observed_at is None:
        return Saying(_UNKNOWN, Reason.NOT_OBSERVED, "The archivist beside the database has told nothing yet.")
    if now - told.observed_at > _BLIND_AFTER:
        words = f"The archivist told nothing since {stamp(told.observed_at)}; then {window_words(told)}."
        return Saying(_UNKNOWN, Reason.NOT_OBSERVED, words)
    if told.problem is not None:
        return Saying(_FALSE, Reason.ARCHIVE_BROKEN, f"{told.problem} Yet {window_words(told)}."[:4000])
    age = recovery_point_age(told, now)
    if age is None:
        doing = f" A {told.running} copy is under way." if told.running else ""
        return Saying(_FALSE, Reason.NEVER_ARCHIVED, f"No point can be recovered yet.{doing}")
    past = f" {told.missing_segments} segments from before are missing." if told.missing_segments else ""
    words = f"{_first_letter_large(window_words(told))}; {round(age.total_seconds())} s would be lost.{past}"
    if age > RECOVERY_POINT_LIMIT:
        return Saying(_FALSE, Reason.RECOVERY_POINT_STALE, words)
    return Saying(_TRUE, Reason.RECOVERY_POINT_FRESH, words)


def _first_letter_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def worth_telling(before: PointInTimeStatus | None, told: PointInTimeStatus) -> PointInTimeStatus:
    """What the status says next. That only time passed is told twice a minute, and not at every beat."""
    if before is None or before.observed_at is None or told.observed_at is None:
        return told
    passing = {"observed_at", "newest", "recovery_point_seconds"}
    same = before.model_dump(exclude=passing) == told.model_dump(exclude=passing)
    same = same and (before.newest is None) == (told.newest is None)
    return before if same and told.observed_at - before.observed_at < timedelta(seconds=30) else told
