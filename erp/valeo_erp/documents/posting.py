"""Posting: everything that makes a document a number, an entry in the book, and unchangeable, in this order.

The document is locked and its guards have passed -> totals again -> in one statement: the period, held open, the
number, taken last, the head of the chain, entry and lines, the document, audit, outbox and the remembered answer ->
commit. A crash at any point uses no number, and nobody waits for a number while this program works.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from valeo_erp.documents.amounts import recalculated
from valeo_erp.documents.content_hash import content_hash
from valeo_erp.documents.document import Document, State
from valeo_erp.documents.kinds import Workflow, rules_of
from valeo_erp.journal.booking import BOOK, booking, why_not_booked
from valeo_erp.journal.entries import entry_lines
from valeo_erp.kernel.problems import refused
from valeo_erp.kernel.statements import json_text
from valeo_erp.kernel.unit_of_work import BLANK_NUMBER, LastWrite, Transaction

POSTED = """posted as (
  update document
  set state = :state, version = :version, number = taken.number, party = :party, posted_by = :posted_by,
      posted_at = :posted_at
  from taken
  where tenant_id = :tenant_id and id = :document_id
)"""
"""The query that makes a document carry the number in `taken`."""

_BOOK = LastWrite(f"{BOOK}, {POSTED}", numbered=True)


def post(transaction: Transaction, document: Document, entry_text: str) -> Document:
    """Post an approved document that the transaction has locked; its number is a blank until the end of it.

    Raises:
        Problem: 409, what is stored is not what was calculated and approved. What the period or the number series
            object to comes with the last write.
    """
    check_amounts(document)
    posted = as_posted(document, transaction)
    day, kind = posted.document_date, posted.kind.value
    booked = booking(transaction, kind, posted.id, day, entry_text, entry_lines(posted))
    transaction.write_last(_BOOK, booked | posted_values(posted), why_not_booked(transaction, kind, day))
    return posted


def as_posted(document: Document, transaction: Transaction) -> Document:
    """The document as it will be, with a blank for its number."""
    return replace(
        document,
        state=State.POSTED,
        version=document.version + 1,
        number=BLANK_NUMBER,
        posted_by=transaction.principal.subject,
        posted_at=transaction.at,
    )


def posted_values(posted: Document) -> dict[str, Any]:
    """Of the parameters of `POSTED` those that only the document knows."""
    return {"state": posted.state.value, "version": posted.version, "party": json_text(posted.party)}


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
