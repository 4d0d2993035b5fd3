"""Users of an installation from outside: requests at a steady rate, event streams that come back, drafts that are seen.

Requests begin when they are due, whether the ones before were answered or not. Half of them open a connection of their
own, so that the Service leads each as it stands at that moment; half keep their connections, as browsers and proxies
do. Nothing is asked twice: what fails is counted.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final
from uuid import uuid4

import httpx
from tests.support.listening import Ear, until

from valeo_erp.demo.token import id_token

PERSONS: Final = ("adam", "mia", "olga", "max", "anna")
WRITER: Final = "olga"
EARS_EACH: Final = 20
"""As many streams as one person may hold at one pod: a hundred in all."""
RATE: Final = 50
"""Requests a second."""
WRITES_EVERY: Final = 25
"""Of so many requests one writes a draft: two a second, each heard by every stream."""
_SECONDS: Final = 10


@dataclass(frozen=True)
class Failure:
    """A request that was not answered as it should: seconds since the beginning, path, what came instead."""

    at: float
    path: str
    what: str


@dataclass
class Load:
    """What users did and saw.

    Attributes:
        written: ids of the drafts that were answered with 201.
        unsure: how many drafts were asked for without an answer: whether they were written is not known.
        cuts: by their reason, how often a stream was ended.
        seconds: how long requests were made.
    """

    url: str
    issuer: str
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0
    asked: int = 0
    unsure: int = 0
    failures: list[Failure] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    ears: list[Ear] = field(default_factory=list)
    cuts: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Users are there until the block ends; then the last events are waited for."""
        tokens = {name: await asyncio.to_thread(id_token, self.issuer, name, "valeo-erp") for name in PERSONS}
        unbound = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        alone = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with (
            httpx.AsyncClient(base_url=self.url, limits=unbound, timeout=_SECONDS) as keeping,
            httpx.AsyncClient(base_url=self.url, limits=alone, timeout=_SECONDS) as opening,
            httpx.AsyncClient(limits=alone, timeout=httpx.Timeout(_SECONDS, read=60)) as listening,
        ):
            draft = await self._draft(keeping, tokens[WRITER])
            self.ears = [Ear(person=token) for token in tokens.values() for _ in range(EARS_EACH)]
            streams = [asyncio.create_task(self._listen(ear, listening)) for ear in self.ears]
            await until(lambda: all(ear.retry for ear in self.ears), 60)
            users = asyncio.create_task(self._use((keeping, opening), tokens, draft))
            try:
                yield self
            finally:
                users.cancel()
                with suppress(asyncio.CancelledError):
                    await users
                with suppress(TimeoutError):  # what is still missing then is told by `misheard`
                    await until(lambda: not self.misheard(), 15)
                for task in streams:
                    task.cancel()
                await asyncio.gather(*streams, return_exceptions=True)

    @staticmethod
    async def _draft(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        party = (await client.get("/api/v1/parties", params={"text": "10003"}, headers=headers)).json()["items"][0]
        item = (await client.get("/api/v1/items", params={"text": "1010"}, headers=headers)).json()["items"][0]
        line = {"item_id": item["id"], "quantity": "1", "unit": "dt", "unit_price": "20.00"}
        return {"party_id": party["id"], "lines": [line]}

    async def _use(self, clients: Iterable[httpx.AsyncClient], tokens: dict[str, str], draft: dict[str, Any]) -> None:
        """Begin a request when it is due; at the end those under way are waited for."""
        begun = time.monotonic()
        due = enumerate(zip(cycle(clients), cycle(tokens.values())))
        async with asyncio.TaskGroup() as under_way:
            with suppress(asyncio.CancelledError):
                for number, (client, token) in due:
                    await asyncio.sleep(max(0.0, begun + number / RATE - time.monotonic()))
                    writes = number % WRITES_EVERY == 0
                    under_way.create_task(
                        self._write(client, tokens[WRITER], draft) if writes else self._read(client, token)
                    )
            self.seconds = time.monotonic() - begun

    async def _read(self, client: httpx.AsyncClient, token: str) -> None:
        await self._one(client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}), "/api/v1/me")

    async def _write(self, client: httpx.AsyncClient, token: str, draft: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        path = "/api/v1/invoices"
        answer = await self._one(client.post(path, json=draft, headers=headers), path)
        if answer is None:
            self.unsure += 1
        elif answer.status_code == httpx.codes.CREATED:
            self.written.append(answer.json()["id"])

    async def _one(self, request: Coroutine[Any, Any, httpx.Response], path: str) -> httpx.Response | None:
        self.asked += 1
        begun = time.monotonic()
        try:
            answer = await request
        except httpx.HTTPError as broken:
            self._fail(path, f"{type(broken).__name__}: {broken}")
            return None
        self.times.append(time.monotonic() - begun)
        if not answer.is_success:
            self._fail(path, f"{answer.status_code} {answer.text[:200]}")
        return answer

    def _fail(self, path: str, what: str) -> None:
        self.failures.append(Failure(round(time.monotonic() - self.begun, 1), path, what))

    async def _listen(self, ear: Ear, client: httpx.AsyncClient) -> None:
        """As a browser does: when the stream ends, connect again after the last event that was heard."""
        while True:
            try:
                await ear.listen(self.url, client=client)
                self.cuts[ear.comments[-1] if ear.comments else "ended without a word"] += 1
            except httpx.HTTPError as broken:
                self.cuts[f"{type(broken).__name__}: {broken}"] += 1
            await asyncio.sleep((ear.retry or 1000) / 1000)

    def misheard(self) -> list[str]:
        """Drafts that a stream told of not at all, or more than once, or that nobody wrote."""
        written = Counter(self.written)
        return [found for number, ear in enumerate(self.ears) for found in self._misheard_by(number, ear, written)]

    def _misheard_by(self, number: int, ear: Ear, written: Counter[str]) -> list[str]:
        heard = Counter(each.data["object_id"] for each in ear.heard if each.data.get("kind") == "invoice.created")
        lost = [f"stream {number}: {draft} was lost" for draft in written - heard]
        more = [f"stream {number}: {draft} came once too often" for draft in heard - written]
        return lost + (more if len(more) > self.unsure else [])

    @property
    def rate(self) -> float:
        """Requests a second, as they were made."""
        return self.asked / self.seconds

    def told(self) -> str:
        """The numbers in one line."""
        slow = sorted(self.times)[int(len(self.times) * 0.95)] * 1000 if self.times else 0
        return (
            f"{self.asked} requests at {self.rate:.1f}/s, {len(self.failures)} failed, P95 {slow:.0f} ms;"
            f" {len(self.written)} drafts for {len(self.ears)} streams, {len(self.misheard())} events lost or doubled;"
            f" streams ended: {dict(self.cuts)}"
        )
