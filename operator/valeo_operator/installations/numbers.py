"""The numbers of the pods, read from each of them: nothing else has to be installed for a release to be watched."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from valeo_operator.analysis.judging import AnalysisVerdict, Limits, judge
from valeo_operator.analysis.scrape import read
from valeo_operator.analysis.window import Scrape, Window
from valeo_operator.api.rollout import Colour
from valeo_operator.api.rollout_settings import Rollout
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.installations.facts import Analysis, Facts
from valeo_operator.installations.names import Component
from valeo_operator.network.desired import ERP_PORT

_TIMEOUT: Final = aiohttp.ClientTimeout(total=2, sock_connect=1)
_EVERY: Final = timedelta(seconds=5)
_OLDEST: Final = timedelta(minutes=5)


@dataclass
class Looks:
    """The looks at the pods of one rollout so far. Lost with the process: then the watch looks anew."""

    rollout: str
    last: datetime | None = None
    scrapes: dict[Colour, dict[str, list[Scrape]]] = field(default_factory=dict)

    def window(self, colour: Colour) -> Window:
        """The looks at the pods that are there now."""
        return Window(self.scrapes.get(colour, {}))

    def add(self, colour: Colour, found: dict[str, Scrape | None]) -> None:
        """Another look. A pod that is gone, or does not tell, is forgotten; so is what lies long ago."""
        before = self.scrapes.get(colour, {})
        told = {pod: [*before.get(pod, []), scrape] for pod, scrape in found.items() if scrape is not None}
        silent = {pod: before[pod] for pod, scrape in found.items() if scrape is None and pod in before}
        self.scrapes[colour] = {
            pod: [each for each in looks if looks[-1].at - each.at <= _OLDEST]
            for pod, looks in {**silent, **told}.items()
        }


class PodNumbers:
    """Implements the Protocol `Numbers` by asking the pods themselves, every few seconds."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._looks: dict[tuple[str, str], Looks] = {}

    async def analysis(self, facts: Facts) -> Analysis | None:
        """What the numbers of the release that is watched come to, beside those of the one before."""
        release = facts.releases.get(facts.erp.status.target_release or "")
        if release is None:
            return None
        looks = await self._look(facts)
        before = facts.previous_release
        baseline = looks.window(before.spec.colour) if before is not None else None
        limits = limits_of(facts.erp.spec.rollout)
        return _told(judge(looks.window(release.spec.colour), limits, baseline, self._clock()))

    async def connections(self, facts: Facts) -> int | None:
        """Open event streams of the old colour's pods; None where one of them does not tell."""
        before = facts.previous_release
        if before is None:
            return None
        looks = await self._look(facts)
        pods = facts.pods(Component.ERP, colour=before.spec.colour.value)
        told = looks.scrapes.get(before.spec.colour, {})
        counts = [told[name_of(pod)][-1].streams if told.get(name_of(pod)) else None for pod in pods]
        known = [each for each in counts if each is not None]
        return sum(known) if len(known) == len(counts) else None

    async def _look(self, facts: Facts) -> Looks:
        address = (facts.names.namespace, facts.names.name)
        rollout = f"{facts.erp.status.target_release} {facts.erp.status.course.switched_at}"
        looks = self._looks.get(address)
        if looks is None or looks.rollout != rollout:
            looks = self._looks[address] = Looks(rollout)
        now = self._clock()
        if looks.last is None or now - looks.last >= _EVERY:
            looks.last = now
            await asyncio.gather(*(self._scrape(colour, looks, facts) for colour in Colour))
        return looks

    async def _scrape(self, colour: Colour, looks: Looks, facts: Facts) -> None:
        pods = facts.pods(Component.ERP, colour=colour.value)
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            found = await asyncio.gather(*(self._read(session, pod) for pod in pods))
        looks.add(colour, dict(zip(map(name_of, pods), found, strict=True)))

    async def _read(self, session: aiohttp.ClientSession, pod: Object) -> Scrape | None:
        address = dig(pod, "status", "podIP")
        if not address:
            return None
        host = f"[{address}]" if ":" in address else address
        try:
            async with session.get(f"http://{host}:{ERP_PORT}/metrics", allow_redirects=False) as response:
                text = await response.read()
        except (TimeoutError, aiohttp.ClientError):
            return None
        return read(text.decode(errors="replace"), self._clock()) if response.ok else None


def limits_of(settings: Rollout) -> Limits:
    """What is asked of a watched release."""
    return Limits(float(settings.max_error_rate.rstrip("%")) / 100, settings.max_p95_milliseconds / 1000)


def _told(verdict: AnalysisVerdict) -> Analysis:
    return Analysis(verdict.result.value, verdict.sentence, verdict.numbers)
