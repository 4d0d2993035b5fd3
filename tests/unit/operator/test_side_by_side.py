"""Two operators at work on one installation, and an API server that goes away at any call: nothing is done twice."""

import asyncio
import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

import pytest
from prometheus_client import CollectorRegistry
from tests.support.cluster_in_memory import AskerInMemory, ClusterInMemory, Effect, NumbersInMemory
from tests.support.ends import doubled, end_state
from tests.support.installation_in_memory import NAME, NAMESPACE, Life
from tests.support.promises import Promises

from valeo_operator.cluster.kinds import RELEASES, Kind
from valeo_operator.cluster.objects import Object, name_of
from valeo_operator.cluster.protocol import ClusterError, RefusedError
from valeo_operator.installations.reconcile import Reconciler
from valeo_operator.rotations.metrics import CredentialMetrics


@dataclass
class Slow:
    """Implements `Cluster`: every call takes its time, so that the calls of two operators mix."""

    cluster: ClusterInMemory
    chance: Random

    async def _takes_its_time(self) -> None:
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        await self._takes_its_time()
        return copy.deepcopy(await self.cluster.get(kind, namespace, name))

    async def list(self, kind: Kind, namespace: str | None, labels: Mapping[str, str]) -> list[Object]:
        await self._takes_its_time()
        return copy.deepcopy(await self.cluster.list(kind, namespace, labels))

    async def create(self, kind: Kind, wanted: Object) -> Object:
        await self._takes_its_time()
        return await self.cluster.create(kind, wanted)

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        await self._takes_its_time()
        return await self.cluster.apply(kind, wanted, subresource)

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str = "") -> None:
        await self._takes_its_time()
        await self.cluster.delete(kind, namespace, name, uid)


@cache
def complete() -> Life:
    """An installation that is complete."""
    life = Life()
    life.apply()
    life.go_on()
    return life


def beginning() -> tuple[Life, Promises]:
    """A copy of it that gets another release, and its promises."""
    life = complete().copied()
    life.apply(image="valeo-erp:1.1.0")
    served = {name_of(each) for each in life.cluster.all(RELEASES)}
    return life, Promises(life, ran_before=set(served), served=set(served), phase="Complete")


@cache
def quiet() -> dict[str, object]:
    """How it ends when nothing happens meanwhile."""
    life, promises = beginning()
    promises.go_on(60)
    assert life.status["phase"] == "Complete"
    return end_state(life)


@pytest.mark.parametrize("seed", range(4))
def test_two_operators_at_once_come_to_the_same_end_and_nothing_is_done_twice(seed: int) -> None:
    life, promises = beginning()
    chance = Random(seed)  # noqa: S311 - mixes calls, hides nothing
    asker, numbers = AskerInMemory(life.cluster, life.controllers), NumbersInMemory(life.controllers)
    slow = Slow(life.cluster, chance)
    clock = lambda: life.cluster.now  # noqa: E731 - one clock for both
    operators = [Reconciler(slow, asker, numbers, clock, CredentialMetrics(CollectorRegistry(), clock)) for _ in "ab"]

    async def look() -> list[object]:
        return list(
            await asyncio.gather(*(each.reconcile(NAMESPACE, NAME) for each in operators), return_exceptions=True)
        )

    for _ in range(60):
        promises.turned_from = promises.selected
        for told in asyncio.run(look()):
            assert not isinstance(told, BaseException) or (isinstance(told, RefusedError) and told.is_conflict), told
        life.controllers.work()
        life.cluster.pass_time(1)
    assert end_state(life) == quiet()
    assert doubled(life.cluster) == []


@pytest.mark.parametrize("number", range(1, 40))
def test_an_api_server_that_goes_away_at_any_write_changes_nothing_in_the_end(number: int) -> None:
    life, promises = beginning()
    seen = 0

    def goes_away(effect: Effect) -> None:
        """The write was done, and the answer is lost; so is every other one of this pass."""
        nonlocal seen
        promises.check(effect)
        seen += 1
        if seen == number:
            raise ClusterError("connection reset")

    life.cluster.on_effect = goes_away
    for _ in range(60):
        try:
            promises.look()
        except ClusterError:
            life.cluster.pass_time(30)  # so long the driver waits at most
        life.controllers.work()
        life.cluster.pass_time(1)
    assert seen >= number
    assert end_state(life) == quiet()
    assert doubled(life.cluster) == []
