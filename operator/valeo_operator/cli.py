"""The command line `valeo-operator`."""

import argparse
import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Final

from valeo_operator import __version__

_CLUSTER_AUTHORITY: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit status."""
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("valeo-operator", description="The Kubernetes operator of ValeoERP.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="drive all installations of the cluster")
    run.add_argument("--namespace", default=os.environ.get("POD_NAMESPACE", "default"), help="where the Lease is kept")
    run.add_argument("--identity", default=os.environ.get("POD_NAME", socket.gethostname()), help="name in the Lease")
    run.add_argument("--port", type=int, default=8080, help="port of /healthz and /metrics")
    run.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    run.add_argument("--evidence-keys", type=Path, help="folder of public keys (NAME.pem) that sign statements")
    run.add_argument(
        "--evidence-issuer", action="append", default=[], help="user who may import evidence; without it everybody"
    )
    run.set_defaults(run=_run)
    return parser


def _run(options: argparse.Namespace) -> int:
    if _CLUSTER_AUTHORITY.exists():  # the only server that is spoken with; the system's 140 others cost 2 MB
        os.environ.setdefault("SSL_CERT_FILE", str(_CLUSTER_AUTHORITY))
    from valeo_operator.evidence.trust import trust  # noqa: PLC0415 - as below
    from valeo_operator.run import Options, run  # noqa: PLC0415 - `--help` needs no cluster client
    from valeo_operator.telemetry.logs import configure_logs  # noqa: PLC0415

    configure_logs(options.log_level)
    believed = trust(options.evidence_keys, options.evidence_issuer)
    asyncio.run(run(Options(options.namespace, options.identity, options.port, believed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
