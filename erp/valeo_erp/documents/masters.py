"""The master data that a draft refers to, read in one statement."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.documents.document import PartySnapshot
from valeo_erp.documents.kinds import Side
from valeo_erp.documents.known import AgreedPrice, GrainTerms, KnownItem, KnownParty, KnownTax, Masters
from valeo_erp.documents.links import Key, SourceLine
from valeo_erp.kernel.statements import Statement
from valeo_erp.taxes.treatment import TaxStatus

_READ = Statement("""
select
  (select jsonb_build_array(p.id, p.active, p.payment_days, p.tax_status, p.number, p.name, p.street, p.postal_code,
                            p.city, p.country, p.vat_id)
   from party p where p.tenant_id = :tenant_id and p.id = :party_id)::text as party,
  (select jsonb_agg(jsonb_build_array(i.id, i.number, i.name, i.unit, i.price_base, i.list_price, i.tax_code,
                                      i.revenue_account, i.active, i.purchase_price, i.cost_account, i.grain,
                                      (select jsonb_build_array(r.unit_price, r.price_base) from price r
                                       where r.tenant_id = :tenant_id and r.item_id = i.id and r.side = :side
                                         and (r.party_id = :party_id or r.party_id is null)
                                         and r.valid_from <= :supply_date
                                         and (r.valid_to is null or r.valid_to >= :supply_date)
                                       order by r.party_id is null limit 1)))
   from item i where i.tenant_id = :tenant_id and i.id = any(:item_ids))::text as items,
  (select jsonb_agg(jsonb_build_array(t.code, t.rate, t.tax_account, t.input_account,
                                      coalesce(t.self_assessed_rate, 0.0000), coalesce(t.self_assessed_account, '')))
   from tax_code t
   where t.tenant_id = :tenant_id and t.valid_from <= :supply_date
     and (t.valid_to is null or t.valid_to >= :supply_date))::text as taxes,
  o.chart, o.country
from tenant o where o.id = :tenant_id
""")

_ITEM = tuple(each.name for each in fields(KnownItem))


async def read_masters(
    connection: AsyncConnection,
    tenant_id: UUID,
    party_id: UUID | None,
    item_ids: Iterable[UUID],
    supply_date: date,
    sources: Mapping[Key, SourceLine],
    side: Side,
) -> Masters:
    """The party, the items with their prices and the tax codes at the date of supply, as far as they exist."""
    followed = {source.line.item_id for source in sources.values()}
    [row] = await _READ.rows(
        connection,
        {
            "tenant_id": tenant_id,
            "party_id": party_id,
            "item_ids": list(followed.union(item_ids)),
            "supply_date": supply_date,
            "side": side.value,
        },
    )
    items = [_item(item) for item in _parsed(row["items"])]
    return Masters(
        party=_party(_parsed(row["party"])),
        items={item.id: item for item in items},
        taxes={code: KnownTax(*terms) for code, *terms in _parsed(row["taxes"])},
        sources=sources,
        chart=row["chart"],
        country=row["country"],
    )


def _party(values: list[Any]) -> KnownParty | None:
    if not values:
        return None
    identifier, active, payment_days, status, *address = values
    return KnownParty(UUID(identifier), active, payment_days, PartySnapshot(*address), TaxStatus(status))


def _item(values: list[Any]) -> KnownItem:
    facts = dict(zip(_ITEM, values, strict=True))
    facts["id"] = UUID(facts["id"])
    if facts["grain"] is not None:
        facts["grain"] = GrainTerms(**{name: Decimal(value) for name, value in facts["grain"].items()})
    if facts["agreed"] is not None:
        facts["agreed"] = AgreedPrice(*facts["agreed"])
    return KnownItem(**facts)


def _parsed(found: str | None) -> list[Any]:
    """Numbers as decimals; `12` and `12.0` of the database are both."""
    parsed: list[Any] = json.loads(found or "[]", parse_float=Decimal)
    return parsed
