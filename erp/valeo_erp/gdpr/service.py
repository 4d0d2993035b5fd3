"""The GDPR desk: what a party's data is, erasing it, legal holds, and erasing again after a restore."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from valeo_erp.gdpr.erasure import ErasurePlan, PartyFacts, plan
from valeo_erp.gdpr.models import gdpr_hold, tombstone
from valeo_erp.identity.access import Reading
from valeo_erp.kernel.canonical import canonical_json
from valeo_erp.kernel.database import connector
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import not_found, refused
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.kernel.statements import json_text
from valeo_erp.kernel.tenancy import command_for
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.migrations.provision import OWNER
from valeo_erp.payments.repository import balance

Row = dict[str, Any]
PARTY = "party"

_FACTS = text("""
select p.number,
  count(d.id) filter (where d.state in ('draft', 'submitted', 'approved', 'rejected')) as unposted,
  count(d.id) filter (where d.state = 'cancelled') as cancelled,
  count(d.id) filter (where d.state in ('posted', 'reversed')) as posted,
  (select count(*) from payment y where y.tenant_id = p.tenant_id and y.party_id = p.id) as payments,
  greatest(max(d.document_date) filter (where d.state in ('posted', 'reversed')),
           (select max(y.paid_on) from payment y where y.tenant_id = p.tenant_id and y.party_id = p.id))
    as last_document,
  (select count(*) from audit_entry e where e.tenant_id = p.tenant_id and (e.object_id = p.id or e.object_id in (
     select c.id from document c where c.tenant_id = p.tenant_id and c.party_id = p.id and c.state = 'cancelled'))
  ) as audit_entries,
  array(select h.reason from gdpr_hold h where h.tenant_id = p.tenant_id and h.party_id = p.id
        and h.released_at is null order by h.created_at) as holds,
  exists (select from tombstone t where t.tenant_id = p.tenant_id and t.object_kind = 'party' and t.object_id = p.id)
    as erased
from party p left join document d on d.tenant_id = p.tenant_id and d.party_id = p.id
where p.tenant_id = :tenant_id and p.id = :party_id
group by p.tenant_id, p.id
""")
_LOCK_PARTY = text("select 1 from party where tenant_id = :tenant_id and id = :party_id for update")
_TENANTS = text("select id from tenant")
_ERASE = text("select erase_party(:tenant_id, :party_id)")
_ERASE_TAX_NUMBER = text("update party set tax_number = null where tenant_id = :tenant_id and id = :party_id")
_ERASE_REMARKS = text("select erase_remarks(:tenant_id, :party_id)")
_BUNDLE = text("""
select jsonb_build_object(
  'party', to_jsonb(p) - 'tenant_id',
  'documents', (
    select coalesce(jsonb_agg(to_jsonb(d) - '{tenant_id,content_hash,approved_hash,search_text}'::text[]
      || jsonb_build_object('lines', (
        select coalesce(jsonb_agg(to_jsonb(l) - '{tenant_id,document_id}'::text[] order by l.position), '[]')
        from document_line l where l.tenant_id = d.tenant_id and l.document_id = d.id),
      'comments', (
        select coalesce(jsonb_agg(jsonb_build_object('at', r.at, 'text', r.text) order by r.at, r.id), '[]')
        from document_comment r where r.tenant_id = d.tenant_id and r.document_id = d.id),
      'attachments', (
        select coalesce(jsonb_agg(jsonb_build_object('at', f.at, 'name', f.name, 'media_type', f.media_type,
          'sha256', encode(f.sha256, 'hex'), 'content', encode(f.content, 'base64')) order by f.at, f.id), '[]')
        from document_attachment f where f.tenant_id = d.tenant_id and f.document_id = d.id))
      order by d.document_date, d.id), '[]')
    from document d where d.tenant_id = p.tenant_id and d.party_id = p.id),
  'payments', (
    select coalesce(jsonb_agg(to_jsonb(y) - 'tenant_id' order by y.paid_on, y.id), '[]')
    from payment y where y.tenant_id = p.tenant_id and y.party_id = p.id),
  'prices', (
    select coalesce(jsonb_agg(to_jsonb(r) - 'tenant_id' order by r.valid_from, r.id), '[]')
    from price r where r.tenant_id = p.tenant_id and r.party_id = p.id),
  'history', (
    select coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'action', e.action, 'outcome', e.outcome,
      'reason', e.reason, 'before', e.before, 'after', e.after) order by e.id), '[]')
    from audit_entry e where e.tenant_id = p.tenant_id and e.object_id = p.id),
  'legal_holds', (
    select coalesce(jsonb_agg(jsonb_build_object('reason', h.reason, 'since', h.created_at, 'until', h.released_at)
      order by h.id), '[]')
    from gdpr_hold h where h.tenant_id = p.tenant_id and h.party_id = p.id)
)::text from party p where p.tenant_id = :tenant_id and p.id = :party_id
""")


async def party_bundle(connection: AsyncConnection, tenant_id: UUID, party_id: UUID) -> Row:
    """Everything that is stored of a party (Art. 15 and 20 GDPR).

    Raises:
        Problem: 404.
    """
    found: str | None = await connection.scalar(_BUNDLE, {"tenant_id": tenant_id, "party_id": party_id})
    if found is None:
        raise not_found("party")
    bundle: Row = json.loads(found)
    return bundle


async def preview(access: Reading | Transaction, party_id: UUID, at: datetime) -> tuple[PartyFacts, ErasurePlan]:
    """What an erasure would do.

    Raises:
        Problem: 404.
    """
    values = {"tenant_id": access.tenant_id, "party_id": party_id}
    row = (await access.connection.execute(_FACTS, values)).mappings().one_or_none()
    if row is None:
        raise not_found("party")
    owed = await balance(access.connection, access.tenant_id, party_id, at.date())
    facts = PartyFacts(**dict(row) | {"holds": tuple(row["holds"])}, open_amount=owed.open if owed else Decimal(0))
    return facts, plan(facts)


async def erase(transaction: Transaction, party_id: UUID, reason: str) -> Row:
    """Erase what may be erased, and write the certificate.

    Raises:
        Problem: 404; 409 with everything that stands against it.
    """
    values = {"tenant_id": transaction.tenant_id, "party_id": party_id}
    await transaction.connection.execute(_LOCK_PARTY, values)
    facts, wanted = await preview(transaction, party_id, transaction.at)
    if wanted.against:
        raise refused("not_erased", "Nothing was erased; see the failures.", wanted.against)
    await _erase(transaction.connection, values)
    certificate = json.loads(json_text(_certificate(transaction, party_id, facts, wanted)))
    row = {
        "tenant_id": transaction.tenant_id,
        "object_kind": PARTY,
        "object_id": party_id,
        "erased_at": transaction.at,
        "erased_by": transaction.principal.subject,
        "certificate": certificate,
        "sha256": hashlib.sha256(canonical_json(certificate)).digest(),
    }
    await transaction.connection.execute(insert(tombstone).values(row))
    transaction.audit("erase", PARTY, party_id, reason=reason, after={"sha256": row["sha256"].hex()})
    transaction.publish("party.erased", PARTY, party_id, {})
    return {"certificate": certificate, "sha256": row["sha256"].hex()}


async def _erase(connection: AsyncConnection, values: Row) -> None:
    await connection.execute(_ERASE_REMARKS, values)
    await connection.execute(_ERASE_TAX_NUMBER, values)
    await connection.execute(_ERASE, values)


def _certificate(transaction: Transaction, party_id: UUID, facts: PartyFacts, wanted: ErasurePlan) -> Row:
    return {
        "party_id": party_id,
        "party_number": facts.number,
        "erased_at": transaction.at,
        "erased_by": transaction.principal.subject,
        "categories": [asdict(category) for category in wanted.categories],
    }


async def certificate(connection: AsyncConnection, tenant_id: UUID, party_id: UUID) -> Row:
    """The certificate of an erasure.

    Raises:
        Problem: 404, nothing was erased.
    """
    t = tombstone.c
    statement = select(t.certificate, t.sha256).where(
        t.tenant_id == tenant_id, t.object_kind == PARTY, t.object_id == party_id
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise not_found("certificate")
    return {"certificate": row.certificate, "sha256": bytes(row.sha256).hex()}


_HOLD = [column for column in gdpr_hold.columns if column.name != "tenant_id"]


async def holds(connection: AsyncConnection, tenant_id: UUID) -> list[Row]:
    """Every legal hold, the newest first."""
    statement = select(*_HOLD).where(gdpr_hold.c.tenant_id == tenant_id).order_by(gdpr_hold.c.id.desc())
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def hold(transaction: Transaction, party_id: UUID, reason: str) -> Row:
    """Keep the data of a party from being erased.

    Raises:
        Problem: 404.
    """
    values = {"tenant_id": transaction.tenant_id, "party_id": party_id}
    if await transaction.connection.scalar(_LOCK_PARTY, values) is None:
        raise not_found("party")
    stamps = {"id": new_id(), "reason": reason, "created_by": transaction.principal.subject}
    statement = insert(gdpr_hold).values(values | stamps | {"created_at": transaction.at}).returning(*_HOLD)
    row = dict((await transaction.connection.execute(statement)).mappings().one())
    transaction.audit("hold", PARTY, party_id, after={"hold": str(row["id"])})
    return row


async def release(transaction: Transaction, hold_id: UUID) -> Row:
    """End a legal hold; one that has ended stays as it is.

    Raises:
        Problem: 404.
    """
    own = (gdpr_hold.c.tenant_id == transaction.tenant_id, gdpr_hold.c.id == hold_id)
    statement = select(*_HOLD).where(*own).with_for_update()
    row = (await transaction.connection.execute(statement)).mappings().one_or_none()
    if row is None:
        raise not_found("legal hold")
    if row["released_at"] is not None:
        return dict(row)
    values = {"released_at": transaction.at, "released_by": transaction.principal.subject}
    changed = update(gdpr_hold).where(*own).values(values).returning(*_HOLD)
    row = (await transaction.connection.execute(changed)).mappings().one()
    transaction.audit("release", PARTY, row["party_id"], after={"hold": str(hold_id)})
    return dict(row)


async def tombstones(settings: Settings) -> list[Row]:
    """What was erased in this installation, of every tenant: take it along before a restore. It names nobody."""
    async with _as_owner(settings).connect() as connection:
        rows = (await connection.execute(select(tombstone).order_by(tombstone.c.erased_at))).mappings()
        return [json.loads(json_text(dict(row) | {"sha256": bytes(row["sha256"]).hex()})) for row in rows]


async def reapply(settings: Settings, carried: Iterable[Row] = ()) -> int:
    """Erase again what a restored backup has brought back: what its own tombstones say, and those that were carried.

    Returns:
        How many parties are erased now.
    """
    async with _as_owner(settings).begin() as connection:
        await _taken_over(connection, carried)
        t = tombstone.c
        kept = (await connection.execute(select(t.tenant_id, t.object_id).where(t.object_kind == PARTY))).all()
        await _erase_each(connection, kept)
    return len(kept)


async def erase_here(settings: Settings, carried: Iterable[Row]) -> int:
    """Erase what was erased elsewhere and is not known to be erased here. Repeated, it finds nothing to do.

    Returns:
        How many parties were erased.
    """
    async with _as_owner(settings).begin() as connection:
        new = await _taken_over(connection, carried)
        await _erase_each(connection, new)
    return len(new)


async def _taken_over(connection: AsyncConnection, carried: Iterable[Row]) -> list[tuple[UUID, UUID]]:
    """The tenant and party of each tombstone that is new here. Tenants that are not here have nothing to erase."""
    here = set(await connection.scalars(_TENANTS))
    new: list[tuple[UUID, UUID]] = []
    for row in map(_read, carried):
        if row["tenant_id"] in here:
            written = await connection.execute(upsert(tombstone).values(row).on_conflict_do_nothing())
            new += [(row["tenant_id"], row["object_id"])] if written.rowcount else []
    return new


async def _erase_each(connection: AsyncConnection, parties: Iterable[Sequence[UUID]]) -> None:
    for tenant_id, party_id in parties:
        await connection.exec_driver_sql(command_for(tenant_id))
        await _erase(connection, {"tenant_id": tenant_id, "party_id": party_id})


def _read(row: Row) -> Row:
    return row | {
        "tenant_id": UUID(row["tenant_id"]),
        "object_id": UUID(row["object_id"]),
        "erased_at": datetime.fromisoformat(row["erased_at"]),
        "sha256": bytes.fromhex(row["sha256"]),
    }


def _as_owner(settings: Settings) -> Any:
    owner = Credentials(settings.owner_credentials_dir)
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connector(settings, owner, "valeo-erp gdpr", role=OWNER, lock_timeout="5s"),
        poolclass=NullPool,
    )
