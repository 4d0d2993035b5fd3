"""Brings a copy of the server to a point in time: from a base backup, over the archived log, up to the target."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from valeo_archivist.archive import BaseBackup, backups_in
from valeo_archivist.keeping import say
from valeo_archivist.programs import ProgramError, pgbackrest, query

_NOT_REACHED: Final = "recovery ended before configured recovery target was reached"
_HBA: Final = "local all all trust\nhost all all 127.0.0.1/32 trust\n"  # nobody else is in the pod


class RecoveryError(Exception):
    """The target was not reached; the words say why."""


@dataclass(frozen=True)
class Target:
    """Where recovery ends: exactly one of a time, a transaction, and the name of a restore point."""

    time: datetime | None = None
    transaction: int | None = None
    name: str | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """As pgBackRest takes it."""
        if self.time is not None:
            return ("--type=time", f"--target={self.time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f+00}")
        if self.transaction is not None:
            return ("--type=xid", f"--target={self.transaction}")
        return ("--type=name", f"--target={self.name}")

    @property
    def words(self) -> str:
        """For a person."""
        if self.time is not None:
            return f"the time {self.time.astimezone(UTC).isoformat()}"
        return f"the transaction {self.transaction}" if self.transaction is not None else f"the point {self.name}"


def candidates(target: Target, backups: Sequence[BaseBackup]) -> list[BaseBackup]:
    """The base backups to begin with, the best one first.

    For a time it is the newest one that ended before. When a transaction was, or a point was named, is not known before
    the log is read: the newest ones are tried first, and those that were begun after the transaction are left out.
    """
    newest_first = sorted(backups, key=lambda each: each.ended, reverse=True)
    if target.time is not None:
        return [each for each in newest_first if each.ended <= target.time][:1]
    wanted = target.transaction
    if wanted is not None:
        return [each for each in newest_first if each.next_transaction is None or each.next_transaction <= wanted]
    return newest_first


def recover(target: Target, data: Path, sockets: Path, seconds: float) -> str:
    """Make the copy, bring it to the target and stop it cleanly.

    Returns:
        The label of the base backup that it began with.

    Raises:
        RecoveryError: the target can't be reached.
        ProgramError: a program failed, as when a file of the base backup is damaged.
    """
    tried = candidates(target, backups_in(pgbackrest("info", "--output=json")))
    if not tried:
        raise RecoveryError(f"No base backup ended before {target.words}.")
    for backup in tried:
        say({"step": "restoring", "backup": backup.label, "target": target.words})
        _empty(data)
        options = (f"--set={backup.label}", f"--pg1-path={data}", *target.options, "--target-action=promote")
        pgbackrest("restore", *options, "--archive-mode=off", seconds=seconds)
        (data / "scratch_hba.conf").write_text(_HBA, encoding="ascii")
        if _replayed(data, sockets, seconds):
            return backup.label
        say({"step": "not reached", "backup": backup.label})
    raise RecoveryError(
        f"The archived log ends, or has a gap, before {target.words}. Tried from: "
        f"{', '.join(each.label for each in tried)}."
    )


def _empty(data: Path) -> None:
    if data.exists():
        shutil.rmtree(data)
    data.mkdir(mode=0o700, parents=True)


def command_of(data: Path, sockets: Path, *more: str) -> list[str]:
    """The server on a copy: nobody outside of the pod reaches it, and it archives nothing."""
    settings = {
        "unix_socket_directories": str(sockets),
        "hba_file": str(data / "scratch_hba.conf"),
        "archive_mode": "off",
        "jit": "off",
        "timezone": "UTC",
    }
    return ["postgres", "-D", str(data), *(word for each in settings.items() for word in ("-c", "=".join(each))), *more]


def _replayed(data: Path, sockets: Path, seconds: float) -> bool:
    """Whether the server came to the target. Raises RecoveryError for any other end, ProgramError after `seconds`."""
    log = data.parent / "recovery.log"
    with log.open("w", encoding="utf-8") as written:
        command = command_of(data, sockets, "-c", "listen_addresses=")
        server = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)  # noqa: S603 - our own words
        try:
            return _followed(server, log, sockets, time.monotonic() + seconds)
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)
                server.wait(timeout=300)


def _followed(server: "subprocess.Popen[bytes]", log: Path, sockets: Path, ends: float) -> bool:
    os.environ["PGHOST"] = str(sockets)
    os.environ["PGUSER"] = os.environ.get("PGUSER", "postgres")
    while server.poll() is None:
        if time.monotonic() > ends:
            raise ProgramError("the log was not replayed in time")
        try:
            if query("select pg_is_in_recovery()") == ["f"]:
                return True
        except ProgramError:
            pass  # it does not take connections yet; whether it ended is asked above
        time.sleep(0.3)
    said = log.read_text(encoding="utf-8")
    if _NOT_REACHED in said:
        return False
    raise RecoveryError(f"The server ended while it replayed the log: {' '.join(said.split())[-700:]}")
