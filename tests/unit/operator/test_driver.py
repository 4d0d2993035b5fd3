"""One driver per installation: passes never run side by side on one object, and every waking is answered."""

import asyncio
from collections import defaultdict
from datetime import timedelta

from tests.support.cluster_in_memory import ClusterInMemory
from tests.support.installation_in_memory import manifest

from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.protocol import ClusterError, RefusedError
from valeo_operator.installations.driver import Address, Drivers
from valeo_operator.installations.reconcile import SETTLED, Pass
from valeo_operator.telemetry.metrics import Metrics


class Passes:
    """Counts the passes and how many run at the same time on one object."""

    def __init__(self, *answers: Pass | Exception) -> None:
        self.answers = list(answers)
        self.seen: list[Address] = []
        self.running: dict[Address, int] = defaultdict(int)
        self.most = 0

    async def reconcile(self, namespace: str, name: str) -> Pass:
        address = (namespace, name)
        self.running[address] += 1
        self.most = max(self.most, self.running[address])
        await asyncio.sleep(0.02)
        self.running[address] -= 1
        self.seen.append(address)
        answer = self.answers.pop(0) if self.answers else Pass(SETTLED, "Complete")
        if isinstance(answer, Exception):
            raise answer
        return answer


def drivers(passes: Passes) -> tuple[Drivers, ClusterInMemory, Metrics]:
    cluster, metrics = ClusterInMemory(), Metrics()
    return Drivers(cluster, passes.reconcile, metrics), cluster, metrics


async def drive(them: Drivers, seconds: float, *wakings: tuple[float, str]) -> None:
    running = asyncio.create_task(them.run())
    await asyncio.sleep(0)
    for pause, name in wakings:
        await asyncio.sleep(pause)
        them.wake("acme", name)
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_passes_on_one_object_never_run_side_by_side() -> None:
    passes = Passes()
    them, _, _ = drivers(passes)
    await drive(them, 0.6, *[(0.01, "one")] * 30, (0, "two"))
    assert passes.most == 1
    assert {name for _, name in passes.seen} == {"one", "two"}


async def test_many_wakings_at_once_are_one_pass() -> None:
    passes = Passes()
    them, _, _ = drivers(passes)
    await drive(them, 0.5, *[(0, "one")] * 50)
    assert len(passes.seen) <= 2


async def test_a_look_at_all_finds_what_no_watch_told() -> None:
    passes = Passes()
    them, cluster, _ = drivers(passes)
    cluster.put(ERPS, manifest())
    await drive(them, 0.4)
    assert passes.seen == [("acme", "production")]
    assert them.seconds_since_last_look < 1


async def test_a_pass_that_asks_for_another_gets_it() -> None:
    passes = Passes(Pass(timedelta(seconds=0.05)), Pass(timedelta(seconds=0.05)))
    them, _, _ = drivers(passes)
    await drive(them, 0.8, (0, "one"))
    assert len(passes.seen) == 3


async def test_what_is_gone_is_driven_no_longer_until_it_is_there_again() -> None:
    passes = Passes(Pass(SETTLED, gone=True), Pass(SETTLED, gone=True))
    them, _, _ = drivers(passes)
    await drive(them, 0.4, (0, "one"), (0.4, "one"))
    assert len(passes.seen) == 2


async def test_a_failed_pass_is_tried_again_and_counted() -> None:
    passes = Passes(RefusedError(409, "Conflict", "it changed"), ClusterError("no connection"))
    them, _, metrics = drivers(passes)
    await drive(them, 2.6, (0, "one"))
    assert len(passes.seen) == 3
    assert metrics.registry.get_sample_value("valeo_operator_reconcile_errors_total", {"error": "RefusedError"}) == 1
    assert metrics.registry.get_sample_value("valeo_operator_reconcile_errors_total", {"error": "ClusterError"}) == 1
    assert metrics.registry.get_sample_value("valeo_operator_reconciles_total", {"phase": "Complete"}) == 1


async def test_nothing_is_driven_by_a_process_that_does_not_lead() -> None:
    passes = Passes()
    them, _, _ = drivers(passes)
    them.wake("acme", "one")
    await asyncio.sleep(0.3)
    assert passes.seen == []


async def test_an_api_server_that_cannot_be_asked_leaves_the_process_alive() -> None:
    class CutOff(ClusterInMemory):
        async def list(self, *_: object, **__: object) -> list[dict[str, object]]:
            raise ClusterError("no connection")

    metrics = Metrics()
    them = Drivers(CutOff(), Passes().reconcile, metrics)
    await drive(them, 0.1)
    assert metrics.registry.get_sample_value("valeo_operator_reconcile_errors_total", {"error": "ClusterError"}) == 1
