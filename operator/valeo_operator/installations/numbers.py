"""The numbers of the pods, read from each of them: who is still connected to the colour that was active before."""

import asyncio
from collections.abc import Iterable
from typing import Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from valeo_operator.cluster.objects import Object, dig
from valeo_operator.installations.facts import Analysis, Facts
from valeo_operator.installations.names import Component
from valeo_operator.network.desired import ERP_PORT

STREAMS: Final = "valeo_event_streams"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=2, sock_connect=1)
_LONGEST: Final = 2_000_000


class PodNumbers:
    """Implements the Protocol `Numbers` by asking the pods themselves; nothing else has to be installed."""

    async def analysis(self, facts: Facts) -> Analysis | None:  # noqa: ARG002 - the Protocol gives it
        """None: what the numbers come to is not judged here."""
        return None

    async def connections(self, facts: Facts) -> int | None:
        """Open event streams of the old colour's pods; None where one of them does not tell."""
        before = facts.previous_release
        if before is None:
            return None
        pods = facts.pods(Component.ERP, colour=before.spec.colour.value)
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            counts = await asyncio.gather(*(_streams(session, pod) for pod in pods))
        return None if None in counts else int(sum(filter(None, counts)))


async def _streams(session: aiohttp.ClientSession, pod: Object) -> float | None:
    address = dig(pod, "status", "podIP")
    if not address:
        return None
    host = f"[{address}]" if ":" in address else address
    try:
        async with session.get(f"http://{host}:{ERP_PORT}/metrics", allow_redirects=False) as response:
            text = (await response.content.read(_LONGEST)).decode(errors="replace")
    except (TimeoutError, aiohttp.ClientError):
        return None
    return _value(text.splitlines()) if response.ok else None


def _value(lines: Iterable[str]) -> float | None:
    """The gauge of open streams. A page that is no Prometheus text tells nothing."""
    try:
        families = list(text_string_to_metric_families("\n".join(lines) + "\n"))
    except ValueError:
        return None
    return next((sample.value for each in families if each.name == STREAMS for sample in each.samples), None)
