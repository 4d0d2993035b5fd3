"""Whether this process may get requests, as observed now: database, schema, listener."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

from valeo_erp.kernel.answers import DATABASE_AWAY
from valeo_erp.kernel.settings import Credentials

OK = "ok"
ANSWER_SECONDS = 2.5
"""Less than the 3 s that the kubelet waits: on a busy machine late is not unready."""
FRESH_SECONDS = 0.5
"""Probes that come together share one look, so that nobody can wear out the database with them."""


@dataclass(frozen=True)
class Observed:
    """What one look at the database found.

    Attributes:
        database: `ok`, or what went wrong.
        schema_revision: as the database says, None when it said nothing.
        credential_version: of the credential that this look logged in with, None when it could not.
    """

    database: str
    schema_revision: str | None = None
    credential_version: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer of `/readyz`: every check is `ok` or says what is wrong."""

    observed: Observed
    checks: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether every check is ok."""
        return all(result == OK for result in self.checks.values())


def judge(observed: Observed, *, listening: bool, head: str, known: frozenset[str]) -> Verdict:
    """Ready with the schema of this version or a newer one. Behind is not ready; unknown is not ready.

    Args:
        observed: from the database.
        listening: whether new events are heard of.
        head: the revision that this version's code was written for.
        known: all revisions up to that one.
    """
    return Verdict(
        observed,
        {
            "database": observed.database,
            "schema": _schema(observed.schema_revision, head, known),
            "listener": OK if listening else "not listening for events: the database connection is being opened again",
        },
    )


def _schema(revision: str | None, head: str, known: frozenset[str]) -> str:
    if revision is None:
        return "unknown: the database did not tell its revision"
    if revision != head and revision in known:
        return f"behind: the database is at {revision}, this version needs {head}; run valeo-erp migrate"
    return OK


class Readiness:
    """Looks at the database with a login of its own, so that a busy pool does not make the process unready."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], credentials: Credentials) -> None:
        self._connect = connect
        self._credentials = credentials
        self._lock = asyncio.Lock()
        self._last = Observed("not looked at yet")
        self._until = 0.0

    async def observe(self) -> Observed:
        """What is there now, at most half a second old."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now >= self._until:
                self._last = await self._look()
                self._until = asyncio.get_running_loop().time() + FRESH_SECONDS
            return self._last

    async def _look(self) -> Observed:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                version = self._credentials.version
                return Observed(OK, await self._revision(), version)
        except TimeoutError:
            return Observed(f"no answer within {ANSWER_SECONDS:g} s")
        except DATABASE_AWAY as error:
            return Observed(f"unreachable: {type(error).__name__}")

    async def _revision(self) -> str | None:
        connection = await self._connect()
        try:
            revision: str | None = await connection.fetchval("select version_num from alembic_version")
        except asyncpg.UndefinedTableError:
            return None
        finally:
            connection.terminate()
        return revision
