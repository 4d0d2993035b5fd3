"""Posting of what is not booked: a number and no more changes, without period and journal.

The document and the lines that it follows are locked and its guards have passed -> totals again -> in one statement:
the number, taken last, the document, audit, outbox and the remembered answer -> commit.
"""

from sqlalchemy import text

from valeo_erp.documents.document import Document
from valeo_erp.documents.posting import POSTED, as_posted, check_amounts, posted_values
from valeo_erp.kernel.problems import Problem, refused
from valeo_erp.kernel.unit_of_work import LastWrite, Transaction
from valeo_erp.numbering.series import why_no_number
from valeo_erp.numbering.taking import take_number

_WHY_NO_NUMBER = text("""
select c.last_date, coalesce(c.closed_at is not null, false) as year_closed
from number_series s
left join number_counter c on (c.tenant_id, c.document_kind, c.year) = (s.tenant_id, s.document_kind, :year)
where s.tenant_id = :tenant_id and s.document_kind = :kind
""")

_ISSUE = LastWrite(f"{take_number()}, {POSTED}", numbered=True)


def issue(transaction: Transaction, document: Document) -> Document:
    """Give a document that the transaction has locked its number, which is a blank until the end of it.

    Raises:
        Problem: 409, what is stored is not what was calculated and approved. What the number series objects to comes
            with the last write.
    """
    check_amounts(document)
    issued = as_posted(document, transaction)
    day = issued.document_date
    values = {
        **posted_values(issued),
        "tenant_id": issued.tenant_id,
        "kind": issued.kind.value,
        "document_id": issued.id,
        "day": day,
        "year": day.year,
        "posted_by": issued.posted_by,
        "posted_at": issued.posted_at,
    }
    transaction.write_last(_ISSUE, values, lambda: _no_number(transaction, document))
    return issued


async def _no_number(transaction: Transaction, document: Document) -> Problem:
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
