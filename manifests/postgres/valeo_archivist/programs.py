"""PostgreSQL's and pgBackRest's programs: run, and what they said when they fail."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_LONGEST: Final = 600.0
_LONGEST_WORDS: Final = 700


class ProgramError(Exception):
    """A program did not do what it was asked for; the words are its own."""


def run(*command: str, seconds: float = _LONGEST) -> str:
    """What a program prints. Raises ProgramError."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"{' '.join(command[:2])} did not end within {seconds:.0f} s") from error
    if done.returncode:
        raise ProgramError(_words(command, done.stderr or done.stdout))
    return done.stdout


def _words(command: Sequence[str], said: str) -> str:
    return f"{' '.join(command[:2])}: {' '.join(said.split())[-_LONGEST_WORDS:] or 'it said nothing'}"


def pgbackrest(command: str, *options: str, seconds: float = _LONGEST) -> str:
    """What a command of pgBackRest prints; its settings are in the environment. Raises ProgramError."""
    return run("pgbackrest", command, *options, seconds=seconds)


def query(*statements: str, database: str = "postgres") -> list[str]:
    """The lines that statements give, each in a transaction of its own. Raises ProgramError."""
    words = [word for each in statements for word in ("-c", each)]
    return run("psql", "-XAtqw", "-v", "ON_ERROR_STOP=1", "-d", database, *words, seconds=30).splitlines()


def take_login(folder: Path) -> None:
    """The superuser's name and password for `psql` and pgBackRest, from the mounted Secret."""
    user = (folder / "username").read_text(encoding="utf-8").strip()
    os.environ["PGUSER"] = os.environ["PGBACKREST_PG1_USER"] = user
    os.environ["PGPASSWORD"] = (folder / "password").read_text(encoding="utf-8").rstrip("\n")
