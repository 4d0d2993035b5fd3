"""Statements of the hot path: written in SQL, prepared once per connection by the driver itself.

They run on the connection of the request, inside its transaction, beside whatever SQLAlchemy runs there. Measured: a
third of the processor time of the same text through SQLAlchemy (docs/decisions/hot-statements.md).
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")


class Statement:
    """SQL with `:names`. Values for `json` and `jsonb` are given as text, see `json_text`."""

    def __init__(self, sql: str) -> None:
        self.names = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        self.sql = _PARAMETER.sub(lambda found: f"${self.names.index(found[1]) + 1}", sql)

    async def rows(self, connection: AsyncConnection, values: Mapping[str, Any]) -> list[asyncpg.Record]:
        """All rows.

        Raises:
            DBAPIError: as SQLAlchemy would, so that one place turns it into an answer.
        """
        driver = driver_of(connection)
        with _sqlalchemy_errors(driver, self.sql):
            return list(await driver.fetch(self.sql, *[values[name] for name in self.names]))

    async def row(self, connection: AsyncConnection, values: Mapping[str, Any]) -> asyncpg.Record | None:
        """The one row there can be, None without.

        Raises:
            DBAPIError: as `rows`.
        """
        found = await self.rows(connection, values)
        return found[0] if found else None


async def command(connection: AsyncConnection, sql: str) -> None:
    """Run one command without parameters and rows, such as `begin`.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    driver = driver_of(connection)
    with _sqlalchemy_errors(driver, sql):
        await driver.execute(sql)


@dataclass(frozen=True, slots=True)
class Query:
    """SQL as the driver takes it, with `$1` and so on, and its values."""

    sql: str
    values: tuple[Any, ...]


async def copy_csv(
    connection: AsyncConnection, query: Query, delimiter: str, write: Callable[[bytes], Awaitable[None]]
) -> int:
    """Hand the rows of a query to a writer as the server's own CSV, some at a time, and count them.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    driver = driver_of(connection)
    with _sqlalchemy_errors(driver, query.sql):
        done = await driver.copy_from_query(
            query.sql, *query.values, output=write, format="csv", delimiter=delimiter, encoding="utf-8"
        )
    return int(done.removeprefix("COPY "))


@contextmanager
def _sqlalchemy_errors(driver: asyncpg.Connection, sql: str) -> Iterator[None]:
    try:
        yield
    except asyncpg.InternalClientError as error:
        driver.terminate()  # the server ended the session at a moment that left the driver's protocol out of step
        raise _wrapped(error, driver, sql) from error
    except asyncpg.InterfaceError as error:
        if not driver.is_closed():
            raise  # a fault of this program
        raise _wrapped(error, driver, sql) from error
    except asyncpg.PostgresError as error:
        raise _wrapped(error, driver, sql) from error


def _wrapped(error: Exception, driver: asyncpg.Connection, sql: str) -> DBAPIError:
    return DBAPIError(sql, None, error, hide_parameters=True, connection_invalidated=driver.is_closed())


def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's own connection under SQLAlchemy's."""
    outer = connection.sync_connection
    if outer is None:
        raise RuntimeError("The connection is not started")
    return outer.connection.driver_connection


def json_text(value: Any) -> str:
    """A parameter for `jsonb`: decimals, ids, dates and dataclasses as they stand in an answer."""
    return to_json(value).decode()
