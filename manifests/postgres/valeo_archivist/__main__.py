"""`python3 -m valeo_archivist`: keep the archive, recover a copy to a point in time, serve that copy."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from valeo_archivist.due import Rhythm
from valeo_archivist.keeping import keep
from valeo_archivist.programs import ProgramError, take_login
from valeo_archivist.recovering import RecoveryError, Target, command_of, recover


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for. Returns the exit code."""
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _keep(options: argparse.Namespace) -> int:
    take_login(options.login)
    keep(Rhythm(timedelta(days=options.full_days), timedelta(hours=options.differential_hours)), options.seconds)
    return 0


def _recover(options: argparse.Namespace) -> int:
    target = Target(options.time, options.transaction, options.name)
    try:
        label = recover(target, options.data, options.sockets, options.seconds)
    except (ProgramError, RecoveryError) as error:
        return _tell({"error": type(error).__name__, "message": str(error)}, options.result, 1)
    return _tell({"recovered": target.words, "from": label}, options.result, 0)


def _tell(told: dict[str, str], result: Path | None, code: int) -> int:
    line = json.dumps(told, ensure_ascii=False)
    if result is not None:
        result.write_text(line[:4000], encoding="utf-8")
    sys.stdout.write(line + "\n")
    return code


def _serve(options: argparse.Namespace) -> int:
    command = command_of(options.data, options.sockets, "-c", "listen_addresses=127.0.0.1", "-p", str(options.port))
    os.execvp(command[0], command)  # noqa: S606 - it becomes the server


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="valeo_archivist", description=__doc__)
    commands = parser.add_subparsers(required=True)

    keeping = commands.add_parser("keep", help="beside the server: beat, base backups, how it stands")
    keeping.add_argument("--login", type=Path, required=True, help="folder with username and password")
    keeping.add_argument("--full-days", type=int, default=7)
    keeping.add_argument("--differential-hours", type=int, default=24)
    keeping.add_argument("--seconds", type=float, default=10.0, help="from one beat to the next")
    keeping.set_defaults(run=_keep)

    recovering = commands.add_parser("recover", help="a copy of the server at a point in time")
    target = recovering.add_mutually_exclusive_group(required=True)
    target.add_argument("--time", type=datetime.fromisoformat, help="with its zone, as 2026-01-02T03:04:05+00:00")
    target.add_argument("--transaction", type=int)
    target.add_argument("--name")
    recovering.add_argument("--seconds", type=float, default=3600.0, help="after which it is given up")
    recovering.add_argument("--result", type=Path)
    recovering.set_defaults(run=_recover)

    serving = commands.add_parser("serve", help="the server on a copy that was recovered, for this pod only")
    serving.add_argument("--port", type=int, default=5433)
    serving.set_defaults(run=_serve)
    for each in (recovering, serving):
        each.add_argument("--data", type=Path, required=True, help="folder of the copy")
        each.add_argument("--sockets", type=Path, required=True, help="folder for the server's socket")
    return parser


if __name__ == "__main__":
    sys.exit(main())
