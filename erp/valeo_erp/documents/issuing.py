"""Posting of what is not booked: a number and no more changes, without period and journal.

The document and the lines that it follows are locked and its guards have passed -> totals again -> the number, taken
last -> document and number with audit, outbox and the remembered answer in one statement -> commit.
"""

from dataclasses import replace

from sqlalchemy import text

from valeo_erp.documents.document import Document, State
from valeo_erp.documents.posting import check_amounts
from valeo_erp.kernel.problems import refused
from valeo_erp.kernel.statements import Statement, json_text
from valeo_erp.kernel.unit_of_work import LastWrite, Transaction
from valeo_erp.numbering.series import why_no_number, written

_TAKE_NUMBER = Statement("""
with given as (
  insert into number_counter as c (tenant_id, document_kind, year, last, last_date)
  select s.tenant_id, s.document_kind, :year::smallint, 1, :day::date
  from number_series s
  where s.tenant_id = :tenant_id and s.document_kind = :kind
  on conflict (tenant_id, document_kind, year)
    do update set last = c.last + 1, last_date = excluded.last_date
    where c.last_date <= excluded.last_date and c.closed_at is null
  returning c.last
)
select given.last, s.prefix
from given, number_series s
where s.tenant_id = :tenant_id and s.document_kind = :kind
""")

_WHY_NO_NUMBER = text("""
select c.last_date, coalesce(c.closed_at is not null, false) as year_closed
from number_series s
left join number_counter c on (c.tenant_id, c.document_kind, c.year) = (s.tenant_id, s.document_kind, :year)
where s.tenant_id = :tenant_id and s.document_kind = :kind
""")

_ISSUE = LastWrite("""
posted as (
  update document
  set state = :state, version = :version, number = :number, party = :party, posted_by = :posted_by,
      posted_at = :posted_at
  where tenant_id = :tenant_id and id = :document_id
), given as (
  insert into number_given (tenant_id, document_kind, year, sequence, number, document_id, document_date)
  values (:tenant_id, :kind, :year, :number_sequence, :number, :document_id, :day)
)
""")


async def issue(transaction: Transaction, document: Document) -> Document:
    """Give a document that the transaction has locked its number.

    Raises:
        Problem: 409 with everything that the totals or the number series object to.
    """
    check_amounts(document)
    year, day = document.document_date.year, document.document_date
    where = {"tenant_id": transaction.tenant_id, "kind": document.kind.value, "day": day, "year": year}
    row = await _TAKE_NUMBER.row(transaction.connection, where)
    if row is None:
        raise await _no_number(transaction, document)
    issued = replace(
        document,
        state=State.POSTED,
        version=document.version + 1,
        number=written(row["prefix"], year, row["last"]),
        posted_by=transaction.principal.subject,
        posted_at=transaction.at,
    )
    transaction.write_last(
        _ISSUE,
        {
            **where,
            "document_id": issued.id,
            "state": issued.state.value,
            "version": issued.version,
            "number": issued.number,
            "party": json_text(issued.party),
            "posted_by": issued.posted_by,
            "posted_at": issued.posted_at,
            "number_sequence": row["last"],
        },
    )
    return issued


async def _no_number(transaction: Transaction, document: Document) -> Exception:
    where = {
        "tenant_id": transaction.tenant_id,
        "kind": document.kind.value,
        "year": document.document_date.year,
    }
    found = (await transaction.connection.execute(_WHY_NO_NUMBER, where)).one_or_none()
    failures = why_no_number(
        document.kind,
        document.document_date,
        None if found is None else found.last_date,
        series_exists=found is not None,
        year_closed=found is not None and found.year_closed,
    )
    return refused("not_posted", "It was not posted; no number was used.", failures)
