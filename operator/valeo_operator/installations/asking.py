"""Asking a running ERP through a Service: a real request to the Service's own address, as a user's request would go."""

import json
from typing import Any, Final

import aiohttp

from valeo_operator.cluster.objects import Object, dig
from valeo_operator.installations.facts import Answer

_TIMEOUT: Final = aiohttp.ClientTimeout(total=3, sock_connect=1)
_LONGEST: Final = 64_000
_NO_ADDRESS: Final = frozenset({None, "", "None"})


class HttpAsker:
    """Implements the Protocol `Asker`. A new connection per question: the Service chooses the pod anew each time."""

    async def ask(self, service: Object) -> Answer:
        """See `Asker.ask`."""
        host, port = dig(service, "spec", "clusterIP"), dig(service, "spec", "ports")
        if host in _NO_ADDRESS or not port:
            return Answer(problem="the Service has no address yet")
        literal = f"[{host}]" if ":" in host else host
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(f"http://{literal}:{port[0]['port']}/readyz", allow_redirects=False) as response,
            ):
                return parse(response.status, await response.content.read(_LONGEST))
        except TimeoutError:
            return Answer(problem="no answer within 3 seconds")
        except aiohttp.ClientError as broken:
            return Answer(problem=f"{type(broken).__name__}: {broken}"[:300])


def parse(status: int, body: bytes) -> Answer:
    """What the body of `/readyz` says. What is not the JSON object of an ERP is a problem, not an answer."""
    try:
        told: Any = json.loads(body)
    except ValueError:
        return Answer(problem=f"HTTP {status} without JSON")
    if not isinstance(told, dict):
        return Answer(problem=f"HTTP {status} with JSON that is no object")
    return Answer(
        ready=told.get("ready") is True,
        release=str(told.get("release") or ""),
        version=str(told.get("version") or ""),
        schema_revision=str(told.get("schema_revision") or ""),
    )
