"""Entries of the book, read back in the order in which they were booked."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.journal.entries import Entry, EntryLine, StoredEntry

_PAGE = 500

_ENTRIES = text("""
select e.sequence, e.document_id, e.document_number, e.entry_date, e.text, e.posted_at, e.posted_by, e.previous_hash,
       e.hash,
       (select jsonb_agg(jsonb_build_array(l.position, l.account, l.debit, l.credit, l.text) order by l.position)
        from journal_line l where l.tenant_id = e.tenant_id and l.sequence = e.sequence)::text as lines
from journal_entry e
where e.tenant_id = :tenant_id and e.sequence > :after
  and (cast(:from_date as date) is null or e.entry_date >= :from_date)
  and (cast(:to_date as date) is null or e.entry_date <= :to_date)
  and (cast(:account as text) is null or exists (
    select from journal_line l where l.tenant_id = e.tenant_id and l.sequence = e.sequence and l.account = :account))
order by e.sequence
limit :limit
""")

_HEAD = text("""
select (select h.sequence from journal_head h where h.tenant_id = :tenant_id) as sequence,
       (select h.hash from journal_head h where h.tenant_id = :tenant_id) as hash,
       exists (select from journal_entry e where e.tenant_id = :tenant_id) as anything
""")


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What a list of entries shows. None means no condition."""

    from_date: date | None = None
    to_date: date | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry, as the book itself remembers it."""

    sequence: int
    hash: bytes


async def entries(
    connection: AsyncConnection, tenant_id: UUID, filter_: JournalFilter, after: int, limit: int
) -> list[StoredEntry]:
    """The entries that follow on `after`, with their lines."""
    rows = await connection.execute(
        _ENTRIES,
        {
            "tenant_id": tenant_id,
            "after": after,
            "from_date": filter_.from_date,
            "to_date": filter_.to_date,
            "account": filter_.account,
            "limit": limit,
        },
    )
    return [_stored(tenant_id, row) for row in rows]


async def whole_book(connection: AsyncConnection, tenant_id: UUID, last: int) -> AsyncIterator[StoredEntry]:
    """Every entry up to `last`, a few hundred at a time: a book of any length in constant memory."""
    after = 0
    while after < last:
        page = await entries(connection, tenant_id, JournalFilter(), after, min(_PAGE, last - after))
        for stored in page:
            if stored.entry.sequence <= last:
                yield stored
        if not page:
            return
        after = page[-1].entry.sequence


async def head(connection: AsyncConnection, tenant_id: UUID) -> tuple[Head | None, bool]:
    """The head of the chain, and whether there is any entry, from one snapshot."""
    row = (await connection.execute(_HEAD, {"tenant_id": tenant_id})).one()
    return (None if row.sequence is None else Head(row.sequence, row.hash)), row.anything


def _stored(tenant_id: UUID, row: Row[Any]) -> StoredEntry:
    lines = json.loads(row.lines or "[]", parse_float=Decimal)
    entry = Entry(
        tenant_id=tenant_id,
        sequence=row.sequence,
        document_id=row.document_id,
        document_number=row.document_number,
        entry_date=row.entry_date,
        text=row.text,
        posted_at=row.posted_at,
        posted_by=row.posted_by,
        lines=tuple(EntryLine(*line) for line in lines),
    )
    return StoredEntry(entry, row.previous_hash, row.hash)
