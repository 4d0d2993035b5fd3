"""The worker processes: bounded in number, time, pages and memory; what one print does harms no other."""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from tests.support.papers import FACTS, many_lines

from valeo_erp.kernel.problems import Problem
from valeo_erp.operations.metrics import Metrics
from valeo_erp.printing.formats import Language
from valeo_erp.printing.job import MEGABYTE, Limits
from valeo_erp.printing.pool import PoolBounds, PrintPool
from valeo_erp.printing.view import view_of

T = TypeVar("T")
SMALL = view_of(FACTS, Language.GERMAN)
HUGE = view_of(many_lines(2000), Language.GERMAN)


@asynccontextmanager
async def pool_with(bounds: PoolBounds, metrics: Metrics | None = None) -> AsyncIterator[PrintPool]:
    pool = PrintPool(bounds, metrics or Metrics())
    try:
        yield pool
    finally:
        await pool.close()


async def refusal(pool: PrintPool) -> Problem:
    with pytest.raises(Problem) as caught:
        await pool.render(HUGE)
    return caught.value


async def test_a_print_beyond_its_time_is_stopped_and_the_next_one_is_made() -> None:
    metrics = Metrics()
    async with pool_with(PoolBounds(workers=1, seconds=3), metrics) as pool:
        problem = await refusal(pool)

        assert (problem.status, problem.code) == (503, "print_too_slow")
        assert problem.headers["Retry-After"]
        assert metrics.registry.get_sample_value("valeo_prints_total", {"outcome": "print_too_slow"}) == 1
        assert (await pool.render(SMALL)).pages == 1


async def test_a_worker_that_dies_takes_only_its_own_print_with_it() -> None:
    async with pool_with(PoolBounds(workers=1)) as pool:
        worker = await in_worker(pool, os.getpid)
        under_way = asyncio.create_task(refusal(pool))
        await asyncio.sleep(0.5)  # it has begun
        os.kill(worker, signal.SIGKILL)  # as the kernel does when memory runs out

        assert (await under_way).code == "print_worker_died"
        assert (await pool.render(SMALL)).pages == 1


async def test_a_worker_that_dies_while_idle_costs_nobody_a_print() -> None:
    async with pool_with(PoolBounds(workers=1)) as pool:
        os.kill(await in_worker(pool, os.getpid), signal.SIGKILL)

        assert (await pool.render(SMALL)).pages == 1


async def test_a_worker_has_no_more_memory_than_it_may_and_none_of_the_service() -> None:
    async with pool_with(PoolBounds(workers=1, limits=Limits(memory_bytes=600 * MEGABYTE))) as pool:
        assert await in_worker(pool, resource.getrlimit, resource.RLIMIT_AS) == (600 * MEGABYTE, 600 * MEGABYTE)
        modules = await in_worker(pool, _loaded_modules)

    assert "weasyprint" in modules
    assert modules.isdisjoint({"asyncpg", "uvicorn", "authlib"})


def _loaded_modules() -> set[str]:
    return {name.partition(".")[0] for name in sys.modules}


async def in_worker(pool: PrintPool, function: Callable[..., T], *arguments: object) -> T:
    running = await pool._running()
    return await asyncio.wrap_future(running.schedule(function, args=arguments))


async def test_too_many_pages_are_refused_with_their_number() -> None:
    async with pool_with(PoolBounds(workers=1, limits=Limits(pages=2))) as pool:
        with pytest.raises(Problem, match="it has 4 pages, at most 2"):
            await pool.render(view_of(many_lines(60), Language.GERMAN))


async def test_when_all_are_busy_one_more_is_told_to_come_back() -> None:
    async with pool_with(PoolBounds(workers=1, waiting=1)) as pool:
        answers = await asyncio.gather(*(pool.render(SMALL) for _ in range(3)), return_exceptions=True)

        assert sum(isinstance(answer, Problem) and answer.code == "print_busy" for answer in answers) == 1
        assert (await pool.render(SMALL)).pages == 1


async def test_a_worker_is_replaced_after_its_prints() -> None:
    async with pool_with(PoolBounds(workers=1, prints_per_worker=2)) as pool:
        made = [(await pool.render(SMALL)).pdf for _ in range(5)]

    assert len(set(made)) == 1


async def test_a_pool_that_never_printed_has_started_nothing() -> None:
    async with pool_with(PoolBounds()) as pool:
        assert pool._pool is None
