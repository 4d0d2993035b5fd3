"""Users of an installation from outside: requests without a pause, event streams that reconnect, drafts that are seen.

Every request opens a connection of its own, so that each one is led by the Service as it is at that moment.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from tests.support.listening import Ear

from valeo_erp.demo.token import id_token

PERSONS: Final = ("adam", "mia", "olga", "max", "anna")
WRITER: Final = "olga"
_NO_KEEPING: Final = httpx.Limits(max_keepalive_connections=0)


@dataclass
class Load:
    """What users did and saw.

    Attributes:
        failures: requests that were not answered as they should: seconds since the beginning, path, what came.
        served: releases that answered, with the number of answers.
        written: ids of the drafts that were written, in their order.
    """

    url: str
    issuer: str
    ears_each: int = 4
    begun: float = field(default_factory=time.monotonic)
    asked: int = 0
    failures: list[tuple[float, str, str]] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    written: list[str] = field(default_factory=list)
    ears: list[Ear] = field(default_factory=list)
    cuts: int = 0
    breaks: list[str] = field(default_factory=list)
    draft: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Users are there until the block ends; then the last events are waited for."""
        tokens = {name: await asyncio.to_thread(id_token, self.issuer, name, "valeo-erp") for name in PERSONS}
        self.draft = await self._draft(tokens[WRITER])
        self.ears = [Ear(person=token) for token in tokens.values() for _ in range(self.ears_each)]
        opened = [asyncio.Event() for _ in self.ears]
        tasks = [asyncio.create_task(self._listen(*pair)) for pair in zip(self.ears, opened, strict=True)]
        async with asyncio.timeout(30):
            await asyncio.gather(*(event.wait() for event in opened))
        users = [asyncio.create_task(work) for work in self._users(tokens)]
        try:
            yield self
        finally:
            await self._end(users)
            await asyncio.sleep(3)
            await self._end(tasks)

    @staticmethod
    async def _end(tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _users(self, tokens: dict[str, str]) -> list[Coroutine[Any, Any, None]]:
        """Thirty requests a second that tell who answers, four by users who are signed in, and drafts."""
        ready = [self._ask("/readyz", 0.2, "") for _ in range(6)]
        me = [self._ask("/api/v1/me", 1.2, token) for token in tokens.values()]
        return [*ready, *me, self._write(tokens[WRITER])]

    async def _draft(self, token: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers=headers, timeout=10) as http:
            party = (await http.get("/parties", params={"text": "10003"})).json()["items"][0]
            item = (await http.get("/items", params={"text": "1010"})).json()["items"][0]
        line = {"item_id": item["id"], "quantity": "1", "unit": "dt", "unit_price": "20.00"}
        return {"party_id": party["id"], "lines": [line]}

    async def _ask(self, path: str, pause: float, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(timeout=10, limits=_NO_KEEPING, headers=headers) as http:
            while True:
                answer = await self._one(http.get(self.url + path), path)
                if answer is not None and path == "/readyz":
                    self.served[answer.json()["release"]] += 1
                await asyncio.sleep(pause)

    async def _write(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(timeout=10, limits=_NO_KEEPING, headers=headers) as http:
            while True:
                answer = await self._one(http.post(f"{self.url}/api/v1/invoices", json=self.draft), "/api/v1/invoices")
                if answer is not None and answer.status_code == 201:
                    self.written.append(answer.json()["id"])
                await asyncio.sleep(2)

    async def _one(self, request: Coroutine[Any, Any, httpx.Response], path: str) -> httpx.Response | None:
        self.asked += 1
        try:
            answer = await request
        except httpx.HTTPError as broken:
            self._fail(path, f"{type(broken).__name__}: {broken}")
            return None
        # On a busy machine the database may be slow: a pod says so in /readyz, and is reached all the same.
        if not answer.is_success and path != "/readyz":
            self._fail(path, f"{answer.status_code} {answer.text[:200]}")
        return answer

    def _fail(self, path: str, what: str) -> None:
        self.failures.append((round(time.monotonic() - self.begun, 1), path, what))

    async def _listen(self, ear: Ear, opened: asyncio.Event) -> None:
        """As a browser does: when the stream ends, connect again after the last event that was heard."""
        while True:
            try:
                await ear.listen(self.url, opened)
            except httpx.HTTPError as broken:
                self.breaks.append(f"{type(broken).__name__}: {broken}")
            self.cuts += 1
            await asyncio.sleep((ear.retry or 500) / 1000)

    def not_heard_once(self) -> list[str]:
        """Drafts that an ear heard of not at all, or more than once."""
        found = []
        for number, ear in enumerate(self.ears):
            created = (each.data for each in ear.heard if each.data.get("kind") == "invoice.created")
            heard = Counter(each.get("object_id") for each in created)
            found += [f"ear {number}: {draft} {heard[draft]} times" for draft in self.written if heard[draft] != 1]
        return found
