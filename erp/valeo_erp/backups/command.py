"""`valeo-erp backup …`: what the operator's Jobs run, and people by hand."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import asyncpg

from valeo_erp.backups.faults import BackupError
from valeo_erp.kernel.settings import CredentialsMissingError, Settings

LONGEST_RESULT = 4000
"""Bytes; Kubernetes keeps no more of a pod's last words."""

COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "make": ("make a backup and prove it", ("store", "[name]")),
    "verify": ("read a whole backup and decode it", ("store", "name")),
    "list": ("every backup in the store, also the broken ones", ("store",)),
    "delete": ("take a backup out of the store", ("store", "name")),
    "restore": ("restore into a new database beside the live one", ("store", "name", "into")),
    "drill": ("restore into a scratch database, compare, let the application answer", ("store", "name")),
    "export": ("write one file that pg_restore reads", ("store", "name", "to")),
    "carry-erasures": ("erase in a restored database what was erased in the live one since", ("restored",)),
    "swap": ("a restored database takes the place of the live one", ("restored", "without-erasures")),
    "swap-back": ("the database from before takes its place again", ("restored",)),
    "drop-replaced": ("drop the database from before, after which there is no way back", ("restored",)),
}
"""Every command: what it is for, and which options it needs; one in brackets may be left out."""

_HELP = {
    "store": "where backups lie, such as file:///backups/production",
    "name": "of the backup, YYYYMMDD-HHMMSS",
    "into": "the new database",
    "to": "the folder for the file",
    "restored": "the database that was restored",
    "without-erasures": "the live database can't be read: what was erased since the backup comes back",
}
_FLAGS = frozenset({"without-erasures"})


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `backup` with its own commands."""
    backup = commands.add_parser("backup", help="make, prove, restore and drill backups")
    own = backup.add_subparsers(required=True, metavar="COMMAND")
    for word, (help_, options) in COMMANDS.items():
        parser = own.add_parser(word, help=help_)
        parser.add_argument("--result", type=Path, help="also write the result, as JSON, to this file")
        for option in options:
            name = option.strip("[]")
            if name in _FLAGS:
                parser.add_argument(f"--{name}", action="store_true", help=_HELP[name])
                continue
            parser.add_argument(
                f"--{name}", required=name == option, help=_HELP[name], type=Path if name == "to" else str
            )
        parser.set_defaults(run=_run, word=word)


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.backups.tasks import told  # noqa: PLC0415 - each command loads only what it needs

    try:
        result = asyncio.run(told(settings, _say, options))
    except BackupError as error:
        return _tell({"error": error.code, "message": str(error)}, options.result, 1)
    except (OSError, asyncpg.PostgresError, CredentialsMissingError) as error:
        message = f"{type(error).__name__}: {error}"
        return _tell({"error": "failed", "message": message[:1000]}, options.result, 1)
    return _tell(result, options.result, 0)


def _say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _tell(told: dict[str, Any], result: Path | None, status: int) -> int:
    line = json.dumps(told, ensure_ascii=False)
    if result is not None and len(line.encode()) <= LONGEST_RESULT:
        result.write_text(line, encoding="utf-8")
    sys.stdout.write(line + "\n")
    return status
