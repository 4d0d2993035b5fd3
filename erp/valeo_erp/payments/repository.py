"""Rows of payments, what they settle, and what is still open."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import Kind, State
from valeo_erp.documents.kinds import KINDS, Side
from valeo_erp.documents.repository import tax_total
from valeo_erp.journal.booking import BOOK
from valeo_erp.kernel.cursors import cursor_invalid, read_cursor, write_cursor
from valeo_erp.kernel.statements import Statement, json_text
from valeo_erp.kernel.unit_of_work import LastWrite
from valeo_erp.payments.matching import Item, Match

_SETTLED = """
  coalesce((select sum(m.amount + m.cash_discount) from payment_match m
            where m.tenant_id = d.tenant_id and m.document_id = d.id), 0.00)"""
_ITEM = f"""
select d.id, d.kind, d.state, d.number, d.reverses_id, d.party_id, d.document_date, d.gross_total,
  d.taxes::text as taxes, p.cash_discount, p.cash_discount_days, {_SETTLED} as settled
from document d join party p on p.tenant_id = d.tenant_id and p.id = d.party_id
where d.tenant_id = :tenant_id and d.id = any(:ids) and d.number is not null
"""  # noqa: S608 - only constants of this module
# Held in the order of ids; the amounts are read afterwards, when nobody else settles the same documents.
_LOCK = Statement("""
select id from document where tenant_id = :tenant_id and id = any(:ids) order by id for no key update
""")
_ITEMS = Statement(_ITEM)

_PAYMENT = """
select p.id, p.number, p.direction, p.party_id, p.paid_on, p.amount, p.reference, p.reverses_id, p.recorded_by,
  p.recorded_at,
  (select r.id from payment r where r.tenant_id = p.tenant_id and r.reverses_id = p.id) as reversed_by_id,
  (select jsonb_agg(jsonb_build_object('document_id', m.document_id, 'number', d.number, 'kind', d.kind,
                                       'amount', m.amount::text, 'cash_discount', m.cash_discount::text)
                    order by d.number)
   from payment_match m join document d on d.tenant_id = m.tenant_id and d.id = m.document_id
   where m.tenant_id = p.tenant_id and m.payment_id = p.id)::text as matches
from payment p
where p.tenant_id = :tenant_id
"""
_FIND = Statement(_PAYMENT + " and p.id = :id")
# The application may not update payments, so it holds a word for the row instead of the row.
_LOCK_PAYMENT = Statement("""
select pg_advisory_xact_lock(hashtextextended(:tenant_id::uuid::text || :id::uuid::text, 0))
""")
_PAGE = Statement(
    _PAYMENT
    + """
  and (:party_id::uuid is null or p.party_id = :party_id)
  and (:day::date is null or (p.paid_on, p.id) < (:day, :after_id::uuid))
order by p.paid_on desc, p.id desc
limit :most
"""
)


def _insert_matches(beside: str = "") -> str:
    return f"""
  insert into payment_match (tenant_id, payment_id, document_id, amount, cash_discount, matched_by, matched_at)
  select :tenant_id::uuid, :id::uuid, m.document_id, m.amount, m.cash_discount, :recorded_by::text,
         :recorded_at::timestamptz
  from {beside}jsonb_populate_recordset(null::payment_match, :matches) m
"""  # noqa: S608 - no value stands in it


_MATCH = Statement(_insert_matches())
_UNMATCH = Statement("""
delete from payment_match
where tenant_id = :tenant_id and payment_id = :id and (:document_id::uuid is null or document_id = :document_id)
returning document_id
""")
_PAYING = Statement("""
select p.number from payment_match m join payment p on p.tenant_id = m.tenant_id and p.id = m.payment_id
where m.tenant_id = :tenant_id and m.document_id = :id order by p.number limit 10
""")

RECORD = LastWrite(
    f"""{BOOK}, paid as (
  insert into payment (tenant_id, id, number, direction, party_id, paid_on, amount, reference, reverses_id,
                       recorded_by, recorded_at)
  select :tenant_id::uuid, :id::uuid, taken.number, :direction, :party_id::uuid, :day::date, :amount::numeric,
         :reference, :reverses_id::uuid, :recorded_by::text, :recorded_at::timestamptz
  from taken
), settled as ({_insert_matches("taken, ")})
""",  # noqa: S608 - no value stands in it
    numbered=True,
)

_OPEN_ITEMS = Statement(f"""
with items as (
  select d.id, d.kind, d.number, d.party_id, d.party->>'number' as party_number, d.party->>'name' as party_name,
         d.document_date, d.due_date, d.currency, d.gross_total, {_SETTLED} as settled
  from document d
  where d.tenant_id = :tenant_id and d.kind = any(:kinds) and d.state = 'posted' and d.reverses_id is null
    and (:party_id::uuid is null or d.party_id = :party_id)
    and (:due_before::date is null or d.due_date < :due_before)
    and (:due::date is null or (d.due_date, d.id) > (:due, :after_id::uuid))
)
select *, gross_total - settled as open from items where gross_total > settled order by due_date, id limit :most
""")  # noqa: S608

_BALANCE = Statement(f"""
select coalesce(sum(case when d.kind = any(:adding) then d.gross_total - {_SETTLED}
                         else {_SETTLED} - d.gross_total end), 0.00) as open,
  coalesce(sum(case when d.kind = any(:adding) and d.due_date < :today then d.gross_total - {_SETTLED} end), 0.00)
    as overdue,
  (select coalesce(sum(a.gross_total), 0.00) from document a
   where a.tenant_id = :tenant_id and a.party_id = :party_id and a.kind = any(:adding) and a.state = 'approved'
     and a.id is distinct from :but::uuid) as approved,
  (select credit_limit from party where tenant_id = :tenant_id and id = :party_id) as credit_limit,
  exists (select from party where tenant_id = :tenant_id and id = :party_id) as known
from document d
where d.tenant_id = :tenant_id and d.party_id = :party_id and d.kind = any(:kinds) and d.state = 'posted'
  and d.reverses_id is null
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer owes.

    Attributes:
        open: gross, less credit notes and what was paid on each.
        overdue: of the invoices among them that were due before today.
        approved: gross, of invoices that are approved and not posted yet.
    """

    open: Decimal
    overdue: Decimal
    approved: Decimal
    credit_limit: Decimal | None


async def lock_items(connection: AsyncConnection, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Item]:
    """Posted documents with what is settled of them; nobody else settles or reverses them until the end."""
    where = {"tenant_id": tenant_id, "ids": sorted(ids)}
    await _LOCK.rows(connection, where)
    return {row["id"]: _item(row) for row in await _ITEMS.rows(connection, where)}


async def find(connection: AsyncConnection, tenant_id: UUID, payment_id: UUID) -> dict[str, Any] | None:
    """One payment with what it settles."""
    row = await _FIND.row(connection, {"tenant_id": tenant_id, "id": payment_id})
    return None if row is None else _shown(row)


async def lock(connection: AsyncConnection, tenant_id: UUID, payment_id: UUID) -> dict[str, Any] | None:
    """As `find`; nobody else changes what it settles until the transaction ends."""
    await _LOCK_PAYMENT.rows(connection, {"tenant_id": tenant_id, "id": payment_id})
    return await find(connection, tenant_id, payment_id)


async def page(
    connection: AsyncConnection, tenant_id: UUID, party_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Payments, the newest first.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    day, after_id = _position(cursor)
    values = {"tenant_id": tenant_id, "party_id": party_id, "day": day, "after_id": after_id, "most": limit + 1}
    rows = await _PAGE.rows(connection, values)
    return [_shown(row) for row in rows[:limit]], _following(rows, "paid_on", limit)


async def open_items(
    connection: AsyncConnection,
    tenant_id: UUID,
    side: Side,
    party_id: UUID | None,
    due_before: date | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[dict[str, Any]], str | None]:
    """Posted documents that are not settled, the first due first.

    Raises:
        Problem: 422 when the cursor was not made by this list.
    """
    due, after_id = _position(cursor)
    rows = await _OPEN_ITEMS.rows(
        connection,
        {
            "tenant_id": tenant_id,
            "kinds": _booked(side),
            "party_id": party_id,
            "due_before": due_before,
            "due": due,
            "after_id": after_id,
            "most": limit + 1,
        },
    )
    return [dict(row) for row in rows[:limit]], _following(rows, "due_date", limit)


async def balance(
    connection: AsyncConnection, tenant_id: UUID, party_id: UUID, today: date, but: UUID | None = None
) -> Balance | None:
    """What a customer owes; None if this tenant has no such party. `but` is an invoice that is not counted."""
    kinds = _booked(Side.SALES)
    adding = [kind for kind in kinds if (booking := KINDS[Kind(kind)].booking) is not None and booking.direction > 0]
    row = await _BALANCE.row(
        connection,
        {"tenant_id": tenant_id, "party_id": party_id, "kinds": kinds, "adding": adding, "today": today, "but": but},
    )
    if row is None or not row["known"]:
        return None
    return Balance(row["open"], row["overdue"], row["approved"], row["credit_limit"])


async def add_matches(
    connection: AsyncConnection, tenant_id: UUID, payment_id: UUID, who: str, at: Any, matches: Sequence[Match]
) -> None:
    """Store what a payment settles."""
    await _MATCH.rows(
        connection,
        {
            "tenant_id": tenant_id,
            "id": payment_id,
            "recorded_by": who,
            "recorded_at": at,
            "matches": json_text(matches),
        },
    )


async def remove_matches(
    connection: AsyncConnection, tenant_id: UUID, payment_id: UUID, document_id: UUID | None
) -> list[UUID]:
    """Take back what a payment settles: one document, or all; the documents."""
    rows = await _UNMATCH.rows(connection, {"tenant_id": tenant_id, "id": payment_id, "document_id": document_id})
    return [row["document_id"] for row in rows]


async def paying(connection: AsyncConnection, tenant_id: UUID, document_id: UUID) -> list[str]:
    """The numbers of payments that settle a document, ten at most."""
    return [row["number"] for row in await _PAYING.rows(connection, {"tenant_id": tenant_id, "id": document_id})]


def _booked(side: Side) -> list[str]:
    return [kind.value for kind, rules in KINDS.items() if rules.booking is not None and rules.side is side]


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        document_id=row["id"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        number=row["number"],
        is_reversal=row["reverses_id"] is not None,
        party_id=row["party_id"],
        gross=row["gross_total"],
        settled=row["settled"],
        taxes=tuple(tax_total(entry) for entry in json.loads(row["taxes"])),
        cash_discount=row["cash_discount"],
        cash_discount_until=row["document_date"] + timedelta(days=row["cash_discount_days"]),
    )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "matches": json.loads(row["matches"] or "[]")}


def _following(rows: Sequence[Mapping[str, Any]], day: str, limit: int) -> str | None:
    return write_cursor(str(rows[limit - 1][day]), str(rows[limit - 1]["id"])) if len(rows) > limit else None


def _position(cursor: str | None) -> tuple[date | None, UUID | None]:
    if cursor is None:
        return None, None
    try:
        day, identifier = read_cursor(cursor)
        return date.fromisoformat(day), UUID(identifier)
    except ValueError as error:
        raise cursor_invalid() from error
