"""What one request costs in statements: a round trip more is seen here before it is felt."""

import re
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from tests.support.invoices import moved, written


@pytest.fixture
def statements(app: FastAPI) -> Callable[[], list[str]]:
    """The statements that were sent since it was last asked, each by its first words."""
    sent: list[str] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        sent.append(" ".join(re.sub(r"\s+", " ", query.query).strip().split()[:3]))

    def listen(connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(note)  # a set: once for each connection, however often

    for engine in {app.state.services.engine.sync_engine, app.state.services.read_engine.sync_engine}:
        event.listen(engine, "checkout", listen)

    def since() -> list[str]:
        found = sent.copy()
        sent.clear()
        return found

    return since


async def test_a_step_of_an_invoice_costs_two_statements_in_its_transaction_and_posting_three(
    client: httpx.AsyncClient, statements: Callable[[], list[str]]
) -> None:
    async def walked() -> dict[str, list[str]]:
        sent = {}
        invoice = await written(client)
        sent["create"] = statements()
        for action, person in (("submit", "olga"), ("approve", "max"), ("post", "anna")):
            invoice = await moved(client, invoice, action, person)
            sent[action] = statements()
        return sent

    await walked()  # the first one learns the tenant, the policy and the limits
    told = await walked()
    costs = {step: len([one for one in sent if one not in {"begin", "commit"}]) for step, sent in told.items()}
    assert costs == {"create": 2, "submit": 2, "approve": 2, "post": 3}, told
