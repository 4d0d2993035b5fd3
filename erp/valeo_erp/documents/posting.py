"""Posting: everything that makes a document a number, an entry in the book, and unchangeable, in this order.

The document is locked and its guards have passed -> totals again -> the period, held open -> the number, taken last ->
the head of the chain -> document, number, entry and lines with audit, outbox and the remembered answer in one
statement -> commit. A crash at any point uses no number.
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import text

from valeo_erp.documents.amounts import recalculated
from valeo_erp.documents.content_hash import content_hash
from valeo_erp.documents.document import Document, State
from valeo_erp.documents.kinds import Workflow, rules_of
from valeo_erp.journal.entries import GENESIS, Entry, chain_hash, entry_lines
from valeo_erp.kernel.problems import Failure, refused
from valeo_erp.kernel.statements import Statement, json_text
from valeo_erp.kernel.unit_of_work import LastWrite, Transaction
from valeo_erp.numbering.series import why_no_number, written

# One conditional upsert gives the number: it waits for the poster before, and gives none when the period is not open or
# the date would fall. The number's row lock is the last but one; the head of the chain, taken after it, is the last.
_TAKE_NUMBER = Statement("""
with open_period as (
  select 1 from period
  where tenant_id = :tenant_id and :day between starts_on and ends_on and state = 'open'
  limit 1 for share
), given as (
  insert into number_counter as c (tenant_id, document_kind, year, last, last_date)
  select s.tenant_id, s.document_kind, :year::smallint, 1, :day::date
  from number_series s, open_period
  where s.tenant_id = :tenant_id and s.document_kind = :kind
  on conflict (tenant_id, document_kind, year)
    do update set last = c.last + 1, last_date = excluded.last_date
    where c.last_date <= excluded.last_date and c.closed_at is null
  returning c.last
), chained as (
  insert into journal_head as h (tenant_id, sequence, hash)
  select :tenant_id::uuid, 1, :genesis::bytea from given
  on conflict (tenant_id) do update set sequence = h.sequence + 1
  returning h.sequence, h.hash
)
select given.last, chained.sequence, chained.hash, s.prefix
from given, chained, number_series s
where s.tenant_id = :tenant_id and s.document_kind = :kind
""")

_WHY_NO_NUMBER = text("""
select
  (select p.state from period p where p.tenant_id = :tenant_id and :day between p.starts_on and p.ends_on limit 1)
    as period,
  exists (select from number_series s where s.tenant_id = :tenant_id and s.document_kind = :kind) as series,
  c.last_date, c.closed_at is not null as year_closed
from (select) once left join number_counter c
  on c.tenant_id = :tenant_id and c.document_kind = :kind and c.year = :year
""")

_BOOK = LastWrite("""
posted as (
  update document
  set state = :state, version = :version, number = :number, party = :party, posted_by = :posted_by,
      posted_at = :posted_at
  where tenant_id = :tenant_id and id = :document_id
), given as (
  insert into number_given (tenant_id, document_kind, year, sequence, number, document_id, document_date)
  values (:tenant_id, :kind, :year, :number_sequence, :number, :document_id, :day)
), entry as (
  insert into journal_entry (tenant_id, sequence, document_id, document_number, entry_date, text, posted_at, posted_by,
                             previous_hash, hash)
  values (:tenant_id, :sequence, :document_id, :number, :day, :text, :posted_at, :posted_by, :previous_hash, :hash)
), booked as (
  insert into journal_line (tenant_id, sequence, position, account, debit, credit, text)
  select :tenant_id::uuid, :sequence::bigint, l.position, l.account, l.debit, l.credit, l.text
  from jsonb_populate_recordset(null::journal_line, :lines) l
), chained as (
  update journal_head set hash = :hash where tenant_id = :tenant_id
)
""")


@dataclass(frozen=True, slots=True)
class Taken:
    """A number and a place in the chain, held by the transaction."""

    number: str
    number_sequence: int
    sequence: int
    previous_hash: bytes


async def post(transaction: Transaction, document: Document, entry_text: str) -> Document:
    """Post an approved document that the transaction has locked.

    Raises:
        Problem: 409 with everything that the totals, the period or the number series object to.
    """
    check_amounts(document)
    taken = await take_number(transaction, document.kind, document.document_date)
    posted = replace(
        document,
        state=State.POSTED,
        version=document.version + 1,
        number=taken.number,
        posted_by=transaction.principal.subject,
        posted_at=transaction.at,
    )
    _book(transaction, posted, taken, entry_text)
    return posted


def check_amounts(document: Document) -> None:
    """What is stored must be what the one calculation and the approval say; else somebody wrote past this program.

    Raises:
        Problem: 409, something else is stored.
    """
    totals = recalculated(document)
    stored = (
        tuple(line.net for line in document.lines),
        document.taxes,
        document.net_total,
        document.tax_total,
        document.gross_total,
    )
    if (totals.nets, totals.taxes, totals.net_total, totals.tax_total, totals.gross_total) != stored:
        raise refused("totals_differ", "The stored amounts are not those of the lines. Save the document again.")
    dispatched = rules_of(document.kind).workflow is Workflow.DISPATCHED
    if content_hash(document) != (document.content_hash if dispatched else document.approved_hash):
        raise refused("approval_stale", "What was approved is not what stands here now; it must be approved again.")


async def take_number(transaction: Transaction, kind: str, day: date) -> Taken:
    """A number of the series of `kind` and a place in the chain; held until the transaction ends.

    Raises:
        Problem: 409 with everything that the period or the series objects to.
    """
    where = {"tenant_id": transaction.tenant_id, "kind": str(kind), "day": day, "year": day.year}
    row = await _TAKE_NUMBER.row(transaction.connection, {**where, "genesis": GENESIS})
    if row is None:
        why = (await transaction.connection.execute(_WHY_NO_NUMBER, where)).one()
        failures = _of_period(day, why.period)
        failures += why_no_number(kind, day, why.last_date, series_exists=why.series, year_closed=why.year_closed)
        raise refused("not_posted", f"The {kind.replace('_', ' ')} was not posted; no number was used.", failures)
    number = written(row["prefix"], day.year, row["last"])
    return Taken(number, row["last"], row["sequence"], row["hash"])


def _of_period(day: date, period: str | None) -> list[Failure]:
    if period is None:
        return [Failure("period_missing", f"There is no accounting period for {day}.", "document_date")]
    if period != "open":
        message = f"The accounting period of {day} is closed. Give the document a date in an open period."
        return [Failure("period_closed", message, "document_date")]
    return []


def _book(transaction: Transaction, posted: Document, taken: Taken, entry_text: str) -> None:
    entry = Entry(
        tenant_id=posted.tenant_id,
        sequence=taken.sequence,
        document_id=posted.id,
        document_number=taken.number,
        entry_date=posted.document_date,
        text=entry_text,
        posted_at=transaction.at,
        posted_by=transaction.principal.subject,
        lines=entry_lines(posted),
    )
    transaction.write_last(
        _BOOK,
        {
            "tenant_id": posted.tenant_id,
            "document_id": posted.id,
            "kind": posted.kind.value,
            "state": posted.state.value,
            "version": posted.version,
            "number": taken.number,
            "party": json_text(posted.party),
            "posted_by": entry.posted_by,
            "posted_at": entry.posted_at,
            "year": posted.document_date.year,
            "number_sequence": taken.number_sequence,
            "day": posted.document_date,
            "sequence": taken.sequence,
            "text": entry_text,
            "previous_hash": taken.previous_hash,
            "hash": chain_hash(taken.previous_hash, entry),
            "lines": json_text(entry.lines),
        },
    )


def reversal_of(document: Document, identifier: UUID, transaction: Transaction) -> Document:
    """The document that takes a posted one back: every quantity and amount negative, dated today, approved as it is."""
    day = transaction.business_date
    who, at = transaction.principal.subject, transaction.at
    mirrored = replace(
        document,
        id=identifier,
        state=State.APPROVED,
        version=1,
        number=None,
        document_date=day,
        due_date=day,
        net_total=-document.net_total,
        tax_total=-document.tax_total,
        gross_total=-document.gross_total,
        taxes=tuple(replace(tax, net=-tax.net, tax=-tax.tax) for tax in document.taxes),
        lines=tuple(replace(line, quantity=-line.quantity, net=-line.net) for line in document.lines),
        reverses_id=document.id,
        reversed_by_id=None,
        created_by=who,
        created_at=at,
        edited_by=who,
        edited_at=at,
        submitted_by=who,
        submitted_at=at,
        approved_by=who,
        approved_at=at,
        posted_by=None,
        posted_at=None,
    )
    fingerprint = content_hash(mirrored)
    return replace(mirrored, content_hash=fingerprint, approved_hash=fingerprint)
