"""From what somebody wrote to the content of a document, or to all of its faults at once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from valeo_erp.calculation.totals import AmountTooLargeError, Totals
from valeo_erp.documents.amounts import totals_of
from valeo_erp.documents.content_hash import content_hash
from valeo_erp.documents.document import Document, Kind, Line, PartySnapshot, State
from valeo_erp.documents.drawing import PERCENT_STEP, drawn_line, freight_lines, terms_of
from valeo_erp.documents.faults import freight_faults, line_faults, party_faults, worth_nothing
from valeo_erp.documents.kinds import counter_account
from valeo_erp.documents.known import Masters
from valeo_erp.documents.lifecycle import AFTER_EDIT
from valeo_erp.documents.links import link_faults
from valeo_erp.documents.schemas import CalculationBody, DocumentBody
from valeo_erp.kernel.problems import Failure


@dataclass(frozen=True, slots=True)
class Content:
    """What a document says, apart from who did what with it."""

    party_id: UUID
    party: PartySnapshot
    document_date: date
    supply_date: date
    due_date: date
    currency: str
    note: str
    lines: tuple[Line, ...]
    totals: Totals
    discount: Decimal
    reference: str
    counter_account: str | None


class FaultyDraftError(ValueError):
    """What was written can not become a document; all reasons."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(failure.message for failure in failures))
        self.failures = failures


def draw_up(kind: Kind, body: DocumentBody, masters: Masters, today: date) -> Content:
    """The content that follows from what was written and the master data.

    Raises:
        FaultyDraftError: with every fault that was found.
    """
    document_date = body.document_date or today
    supply_date = body.supply_date or document_date
    failures = party_faults(masters.party)
    if body.due_date is not None and body.due_date < document_date:
        failures.append(
            Failure("due_before_document", f"{body.due_date} is before the document date {document_date}.", "due_date")
        )
    lines, totals, line_failures = priced(kind, body, masters)
    failures += line_failures
    if masters.party is not None:
        failures += link_faults(kind, masters.party.id, lines, masters.sources)
    if failures or masters.party is None or totals is None:
        raise FaultyDraftError(failures)
    return Content(
        party_id=masters.party.id,
        party=masters.party.snapshot,
        document_date=document_date,
        supply_date=supply_date,
        due_date=body.due_date or document_date + timedelta(days=masters.party.payment_days),
        currency=body.currency,
        note=body.note,
        lines=lines,
        totals=totals,
        discount=body.discount.quantize(PERCENT_STEP),
        reference=body.reference,
        counter_account=counter_account(kind, masters.chart),
    )


def priced(
    kind: Kind, body: DocumentBody | CalculationBody, masters: Masters
) -> tuple[tuple[Line, ...], Totals | None, list[Failure]]:
    """Lines with their amounts, or everything that is wrong with them."""
    failures = [f for index, line in enumerate(body.lines) for f in line_faults(kind, f"lines.{index}", line, masters)]
    if body.freight is not None:
        failures += freight_faults(body.freight, masters)
    if failures:
        return (), None, failures
    lines = tuple(drawn_line(kind, index + 1, line, masters) for index, line in enumerate(body.lines))
    terms = terms_of(kind, lines, masters)
    try:
        if body.freight is not None:
            lines += freight_lines(kind, body.freight, lines, totals_of(lines, terms, body.discount), masters)
        totals = totals_of(lines, terms, body.discount)
    except AmountTooLargeError as error:
        field_ = "lines" if error.position is None else f"lines.{error.position}"
        return (), None, [Failure("amount_too_large", f"{error}; check quantity and price.", field_)]
    valued = tuple(replace(line, net=net) for line, net in zip(lines, totals.nets, strict=True))
    return valued, totals, worth_nothing(valued)


def new_document(
    identifier: UUID, tenant_id: UUID, kind: Kind, content: Content, author: str, at: datetime
) -> Document:
    """A draft with this content."""
    draft = Document(
        tenant_id=tenant_id,
        id=identifier,
        kind=kind,
        state=State.DRAFT,
        version=1,
        number=None,
        party_id=content.party_id,
        party=content.party,
        document_date=content.document_date,
        supply_date=content.supply_date,
        due_date=content.due_date,
        currency=content.currency,
        note=content.note,
        net_total=content.totals.net_total,
        tax_total=content.totals.tax_total,
        gross_total=content.totals.gross_total,
        taxes=content.totals.taxes,
        content_hash=b"",
        reverses_id=None,
        reversed_by_id=None,
        created_by=author,
        created_at=at,
        edited_by=author,
        edited_at=at,
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
        approved_hash=None,
        posted_by=None,
        posted_at=None,
        lines=content.lines,
        discount=content.discount,
        reference=content.reference,
        counter_account=content.counter_account,
    )
    return replace(draft, content_hash=content_hash(draft))


def rewritten(document: Document, content: Content, author: str, at: datetime) -> Document:
    """The document with another content: what was submitted or approved is so no longer."""
    written = new_document(document.id, document.tenant_id, document.kind, content, author, at)
    return replace(
        written,
        state=AFTER_EDIT[document.state],
        version=document.version + 1,
        created_by=document.created_by,
        created_at=document.created_at,
    )
