"""What the smoke tests share: the way to the service, the persons, what they write, and the open stream."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx

from valeo_erp.identity.smoke import SCHEME, Person, sealed
from valeo_erp.kernel.clock import Clock

_SEEN = 120

Told = tuple[str, bool, str]
"""Name, whether it is good, what was seen."""


class FailedError(Exception):
    """A test that is not good; the message says what was seen instead."""


def expect(answer: httpx.Response, status: int) -> httpx.Response:
    """The answer, if it has the status.

    Raises:
        FailedError: with what the answer says instead.
    """
    if answer.status_code != status:
        raise FailedError(f"answered {answer.status_code} instead of {status}: {answer.text[:_SEEN]!r}")
    return answer


class Course:
    """One walk. The stream that it opens ends with it."""

    def __init__(self, http: httpx.AsyncClient, key: bytes | None, release: str | None, clock: Clock) -> None:
        self.http = http
        self.release = release
        self._key = key
        self._clock = clock
        self.invoice: dict[str, Any] = {}
        self.party: dict[str, Any] = {}
        self.heard: list[tuple[str, str]] = []
        self._listening: asyncio.Task[None] | None = None

    def header(self, person: Person) -> dict[str, str]:
        """How a person signs in.

        Raises:
            FailedError: there is no key.
        """
        if self._key is None:
            raise FailedError("there is no key to sign in with: VALEO_SMOKE_DIR holds no file `key`")
        return {"Authorization": f"{SCHEME} {sealed(person, self._key, self._clock())}"}

    async def get(self, path: str, person: Person, **query: str) -> httpx.Response:
        """Read as one person."""
        return await self.http.get(f"/api/v1{path}", params=query, headers=self.header(person))

    async def post(self, path: str, person: Person, body: dict[str, Any]) -> httpx.Response:
        """Write as one person."""
        return await self.http.post(f"/api/v1{path}", json=body, headers=self.header(person))

    async def act(self, action: str, person: Person) -> httpx.Response:
        """One step of the workflow of the invoice."""
        address = f"/api/v1/invoices/{self.invoice['id']}/actions/{action}"
        headers = {**self.header(person), "If-Match": f'"{self.invoice["version"]}"'}
        return await self.http.post(address, json={}, headers=headers)

    async def move(self, action: str, person: Person, state: str) -> str:
        """One step that must lead to the state.

        Raises:
            FailedError: it does not.
        """
        self.invoice = expect(await self.act(action, person), httpx.codes.OK).json()
        if self.invoice["state"] != state:
            raise FailedError(f"the invoice is {self.invoice['state']} instead of {state}")
        return f"{person}: {state}"

    async def listen(self) -> None:
        """Open the stream and keep hearing; comes back when the service said that it is open."""
        opened = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._hear(opened))
        done, _ = await asyncio.wait({opened, self._listening}, return_when=asyncio.FIRST_COMPLETED)
        if self._listening in done:
            self._listening.result()
            raise FailedError("the stream ended at once")

    async def _hear(self, opened: "asyncio.Future[None]") -> None:
        headers = {**self.header(Person.APPROVER), "Accept": "text/event-stream"}
        timeout = httpx.Timeout(10, read=None)
        async with self.http.stream("GET", "/api/v1/events", headers=headers, timeout=timeout) as stream:
            if stream.status_code != httpx.codes.OK:
                await stream.aread()
                expect(stream, httpx.codes.OK)
            async for line in stream.aiter_lines():
                if line.startswith("id:") and not opened.done():
                    opened.set_result(None)
                if line.startswith("data:"):
                    told = json.loads(line.removeprefix("data:"))
                    self.heard.append((str(told.get("object_id")), str(told.get("kind"))))

    async def aclose(self) -> None:
        """End the stream."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError, httpx.HTTPError, FailedError, ValueError):
                await self._listening
