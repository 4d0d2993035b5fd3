"""Writing policies, trying them out on the past, and putting them in force."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid5

from pydantic_core import to_json
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.kernel.clock import business_date
from valeo_erp.kernel.four_eyes import second_person
from valeo_erp.kernel.problems import Failure, not_found, refused
from valeo_erp.kernel.succession import next_version, succeed
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.policies.models import policy
from valeo_erp.policies.rules import (
    PricedLine,
    Rules,
    Strictness,
    approvals_needed,
    dated_back,
    over_credit,
    thin_margins,
)

Row = dict[str, Any]

MOST_SIMULATED = 10_000
EXAMPLES = 50

_SHOWN = [column for column in policy.columns if column.name != "tenant_id"]
# What a customer owed before an invoice was posted: invoices and credit notes by the moment of their posting, reversals
# by theirs, payments by the moment they were matched. What was matched and taken back meanwhile is not known any more.
_PAST = text("""
with change as (
  select d.party_id, d.posted_at as at, d.id,
         d.gross_total * case d.kind when 'invoice' then 1 else -1 end as by
  from document d
  where :credit and d.tenant_id = :tenant_id and d.kind in ('invoice', 'credit_note')
    and d.state in ('posted', 'reversed')
  union all
  select d.party_id, m.matched_at, null::uuid,
         (m.amount + m.cash_discount) * case d.kind when 'invoice' then -1 else 1 end
  from payment_match m join document d on d.tenant_id = m.tenant_id and d.id = m.document_id
  where :credit and m.tenant_id = :tenant_id and d.kind in ('invoice', 'credit_note')
), owed as (
  select id, sum(by) over (partition by party_id order by at, id rows between unbounded preceding and current row) - by
    as before
  from change
)
select d.id, d.kind, d.number, d.gross_total, d.document_date, d.posted_at, coalesce(lines.listed, '[]') as lines,
       owed.before as owed, c.credit_limit
from document d
left join lateral (
  select jsonb_agg(jsonb_build_object(
    'position', l.position, 'item_number', l.item_number, 'net', l.net::text, 'quantity', l.quantity::text,
    'unit', l.unit, 'cost_net', c.net::text, 'cost_quantity', c.quantity::text, 'cost_unit', c.unit)) as listed
  from document_line l
  left join lateral (
    select b.net, b.quantity, b.unit
    from document_line b join document p on p.tenant_id = b.tenant_id and p.id = b.document_id
    where b.tenant_id = l.tenant_id and b.item_id = l.item_id and b.quantity > 0
      and p.kind in ('supplier_invoice', 'self_billed_credit') and p.state = 'posted'
      and p.document_date <= d.document_date
    order by p.document_date desc, p.id desc limit 1
  ) c on true
  where :margins and l.tenant_id = d.tenant_id and l.document_id = d.id and l.quantity > 0
    and d.kind in ('quotation', 'sales_order', 'invoice')
) lines on true
left join owed on owed.id = d.id
left join party c on :credit and c.tenant_id = d.tenant_id and c.id = d.party_id
where d.tenant_id = :tenant_id and d.state in ('posted', 'reversed') and d.reverses_id is null
  and d.document_date between :first and :last
order by d.document_date, d.id limit :most
""")


async def all_policies(connection: AsyncConnection, tenant_id: object) -> list[Row]:
    """Every version, the newest first."""
    statement = select(*_SHOWN).where(policy.c.tenant_id == tenant_id).order_by(policy.c.version.desc())
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def draft(transaction: Transaction, rules: Rules, note: str) -> Row:
    """A new version; nothing changes until somebody else puts it in force."""
    version = await next_version(transaction, policy)
    values = {
        "tenant_id": transaction.tenant_id,
        "version": version,
        "state": "draft",
        "rules": _as_json(rules),
        "note": note,
        "created_by": transaction.principal.subject,
        "created_at": transaction.at,
    }
    statement = insert(policy).values(values).returning(*_SHOWN)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    transaction.audit("create", "policy", None, reason=note, after={"version": version, "rules": row["rules"]})
    _publish(transaction, row)
    return row


async def activate(transaction: Transaction, version: int) -> Row:
    """Put a version in force instead of the present one; an old version may come back so too.

    Raises:
        Problem: 404; 409 for its author, and when it is in force already.
    """
    own = policy.c.tenant_id == transaction.tenant_id
    statement = select(*_SHOWN).where(own).order_by(policy.c.version).with_for_update()
    rows = {row["version"]: dict(row) for row in (await transaction.connection.execute(statement)).mappings()}
    wanted = rows.get(version)
    if wanted is None:
        raise not_found("policy")
    if failures := against_activation(wanted, transaction.principal.subject):
        raise refused("policy_not_activated", f"Version {version} was not put in force.", failures)
    done = await succeed(transaction, policy, _SHOWN, version)
    before = done.before and _standing(done.before)
    transaction.audit("activate", "policy", None, before=before, after=_standing(done.after))
    _publish(transaction, done.after)
    return done.after


def _publish(transaction: Transaction, row: Row) -> None:
    identifier = uuid5(transaction.tenant_id, f"policy {row['version']}")  # policies are known by their version
    data = {"version": row["version"], "state": row["state"]}
    transaction.publish("policy.changed", "policy", identifier, data)


def against_activation(row: Row, subject: str) -> list[Failure]:
    """What stands against somebody putting a version in force."""
    if row["state"] == "active":
        return [Failure("already_active", "It is in force already.")]
    return second_person(frozenset({row["created_by"]}), subject, "You wrote this policy")


def _standing(row: Row) -> Row:
    return {"version": row["version"], "rules": row["rules"]}


def _as_json(rules: Rules) -> Any:
    return json.loads(to_json(rules))


async def simulate(connection: AsyncConnection, tenant_id: object, rules: Rules, first: date, last: date) -> Row:
    """What a policy would have said of the documents that were posted, with the margins of their days.

    Credit: what was open when an invoice was posted, by today's limit of the customer.
    """
    values = {
        "tenant_id": tenant_id,
        "first": first,
        "last": last,
        "most": MOST_SIMULATED + 1,
        "margins": rules.lowest_margin_percent is not None,
        "credit": rules.credit_limit is not Strictness.OFF,
    }
    rows = (await connection.execute(_PAST, values)).mappings().all()
    told = [(row, found) for row in rows[:MOST_SIMULATED] if (found := _verdict(rules, row))]
    return {
        "documents": min(len(rows), MOST_SIMULATED),
        "complete": len(rows) <= MOST_SIMULATED,
        "affected": len(told),
        "by_rule": dict(Counter(failure.code for _, found in told for failure in found)),
        "examples": [
            {"id": row["id"], "kind": row["kind"], "number": row["number"], "failures": [f.as_json() for f in found]}
            for row, found in told[:EXAMPLES]
        ],
    }


def _verdict(rules: Rules, row: Any) -> list[Failure]:
    needed = approvals_needed(rules, row["gross_total"])
    facts = {"gross": f"{row['gross_total']:.2f}", "needed": str(needed)}
    more = Failure("more_approvals", f"{row['gross_total']} would have needed {needed} approvals.", facts=facts)
    late = dated_back(rules, row["document_date"], business_date(row["posted_at"]))
    lines = json.loads(row["lines"]) if isinstance(row["lines"], str) else row["lines"]
    thin = thin_margins(rules, [_priced(line) for line in lines])
    owed = row["owed"] if row["kind"] == "invoice" else None
    over = None if owed is None else over_credit(row["credit_limit"], owed, Decimal("0.00"), row["gross_total"])
    return [*([more] if needed > 1 else []), *([late] if late else []), *thin, *([over] if over else [])]


def _priced(line: Row) -> PricedLine:
    numbers = ("net", "quantity", "cost_net", "cost_quantity")
    return PricedLine(**line | {name: _decimal(line[name]) for name in numbers})


def _decimal(value: str | None) -> Any:
    return None if value is None else Decimal(value)
