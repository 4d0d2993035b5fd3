"""The composition root: everything a process needs, made once, ended in reverse order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp import __version__
from valeo_erp.audit.sealing import keep_sealing
from valeo_erp.einvoicing.service import EInvoiceDesk
from valeo_erp.events.bell import Bell
from valeo_erp.events.hub import EventHub
from valeo_erp.events.patience import Patience
from valeo_erp.events.slots import StreamSlots
from valeo_erp.events.stream import end_with_the_server
from valeo_erp.events.upkeep import keep_outbox_short
from valeo_erp.exporting.service import ExportDesk
from valeo_erp.gdpr.retention import keep_retention
from valeo_erp.gobd.service import AuditorsDesk
from valeo_erp.identity.access import Authenticator
from valeo_erp.identity.oidc import OidcAuthenticator
from valeo_erp.identity.provider import IdentityProvider
from valeo_erp.jobs.making import Maker
from valeo_erp.jobs.worker import JobWorker
from valeo_erp.kernel.clock import Clock, system_clock
from valeo_erp.kernel.database import connector, create_engine
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.tenancy import EVERY, SETTING
from valeo_erp.operations.activity import Activity
from valeo_erp.operations.metrics import LogCounter, Metrics
from valeo_erp.operations.readiness import Readiness
from valeo_erp.printing.pool import PoolBounds, PrintPool
from valeo_erp.printing.preview import PreviewDesk
from valeo_erp.printing.service import PrintDesk
from valeo_erp.ratelimits.allowance import DEVELOPMENT, read_limits
from valeo_erp.ratelimits.service import RateLimiter
from valeo_erp.verification.bound import Bound
from valeo_erp.verification.seal import Seal

if TYPE_CHECKING:
    from valeo_erp.operations.tracing import Tracing


@dataclass(frozen=True)
class Services:
    """What routes reach as `request.app.state.services`.

    Attributes:
        engine: for writes, one transaction each.
        read_engine: the same pool in autocommit, for reads of one statement.
        authenticator: what routes ask; `oidc`, unless a test knows its people itself.
        oidc: the provider's tokens and the page's sessions.
        metrics: what this process counts.
        events: what live streams read from.
        bell: wakes the listeners of all processes after a commit.
        patience: ends streams whose client takes nothing.
        stream_slots: how many streams each person has open.
        readiness: looks at the database for `/readyz`.
        printing: makes PDFs in worker processes.
        previews: shows brandings on a sample.
        einvoicing: makes e-invoices by themselves.
        exporting: makes files of lists.
        jobs: makes files in the background.
        limiter: counts requests, over all replicas.
        seal: makes and checks the codes by which papers are known as genuine.
        verifications: how often they may be checked.
        tracing: makes spans; None where nobody wants them.
    """

    settings: Settings
    clock: Clock
    engine: AsyncEngine
    read_engine: AsyncEngine
    authenticator: Authenticator
    oidc: OidcAuthenticator
    metrics: Metrics
    events: EventHub
    bell: Bell
    stream_slots: StreamSlots
    patience: Patience
    readiness: Readiness
    printing: PrintDesk
    previews: PreviewDesk
    einvoicing: EInvoiceDesk
    exporting: ExportDesk
    jobs: JobWorker
    limiter: RateLimiter
    seal: Seal
    verifications: Bound
    tracing: "Tracing | None"


def services_of(app: FastAPI) -> Services:
    """The services of a running application."""
    made: Services = app.state.services
    return made


@asynccontextmanager
async def services(
    settings: Settings, authenticator: Authenticator | None = None, clock: Clock = system_clock
) -> AsyncIterator[Services]:
    """Everything that one process needs, until the block ends."""
    limits = read_limits(settings.rate_limits or (DEVELOPMENT if settings.development_provider else ""))
    engine = create_engine(settings)
    oidc = OidcAuthenticator(settings, IdentityProvider(settings, clock))
    metrics = _metrics(settings, engine)
    tracing = _tracing(settings, metrics, engine)
    credentials = settings.application_credentials
    hub = EventHub(
        connector(settings, credentials, "valeo-erp listener", **{SETTING: str(EVERY)}),
        metrics,
        settings.sse_heartbeat_seconds,
    )
    bell = Bell(connector(settings, credentials, "valeo-erp bell"))
    patience = Patience()
    read_engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    pool = PrintPool(PoolBounds(workers=settings.print_workers), metrics)
    seal = Seal(settings.verification_keys, settings.public_url)
    printing = PrintDesk(engine, read_engine, clock, pool, seal)
    exporting = ExportDesk(engine, clock)
    maker = Maker(
        engine, exporting, printing, AuditorsDesk(engine, clock), prints_at_once=settings.print_workers + 1
    )  # one is ready for whoever is free
    jobs = JobWorker(engine, clock, maker, f"{settings.release_id} {new_id()}", bell.ring)
    activity = Activity(settings.release_id, settings.active_url, handed_over=hub.hand_over)
    of_one_release = (
        lambda: keep_outbox_short(engine, clock),
        lambda: keep_sealing(engine, clock),
        lambda: keep_retention(engine, clock),
        jobs.run,
    )
    work = [activity.watch(), end_with_the_server(hub), bell.run(), patience.watch()]
    work += [activity.fence(each) for each in of_one_release]
    if settings.print_warm:
        work.append(pool.warm())
    try:
        with LogCounter(metrics).counting():
            async with _live(hub, work):
                yield Services(
                    settings=settings,
                    clock=clock,
                    engine=engine,
                    read_engine=read_engine,
                    authenticator=authenticator or oidc,
                    oidc=oidc,
                    metrics=metrics,
                    events=hub,
                    bell=bell,
                    stream_slots=StreamSlots(metrics),
                    patience=patience,
                    readiness=Readiness(connector(settings, credentials, "valeo-erp readiness"), credentials),
                    printing=printing,
                    previews=PreviewDesk(read_engine, clock, pool),
                    einvoicing=EInvoiceDesk(engine, read_engine, clock, pool),
                    exporting=exporting,
                    jobs=jobs,
                    limiter=RateLimiter(limits, read_engine),
                    seal=seal,
                    verifications=Bound(),
                    tracing=tracing,
                )
    finally:
        await pool.close()
        await engine.dispose()
        if tracing is not None:
            await asyncio.to_thread(tracing.close)


def _tracing(settings: Settings, metrics: Metrics, engine: AsyncEngine) -> "Tracing | None":
    if settings.otlp_url is None:
        return None
    from valeo_erp.operations.tracing import Tracing  # noqa: PLC0415 - most installations do not need it

    made = Tracing(settings, metrics)
    made.watch(engine)
    return made


def _metrics(settings: Settings, engine: AsyncEngine) -> Metrics:
    metrics = Metrics()
    metrics.build.info({"version": __version__, "release": settings.release_id, "colour": settings.colour})
    metrics.pool_size.set(settings.database_pool_size)
    metrics.pool_in_use.set_function(engine.pool.checkedout)  # type: ignore[attr-defined]
    return metrics


@asynccontextmanager
async def _live(hub: EventHub, work: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Events are told and heard of, and whatever works by itself does so, until the block ends."""
    await hub.start()
    tasks = [asyncio.create_task(task) for task in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await hub.stop()
