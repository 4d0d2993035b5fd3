"""What the policy in force says when somebody acts on a document. Called by documents/service."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import Document, Kind
from valeo_erp.documents.kinds import Side, rules_of
from valeo_erp.documents.lifecycle import Action
from valeo_erp.kernel.problems import Failure
from valeo_erp.kernel.statements import Statement
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.payments.repository import balance
from valeo_erp.policies.rules import (
    NO_RULES,
    PricedLine,
    Rules,
    Strictness,
    approvals_needed,
    dated_back,
    over_credit,
    thin_margins,
)

TAKES_EFFECT_WITHIN = timedelta(seconds=5)
_KEPT = "valeo_policy"

_ACTIVE = Statement("select rules::text as rules from policy where tenant_id = :tenant_id and state = 'active'")
_GIVEN = Statement("""
select approver from document_approval
where tenant_id = :tenant_id and document_id = :document_id and content_hash = :content_hash and at >= :since
""")
_GIVE = Statement("""
insert into document_approval (tenant_id, document_id, at, approver, content_hash)
values (:tenant_id, :document_id, :at, :approver, :content_hash)
""")
_ONE_CUSTOMER = Statement("""
select pg_advisory_xact_lock(hashtextextended('credit ' || :tenant_id::uuid::text || :party_id::uuid::text, 0))
""")
_ON_CREDIT: dict[Action, frozenset[Kind]] = {
    Action.SUBMIT: frozenset({Kind.SALES_ORDER, Kind.INVOICE}),
    Action.APPROVE: frozenset({Kind.SALES_ORDER, Kind.INVOICE}),
    Action.POST: frozenset({Kind.INVOICE}),
}
"""What a credit limit looks at. An order is looked at by itself: what is billed of it would count twice."""
_TAKE_BACK = Statement("delete from document_approval where tenant_id = :tenant_id and document_id = :document_id")
_LINES = Statement("""
select l.position, l.item_number, l.net, l.quantity, l.unit,
       c.net as cost_net, c.quantity as cost_quantity, c.unit as cost_unit
from document_line l
join document d on d.tenant_id = l.tenant_id and d.id = l.document_id
left join lateral (
  select b.net, b.quantity, b.unit
  from document_line b join document p on p.tenant_id = b.tenant_id and p.id = b.document_id
  where b.tenant_id = l.tenant_id and b.item_id = l.item_id and b.quantity > 0
    and p.kind in ('supplier_invoice', 'self_billed_credit') and p.state = 'posted'
    and p.document_date <= d.document_date
  order by p.document_date desc, p.id desc limit 1
) c on true
where l.tenant_id = :tenant_id and l.document_id = :document_id and l.quantity > 0
order by l.position
""")


async def active_rules(connection: AsyncConnection, tenant_id: object, now: datetime) -> Rules:
    """The policy in force. A pooled connection remembers it for a moment, so that posting asks for it rarely."""
    info: dict[str, Any] = {} if connection.sync_connection is None else connection.sync_connection.info
    rules: Rules
    kept_for, rules, until = info.get(_KEPT, (None, NO_RULES, now))
    if kept_for == tenant_id and now < until <= now + TAKES_EFFECT_WITHIN:
        return rules
    row = await _ACTIVE.row(connection, {"tenant_id": tenant_id})
    rules = NO_RULES if row is None else Rules.model_validate(json.loads(row["rules"]))
    info[_KEPT] = (tenant_id, rules, now + TAKES_EFFECT_WITHIN)
    return rules


async def objections(transaction: Transaction, document: Document, action: Action) -> list[Failure]:
    """Everything that the policy in force has against this; a warning is left in the audit."""
    rules = await active_rules(transaction.connection, transaction.tenant_id, transaction.at)
    if rules == NO_RULES or document.reverses_id is not None:
        return []
    match action:
        case Action.SUBMIT:
            return await _margins(transaction, document, rules) + await _credit(transaction, document, rules, action)
        case Action.APPROVE:
            return [
                *await _margins(transaction, document, rules),
                *await _approver_is_new(transaction, document, rules),
                *await _credit(transaction, document, rules, action),
            ]
        case Action.POST:
            late = dated_back(rules, document.document_date, transaction.business_date)
            return [*([late] if late else []), *await _credit(transaction, document, rules, action)]
        case _:
            return []


async def approvals_left(transaction: Transaction, document: Document) -> int:
    """Note this approval, and tell how many more are needed after it."""
    rules = await active_rules(transaction.connection, transaction.tenant_id, transaction.at)
    needed = approvals_needed(rules, document.gross_total)
    if needed == 1:
        return 0
    given = await _approvers(transaction, document)
    values = {"at": transaction.at, "approver": transaction.principal.subject, "content_hash": document.content_hash}
    await _GIVE.rows(transaction.connection, _own(document) | values)
    return max(0, needed - len(given | {transaction.principal.subject}))


async def take_back_approvals(transaction: Transaction, document: Document) -> None:
    """After a rejection or a revocation everybody must approve anew."""
    rules = await active_rules(transaction.connection, transaction.tenant_id, transaction.at)
    if rules.approval_levels:
        await _TAKE_BACK.rows(transaction.connection, _own(document))


def _own(document: Document) -> dict[str, Any]:
    return {"tenant_id": document.tenant_id, "document_id": document.id}


async def _approvers(transaction: Transaction, document: Document) -> frozenset[str]:
    values = {"content_hash": document.content_hash, "since": document.submitted_at}
    rows = await _GIVEN.rows(transaction.connection, _own(document) | values)
    return frozenset(row["approver"] for row in rows)


async def _approver_is_new(transaction: Transaction, document: Document, rules: Rules) -> list[Failure]:
    if approvals_needed(rules, document.gross_total) == 1:
        return []
    if transaction.principal.subject not in await _approvers(transaction, document):
        return []
    return [Failure("approved_before", "You approved this already; somebody else must approve it too.")]


async def _margins(transaction: Transaction, document: Document, rules: Rules) -> list[Failure]:
    if rules.lowest_margin_percent is None or rules_of(document.kind).side is not Side.SALES:
        return []
    rows = await _LINES.rows(transaction.connection, _own(document))
    return thin_margins(rules, [PricedLine(**dict(row)) for row in rows])


async def _credit(transaction: Transaction, document: Document, rules: Rules, action: Action) -> list[Failure]:
    """One customer's approvals and postings come one after the other, so that no two slip under the limit together."""
    if rules.credit_limit is Strictness.OFF or document.kind not in _ON_CREDIT[action]:
        return []
    tenant_id, party_id = document.tenant_id, document.party_id
    if action is not Action.SUBMIT:
        await _ONE_CUSTOMER.rows(transaction.connection, {"tenant_id": tenant_id, "party_id": party_id})
    owed = await balance(transaction.connection, tenant_id, party_id, transaction.business_date, document.id)
    over = None if owed is None else over_credit(owed.credit_limit, owed.open, owed.approved, document.gross_total)
    if over is None or rules.credit_limit is Strictness.BLOCK:
        return [over] if over else []
    transaction.audit("credit_limit_passed", document.kind, document.id, reason=f"{action}: {over.message}")
    return []
