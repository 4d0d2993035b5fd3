"""One driver per installation: passes never run side by side on one object, whoever wakes it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import name_of, namespace_of
from valeo_operator.cluster.protocol import Cluster, ClusterError, RefusedError
from valeo_operator.installations.reconcile import AT_ONCE, SETTLED, Pass
from valeo_operator.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

Address = tuple[str, str]  # namespace, name
Reconcile = Callable[[str, str], Awaitable[Pass]]

_AT_ONE_TIME: Final = 8
_LONGEST_PASS: Final = 60.0
_BREATH: Final = 0.15  # what happens within it is seen by one pass
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


@dataclass
class Driver:
    """The loop over one installation. `wake` may be called by anybody at any time."""

    address: Address
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0

    def wake(self) -> None:
        """Something may have changed."""
        self.woken.set()


class Drivers:
    """All drivers of this process. They run while `run` does, that is: while this process leads."""

    def __init__(self, cluster: Cluster, reconcile: Reconcile, metrics: Metrics) -> None:
        self._cluster = cluster
        self._reconcile = reconcile
        self._metrics = metrics
        self._drivers: dict[Address, Driver] = {}
        self._places = asyncio.Semaphore(_AT_ONE_TIME)
        self._tasks: asyncio.TaskGroup | None = None
        self._last_seen = time.monotonic()

    @property
    def seconds_since_last_look(self) -> float:
        """How long ago a pass or a full look at all installations ended well."""
        return time.monotonic() - self._last_seen

    def wake(self, namespace: str, name: str) -> None:
        """Have a look at this installation soon. A driver is made for one that is new."""
        if self._tasks is None:
            return
        driver = self._drivers.get((namespace, name))
        if driver is None:
            driver = self._drivers[namespace, name] = Driver((namespace, name))
            self._tasks.create_task(self._drive(driver), name=f"driver of {namespace}/{name}")
        driver.wake()

    async def run(self) -> None:
        """Drive all installations, until cancelled. The full look finds what a deaf watch would not tell."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                while True:
                    await self._look_at_all()
                    await asyncio.sleep(SETTLED.total_seconds())
            finally:
                self._tasks = None
                self._drivers.clear()

    async def _look_at_all(self) -> None:
        try:
            found = await self._cluster.list(ERPS, None, {})
        except (ClusterError, RefusedError) as problem:
            logger.warning("the installations could not be listed: %s", problem)
            self._metrics.errors.labels(type(problem).__name__).inc()
            return
        self._last_seen = time.monotonic()
        self._metrics.installations.set(len(found))
        for each in found:
            if (namespace_of(each), name_of(each)) not in self._drivers:
                self.wake(namespace_of(each), name_of(each))

    async def _drive(self, driver: Driver) -> None:
        rest = AT_ONCE
        while True:
            await self._wait(driver, rest)
            driver.woken.clear()
            done = await self._pass(driver)
            if done.gone and not driver.woken.is_set():
                self._drivers.pop(driver.address, None)
                return
            rest = done.next_in

    async def _wait(self, driver: Driver, rest: timedelta) -> None:
        try:
            async with asyncio.timeout(rest.total_seconds()):
                await driver.woken.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_BREATH)

    async def _pass(self, driver: Driver) -> Pass:
        started = time.monotonic()
        try:
            async with self._places, asyncio.timeout(_LONGEST_PASS):
                done = await self._reconcile(*driver.address)
        except RefusedError as refused:
            return self._failed(driver, refused, at_once=refused.is_conflict)
        except (ClusterError, TimeoutError) as problem:
            return self._failed(driver, problem, at_once=False)
        driver.failures = 0
        self._last_seen = time.monotonic()
        self._metrics.passed(time.monotonic() - started, done.phase)
        return done

    def _failed(self, driver: Driver, problem: Exception, *, at_once: bool) -> Pass:
        """The world was not as it was seen, or could not be asked: look again, later and later."""
        driver.failures += 1
        pause = min(_FIRST_PAUSE * 2 ** (driver.failures - 1), _LONGEST_PAUSE)
        if at_once and driver.failures == 1:
            pause = _BREATH
        logger.warning("%s/%s: %s; next try in %.1f s", *driver.address, problem, pause)
        self._metrics.errors.labels(type(problem).__name__).inc()
        return Pass(timedelta(seconds=pause))
