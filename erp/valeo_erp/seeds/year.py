"""A year of documents for the first demo trader: the same every time, through the same use cases as everybody's.

`year.json` says what is sold, weighed and bought in each month of last year. Days, customers and weights follow from
the month and the place in the list by counting, not by chance. Nothing is written where there are documents already.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.documents import service
from valeo_erp.documents.document import Document, Kind
from valeo_erp.documents.kinds import Workflow, rules_of
from valeo_erp.documents.lifecycle import Action
from valeo_erp.documents.models import document as document_table
from valeo_erp.documents.schemas import DocumentBody
from valeo_erp.identity.scopes import Principal, Role
from valeo_erp.items.models import item
from valeo_erp.kernel.clock import Clock, business_date, system_clock
from valeo_erp.kernel.database import create_engine
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.unit_of_work import Transaction, own_transaction
from valeo_erp.parties.models import party
from valeo_erp.payments.matching import Direction, Match
from valeo_erp.payments.service import record
from valeo_erp.seeds.trader import TENANT, seeded_id

_EMPTY_LORRY_KG = 14_960
_STEPS = ((Action.SUBMIT, "olga"), (Action.APPROVE, "max"), (Action.POST, "anna"))


async def seed_year(settings: Settings, clock: Clock = system_clock) -> int:
    """Write last year's documents; how many were written."""
    engine = create_engine(settings)
    try:
        return await _Writer(engine, seeded_id(TENANT, 0, 1), business_date(clock()).year - 1).writes()
    finally:
        await engine.dispose()


@dataclass
class _Writer:
    """Goes through the year day by day, so that numbers follow the dates."""

    engine: AsyncEngine
    tenant_id: UUID
    year: int
    day: date = date.min
    written: int = 0

    async def writes(self) -> int:
        """The whole year, unless something is there already."""
        async with self._as("olga") as transaction:
            if (await transaction.connection.execute(select(document_table.c.id).limit(1))).first() is not None:
                return 0
            items = await self._ids(transaction, item)
            parties = await self._ids(transaction, party)
            farmers = await self._ids(transaction, party, party.c.tax_status == "flat_rate_farmer")
            customers = await self._ids(transaction, party, party.c.tax_status == "regular", party.c.country == "DE")
        told = json.loads(files(__package__).joinpath("year.json").read_text(encoding="utf-8"))
        for month in range(1, 13):
            key = str(month)
            await self._sells(month, told["sold"][key], items, list(customers.values()))
            if key in told["bought"]:
                await self._buys(month, told["bought"][key], items, list(parties.values())[-1])
            for place, load in enumerate(told["weighed"].get(key, ())):
                await self._weighs(month, place, load, items, list(farmers.values()))
        return self.written

    async def _sells(self, month: int, lines: Sequence[Any], items: dict[str, UUID], customers: Sequence[UUID]) -> None:
        """Two customers a month: one from the quotation on, one by an order that is delivered in two loads."""
        for place in range(2):
            self.day = date(self.year, month, 3 + 4 * place)
            buyer = customers[(2 * month + place) % len(customers)]
            wanted = [{"item_id": items[number], "quantity": quantity} for number, quantity in lines]
            if place == 0:
                wanted = _followed(await self._posts(Kind.QUOTATION, buyer, wanted))
            order = await self._posts(Kind.SALES_ORDER, buyer, wanted)
            deliveries = [await self._posts(Kind.DELIVERY_NOTE, buyer, _followed(order, Decimal(3) / 4))]
            self.day += timedelta(days=2)
            deliveries.append(await self._posts(Kind.DELIVERY_NOTE, buyer, _followed(order, Decimal(1) / 4)))
            billed = [line for delivery in deliveries for line in _followed(delivery)]
            invoice = await self._posts(Kind.INVOICE, buyer, billed)
            if (month + place) % 5 == 0:
                returned = [_followed(invoice)[0] | {"quantity": "1"}]
                await self._posts(Kind.CREDIT_NOTE, buyer, returned, note="Bruchware, wie besprochen")
            elif (month + place) % 7:
                await self._pays(Direction.INCOMING, invoice)

    async def _buys(self, month: int, wanted: Sequence[str], items: dict[str, UUID], supplier: UUID) -> None:
        self.day = date(self.year, month, 12)
        number, quantity = wanted
        order = await self._posts(Kind.PURCHASE_ORDER, supplier, [{"item_id": items[number], "quantity": quantity}])
        receipt = await self._posts(Kind.GOODS_RECEIPT, supplier, _followed(order))
        bill = await self._posts(
            Kind.SUPPLIER_INVOICE, supplier, _followed(receipt), reference=f"R{self.year}-{month:02}17"
        )
        await self._pays(Direction.OUTGOING, bill)

    async def _weighs(
        self, month: int, place: int, load: Sequence[str], items: dict[str, UUID], farmers: Sequence[UUID]
    ) -> None:
        """A farmer's lorry over the scale, and what he is credited for it."""
        self.day = date(self.year, month, 16 + 3 * place)
        number, moisture, impurity = load
        farmer = farmers[(month + place) % len(farmers)]
        first = datetime.combine(self.day, time(7, 40), UTC)
        weighing = {
            "vehicle": f"SR-{'ABCDEF'[place]} {100 + month}",
            "first_kg": str(_EMPTY_LORRY_KG + 21_000 + 340 * month - 120 * place),
            "first_at": first.isoformat(),
            "second_kg": str(_EMPTY_LORRY_KG - 20 * place),
            "second_at": (first + timedelta(minutes=22)).isoformat(),
        }
        line = {"item_id": items[number], "weighing": weighing, "moisture": moisture, "impurity": impurity}
        ticket = await self._posts(Kind.WEIGHING_TICKET, farmer, [line])
        credit = await self._posts(Kind.SELF_BILLED_CREDIT, farmer, _followed(ticket))
        await self._pays(Direction.OUTGOING, credit)

    async def _posts(self, kind: Kind, other: UUID, lines: Sequence[Any], **more: str) -> Document:
        body = DocumentBody.model_validate({"party_id": other, "lines": lines, **more})
        async with self._as("olga") as transaction:
            document = await service.create(transaction, kind, body)
        dispatched = rules_of(kind).workflow is Workflow.DISPATCHED
        for action, person in ((Action.POST, "olga"),) if dispatched else _STEPS:
            async with self._as(person) as transaction:
                document = await service.act(transaction, kind, document.id, document.version, action, None)
        if transaction.number is not None:
            document = replace(document, number=transaction.number)  # known when the posting is written
        self.written += 1
        return document

    async def _pays(self, direction: Direction, document: Document) -> None:
        match = Match(document.id, document.gross_total, Decimal("0.00"))
        async with self._as("anna") as transaction:
            await record(
                transaction,
                direction,
                document.party_id,
                self.day,
                document.gross_total,
                document.number or "",
                [match],
            )

    @asynccontextmanager
    async def _as(self, person: str) -> AsyncIterator[Transaction]:
        """A transaction of one of the demo's people, at nine on the day that is written about."""
        role = {"olga": Role.OPERATOR, "max": Role.MANAGER, "anna": Role.ACCOUNTANT}[person]
        principal = Principal(person, person.capitalize(), self.tenant_id, frozenset({role}))
        async with own_transaction(self.engine, self._now, principal) as transaction:
            yield transaction

    def _now(self) -> datetime:
        return datetime.combine(max(self.day, date(self.year, 1, 1)), time(9), UTC)

    async def _ids(self, transaction: Transaction, table: Any, *conditions: Any) -> dict[str, UUID]:
        statement = select(table.c.number, table.c.id).where(table.c.tenant_id == self.tenant_id, *conditions)
        rows = await transaction.connection.execute(statement.order_by(table.c.number))
        return {row.number: row.id for row in rows}


def _followed(document: Document, part: Decimal = Decimal(1)) -> list[dict[str, Any]]:
    """Lines that follow those of a document, with a part of their quantities."""
    return [
        {
            "source": {"document_id": document.id, "position": line.position},
            "quantity": str((line.quantity * part).quantize(Decimal("0.0001"))),
        }
        for line in document.lines
    ]
