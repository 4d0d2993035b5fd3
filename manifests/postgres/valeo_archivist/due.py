"""Which base backup is due, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from valeo_archivist.archive import BaseBackup, Reach


@dataclass(frozen=True)
class Rhythm:
    """How often base backups are made."""

    full: timedelta
    differential: timedelta


@dataclass(frozen=True)
class Due:
    """A base backup that is to be made now."""

    is_full: bool
    reason: str

    @property
    def kind(self) -> str:
        """In pgBackRest's word."""
        return "full" if self.is_full else "diff"


def due(backups: Sequence[BaseBackup], reached: Reach, rhythm: Rhythm, now: datetime, timeline: str = "") -> Due | None:
    """The base backup to make now; None while the newest ones are young enough and the archive reaches on from them.

    `timeline`: that of the server's log; empty where it is not known.
    """
    full = max((each.ended for each in backups if each.is_full), default=None)
    if full is None:
        return Due(is_full=True, reason="there is none yet")
    if timeline and backups[-1].first[:8] != timeline:
        return Due(is_full=True, reason="the server came back from its archive: its log goes on another timeline")
    if reached.is_open:
        return Due(is_full=True, reason="the archive lacks a part of the log since the newest one")
    if now - full >= rhythm.full:
        return Due(is_full=True, reason=f"the last full one ended {full.isoformat()}")
    newest = max(each.ended for each in backups)
    if now - newest >= rhythm.differential:
        return Due(is_full=False, reason=f"the last one ended {newest.isoformat()}")
    return None
