"""What the form of an invoice offers: active parties and items."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.items.models import item
from valeo_erp.parties.models import party

MOST_CHOICES = 1_000
"""A longer list is no choice any more; the search in master data comes with its own page."""

_PARTIES = (
    select(party.c.id, party.c.number, party.c.name, party.c.city)
    .where(party.c.tenant_id == bindparam("tenant_id"), party.c.active)
    .order_by(party.c.name, party.c.number)
    .limit(MOST_CHOICES)
)
_ITEMS = (
    select(item.c.id, item.c.number, item.c.name, item.c.name_en, item.c.unit, item.c.price_base, item.c.list_price)
    .where(item.c.tenant_id == bindparam("tenant_id"), item.c.active)
    .order_by(item.c.name, item.c.number)
    .limit(MOST_CHOICES)
)


@dataclass(frozen=True, slots=True)
class PartyChoice:
    """A party that an invoice can be written to."""

    id: UUID
    number: str
    name: str
    city: str


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """An item that can stand on a line; its price is for `price_base` of `unit`."""

    id: UUID
    number: str
    name: str
    name_en: str
    unit: str
    price_base: Decimal
    list_price: Decimal


async def parties(connection: AsyncConnection, tenant_id: UUID) -> list[PartyChoice]:
    """By name."""
    return [PartyChoice(*row) for row in await connection.execute(_PARTIES, {"tenant_id": tenant_id})]


async def items(connection: AsyncConnection, tenant_id: UUID) -> list[ItemChoice]:
    """By name."""
    return [ItemChoice(*row) for row in await connection.execute(_ITEMS, {"tenant_id": tenant_id})]
