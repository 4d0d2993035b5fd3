"""The command line `valeo-erp`: one command for each thing that a person or a Job does with this program."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from valeo_erp import __version__
from valeo_erp.kernel.logs import configure_logs
from valeo_erp.kernel.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit status."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    configure_logs(settings.log_level)
    status: int = options.run(settings, options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("valeo-erp", description="The ERP service of an agricultural trader.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    provision = commands.add_parser("provision", help="make roles, database, schema and grants (as administrator)")
    provision.set_defaults(run=_provision)

    migrate = commands.add_parser("migrate", help="bring the schema to this version and read the revision back")
    migrate.add_argument("--result", type=Path, help="also write the answer to this file")
    migrate.set_defaults(run=_migrate)

    describe = commands.add_parser("describe", help="tell what this release is, as JSON")
    describe.add_argument("--result", type=Path, help="also write the answer to this file")
    describe.set_defaults(run=_describe)

    seed = commands.add_parser("seed", help="put the demo traders into the database")
    seed.set_defaults(run=_seed)
    return parser


def _tell(answer: dict[str, object], result: Path | None) -> int:
    line = json.dumps(answer, ensure_ascii=False)
    if result is not None:
        result.write_text(line, encoding="utf-8")
    sys.stdout.write(line + "\n")
    return 0


def _provision(settings: Settings, _: argparse.Namespace) -> int:
    from valeo_erp.migrations.provision import provision  # noqa: PLC0415 - each command loads only what it needs

    return _tell({"logins": asyncio.run(provision(settings))}, None)


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.migrations.migrate import migrate  # noqa: PLC0415

    return _tell(asdict(asyncio.run(migrate(settings))), options.result)


def _describe(_: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.operations.describe import describe  # noqa: PLC0415

    return _tell(describe(), options.result)


def _seed(settings: Settings, _: argparse.Namespace) -> int:
    from valeo_erp.seeds.trader import seed  # noqa: PLC0415

    return _tell({"added": asyncio.run(seed(settings))}, None)


if __name__ == "__main__":
    sys.exit(main())
