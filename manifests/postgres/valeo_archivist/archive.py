"""What the archive of the log holds, and which points in time it reaches. Pure.

A segment is a file of 16 MB of PostgreSQL's log (WAL). Recovery replays segments one after another, so that a point
can be reached only over an unbroken row of them that begins with a base backup.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_SEGMENT: Final = re.compile(r"[0-9A-F]{24}")
_SEGMENTS_OF_A_FILE_NUMBER: Final = 256  # with segments of 16 MB


@dataclass(frozen=True)
class BaseBackup:
    """A backup of the files of the server. `first`: the segment that it needs first. `next_transaction`: when begun."""

    label: str
    is_full: bool
    began: datetime
    ended: datetime
    first: str
    bytes: int
    next_transaction: int | None = None


@dataclass(frozen=True)
class Beat:
    """A small commit. `at`: a time just before it. `segment`: the log has its end there, or before."""

    at: datetime
    segment: str


@dataclass(frozen=True)
class Reach:
    """Which points can be recovered now. `missing`: segments that the archive lacks behind its oldest base backup."""

    oldest: datetime | None = None
    newest: datetime | None = None
    last: str | None = None
    missing: tuple[str, ...] = ()


def segments_in(listing: str) -> frozenset[str]:
    """The segments that a listing of the repository (`repo-ls --output=json`) names."""
    names = (path.rpartition("/")[2] for path in json.loads(listing or "{}"))
    return frozenset(name[:24] for name in names if _SEGMENT.match(name) and not name.endswith(".backup"))


def backups_in(information: str) -> tuple[BaseBackup, ...]:
    """The base backups that `pgbackrest info --output=json` tells, the oldest first; those with errors don't count."""
    return tuple(
        _backup(told)
        for stanza in json.loads(information or "[]")
        for told in stanza.get("backup", ())
        if not told.get("error")
    )


def archive_in(information: str) -> str | None:
    """The name of the archive of the present server, as `17-1`; None before its first segment."""
    stanzas = json.loads(information or "[]")
    archives = [each["id"] for stanza in stanzas for each in stanza.get("archive", ())]
    return str(archives[-1]) if archives else None


def _backup(told: dict[str, Any]) -> BaseBackup:
    transaction = told.get("annotation", {}).get("transaction")
    return BaseBackup(
        label=told["label"],
        is_full=told["type"] == "full",
        began=datetime.fromtimestamp(told["timestamp"]["start"], UTC),
        ended=datetime.fromtimestamp(told["timestamp"]["stop"], UTC),
        first=told["archive"]["start"],
        bytes=told["info"]["repository"]["delta"],
        next_transaction=int(transaction) if transaction else None,
    )


def next_segment(segment: str) -> str:
    """The name of the segment that follows on the same timeline."""
    number = int(segment[8:16], 16) * _SEGMENTS_OF_A_FILE_NUMBER + int(segment[16:], 16) + 1
    high, low = divmod(number, _SEGMENTS_OF_A_FILE_NUMBER)
    return f"{segment[:8]}{high:08X}{low:08X}"


def end_of_row(first: str, segments: frozenset[str]) -> str | None:
    """The last segment of the unbroken row that begins with `first`; None where not even that one is there."""
    if first not in segments:
        return None
    last = first
    while (following := next_segment(last)) in segments:
        last = following
    return last


def missing_between(first: str, segments: frozenset[str]) -> tuple[str, ...]:
    """The segments that are not there between `first` and the newest one on its timeline."""
    newest = max((each for each in segments if each[:8] == first[:8]), default=first)
    gone, wanted = [], first
    while wanted <= newest:
        if wanted not in segments:
            gone.append(wanted)
        wanted = next_segment(wanted)
    return tuple(gone)


def reach(backups: Sequence[BaseBackup], segments: frozenset[str], beats: Iterable[Beat]) -> Reach:
    """The window that the newest base backup stands in.

    An older base backup belongs to it only over an unbroken row: what lies before a gap is not promised.
    """
    if not backups:
        return Reach()
    missing = missing_between(backups[0].first, segments)
    last = end_of_row(backups[-1].first, segments)
    if last is None:
        return Reach(missing=missing)
    joined = [each for each in backups if end_of_row(each.first, segments) == last]
    oldest = min(each.ended for each in joined)
    newest = max((each.at for each in beats if each.segment[:8] == last[:8] and each.segment <= last), default=None)
    return Reach(oldest, newest if newest is not None and newest >= oldest else None, last, missing)
