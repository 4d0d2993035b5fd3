"""Opening, closing and reopening periods. One of these at a time for each tenant; closing waits for who is posting."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import Kind, State
from valeo_erp.documents.kinds import rules_of
from valeo_erp.kernel.problems import not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.kernel.versions import require_version
from valeo_erp.periods.models import period as period_table
from valeo_erp.periods.rules import Period, against_closing, against_opening, against_reopening, months_of

_p = period_table.c
_COLUMNS = [_p[name] for name in ("starts_on", "ends_on", "state", "closed_at", "closed_by", "version")]
_BOOKED = [kind.value for kind in Kind if rules_of(kind).booking is not None]
_UNPOSTED_STATES = [State.DRAFT.value, State.SUBMITTED.value, State.APPROVED.value, State.REJECTED.value]

_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('period ' || :tenant_id, 0))")
_UNPOSTED = text("""
select kind, state, count(*) as documents from document
where tenant_id = :tenant_id and kind = any(:kinds) and state = any(:states) and document_date between :first and :last
group by kind, state
""")

_UNPOSTED_BY_PERIOD = text("""
select p.starts_on, d.kind, d.state, count(*) as documents
from period p join document d on d.tenant_id = p.tenant_id and d.kind = any(:kinds) and d.state = any(:states)
  and d.document_date between p.starts_on and p.ends_on
where p.tenant_id = :tenant_id and p.state = 'open'
group by p.starts_on, d.kind, d.state
""")


async def all_periods(connection: AsyncConnection, tenant_id: UUID) -> list[Period]:
    """Every period, the oldest first."""
    statement = select(*_COLUMNS).where(_p.tenant_id == tenant_id).order_by(_p.starts_on)
    return [Period(*row) for row in await connection.execute(statement)]


async def find(connection: AsyncConnection, tenant_id: UUID, starts_on: date) -> Period:
    """The period that begins on a day.

    Raises:
        Problem: 404.
    """
    statement = select(*_COLUMNS).where(_p.tenant_id == tenant_id, _p.starts_on == starts_on)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise not_found("period")
    return Period(*row)


async def unposted_in(connection: AsyncConnection, tenant_id: UUID, period: Period) -> dict[tuple[str, str], int]:
    """How many documents of a period's days are not posted yet, by kind and state; only of kinds that are booked."""
    where = {"kinds": _BOOKED, "states": _UNPOSTED_STATES, "first": period.starts_on, "last": period.ends_on}
    rows = await connection.execute(_UNPOSTED, where | {"tenant_id": tenant_id})
    return {(row.kind, row.state): row.documents for row in rows}


async def unposted_by_period(connection: AsyncConnection, tenant_id: UUID) -> dict[date, dict[tuple[str, str], int]]:
    """The same of every open period, by its first day."""
    where = {"tenant_id": tenant_id, "kinds": _BOOKED, "states": _UNPOSTED_STATES}
    found: dict[date, dict[tuple[str, str], int]] = {}
    for row in await connection.execute(_UNPOSTED_BY_PERIOD, where):
        found.setdefault(row.starts_on, {})[row.kind, row.state] = row.documents
    return found


async def open_year(transaction: Transaction, year: int) -> list[Period]:
    """Make periods of the calendar months of a year.

    Raises:
        Problem: 409 when the year is there, or one before or after it is missing.
    """
    await _one_at_a_time(transaction)
    known = await all_periods(transaction.connection, transaction.tenant_id)
    if failures := against_opening(known, year):
        raise refused("year_not_opened", f"The year {year} was not opened.", failures)
    key = {"tenant_id": transaction.tenant_id}
    rows = [key | {"starts_on": first, "ends_on": last} for first, last in months_of(year)]
    await transaction.connection.execute(insert(period_table).values(rows))
    opened = [
        each for each in await all_periods(transaction.connection, transaction.tenant_id) if each.starts_on.year == year
    ]
    for each in opened:
        _traced(transaction, "open", "opened", None, each)
    return opened


async def close(transaction: Transaction, starts_on: date, expected_version: int, *, unposted: bool) -> Period:
    """Close a period; waits for the postings that are at work in it.

    Args:
        transaction: of the request.
        starts_on: names it.
        expected_version: the one that was seen.
        unposted: whether documents of its days may stay unposted.

    Raises:
        Problem: 404, 412, 409 when it is closed already, or documents of its days are not posted.
    """
    before = await _held(transaction, starts_on, expected_version)
    left = {} if unposted else await unposted_in(transaction.connection, transaction.tenant_id, before)
    if failures := against_closing(before, left):
        raise refused(failures[0].code, f"The period from {starts_on} was not closed.", failures)
    values = {"state": "closed", "closed_at": transaction.at, "closed_by": transaction.principal.subject}
    return await _changed(transaction, "close", "closed", before, values)


async def reopen(transaction: Transaction, starts_on: date, expected_version: int, reason: str) -> Period:
    """Let a closed period take entries again.

    Raises:
        Problem: 404, 412, 409 when it is open, or a later year is closed.
    """
    before = await _held(transaction, starts_on, expected_version)
    known = await all_periods(transaction.connection, transaction.tenant_id)
    if failures := against_reopening(before, known):
        raise refused(failures[0].code, f"The period from {starts_on} was not reopened.", failures)
    values = {"state": "open", "closed_at": None, "closed_by": None}
    return await _changed(transaction, "reopen", "reopened", before, values, reason)


async def _one_at_a_time(transaction: Transaction) -> None:
    await transaction.connection.execute(_ONE_AT_A_TIME, {"tenant_id": str(transaction.tenant_id)})


async def _held(transaction: Transaction, starts_on: date, expected_version: int) -> Period:
    """The period, locked against postings: what they posted until then is seen, what comes later waits."""
    await _one_at_a_time(transaction)
    own = (_p.tenant_id == transaction.tenant_id, _p.starts_on == starts_on)
    row = (await transaction.connection.execute(select(*_COLUMNS).where(*own).with_for_update())).one_or_none()
    if row is None:
        raise not_found("period")
    found = Period(*row)
    require_version(expected_version, found.version)
    return found


async def _changed(
    transaction: Transaction,
    action: str,
    what: str,
    before: Period,
    values: Mapping[str, Any],
    reason: str | None = None,
) -> Period:
    statement = (
        update(period_table)
        .where(_p.tenant_id == transaction.tenant_id, _p.starts_on == before.starts_on)
        .values(**values, version=before.version + 1)
        .returning(*_COLUMNS)
    )
    after = Period(*(await transaction.connection.execute(statement)).one())
    _traced(transaction, action, what, before, after, reason)
    return after


def _traced(
    transaction: Transaction, action: str, what: str, before: Period | None, after: Period, reason: str | None = None
) -> None:
    identifier = uuid5(transaction.tenant_id, f"period {after.starts_on}")  # periods are known by their first day
    told = None if before is None else _audited(before)
    transaction.audit(action, "period", identifier, reason=reason, before=told, after=_audited(after))
    data = {"starts_on": str(after.starts_on), "state": after.state}
    transaction.publish(f"period.{what}", "period", identifier, data)


def _audited(period: Period) -> dict[str, Any]:
    return {"starts_on": str(period.starts_on), "state": period.state, "version": period.version}
