"""The processes that render: few, bounded in time and memory, replaced after a while, and never the event loop."""

import asyncio
import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import TimeoutError as RenderTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from valeo_erp.einvoicing.incoming import Read, Unreadable, read
from valeo_erp.einvoicing.terms import Terms
from valeo_erp.kernel.problems import Problem, invalid, unavailable
from valeo_erp.operations.metrics import Metrics
from valeo_erp.printing.job import RENDERER, Limits, Rendered, TooLarge, begin_worker, picture, render, xrechnung
from valeo_erp.printing.view import DocumentView

logger = logging.getLogger(__name__)
_ATTEMPTS = 2
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class PoolBounds:
    """How much the pool does at once.

    Attributes:
        workers: processes, started by `warm` or with the first print.
        waiting: prints that may wait for a worker; one more is answered 503.
        seconds: time for one print, from when a worker takes it.
        prints_per_worker: then the worker is replaced, because WeasyPrint keeps memory.
    """

    workers: int = 2
    waiting: int = 32
    seconds: float = 20.0
    prints_per_worker: int = 200
    limits: Limits = field(default_factory=Limits)


class PrintPool:
    """Renders views in worker processes.

    Workers are forked from a server process that has loaded the renderer and nothing else, so that a new one is
    there in milliseconds and holds no connection, key or session of the service.
    """

    def __init__(self, bounds: PoolBounds, metrics: Metrics) -> None:
        self._bounds = bounds
        self._metrics = metrics
        self._under_way = 0
        self._pool: ProcessPool | None = None
        self._starting = asyncio.Lock()

    async def render(self, view: DocumentView, terms: Terms | None = None) -> Rendered:
        """The PDF of a view; with terms it carries the e-invoice.

        Raises:
            Problem: 422 when it is larger than allowed; 503 when all are busy, it took too long, or its worker died.
        """
        outcome = "rendered"
        try:
            with self._metrics.print_seconds.time():
                return _accepted(await self._in_turn(render, view, terms, self._bounds.limits))
        except Problem as problem:
            outcome = problem.code
            raise
        finally:
            self._metrics.prints.labels(outcome).inc()

    async def picture(self, view: DocumentView) -> bytes:
        """The first page of a view as PNG.

        Raises:
            Problem: as `render`.
        """
        return _accepted(await self._in_turn(picture, view, self._bounds.limits))

    async def warm(self) -> None:
        """Start the workers now, so that the first print need not wait a second for them."""
        await self._running()

    async def xrechnung(self, terms: Terms) -> bytes:
        """The e-invoice by itself.

        Raises:
            Problem: 503 as `render`.
        """
        return await self._in_turn(xrechnung, terms)

    async def read_e_invoice(self, content: bytes) -> Read | Unreadable:
        """What a received file says, read where a hostile one can do no harm.

        Raises:
            Problem: 503 as `render`.
        """
        return await self._in_turn(read, content)

    async def _in_turn(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._under_way >= self._bounds.workers + self._bounds.waiting:
            raise unavailable("print_busy", f"{self._under_way} prints are under way. Try again.")
        self._under_way += 1
        try:
            return await self._done(job, *args, **kwargs)
        finally:
            self._under_way -= 1

    async def _done(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_ATTEMPTS):
            try:
                return await self._by_a_worker(job, *args, **kwargs)
            except BrokenProcessPool:
                # A worker died while it had nothing to do; Pebble then gives up all that wait. None of them is guilty.
                logger.warning("The print workers are started again")
        raise unavailable("print_worker_died", "The processes that render do not stay alive. Try again later.")

    async def _by_a_worker(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        pool = await self._running()
        try:
            future = pool.schedule(job, args=list(args), kwargs=kwargs, timeout=self._bounds.seconds)
        except RuntimeError as error:
            raise BrokenProcessPool("broke just now") from error
        try:
            return await asyncio.wrap_future(future)
        except RenderTimeoutError as error:
            raise unavailable(
                "print_too_slow", f"The print was stopped after {self._bounds.seconds:g} seconds. Try again later."
            ) from error
        except ProcessExpired as error:
            raise unavailable(
                "print_worker_died", f"The process that rendered ended with status {error.exitcode}. Try again later."
            ) from error

    async def _running(self) -> ProcessPool:
        """The pool, started with the first print and again when it broke."""
        async with self._starting:
            if self._pool is None or not self._pool.active:
                await self.close()
                self._pool = await asyncio.to_thread(self._start)
            return self._pool

    def _start(self) -> ProcessPool:
        """Blocks until the renderer is loaded."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([RENDERER])
        pool = ProcessPool(
            max_workers=self._bounds.workers,
            max_tasks=self._bounds.prints_per_worker,
            initializer=begin_worker,
            initargs=(self._bounds.limits,),
            context=context,
        )
        assert pool.active  # noqa: S101 - asking starts the workers
        return pool

    async def close(self) -> None:
        """Stop the workers; what they were rendering is given up."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            await asyncio.to_thread(pool.join)


def _accepted(result: T | TooLarge) -> T:
    if isinstance(result, TooLarge):
        raise invalid("print_too_large", f"This document can not be printed: {result.reason}.")
    return result
