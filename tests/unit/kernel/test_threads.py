"""A cancelled caller leaves when its thread has ended, and not before."""

import asyncio
import threading
from contextlib import suppress

from valeo_erp.kernel.threads import in_thread


async def test_the_result_of_the_thread_is_given() -> None:
    assert await in_thread(int, "17", base=8) == 15


async def test_a_cancelled_caller_waits_for_the_thread() -> None:
    begun, goes_on, steps = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        goes_on.wait(10)
        steps.append("thread")

    caller = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait, 10)
    caller.cancel()
    await asyncio.sleep(0.05)
    assert not caller.done()
    goes_on.set()
    with suppress(asyncio.CancelledError):
        await caller
    assert caller.cancelled()
    assert steps == ["thread"]
