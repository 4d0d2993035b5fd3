"""The numbers of the pods: read from each of them, or from the Prometheus that the spec names."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from valeo_operator.analysis import prometheus
from valeo_operator.analysis.judging import AnalysisVerdict, Limits, judge
from valeo_operator.analysis.scrape import read
from valeo_operator.analysis.steadiness import Look, steadiness, unsteady
from valeo_operator.analysis.window import Scrape, Window
from valeo_operator.api.rollout import Colour
from valeo_operator.api.rollout_settings import NumbersFrom, Rollout
from valeo_operator.api.valeoerp import ValeoERPSpec
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.objects import Object, dig, holds, name_of
from valeo_operator.installations.facts import Analysis, Facts
from valeo_operator.installations.names import Component
from valeo_operator.monitoring.desired import pods_pattern
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
    pods: dict[Colour, dict[str, list[Look]]] = field(default_factory=dict)

    def window(self, colour: Colour) -> Window:
        """The looks at the pods that are there now."""
        return Window(self.scrapes.get(colour, {}))

    def unsteady(self, colour: Colour, before: Colour | None) -> str | None:
        """Whether the pods of a colour restart, or lose their readiness, more than those of the one before."""
        held = steadiness(self.pods.get(before, {})) if before else steadiness({})
        return unsteady(steadiness(self.pods.get(colour, {})), held)

    def note(self, colour: Colour, pods: Iterable[Object], now: datetime) -> None:
        """Another look at what Kubernetes tells of the pods."""
        seen = self.pods.setdefault(colour, {})
        for pod in pods:
            statuses = dig(pod, "status", "containerStatuses") or ()
            restarts = sum(int(each.get("restartCount", 0)) for each in statuses)
            seen.setdefault(name_of(pod), []).append(Look(now, restarts, holds(pod, "Ready")))
        self.pods[colour] = {
            pod: kept for pod, looks in seen.items() if (kept := [each for each in looks if now - each.at <= _OLDEST])
        }

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
        limits = limits_of(facts.erp.spec.rollout)
        unsteady = looks.unsteady(release.spec.colour, before.spec.colour if before else None)
        window = await self._window(release, looks, facts)
        baseline = None if before is None else await self._window(before, looks, facts)
        if isinstance(window, str) and unsteady is None:
            return Analysis("Unknown", window)
        known = Window() if isinstance(window, str) else window
        held = None if isinstance(baseline, str) else baseline
        return _told(judge(known, limits, held, self._clock(), unsteady))

    async def _window(self, release: ValeoRelease, looks: Looks, facts: Facts) -> Window | str:
        """The numbers of a release since the switch; a sentence where nobody tells them."""
        where = prometheus_of(facts.erp.spec)
        if where is None:
            return looks.window(release.spec.colour)
        since = min(self._clock() - (facts.erp.status.course.switched_at or self._clock()), _OLDEST)
        pods = pods_pattern(facts.names, release.spec.colour.value)
        asked = prometheus.query(facts.names.namespace, pods, since)
        return await self._ask(f"{where}/api/v1/query", asked)

    async def _ask(self, url: str, query: str) -> Window | str:
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(url, data={"query": query}, allow_redirects=False) as response,
            ):
                return prometheus.window(await response.json(content_type=None))
        except (TimeoutError, aiohttp.ClientError, ValueError) as silent:
            return f"Prometheus does not answer: {type(silent).__name__}"

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
            for colour in Colour:
                looks.note(colour, facts.pods(Component.ERP, colour=colour.value), now)
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


def prometheus_of(spec: ValeoERPSpec) -> str | None:
    """The Prometheus that is asked for the numbers; None where the pods themselves are."""
    return spec.monitoring.prometheus_url if spec.rollout.numbers_from is NumbersFrom.PROMETHEUS else None


def limits_of(settings: Rollout) -> Limits:
    """What is asked of a watched release."""
    return Limits(float(settings.max_error_rate.rstrip("%")) / 100, settings.max_p95_milliseconds / 1000)


def _told(verdict: AnalysisVerdict) -> Analysis:
    return Analysis(verdict.result.value, verdict.sentence, verdict.numbers)
