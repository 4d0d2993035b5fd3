"""Registers of master data: rows with a number that people chose, listed, read, written and rewritten by version.

Parties and items are registers. Their nouns say which columns there are; what every register does is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import Failure, Problem, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction, sqlstate
from valeo_erp.kernel.versions import require_version

_UNIQUE_VIOLATION = "23505"
_KEPT = frozenset({"tenant_id", "created_at"})

Row = dict[str, Any]


@dataclass(frozen=True)
class Register:
    """A table of master data.

    Attributes:
        kind: what one row is called in audit, events and refusals.
        searched: names of the columns that a search looks into.
    """

    kind: str
    table: Table
    searched: tuple[str, ...]

    @property
    def _shown(self) -> list[Column[Any]]:
        return [column for column in self.table.columns if column.name not in _KEPT]

    async def page(
        self,
        connection: AsyncConnection,
        tenant_id: UUID,
        search: str | None,
        active: bool | None,
        cursor: str | None,
        limit: int,
    ) -> tuple[list[Row], str | None]:
        """One page by number, and where the next begins.

        Raises:
            Problem: 422 when the cursor was not made by this list.
        """
        c = self.table.c
        statement = select(*self._shown).where(c.tenant_id == tenant_id).order_by(c.number).limit(limit + 1)
        if search:
            statement = statement.where(or_(*(c[name].icontains(search, autoescape=True) for name in self.searched)))
        if active is not None:
            statement = statement.where(c.active == active)
        if cursor is not None:
            statement = statement.where(c.number > _number_in(cursor))
        rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
        more = len(rows) > limit
        return rows[:limit], write_cursor(rows[limit - 1]["number"]) if more else None

    async def find(self, connection: AsyncConnection, tenant_id: UUID, identifier: UUID) -> Row:
        """One row.

        Raises:
            Problem: 404, this tenant has none with this id.
        """
        c = self.table.c
        statement = select(*self._shown).where(c.tenant_id == tenant_id, c.id == identifier)
        row = (await connection.execute(statement)).mappings().one_or_none()
        if row is None:
            raise not_found(self.kind)
        return dict(row)

    async def add(self, transaction: Transaction, values: Mapping[str, Any]) -> Row:
        """Write a new row.

        Raises:
            Problem: 409 when the number is taken.
        """
        key = {"tenant_id": transaction.tenant_id, "id": new_id()}
        stamps = {"created_at": transaction.at, "updated_at": transaction.at}
        statement = (
            insert(self.table)
            .values(**values, **key, **stamps)
            .on_conflict_do_nothing(index_elements=["tenant_id", "number"])
            .returning(*self._shown)
        )
        row = (await transaction.connection.execute(statement)).mappings().one_or_none()
        if row is None:
            raise self._number_taken(values)
        return self._traced(transaction, "create", "created", None, dict(row))

    async def rewrite(
        self, transaction: Transaction, identifier: UUID, expected_version: int, values: Mapping[str, Any]
    ) -> Row:
        """Write other values.

        Raises:
            Problem: 404, 412 after another change, 409 when the number is taken.
        """
        c = self.table.c
        own = (c.tenant_id == transaction.tenant_id, c.id == identifier)
        found = (
            (await transaction.connection.execute(select(*self._shown).where(*own).with_for_update()))
            .mappings()
            .one_or_none()
        )
        if found is None:
            raise not_found(self.kind)
        require_version(expected_version, found["version"])
        statement = (
            update(self.table)
            .where(*own)
            .values(**values, version=expected_version + 1, updated_at=transaction.at)
            .returning(*self._shown)
        )
        try:
            row = (await transaction.connection.execute(statement)).mappings().one()
        except IntegrityError as error:
            if sqlstate(error) != _UNIQUE_VIOLATION:
                raise
            raise self._number_taken(values) from error
        return self._traced(transaction, "edit", "edited", dict(found), dict(row))

    async def add_all(self, transaction: Transaction, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        """Write the rows of a file, each with its place in it; `taken` has nothing against them.

        Raises:
            Problem: 409 when a number was taken meanwhile; then nothing is written.
        """
        for _, values in rows:
            await self.add(transaction, values)

    async def taken(self, transaction: Transaction, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Failure]:
        """Every number of these rows that another row has, in the file or in the register."""
        c = self.table.c
        numbers = [values["number"] for _, values in rows]
        statement = select(c.number).where(c.tenant_id == transaction.tenant_id, c.number.in_(numbers))
        seen = set((await transaction.connection.execute(statement)).scalars())
        failures = []
        for place, values in rows:
            if (number := values["number"]) in seen:
                message = f"The number {number} is already taken by another {self.kind}."
                failures.append(Failure("number_taken", message, f"row {place}.number"))
            seen.add(number)
        return failures

    def _number_taken(self, values: Mapping[str, Any]) -> Problem:
        return refused("number_taken", f"The number {values['number']} is already taken by another {self.kind}.")

    def _traced(self, transaction: Transaction, action: str, what: str, before: Row | None, after: Row) -> Row:
        transaction.audit(
            action,
            self.kind,
            after["id"],
            before=None if before is None else _as_json(before),
            after=_as_json(after),
        )
        transaction.publish(f"{self.kind}.{what}", self.kind, after["id"], {"version": after["version"]})
        return after


def _number_in(cursor: str) -> str:
    match read_cursor(cursor):
        case [number]:
            return number
        case _:
            raise cursor_invalid()


def _as_json(row: Row) -> Row:
    return {
        name: str(value) if isinstance(value, UUID | Decimal | date | datetime) else value
        for name, value in row.items()
    }
