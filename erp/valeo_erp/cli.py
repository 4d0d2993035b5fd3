"""The command line `valeo-erp`: one command for each thing that a person or a Job does with this program."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from valeo_erp import __version__
from valeo_erp.backups.command import add_to as add_backup_commands
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

    rotate = commands.add_parser("rotate", help="change the login of the application (as administrator)")
    rotate.add_argument("step", choices=("admit", "unused", "retire"))
    rotate.add_argument("--login", default="", help="the login that is unused, or is retired")
    rotate.add_argument("--at-once", action="store_true", help="in an emergency: end the sessions of a retired login")
    rotate.add_argument("--result", type=Path, help="also write the answer to this file")
    rotate.set_defaults(run=_rotate)

    migrate = commands.add_parser("migrate", help="bring the schema to this version and read the revision back")
    migrate.add_argument("--result", type=Path, help="also write the answer to this file")
    migrate.set_defaults(run=_migrate)

    describe = commands.add_parser("describe", help="tell what this release is, as JSON")
    describe.add_argument("--result", type=Path, help="also write the answer to this file")
    describe.set_defaults(run=_describe)

    seed = commands.add_parser("seed", help="put the demo traders into the database")
    seed.add_argument("--year", action="store_true", help="with last year's documents, where there are none yet")
    seed.add_argument("--chart", choices=["skr03", "skr04"], default="skr03", help="of new traders' accounts")
    seed.set_defaults(run=_seed)

    serve = commands.add_parser("serve", help="answer requests until SIGTERM")
    serve.add_argument("--host", default="0.0.0.0")  # noqa: S104 - in its pod it must be reachable
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(run=_serve)

    smoke = commands.add_parser("smoke", help="test a running service from outside, in a tenant of its own")
    smoke.add_argument("--url", default="http://127.0.0.1:8080")
    smoke.add_argument("--release", help="which must answer; any if not given")
    smoke.add_argument("--result", type=Path, help="also write the results to this file, as JSON")
    smoke.set_defaults(run=_smoke)

    look = commands.add_parser("look", help="tell how the inside of the database is, changing nothing (as migrator)")
    look.add_argument("--result", type=Path, help="also write the answer to this file")
    look.set_defaults(run=_look)

    add_backup_commands(commands)
    gdpr = commands.add_parser("gdpr", help="erase again what a restored backup has brought back (as migrator)")
    gdpr.add_argument("what", choices=("tombstones", "reapply"), help="print what was erased, or erase it again")
    gdpr.add_argument("--carried", type=Path, help="tombstones of before the restore, as they were printed")
    gdpr.set_defaults(run=_gdpr)

    _add_demo_commands(commands)
    return parser


def _add_demo_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demo", help="run the ERP alone on this machine, with its own PostgreSQL")
    demo.add_argument("--port", type=int, default=8080)
    demo.add_argument("--identity-port", type=int, default=8081)
    demo.set_defaults(run=_demo)

    identity = commands.add_parser("identity", help="run the development identity provider (no passwords)")
    identity.add_argument("--public-url", default="http://127.0.0.1:8081", help="its issuer, as browsers reach it")
    identity.add_argument("--host", default="0.0.0.0")  # noqa: S104 - in its pod it must be reachable
    identity.add_argument("--port", type=int, default=8081)
    identity.set_defaults(run=_identity)

    token = commands.add_parser("token", help="print the ID token of a person of the development identity provider")
    token.add_argument("--person", required=True, help="such as olga, max, mia, anna, adam, eve or bruno")
    token.add_argument("--issuer", default="http://127.0.0.1:8081")
    token.add_argument("--audience", default="valeo-erp")
    token.set_defaults(run=_token)


def _tell(answer: dict[str, object], result: Path | None) -> int:
    line = json.dumps(answer, ensure_ascii=False)
    if result is not None:
        result.write_text(line, encoding="utf-8")
    sys.stdout.write(line + "\n")
    return 0


def _provision(settings: Settings, _: argparse.Namespace) -> int:
    from valeo_erp.migrations.provision import provision  # noqa: PLC0415 - each command loads only what it needs

    return _tell({"logins": asyncio.run(provision(settings))}, None)


def _rotate(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.migrations import rotate  # noqa: PLC0415

    steps = {
        "admit": lambda: rotate.admit(settings),
        "unused": lambda: rotate.unused(settings, options.login),
        "retire": lambda: rotate.retire(settings, options.login, at_once=options.at_once),
    }
    try:
        return _tell(dict(asyncio.run(steps[options.step]())), options.result)
    except rotate.RotationRefusedError as refused:
        _tell({"error": str(refused)}, options.result)
        return 1


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.migrations.migrate import MigrationFailedError, migrate  # noqa: PLC0415

    try:
        done = asyncio.run(migrate(settings))
    except MigrationFailedError as failed:
        _tell({"error": str(failed), **asdict(failed.state)}, options.result)
        return 1
    return _tell(asdict(done), options.result)


def _describe(_: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.operations.describe import describe  # noqa: PLC0415

    return _tell(describe(), options.result)


def _seed(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.accounts.chart import Chart  # noqa: PLC0415
    from valeo_erp.seeds.trader import seed  # noqa: PLC0415

    added = asyncio.run(seed(settings, chart=Chart(options.chart)))
    if options.year:
        from valeo_erp.seeds.year import seed_year  # noqa: PLC0415

        added["documents of last year"] = asyncio.run(seed_year(settings))
    return _tell({"added": added}, None)


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.serving import serve  # noqa: PLC0415

    return serve(settings, options.host, options.port)


def _smoke(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.operations.smoke import Target, smoke  # noqa: PLC0415

    return smoke(Target(options.url, settings.smoke_key(), options.release), options.result)


def _look(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.operations.look import look  # noqa: PLC0415

    return _tell(asyncio.run(look(settings)), options.result)


def _gdpr(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.gdpr.service import reapply, tombstones  # noqa: PLC0415

    if options.what == "tombstones":
        for row in asyncio.run(tombstones(settings)):
            _tell(row, None)
        return 0
    lines = options.carried.read_text(encoding="utf-8").splitlines() if options.carried else []
    return _tell({"erased": asyncio.run(reapply(settings, [json.loads(line) for line in lines if line]))}, None)


def _demo(_: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.demo import local  # noqa: PLC0415
    from valeo_erp.demo.postgres import ServerMissingError  # noqa: PLC0415

    try:
        return local.run(local.Ports(options.port, options.identity_port))
    except (local.DemoError, ServerMissingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _identity(settings: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.demo.identity import run  # noqa: PLC0415

    return run(options.public_url, options.host, options.port, settings.identity_key_file)


def _token(_: Settings, options: argparse.Namespace) -> int:
    from valeo_erp.demo.token import TokenRefusedError, id_token  # noqa: PLC0415

    try:
        sys.stdout.write(id_token(options.issuer, options.person, options.audience) + "\n")
    except TokenRefusedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
