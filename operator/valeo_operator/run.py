"""The composition root of `valeo-operator run`.

Who is made of what. Nothing else in this program makes its own client or clock.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import kopf
from aiohttp import web

from valeo_operator.backups.client import DataClient
from valeo_operator.backups.metrics import DataMetrics
from valeo_operator.backups.reconcile import DataReconciler
from valeo_operator.cluster.client import Client
from valeo_operator.cluster.kinds import BACKUPS, ERPS, RESTORES, WATCHED, Kind
from valeo_operator.cluster.login import log_in
from valeo_operator.evidence.trust import Trust
from valeo_operator.golive.client import GateClient
from valeo_operator.golive.driver import GateDriver
from valeo_operator.golive.look import GateKeeper, Policies
from valeo_operator.golive.web import HttpWeb
from valeo_operator.installations.asking import HttpAsker
from valeo_operator.installations.driver import Drivers
from valeo_operator.installations.names import INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER
from valeo_operator.installations.numbers import PodNumbers
from valeo_operator.installations.reconcile import Reconciler
from valeo_operator.leadership.lease import Leadership, LeadershipLostError
from valeo_operator.rotations.metrics import CredentialMetrics
from valeo_operator.telemetry import health
from valeo_operator.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

LEASE_NAME: Final = "valeo-operator"


@dataclass(frozen=True)
class Options:
    """What the command line and the pod tell."""

    namespace: str
    identity: str
    port: int
    trust: Trust


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


async def run(options: Options) -> None:
    """Wait until this process leads, then drive all installations until a signal or the loss of the lease."""
    settings = kopf_settings()
    metrics = Metrics()
    async with (
        Client(lambda: log_in(settings), metrics.called) as cluster,
        GateClient(lambda: log_in(settings), metrics.called) as gate_cluster,
        DataClient(lambda: log_in(settings), metrics.called) as data_cluster,
    ):
        keeper = GateKeeper(gate_cluster, HttpWeb(), now, Policies(gate_cluster), options.trust)
        gates = GateDriver(gate_cluster, keeper, metrics.registry)
        credentials = CredentialMetrics(metrics.registry, now)
        reconciler = Reconciler(cluster, HttpAsker(), PodNumbers(now), now, credentials)
        drivers = Drivers(cluster, reconciler.reconcile, metrics)
        data = DataReconciler(data_cluster, HttpAsker(), now, DataMetrics(metrics.registry))
        all_drivers = (drivers, Drivers(data_cluster, data.reconcile, metrics))
        leads = asyncio.Event()
        runner = await _serve(
            health.build(metrics, lambda: drivers.seconds_since_last_look if leads.is_set() else 0.0), options
        )
        try:
            leadership = Leadership(cluster, options.namespace, LEASE_NAME, options.identity, now)
            await _lead(leadership, all_drivers, gates, settings, metrics, leads)
        finally:
            await runner.cleanup()


async def _serve(app: web.Application, options: Options) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", options.port).start()  # noqa: S104 - inside its pod
    return runner


async def _lead(
    leadership: Leadership,
    drivers: Sequence[Drivers],
    gates: GateDriver,
    settings: kopf.OperatorSettings,
    metrics: Metrics,
    leads: asyncio.Event,
) -> None:
    stop = asyncio.Event()
    _listen_for_signals(stop)
    if not await _unless_stopped(leadership.take(), stop):
        return
    leads.set()
    metrics.leader.set(1)
    work = asyncio.gather(
        leadership.keep(), *(each.run() for each in drivers), gates.run(), _watch(drivers, settings, stop)
    )
    try:
        await _unless_stopped(work, stop)
    except LeadershipLostError as lost:
        logger.error("%s; this process stops at once", lost)  # noqa: TRY400 - a sentence, not a traceback
        raise SystemExit(1) from lost
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError, LeadershipLostError):
            await work
        metrics.leader.set(0)
    await leadership.give_back()


def _listen_for_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)


async def _unless_stopped(work: Any, stop: asyncio.Event) -> bool:
    """Whether the work ended before the signal came. Its error is raised."""
    task, signalled = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    done, _ = await asyncio.wait({task, signalled}, return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    if task in done:
        await task
        return True
    task.cancel()
    return False


# --- Kopf: it watches, we decide ------------------------------------------------------------------------------------


def kopf_settings() -> kopf.OperatorSettings:
    """Kopf without state in objects, without events of its own, without peering and without looking for new kinds."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    settings.watching.connect_timeout = 10
    settings.watching.inactivity_timeout = 90
    settings.process.ultimate_exiting_timeout = 20
    for kind in WATCHED:
        settings.watching.label_selectors[kind.group, kind.version, kind.plural] = f"{MANAGED_BY_LABEL}={MANAGER}"
    return settings


def registry(drivers: Sequence[Drivers]) -> kopf.OperatorRegistry:
    """Raw event handlers only.

    They wake a driver and write nothing. An own registry, so that no client library is imported.
    """
    handlers = kopf.OperatorRegistry()
    kopf.on.login(registry=handlers)(_log_in)
    kopf.on.event(*_address(ERPS), registry=handlers)(_waker(drivers, _its_own_name))
    for kind in WATCHED:
        kopf.on.event(*_address(kind), registry=handlers)(_waker(drivers, _its_owner))
    for kind in (BACKUPS, RESTORES):  # persons make them: no label tells whose they are
        kopf.on.event(*_address(kind), registry=handlers)(_waker(drivers, _its_installation))
    return handlers


def _address(kind: Kind) -> tuple[str, str, str]:
    return kind.group, kind.version, kind.plural


def _log_in(*, settings: kopf.OperatorSettings, **_: Any) -> kopf.ConnectionInfo:
    return log_in(settings)


def _its_own_name(body: kopf.Body) -> str | None:
    return body.metadata.name


def _its_owner(body: kopf.Body) -> str | None:
    return body.metadata.labels.get(INSTANCE_LABEL)


def _its_installation(body: kopf.Body) -> str | None:
    return str(body.spec.get("installation") or "") or None


def _waker(drivers: Sequence[Drivers], whose: Callable[[kopf.Body], str | None]) -> Any:
    async def wake(*, body: kopf.Body, **_: Any) -> None:
        name = whose(body)
        if name and body.metadata.namespace:
            for each in drivers:
                each.wake(body.metadata.namespace, name)

    return wake


async def _watch(drivers: Sequence[Drivers], settings: kopf.OperatorSettings, stop: asyncio.Event) -> None:
    others = asyncio.all_tasks()
    tasks = await kopf.spawn_tasks(registry=registry(drivers), settings=settings, clusterwide=True)
    _listen_for_signals(stop)  # Kopf has taken the signals for itself; one place ends this process, not two
    await kopf.run_tasks(tasks, ignored=others)
