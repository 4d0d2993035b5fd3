"""Documents of every kind as people make them: through the web API, each step by somebody who may do it."""

from dataclasses import dataclass
from typing import Any

import httpx

API = "/api/v1"
STEPS = (("submit", "olga"), ("approve", "max"), ("post", "anna"))
DISPATCHED = ("delivery-notes", "weighing-tickets", "goods-receipts")


def of(document: dict[str, Any], position: int = 1, **more: Any) -> dict[str, Any]:
    """A line that follows a line of another document."""
    return {"source": {"document_id": document["id"], "position": position}, **more}


@dataclass(frozen=True)
class Desk:
    """The people of the first trader at their desks."""

    client: httpx.AsyncClient

    async def tries(
        self, collection: str, party: str, *lines: dict[str, Any], person: str = "olga", **more: Any
    ) -> httpx.Response:
        """The answer to writing a document."""
        return await self.client.post(
            f"{API}/{collection}",
            json={"party_id": party, "lines": list(lines), **more},
            headers={"Authorization": f"Bearer {person}"},
        )

    async def writes(self, collection: str, party: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A draft."""
        answer = await self.tries(collection, party, *lines, **more)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def acts(
        self, collection: str, document: dict[str, Any], action: str, person: str, reason: str = "Probe"
    ) -> httpx.Response:
        """The answer to one step of the workflow."""
        return await self.client.post(
            f"{API}/{collection}/{document['id']}/actions/{action}",
            json={"reason": reason},
            headers={"Authorization": f"Bearer {person}", "If-Match": f'"{document["version"]}"'},
        )

    async def moves(self, collection: str, document: dict[str, Any], action: str, person: str) -> dict[str, Any]:
        """The document after one step."""
        answer = await self.acts(collection, document, action, person)
        assert answer.status_code == 200, answer.text
        moved: dict[str, Any] = answer.json()
        return moved

    async def approves(self, collection: str, document: dict[str, Any]) -> dict[str, Any]:
        """The document, ready to be posted."""
        steps = () if collection in DISPATCHED else STEPS[:-1]
        for action, person in steps:
            document = await self.moves(collection, document, action, person)
        return document

    async def posts(self, collection: str, party: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A document with its number."""
        ready = await self.approves(collection, await self.writes(collection, party, *lines, **more))
        return await self.moves(collection, ready, "post", "olga" if collection in DISPATCHED else "anna")

    async def reads(self, path: str, person: str = "anna", **query: Any) -> dict[str, Any]:
        """What a GET answers."""
        answer = await self.client.get(f"{API}/{path}", params=query, headers={"Authorization": f"Bearer {person}"})
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read


def failures(answer: httpx.Response) -> dict[str, str]:
    """The messages of a refusal by their codes."""
    return {failure["code"]: failure["message"] for failure in answer.json()["failures"]}
