"""The use cases of documents. They get the one transaction of the request and never commit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from valeo_erp.documents import repository
from valeo_erp.documents.document import Document, Kind, Line, State
from valeo_erp.documents.drafting import Content, FaultyDraftError, draw_up, new_document, priced, rewritten
from valeo_erp.documents.issuing import issue
from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.known import Masters
from valeo_erp.documents.lifecycle import NEEDS_REASON, Action, editable, permitted, transitions_of
from valeo_erp.documents.links import Key, link_faults, link_keys
from valeo_erp.documents.masters import read_masters
from valeo_erp.documents.posting import post, reversal_of
from valeo_erp.documents.schemas import CalculationBody, DocumentBody
from valeo_erp.documents.sources import followers, lock_sources, read_sources
from valeo_erp.identity.access import Reading
from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import Failure, Problem, invalid, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.kernel.versions import require_version
from valeo_erp.payments.repository import paying
from valeo_erp.policies.guards import approvals_left, objections, take_back_approvals
from valeo_erp.printing.guard import check_lawful

PAST: dict[Action, str] = {
    Action.SUBMIT: "submitted",
    Action.WITHDRAW: "withdrawn",
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.REWORK: "reworked",
    Action.REVOKE: "revoked",
    Action.CANCEL: "cancelled",
    Action.POST: "posted",
    Action.REVERSE: "reversed",
}
"""How the event of an action is called."""

_MARK_REVERSED = text("""
update document set state = 'reversed', version = :version, reversed_by_id = :reversed_by_id
where tenant_id = :tenant_id and id = :id
""")


async def create(transaction: Transaction, kind: Kind, body: DocumentBody) -> Document:
    """Write a new draft.

    Raises:
        Problem: 422 with every fault.
    """
    document = await _drafted(transaction, kind, body)
    repository.insert_last(transaction, document)
    return document


async def create_now(transaction: Transaction, kind: Kind, body: DocumentBody) -> Document:
    """Write a new draft that other rows of the same transaction belong to.

    Raises:
        Problem: 422 with every fault.
    """
    document = await _drafted(transaction, kind, body)
    await repository.insert(transaction.connection, document)
    return document


async def _drafted(transaction: Transaction, kind: Kind, body: DocumentBody) -> Document:
    """A new draft and its traces, not yet stored."""
    content = await _drawn_up(transaction, kind, body, None)
    document = new_document(
        new_id(), transaction.tenant_id, kind, content, transaction.principal.subject, transaction.at
    )
    transaction.audit("create", kind, document.id, after=_audited(document))
    _publish(transaction, document, "created")
    return document


async def replace_content(
    transaction: Transaction, kind: Kind, document_id: UUID, expected_version: int, body: DocumentBody
) -> Document:
    """Write another content. The same content again changes nothing, and takes no approval away.

    Raises:
        Problem: 404, 412 after another change, 409 where the workflow allows no change, 422 with every fault.
    """
    document = await _locked(transaction, kind, document_id, expected_version)
    if failures := editable(document):
        raise refused("not_editable", f"The {rules_of(kind).english} was not changed.", failures)
    content = await _drawn_up(transaction, kind, body, document_id)
    written = rewritten(document, content, transaction.principal.subject, transaction.at)
    if written.content_hash == document.content_hash:
        return document
    await repository.replace_content(transaction.connection, written)
    transaction.audit("edit", kind, document.id, before=_audited(document), after=_audited(written))
    _publish(transaction, written, "edited")
    return written


async def act(
    transaction: Transaction, kind: Kind, document_id: UUID, expected_version: int, action: Action, reason: str | None
) -> Document:
    """Take a document one step along its workflow.

    Raises:
        Problem: 404, 412 after another change, 409 with every guard that stands against it.
    """
    document = await _locked(transaction, kind, document_id, expected_version)
    failures = permitted(document, action, transaction.principal.subject, transaction.business_date)
    if action in NEEDS_REASON and not reason:
        failures.append(Failure("reason_missing", f"To {action} needs a reason.", "reason"))
    failures += await _link_failures(transaction, document, action)
    failures += await objections(transaction, document, action)
    if failures:
        raise refused("not_permitted", f"The {rules_of(kind).english} was not {PAST[action]}.", failures)
    done = await _do(transaction, document, action)
    transaction.audit(action, kind, document.id, reason=reason, before=_standing(document), after=_standing(done))
    _publish(transaction, done, PAST[action])
    return done


async def calculate(reading: Reading, kind: Kind, body: CalculationBody) -> dict[str, Any]:
    """The amounts of lines that are not stored, by the same calculation.

    Raises:
        Problem: 422 with every fault.
    """
    day = body.supply_date or business_date(reading.at)
    masters = await _masters(reading, kind, body, day, None)
    lines, totals, failures = priced(kind, body, masters)
    if totals is None or failures:
        raise _faulty(failures)
    return {
        "lines": lines,
        "taxes": totals.taxes,
        "net_total": totals.net_total,
        "tax_total": totals.tax_total,
        "gross_total": totals.gross_total,
    }


async def _link_failures(transaction: Transaction, document: Document, action: Action) -> list[Failure]:
    """What stands against posting by the lines it follows, which stay locked; or against reversing by what follows."""
    match action:
        case Action.POST:
            keys = link_keys(document.lines)
            return await _source_failures(transaction, document, keys) if keys else []
        case Action.REVERSE:
            numbers = await followers(transaction.connection, transaction.tenant_id, document.id)
            message = f"{', '.join(numbers)} follow it; reverse them first."
            failures = [Failure("has_followers", message)] if numbers else []
            payments = await paying(transaction.connection, transaction.tenant_id, document.id)
            paid = f"It is settled by {', '.join(payments)}; take that back first."
            return [*failures, Failure("is_settled", paid)] if payments else failures
        case _:
            return []


async def _source_failures(transaction: Transaction, document: Document, keys: list[Key]) -> list[Failure]:
    connection, tenant_id = transaction.connection, transaction.tenant_id
    await lock_sources(connection, tenant_id, keys)
    sources = await read_sources(connection, tenant_id, keys, document.kind, document.id)
    return link_faults(document.kind, document.party_id, document.lines, sources)


async def _locked(transaction: Transaction, kind: Kind, document_id: UUID, expected_version: int) -> Document:
    document = await repository.lock(transaction.connection, transaction.tenant_id, kind, document_id)
    if document is None:
        raise not_found(rules_of(kind).english)
    require_version(expected_version, document.version)
    return document


async def _drawn_up(transaction: Transaction, kind: Kind, body: DocumentBody, own_id: UUID | None) -> Content:
    today = transaction.business_date
    supply_date = body.supply_date or body.document_date or today
    masters = await _masters(transaction, kind, body, supply_date, own_id)
    try:
        return draw_up(kind, body, masters, today)
    except FaultyDraftError as error:
        raise _faulty(error.failures) from error


async def _masters(
    access: Transaction | Reading,
    kind: Kind,
    body: DocumentBody | CalculationBody,
    supply_date: date,
    own_id: UUID | None,
) -> Masters:
    keys = [(line.source.document_id, line.source.position) for line in body.lines if line.source is not None]
    sources = await read_sources(access.connection, access.tenant_id, keys, kind, own_id) if keys else {}
    items = [line.item_id for line in body.lines if line.item_id is not None]
    if body.freight is not None:
        items.append(body.freight.item_id)
    side = rules_of(kind).side
    return await read_masters(access.connection, access.tenant_id, body.party_id, items, supply_date, sources, side)


def _faulty(failures: Sequence[Failure]) -> Problem:
    return invalid("faulty_document", "The document can not be written like this; see the failures.", failures)


async def _do(transaction: Transaction, document: Document, action: Action) -> Document:
    match action:
        case Action.POST:
            return await _posted(transaction, document, f"{rules_of(document.kind).german} {document.party.number}")
        case Action.REVERSE:
            return await _reverse(transaction, document)
        case Action.APPROVE if await approvals_left(transaction, document):
            moved = replace(document, version=document.version + 1)  # others must approve it too
        case Action.REJECT | Action.REVOKE:
            await take_back_approvals(transaction, document)
            moved = _moved(document, action, transaction)
        case _:
            moved = _moved(document, action, transaction)
    repository.move_last(transaction, moved)
    return moved


async def _posted(transaction: Transaction, document: Document, entry_text: str) -> Document:
    if rules_of(document.kind).booking is None:
        return issue(transaction, document)
    await check_lawful(transaction, document)
    return post(transaction, document, entry_text)


def _moved(document: Document, action: Action, transaction: Transaction) -> Document:
    """Where it stands then; who submitted and who approved is known as long as it holds."""
    who, at = transaction.principal.subject, transaction.at
    moved = replace(document, state=transitions_of(document.kind)[document.state, action], version=document.version + 1)
    match action:
        case Action.SUBMIT:
            return replace(moved, submitted_by=who, submitted_at=at)
        case Action.APPROVE:
            return replace(moved, approved_by=who, approved_at=at, approved_hash=document.content_hash)
        case Action.REVOKE:
            return replace(moved, approved_by=None, approved_at=None, approved_hash=None)
        case Action.WITHDRAW | Action.REWORK:
            return replace(moved, submitted_by=None, submitted_at=None)
        case _:
            return moved


async def _reverse(transaction: Transaction, document: Document) -> Document:
    """Post the opposite as a document of its own, and mark the original."""
    opposite = reversal_of(document, new_id(), transaction)
    await repository.insert(transaction.connection, opposite)
    posted = await _posted(transaction, opposite, f"Storno {document.number}")
    transaction.audit("post", posted.kind, posted.id, reason=f"reverses {document.number}", after=_standing(posted))
    _publish(transaction, posted, "posted")
    done = replace(document, state=State.REVERSED, version=document.version + 1, reversed_by_id=posted.id)
    await transaction.connection.execute(
        _MARK_REVERSED,
        {"tenant_id": done.tenant_id, "id": done.id, "version": done.version, "reversed_by_id": posted.id},
    )
    return done


def _publish(transaction: Transaction, document: Document, what: str) -> None:
    transaction.publish(f"{document.kind}.{what}", document.kind, document.id, _standing(document))


def _standing(document: Document) -> dict[str, Any]:
    return {"state": document.state.value, "version": document.version, "number": document.number}


def _audited(document: Document) -> dict[str, Any]:
    """The content, as the audit keeps it: by ids, without names."""
    return {
        **_standing(document),
        "party_id": str(document.party_id),
        "document_date": str(document.document_date),
        "supply_date": str(document.supply_date),
        "due_date": str(document.due_date),
        "note": document.note,
        "reference": document.reference,
        "discount": str(document.discount),
        "net_total": str(document.net_total),
        "gross_total": str(document.gross_total),
        "lines": [_audited_line(line) for line in document.lines],
    }


def _audited_line(line: Line) -> dict[str, Any]:
    measured = line.quality and {"moisture": str(line.quality.moisture), "impurity": str(line.quality.impurity)}
    return {
        "item": line.item_number,
        "description": line.description,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "unit_price": str(line.unit_price),
        "discount": str(line.discount),
        "tax_code": line.tax_code,
        "net": str(line.net),
        **({} if line.source_id is None else {"source": [str(line.source_id), line.source_position]}),
        **(measured or {}),
    }
