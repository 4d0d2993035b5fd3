"""Asking web addresses, and trying connections, as the checks need it: short, bounded, without following anybody."""

import asyncio
import json
from typing import Any, Final, Protocol

import aiohttp

from valeo_operator.golive.facts import Attempt, Reply

_TIMEOUT: Final = aiohttp.ClientTimeout(total=5, sock_connect=2)
_LONGEST: Final = 4_000_000
_PATIENCE: Final = 2.0


class Web(Protocol):
    """What the checks ask of the network."""

    async def get(self, url: str) -> Reply:
        """What the address answers; never raises for one that does not."""

    async def post(self, url: str, body: Any) -> Reply:
        """What the address answers to a JSON document; never raises for one that does not."""

    async def connect(self, host: str, port: int) -> Attempt:
        """Whether a TCP connection comes about."""


class HttpWeb:
    """Implements the Protocol `Web`. A new connection each time: a Service chooses the pod anew."""

    async def get(self, url: str) -> Reply:
        """See `Web.get`."""
        return await self._ask("GET", url, None)

    async def post(self, url: str, body: Any) -> Reply:
        """See `Web.post`."""
        return await self._ask("POST", url, body)

    async def _ask(self, method: str, url: str, body: Any) -> Reply:
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.request(method, url, json=body, allow_redirects=False) as response,
            ):
                content = await response.content.read(_LONGEST)
                while len(content) < _LONGEST and (more := await response.content.read(_LONGEST - len(content))):
                    content += more
        except TimeoutError:
            return Reply(problem="no answer within 5 seconds")
        except (aiohttp.ClientError, ValueError) as broken:
            return Reply(problem=type(broken).__name__)
        return reply(response.status, response.headers.get("Content-Type", ""), content)

    async def connect(self, host: str, port: int) -> Attempt:
        """See `Web.connect`. A time-out is a refusal too: policies drop packets."""
        try:
            async with asyncio.timeout(_PATIENCE):
                _, writer = await asyncio.open_connection(host, port)
        except OSError:  # TimeoutError is one
            return Attempt.REFUSED
        writer.close()
        return Attempt.ACCEPTED


def reply(status: int, content_type: str, content: bytes) -> Reply:
    """The answer with its JSON, where it has some."""
    text = content.decode("utf-8", "replace")
    parsed: Any = None
    if "json" in content_type:
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            parsed = None
    return Reply(status, content_type, "" if parsed is not None else text, parsed)
