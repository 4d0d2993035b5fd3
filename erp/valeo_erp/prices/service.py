"""Writing prices, ending them, and listing them. A price is never changed: it ends, and another one follows."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.kinds import Side
from valeo_erp.items.models import item as item_table
from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import Failure, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.parties.models import party as party_table
from valeo_erp.prices.models import price as price_table
from valeo_erp.prices.schemas import PriceBody
from valeo_erp.prices.validity import Validity, overlaps

Row = dict[str, Any]

_p = price_table.c
_LISTED = (
    select(
        *[column for column in price_table.columns if column.name != "tenant_id"],
        item_table.c.number.label("item"),
        party_table.c.number.label("party"),
    )
    .join(item_table, (item_table.c.tenant_id == _p.tenant_id) & (item_table.c.id == _p.item_id))
    .outerjoin(party_table, (party_table.c.tenant_id == _p.tenant_id) & (party_table.c.id == _p.party_id))
)
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended('price ' || :tenant_id, 0))")


async def page(
    connection: AsyncConnection,
    tenant_id: UUID,
    item_id: UUID | None,
    party_id: UUID | None,
    on: date | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """One page, the newest first, and where the next begins.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    statement = _LISTED.where(_p.tenant_id == tenant_id).order_by(_p.id.desc()).limit(limit + 1)
    if item_id is not None:
        statement = statement.where(_p.item_id == item_id)
    if party_id is not None:
        statement = statement.where(_p.party_id == party_id)
    if on is not None:
        statement = statement.where(_p.valid_from <= on, (_p.valid_to.is_(None)) | (_p.valid_to >= on))
    if cursor is not None:
        statement = statement.where(_p.id < _id_in(cursor))
    rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
    return rows[:limit], write_cursor(str(rows[limit - 1]["id"])) if len(rows) > limit else None


def _id_in(cursor: str) -> UUID:
    try:
        [identifier] = read_cursor(cursor)
        return UUID(identifier)
    except ValueError as error:
        raise cursor_invalid() from error


async def add(transaction: Transaction, new: Sequence[tuple[str, PriceBody]], *, write: bool = True) -> list[Failure]:
    """Write prices, all or none. One writer of a tenant at a time, so that no two can overlap.

    Args:
        transaction: of the request.
        new: each with the prefix of its fields in failures.
        write: false only looks at them.

    Returns:
        Everything that stands against them; then nothing was written.
    """
    await transaction.connection.execute(_ONE_WRITER, {"tenant_id": str(transaction.tenant_id)})
    items = await _ids(transaction, item_table, {body.item for _, body in new})
    parties = await _ids(transaction, party_table, {body.party for _, body in new if body.party is not None})
    failures = [failure for prefix, body in new for failure in _unknown(prefix, body, items, parties)]
    rows = [
        (prefix, body, Validity(body.side, items[body.item], _party(body, parties), body.valid_from, body.valid_to))
        for prefix, body in new
        if not _unknown(prefix, body, items, parties)
    ]
    known = await _known(transaction, {validity.item_id for _, _, validity in rows})
    failures += overlaps([(prefix, validity) for prefix, _, validity in rows], known)
    if write and not failures:
        for _, body, validity in rows:
            await _insert(transaction, body, validity)
    return failures


def _unknown(prefix: str, body: PriceBody, items: dict[str, UUID], parties: dict[str, UUID]) -> list[Failure]:
    failures = []
    if body.item not in items:
        failures.append(Failure("item_unknown", f"There is no item {body.item}.", f"{prefix}item"))
    if body.party is not None and body.party not in parties:
        failures.append(Failure("party_unknown", f"There is no party {body.party}.", f"{prefix}party"))
    return failures


def _party(body: PriceBody, parties: dict[str, UUID]) -> UUID | None:
    return None if body.party is None else parties[body.party]


async def _ids(transaction: Transaction, table: Any, numbers: set[str]) -> dict[str, UUID]:
    statement = select(table.c.number, table.c.id).where(
        table.c.tenant_id == transaction.tenant_id, table.c.number.in_(numbers)
    )
    return {row.number: row.id for row in await transaction.connection.execute(statement)}


async def _known(transaction: Transaction, item_ids: set[UUID]) -> list[Validity]:
    statement = select(_p.side, _p.item_id, _p.party_id, _p.valid_from, _p.valid_to).where(
        _p.tenant_id == transaction.tenant_id, _p.item_id.in_(item_ids)
    )
    return [Validity(Side(row.side), *row[1:]) for row in await transaction.connection.execute(statement)]


async def _insert(transaction: Transaction, body: PriceBody, validity: Validity) -> None:
    price_id = new_id()
    values = {
        "side": body.side.value,
        "item_id": validity.item_id,
        "party_id": validity.party_id,
        "unit_price": body.unit_price,
        "price_base": body.price_base,
        "valid_from": body.valid_from,
        "valid_to": body.valid_to,
    }
    stamps = {"created_by": transaction.principal.subject, "created_at": transaction.at}
    await transaction.connection.execute(
        insert(price_table).values(**values, **stamps, tenant_id=transaction.tenant_id, id=price_id)
    )
    transaction.audit("create", "price", price_id, after=_audited(values))
    transaction.publish("price.created", "price", price_id, {"item_id": str(validity.item_id)})


async def end(transaction: Transaction, price_id: UUID, valid_to: date) -> Row:
    """Let a price end on a day; it never gets longer, so it can come to lie on no other one.

    Raises:
        Problem: 404; 409 when it would end later than it does, or before it begins.
    """
    statement = _LISTED.where(_p.tenant_id == transaction.tenant_id, _p.id == price_id).with_for_update(of=price_table)
    found = (await transaction.connection.execute(statement)).mappings().one_or_none()
    if found is None:
        raise not_found("price")
    if valid_to < found["valid_from"]:
        raise refused("ends_before_it_begins", f"It begins on {found['valid_from']}; it can not end before.")
    if found["valid_to"] is not None and valid_to > found["valid_to"]:
        raise refused("ends_already", f"It ends on {found['valid_to']}; write another price for the days after.")
    own = (_p.tenant_id == transaction.tenant_id, _p.id == price_id)
    await transaction.connection.execute(update(price_table).where(*own).values(valid_to=valid_to))
    done = dict(found) | {"valid_to": valid_to}
    transaction.audit("end", "price", price_id, before=_audited(dict(found)), after=_audited(done))
    transaction.publish("price.ended", "price", price_id, {"item_id": str(found["item_id"])})
    return done


def _audited(values: Row) -> Row:
    kept = ("side", "item_id", "party_id", "unit_price", "price_base", "valid_from", "valid_to")
    return {name: None if values[name] is None else str(values[name]) for name in kept}
