"""Sales invoices as people make them: through the web API."""

from typing import Any
from uuid import UUID

import httpx

PARTY = UUID("01980000-0001-7000-8000-000000000001")
INVOICES = "/api/v1/invoices"


def item(ordinal: int) -> str:
    """The id of a seeded item of the first trader."""
    return str(UUID(f"01980000-0002-7000-8000-{ordinal:012x}"))


def body(**more: Any) -> dict[str, Any]:
    """What is written: three lines."""
    lines = [
        {"item_id": item(1), "quantity": "24.5"},
        {"item_id": item(2), "quantity": "3", "discount": "2.5"},
        {"item_id": item(3), "quantity": "12"},
    ]
    return {"party_id": str(PARTY), "lines": lines, "note": "Lieferung frei Hof."} | more


async def written(client: httpx.AsyncClient, person: str = "olga", **more: Any) -> dict[str, Any]:
    """A draft."""
    answer = await client.post(INVOICES, json=body(**more), headers={"Authorization": f"Bearer {person}"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def moved(client: httpx.AsyncClient, invoice: dict[str, Any], action: str, person: str, reason: str = "") -> Any:
    """The invoice after one step of its workflow."""
    answer = await client.post(
        f"{INVOICES}/{invoice['id']}/actions/{action}",
        json={"reason": reason or None},
        headers={"Authorization": f"Bearer {person}", "If-Match": f'"{invoice["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def posted(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """An invoice with its number: written and submitted by Olga, approved by Max, posted by Anna."""
    invoice = await written(client, **more)
    for action, person in (("submit", "olga"), ("approve", "max"), ("post", "anna")):
        invoice = await moved(client, invoice, action, person)
    return invoice
