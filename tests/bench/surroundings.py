"""What every benchmark stands on: a PostgreSQL that really writes, an issuer, and the ERP as it is served."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
from tests.bench.children import ROOT
from tests.bench.http_client import Address
from tests.bench.issuer import AUDIENCE, Issuer, issuer
from tests.bench.processes import Process
from tests.support.sign_in import free_port

from valeo_erp.demo.local import running, wait_until_answers
from valeo_erp.demo.postgres import LocalServer, local_server
from valeo_erp.kernel.database import SCHEMA
from valeo_erp.kernel.settings import Settings
from valeo_erp.migrations.migrate import migrate
from valeo_erp.migrations.provision import provision
from valeo_erp.seeds.trader import seed

DATABASE = "valeo_bench"


@dataclass(frozen=True)
class Surroundings:
    """The database, seeded, and who can sign in."""

    server: LocalServer
    issuer: Issuer
    folder: Path
    database: str = DATABASE

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the ERP's commands."""
        return {
            **self.server.environment(self.database),
            "VALEO_OIDC_ISSUER": self.issuer.url,
            "VALEO_OIDC_AUDIENCE": AUDIENCE,
            "VALEO_RELEASE_ID": "bench",
            "VALEO_RATE_LIMITS": "requests=10000000/minute, exports=1000000/minute",
            "VALEO_LOG_LEVEL": "WARNING",
        }

    @property
    def connection(self) -> dict[str, Any]:
        """How asyncpg connects as the administrator."""
        return {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": "postgres",
            "password": (self.server.secrets / "postgres" / "password").read_text(),
            "database": self.database,
            "server_settings": {"search_path": f"{SCHEMA}, public"},
        }

    def query(self, statement: str, *arguments: object) -> list[Any]:
        """The rows of one statement, by the administrator."""

        async def ask() -> list[Any]:
            connection = await asyncpg.connect(**self.connection, command_timeout=600)
            try:
                rows: Sequence[Any] = await connection.fetch(statement, *arguments)
            finally:
                await connection.close()
            return list(rows)

        return asyncio.run(ask())

    def milliseconds(self, statement: str, times: int) -> list[float]:
        """How long a statement takes, again and again on one connection, by the administrator."""

        async def ask() -> list[float]:
            connection = await asyncpg.connect(**self.connection)
            seen = []
            for _ in range(times):
                begun = perf_counter()
                await connection.fetch(statement)
                seen.append((perf_counter() - begun) * 1000)
            await connection.close()
            return seen

        return asyncio.run(ask())


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """All of it, until the block ends. Nothing of PostgreSQL's durability is off."""
    with (
        tempfile.TemporaryDirectory(prefix="valeo-bench-") as folder,
        local_server(max_connections="120", track_commit_timestamp="on") as server,
        issuer() as signing,
    ):
        made = Surroundings(server, signing, Path(folder))
        values: dict[str, Any] = {
            name.removeprefix("VALEO_").lower(): value for name, value in made.environment.items()
        }
        asyncio.run(_prepare(Settings(**values)))
        yield made


async def _prepare(settings: Settings) -> None:
    await provision(settings)
    await migrate(settings)
    await seed(settings)


@dataclass(frozen=True)
class Service:
    """A process that answers HTTP."""

    address: Address
    process: Process
    running: subprocess.Popen[bytes]


@contextmanager
def erp(place: Surroundings, **more: str) -> Iterator[Service]:
    """`valeo-erp serve`: one worker, with nothing but its defaults."""
    port, log = free_port(), place.folder / "erp.log"
    variables = {**os.environ, **place.environment, **more}
    with running(variables, log, "serve", "--host", "127.0.0.1", "--port", str(port)) as process:
        wait_until_answers(f"http://127.0.0.1:{port}/readyz", process, log)
        yield Service(Address("127.0.0.1", port), Process(process.pid), process)


@contextmanager
def bare(place: Surroundings) -> Iterator[Service]:
    """The yardstick: FastAPI on the same server with routes that do nothing."""
    port, log = free_port(), place.folder / "bare.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare", str(port)], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        wait_until_answers(f"http://127.0.0.1:{port}/echo", process, log)
        yield Service(Address("127.0.0.1", port), Process(process.pid), process)
    finally:
        process.kill()
        process.wait()
