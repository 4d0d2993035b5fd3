"""The processes that render: few, bounded in time and memory, replaced after a while, and never the event loop."""

import asyncio
import multiprocessing
from concurrent.futures import TimeoutError as RenderTimeoutError
from dataclasses import dataclass, field

from pebble import ProcessExpired, ProcessPool

from valeo_erp.kernel.problems import Problem, invalid, unavailable
from valeo_erp.operations.metrics import Metrics
from valeo_erp.printing.job import RENDERER, Limits, Rendered, TooLarge, begin_worker, render
from valeo_erp.printing.view import DocumentView


@dataclass(frozen=True)
class PoolBounds:
    """How much the pool does at once.

    Attributes:
        workers: processes, started with the first print.
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
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([RENDERER])
        self._pool = ProcessPool(
            max_workers=bounds.workers,
            max_tasks=bounds.prints_per_worker,
            initializer=begin_worker,
            initargs=(bounds.limits,),
            context=context,
        )

    async def render(self, view: DocumentView) -> Rendered:
        """The PDF of a view.

        Raises:
            Problem: 422 when it is larger than allowed; 503 when all are busy, it took too long, or its worker died.
        """
        outcome = "rendered"
        try:
            with self._metrics.print_seconds.time():
                return await self._in_turn(view)
        except Problem as problem:
            outcome = problem.code
            raise
        finally:
            self._metrics.prints.labels(outcome).inc()

    async def _in_turn(self, view: DocumentView) -> Rendered:
        if self._under_way >= self._bounds.workers + self._bounds.waiting:
            raise unavailable("print_busy", f"{self._under_way} prints are under way. Try again.")
        self._under_way += 1
        try:
            return await self._rendered(view)
        finally:
            self._under_way -= 1

    async def _rendered(self, view: DocumentView) -> Rendered:
        future = self._pool.schedule(render, args=(view, self._bounds.limits), timeout=self._bounds.seconds)
        try:
            result = await asyncio.wrap_future(future)
        except RenderTimeoutError as error:
            raise unavailable(
                "print_too_slow", f"The print was stopped after {self._bounds.seconds:g} seconds. Try again later."
            ) from error
        except ProcessExpired as error:
            raise unavailable(
                "print_worker_died", f"The process that rendered ended with status {error.exitcode}. Try again later."
            ) from error
        return _accepted(result)

    async def close(self) -> None:
        """Stop the workers; what they were rendering is given up."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)


def _accepted(result: Rendered | TooLarge) -> Rendered:
    match result:
        case Rendered():
            return result
        case TooLarge(reason):
            raise invalid("print_too_large", f"This document can not be printed: {reason}.")
