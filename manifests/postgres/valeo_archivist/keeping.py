"""Keeps the archive: a beat every few seconds, base backups when they are due, and a line that tells how it stands."""

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from valeo_archivist.archive import BaseBackup, Beat, Reach, archive_in, backups_in, reach, segments_in
from valeo_archivist.due import Due, Rhythm, due
from valeo_archivist.programs import ProgramError, pgbackrest, query

_LISTED_ANEW: Final = timedelta(minutes=10)
_VERIFIED_ANEW: Final = timedelta(days=1)
_PAUSE_AFTER_FAILURE: Final = timedelta(minutes=5)
_MOST_BEATS: Final = 1000  # the archive may lie behind for hours and yet tell how far it came
# The time is taken before the commit: recovery to it needs a commit that is later.
_BEAT: Final = (
    "select clock_timestamp()",
    "select pg_logical_emit_message(true, 'valeo-archivist', 'beat')",
    "select pg_walfile_name(pg_current_wal_insert_lsn())",
)
_NEXT_TRANSACTION: Final = "select pg_snapshot_xmax(pg_current_snapshot())"


@dataclass
class Keeper:
    """What is known of the archive between two looks. It can be lost at any time: the next looks find it again."""

    rhythm: Rhythm
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    beats: deque[Beat] = field(default_factory=lambda: deque(maxlen=_MOST_BEATS))
    segments: frozenset[str] = frozenset()
    listed_at: datetime | None = None
    running: subprocess.Popen[str] | None = None
    running_what: str = ""
    failed_at: datetime | None = None
    failure: str = ""
    verified_at: datetime | None = None
    damage: str = ""

    def look(self) -> dict[str, Any]:
        """One look: beat, read what the repository holds, begin what is due. Never raises for what a program says."""
        now = self.clock()
        told: dict[str, Any] = {"archivist": 1, "at": stamp(now)}
        problems = []
        try:
            self._beat()
        except ProgramError as error:
            problems.append(f"The server does not answer: {error}")
        try:
            backups, reached = self._read(now)
        except ProgramError as error:
            return {**told, "problem": " ".join([*problems, f"The repository can't be read: {error}"])}
        self._reap(now)
        if not problems:
            self._begin(backups, reached, now)
        problems += [self.failure] if self.failure else []
        return {**told, **_window(backups, reached), **self._state(), "problem": " ".join(problems) or None}

    def _state(self) -> dict[str, Any]:
        verified = stamp(self.verified_at) if self.verified_at else None
        return {"running": self.running_what or None, "verified_at": verified, "damage": self.damage or None}

    def _beat(self) -> None:
        at, segment = query(*_BEAT)[0::2]
        self.beats.append(Beat(datetime.fromisoformat(_iso(at)), segment))

    def _read(self, now: datetime) -> tuple[tuple[BaseBackup, ...], Reach]:
        information = pgbackrest("info", "--output=json")
        archive = archive_in(information)
        if archive is not None:
            self._list(archive, now)
        backups = backups_in(information)
        return backups, reach(backups, self.segments, self.beats)

    def _list(self, archive: str, now: datetime) -> None:
        """The whole archive now and then, its newest folder at every look."""
        if self.listed_at is None or now - self.listed_at >= _LISTED_ANEW:
            listed = pgbackrest("repo-ls", f"archive/{_stanza()}/{archive}", "--recurse", "--output=json")
            self.segments, self.listed_at = segments_in(listed), now
            return
        for folder in sorted({each.segment[:16] for each in self.beats})[-2:]:
            listed = pgbackrest("repo-ls", f"archive/{_stanza()}/{archive}/{folder}", "--output=json")
            there = segments_in(listed)
            self.segments = frozenset(each for each in self.segments if each[:16] != folder) | there

    # --- base backups -------------------------------------------------------------------------------------------------

    def _begin(self, backups: tuple[BaseBackup, ...], reached: Reach, now: datetime) -> None:
        if self.running is not None or (self.failed_at and now - self.failed_at < _PAUSE_AFTER_FAILURE):
            return
        timeline = self.beats[-1].segment[:8] if self.beats else ""
        wanted = due(backups, reached, self.rhythm, now, timeline)
        if wanted is not None:
            self._back_up(wanted)
        elif backups and (self.verified_at is None or now - self.verified_at >= _VERIFIED_ANEW):
            self._start("verify", "pgbackrest", "verify", "--output=text", "--verbose")

    def _back_up(self, wanted: Due) -> None:
        say({"step": "base backup", "kind": wanted.kind, "because": wanted.reason})
        transaction = query(_NEXT_TRANSACTION)[0]
        options = (f"--type={wanted.kind}", f"--annotation=transaction={transaction}")
        self._start(wanted.kind, "pgbackrest", "backup", *options)

    def _start(self, what: str, *command: str) -> None:
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
        self.running_what = what

    def _reap(self, now: datetime) -> None:
        if self.running is None or self.running.poll() is None:
            return
        said, _ = self.running.communicate()
        code, what = self.running.returncode, self.running_what
        self.running, self.running_what, self.listed_at = None, "", None
        if what == "verify":
            self.verified_at, self.damage = now, damage_in(said, code)
            return
        self.failed_at, self.failure = None, ""
        if code:
            self.failed_at, self.failure = now, f"The last base backup ({what}) failed: {' '.join(said.split())[-500:]}"
        else:
            self.verified_at = None  # what was just written is read back
        say({"step": "base backup ended", "kind": what, "status": code})


def damage_in(said: str, code: int) -> str:
    """What `pgbackrest verify` found broken; empty where everything is whole."""
    lines = [line.strip() for line in said.splitlines()]
    if code == 0 and "status: ok" in lines:
        return ""
    bad = [line for line in lines if line.endswith("invalid") or "status: invalid" in line or "ERROR" in line]
    counts = [line for line in lines if line.startswith("missing:") and set(_numbers(line)) != {0}]
    return " ".join([*bad, *counts])[:500] or " ".join(said.split())[-500:] or "verify said nothing"


def _numbers(line: str) -> list[int]:
    return [int(part.rpartition(":")[2]) for part in line.split(",")]


def _window(backups: tuple[BaseBackup, ...], reached: Reach) -> dict[str, Any]:
    full = max((each.ended for each in backups if each.is_full), default=None)
    differential = max((each.ended for each in backups if not each.is_full), default=None)
    return {
        "oldest": stamp(reached.oldest) if reached.oldest else None,
        "newest": stamp(reached.newest) if reached.newest else None,
        "last_full": stamp(full) if full else None,
        "last_differential": stamp(differential) if differential else None,
        "backups": len(backups),
        "bytes": sum(each.bytes for each in backups),
        "missing": len(reached.missing),
        "last_missing": reached.missing[-1] if reached.missing else None,
        "gap_is_open": reached.is_open,
    }


def _stanza() -> str:
    return os.environ["PGBACKREST_STANZA"]


def _iso(told: str) -> str:
    """PostgreSQL's `2026-01-02 03:04:05.678+00` as Python 3.11 reads it."""
    return told if ":" in told[-3:] else f"{told}:00"


def stamp(at: datetime) -> str:
    """To the second, rounded down: what is promised lies before."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def say(told: dict[str, Any]) -> None:
    """One line for whoever reads the log: the operator, too."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def keep(rhythm: Rhythm, seconds: float) -> None:
    """Keep the archive until the pod ends. `seconds`: from one beat to the next."""
    keeper, has_stanza = Keeper(rhythm), False
    while True:
        begun = time.monotonic()
        try:
            if not has_stanza:
                pgbackrest("stanza-create")
                has_stanza = True
            told = keeper.look()
        except ProgramError as error:
            told = {"archivist": 1, "at": stamp(datetime.now(UTC)), "problem": f"There is no repository: {error}"}
        say(told)
        time.sleep(max(0.5, seconds - (time.monotonic() - begun)))
