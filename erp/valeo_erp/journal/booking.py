"""One entry of the book with its number, in one statement: nobody waits for a number longer than the server writes.

The period is held open -> the number, by one conditional upsert that waits for the poster before and gives none when
the date would fall -> the head of the chain, the last lock of all -> the entry with its lines. Whoever books adds what
else belongs to it, and leaves it to the end of the transaction (`Transaction.write_last`).
"""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from valeo_erp.journal.entries import GENESIS, Entry, EntryLine, unplaced
from valeo_erp.kernel.problems import Failure, Problem, refused
from valeo_erp.kernel.statements import json_text
from valeo_erp.kernel.unit_of_work import BLANK_NUMBER, Refusal, Transaction
from valeo_erp.numbering.series import why_no_number
from valeo_erp.numbering.taking import take_number

_BLANK_PLACE = f"place{secrets.token_hex(16)}"


def _hash(previous: str, place: str) -> str:
    """The SQL of `chain_hash`, as soon as number and place are known."""
    number = "(select number from taken)"
    said = f"replace(replace(:said::text, :blank_place::text, ({place})::text), :blank_number::text, {number})"
    return f"sha256({previous} || convert_to({said}, 'UTF8'))"


BOOK = f"""
open_period as (
  select 1 from period
  where tenant_id = :tenant_id and :day::date between starts_on and ends_on and state = 'open'
  limit 1 for share
), {take_number(", open_period")}, chained as (
  insert into journal_head as h (tenant_id, sequence, previous_hash, hash)
  select :tenant_id::uuid, 1, :genesis::bytea, {_hash(":genesis::bytea", "1")} from taken
  on conflict (tenant_id) do update
    set sequence = h.sequence + 1, previous_hash = h.hash, hash = {_hash("h.hash", "h.sequence + 1")}
  returning h.sequence, h.previous_hash, h.hash
), entry as (
  insert into journal_entry (tenant_id, sequence, document_id, document_number, entry_date, text, posted_at, posted_by,
                             previous_hash, hash)
  select :tenant_id::uuid, c.sequence, :document_id::uuid, t.number, :day::date, :text::text, :posted_at::timestamptz,
         :posted_by::text, c.previous_hash, c.hash
  from chained c, taken t
), booked as (
  insert into journal_line (tenant_id, sequence, position, account, debit, credit, text)
  select :tenant_id::uuid, c.sequence, l.position, l.account, l.debit, l.credit, l.text
  from chained c, jsonb_populate_recordset(null::journal_line, :entry_lines) l
)
"""  # noqa: S608 - no value stands in it
"""Queries for a numbered `LastWrite`; `taken` has the number, see `booking` for their parameters."""

_WHY_NO_NUMBER = text("""
select
  (select p.state from period p where p.tenant_id = :tenant_id and :day between p.starts_on and p.ends_on limit 1)
    as period,
  exists (select from number_series s where s.tenant_id = :tenant_id and s.document_kind = :kind) as series,
  c.last_date, c.closed_at is not null as year_closed
from (select) once left join number_counter c
  on c.tenant_id = :tenant_id and c.document_kind = :kind and c.year = :year
""")


def booking(
    transaction: Transaction, kind: str, document_id: UUID, day: date, entry_text: str, lines: Sequence[EntryLine]
) -> dict[str, Any]:
    """The parameters of `BOOK`: an entry of `day` by who asks, for a document of a kind that has a number series."""
    entry = Entry(
        tenant_id=transaction.tenant_id,
        sequence=0,
        document_id=document_id,
        document_number=BLANK_NUMBER,
        entry_date=day,
        text=entry_text,
        posted_at=transaction.at,
        posted_by=transaction.principal.subject,
        lines=tuple(lines),
    )
    return {
        "tenant_id": entry.tenant_id,
        "kind": str(kind),
        "document_id": document_id,
        "day": day,
        "year": day.year,
        "text": entry_text,
        "posted_at": entry.posted_at,
        "posted_by": entry.posted_by,
        "entry_lines": json_text(entry.lines),
        "genesis": GENESIS,
        "said": unplaced(entry, _BLANK_PLACE).decode(),
        "blank_place": f'"{_BLANK_PLACE}"',
    }


def why_not_booked(transaction: Transaction, kind: str, day: date) -> Refusal:
    """Finds out everything that the period or the series objects to."""

    async def refusal() -> Problem:
        where = {"tenant_id": transaction.tenant_id, "kind": str(kind), "day": day, "year": day.year}
        why = (await transaction.connection.execute(_WHY_NO_NUMBER, where)).one()
        failures = _of_period(day, why.period)
        failures += why_no_number(kind, day, why.last_date, series_exists=why.series, year_closed=why.year_closed)
        return refused("not_posted", f"The {kind.replace('_', ' ')} was not posted; no number was used.", failures)

    return refusal


def _of_period(day: date, period: str | None) -> list[Failure]:
    if period is None:
        return [Failure("period_missing", f"There is no accounting period for {day}.", "document_date")]
    if period != "open":
        message = f"The accounting period of {day} is closed. Give the document a date in an open period."
        return [Failure("period_closed", message, "document_date")]
    return []
