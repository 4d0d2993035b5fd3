"""Writing rates of tax codes, changing unused ones, ending them, and letting another one follow."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.kernel.problems import Failure, Problem, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction, sqlstate
from valeo_erp.kernel.versions import require_version
from valeo_erp.taxes.models import tax_code as table
from valeo_erp.taxes.validity import Carrying, TaxRate, against_change, against_end

_c = table.c
_COLUMNS = [_c[name] for name in TaxRate.__dataclass_fields__]
_TOLD = 5
_EXCLUSION_VIOLATION = "23P01"

_CARRYING = text("""
select coalesce(d.number, replace(d.kind, '_', ' ') || ' ' || d.id) as called, count(*) over () as documents
from document d
where d.tenant_id = :tenant_id and d.state <> 'cancelled' and d.supply_date >= :first
  and (cast(:last as date) is null or d.supply_date <= :last)
  and exists (select from document_line l
              where l.tenant_id = d.tenant_id and l.document_id = d.id and l.tax_code = :code)
order by d.supply_date, d.id limit :told
""")


async def every(connection: AsyncConnection, tenant_id: UUID) -> list[TaxRate]:
    """Every rate that ever held, by code and day."""
    statement = select(*_COLUMNS).where(_c.tenant_id == tenant_id).order_by(_c.code, _c.valid_from)
    return [TaxRate(*row) for row in await connection.execute(statement)]


async def find(connection: AsyncConnection, tenant_id: UUID, code: str, valid_from: date) -> TaxRate:
    """The rate of a code that begins on a day.

    Raises:
        Problem: 404.
    """
    statement = select(*_COLUMNS).where(_c.tenant_id == tenant_id, _c.code == code, _c.valid_from == valid_from)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise not_found("tax code")
    return TaxRate(*row)


async def add(transaction: Transaction, values: Mapping[str, Any]) -> TaxRate:
    """Write a rate.

    Raises:
        Problem: 409 when another rate of the code holds on one of its days; the database refuses that, too.
    """
    statement = (
        insert(table).values(**values, tenant_id=transaction.tenant_id).on_conflict_do_nothing().returning(*_COLUMNS)
    )
    row = (await transaction.connection.execute(statement)).one_or_none()
    if row is None:
        raise _overlaps(values["code"])
    made = TaxRate(*row)
    _traced(transaction, "create", None, made)
    return made


async def rewrite(
    transaction: Transaction, code: str, valid_from: date, expected_version: int, values: Mapping[str, Any]
) -> TaxRate:
    """Write other values of a rate that no document carries.

    Raises:
        Problem: 404, 412, 409 when a document carries it, or another rate holds on one of its days.
    """
    before = await _locked(transaction, code, valid_from, expected_version)
    carrying = await _carrying(transaction, code, valid_from, before.valid_to)
    if failures := against_change(carrying):
        raise refused("tax_code_unchanged", "The rate was not changed.", failures)
    return await _changed(transaction, "edit", before, values)


async def end(transaction: Transaction, code: str, valid_from: date, expected_version: int, valid_to: date) -> TaxRate:
    """Let a rate end on a day; it never gets longer again.

    Raises:
        Problem: 404, 412, 409 when documents of later days carry it, or it would end later than it does.
    """
    before = await _locked(transaction, code, valid_from, expected_version)
    later = await _carrying(transaction, code, max(valid_to + timedelta(days=1), valid_from), before.valid_to)
    if failures := against_end(before, valid_to, later):
        raise refused("tax_code_unchanged", "The rate does not end then.", failures)
    return await _changed(transaction, "end", before, {"valid_to": valid_to})


async def follow(
    transaction: Transaction, code: str, valid_from: date, expected_version: int, values: Mapping[str, Any]
) -> TaxRate:
    """Let a rate end on the day before another one of the same code begins.

    Args:
        transaction: of the request.
        code: of both.
        valid_from: the first day of the rate that ends.
        expected_version: of the rate that ends, as it was seen.
        values: of the one that follows, `valid_from` among them; what is left out stays as it is.

    Raises:
        Problem: 404, 412, 409 as `end` and `add`.
    """
    first: date = values["valid_from"]
    ended = await end(transaction, code, valid_from, expected_version, first - timedelta(days=1))
    kept = {name: value for name, value in asdict(ended).items() if name not in {"version", "valid_to"}}
    return await add(transaction, {**kept, **values})


async def _locked(transaction: Transaction, code: str, valid_from: date, expected_version: int) -> TaxRate:
    own = (_c.tenant_id == transaction.tenant_id, _c.code == code, _c.valid_from == valid_from)
    row = (await transaction.connection.execute(select(*_COLUMNS).where(*own).with_for_update())).one_or_none()
    if row is None:
        raise not_found("tax code")
    found = TaxRate(*row)
    require_version(expected_version, found.version)
    return found


async def _carrying(transaction: Transaction, code: str, first: date, last: date | None) -> Carrying:
    values = {"tenant_id": transaction.tenant_id, "code": code, "first": first, "last": last, "told": _TOLD}
    rows = (await transaction.connection.execute(_CARRYING, values)).all()
    return Carrying(rows[0].documents if rows else 0, [row.called for row in rows])


async def _changed(transaction: Transaction, action: str, before: TaxRate, values: Mapping[str, Any]) -> TaxRate:
    statement = (
        update(table)
        .where(_c.tenant_id == transaction.tenant_id, _c.code == before.code, _c.valid_from == before.valid_from)
        .values(**values, version=before.version + 1)
        .returning(*_COLUMNS)
    )
    try:
        after = TaxRate(*(await transaction.connection.execute(statement)).one())
    except IntegrityError as error:
        if sqlstate(error) != _EXCLUSION_VIOLATION:
            raise
        raise _overlaps(before.code) from error
    _traced(transaction, action, before, after)
    return after


def _overlaps(code: str) -> Problem:
    message = f"A rate of {code} holds on some of these days already; end it, or write its successor."
    failure = Failure("tax_code_overlaps", message, "valid_from")
    return refused("tax_code_unchanged", "The rate was not written.", [failure])


def _traced(transaction: Transaction, action: str, before: TaxRate | None, after: TaxRate) -> None:
    identifier = uuid5(transaction.tenant_id, f"tax code {after.code} {after.valid_from}")
    told = None if before is None else _audited(before)
    transaction.audit(action, "tax_code", identifier, before=told, after=_audited(after))
    transaction.publish("tax_code.changed", "tax_code", identifier, {"code": after.code, "version": after.version})


def _audited(rate: TaxRate) -> dict[str, Any]:
    return {name: value if value is None else str(value) for name, value in asdict(rate).items()}
