"""The timer of the gates: every minute a look at each installation that asks for gates."""

import asyncio
import logging
import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from valeo_operator.api.golive import Result
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import Object, name_of, namespace_of
from valeo_operator.cluster.protocol import ClusterError, RefusedError
from valeo_operator.golive.assess import Assessment
from valeo_operator.golive.client import GateCluster
from valeo_operator.golive.look import GateKeeper

logger = logging.getLogger(__name__)

EVERY: Final = 60.0
_AT_ONE_TIME: Final = 4
_LONGEST_LOOK: Final = 45.0
_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45)


class GateDriver:
    """Drives the looks, until cancelled. One that fails is tried again at the next round."""

    def __init__(self, cluster: GateCluster, keeper: GateKeeper, registry: CollectorRegistry) -> None:
        self._cluster = cluster
        self._keeper = keeper
        self._seconds = Histogram(
            "valeo_operator_golive_look_seconds", "Time of one look at all gates.", buckets=_SECONDS, registry=registry
        )
        self._errors = Counter("valeo_operator_golive_errors", "Looks that came to no end.", registry=registry)
        self._gates = Gauge(
            "valeo_operator_golive_gates", "Gates of all installations, by result.", ["result"], registry=registry
        )

    async def run(self) -> None:
        """Look, rest until the minute is over, look again."""
        while True:
            begun = time.monotonic()
            await self.round()
            await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - begun)))

    async def round(self) -> None:
        """One look at every installation."""
        try:
            found = await self._cluster.list(ERPS, None, {})
        except (ClusterError, RefusedError) as problem:
            logger.warning("gates: the installations could not be listed: %s", problem)
            return
        places = asyncio.Semaphore(_AT_ONE_TIME)
        looks = await asyncio.gather(*(self._look(each, places) for each in found))
        for result in Result:
            counts = (each.verdict.totals[result] for each in looks if each is not None)
            self._gates.labels(result.value).set(sum(counts))

    async def _look(self, found: Object, places: asyncio.Semaphore) -> Assessment | None:
        async with places:
            begun, assessment = time.monotonic(), None
            try:
                async with asyncio.timeout(_LONGEST_LOOK):
                    assessment = await self._keeper.look(found)
            except* (ClusterError, RefusedError, TimeoutError) as problems:
                what = "; ".join(str(each) or type(each).__name__ for each in problems.exceptions)
                logger.warning("gates of %s/%s: %s; next try in a minute", namespace_of(found), name_of(found), what)
                self._errors.inc()
            except* Exception:
                # A bug in a gate must end neither the other looks nor the driver of the installations.
                logger.exception("gates of %s/%s: the look broke", namespace_of(found), name_of(found))
                self._errors.inc()
            if assessment is not None:
                self._seconds.observe(time.monotonic() - begun)
            return assessment
