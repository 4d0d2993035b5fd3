"""What the archive of the log holds, and which points in time it reaches. Pure.

A segment is a file of 16 MB of PostgreSQL's log (WAL). Recovery replays segments one after another, so that a point
can be reached only over an unbroken row of them that begins with a base backup.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
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
    """Which points can be recovered now.

    Attributes:
        oldest: from here on every point can be recovered.
        newest: up to here.
        missing: segments that the archive lacks since its oldest base backup.
        is_open: some of them are needed by the newest base backup, so that nothing new can be recovered.
    """

    oldest: datetime | None = None
    newest: datetime | None = None
    missing: tuple[str, ...] = ()
    is_open: bool = False


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


def number_of(segment: str) -> int:
    """Where a segment stands in the log; the timeline, its first eight digits, is left out."""
    return int(segment[8:16], 16) * _SEGMENTS_OF_A_FILE_NUMBER + int(segment[16:], 16)


def segment_at(number: int, timeline: str) -> str:
    """The name of the segment that stands there."""
    high, low = divmod(number, _SEGMENTS_OF_A_FILE_NUMBER)
    return f"{timeline}{high:08X}{low:08X}"


def missing_since(first: int, there: Sequence[int]) -> Iterator[int]:
    """The segments that are not there from `first` on up to the newest one. `there`: in order."""
    expected = first
    for number in there:
        yield from range(expected, number)
        expected = max(expected, number + 1)
    if expected == first:  # not even that one
        yield first


def reach(backups: Sequence[BaseBackup], segments: frozenset[str], beats: Iterable[Beat]) -> Reach:
    """The window that the newest base backup stands in.

    An older base backup belongs to it only over an unbroken row: what lies before a gap is not promised.
    """
    if not backups:
        return Reach()
    timeline, began = backups[-1].first[:8], number_of(backups[-1].first)
    there = sorted(number_of(each) for each in segments if each[:8] == timeline)
    since = min(number_of(each.first) for each in backups if each.first[:8] == timeline)
    gone = list(missing_since(since, [each for each in there if each >= since]))
    gap = next((each for each in gone if each >= began), None)
    missing = tuple(segment_at(each, timeline) for each in gone)
    if gap == began:
        return Reach(missing=missing, is_open=True)
    last = gap - 1 if gap is not None else there[-1]
    behind = max((each for each in gone if each < began), default=-1)
    oldest = min(each.ended for each in backups if each.first[:8] == timeline and number_of(each.first) > behind)
    held = [each.at for each in beats if each.segment[:8] == timeline and number_of(each.segment) <= last]
    newest = max(held, default=None)
    return Reach(
        oldest=oldest,
        newest=newest if newest is not None and newest >= oldest else None,
        missing=missing,
        is_open=gap is not None,
    )
