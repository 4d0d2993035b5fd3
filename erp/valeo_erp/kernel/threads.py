"""Work in a thread whose end is always waited for."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """As `asyncio.to_thread`, but a caller who is cancelled leaves only when the thread has ended.

    So a file that the thread writes is never closed under it.
    """
    working = asyncio.create_task(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.gather(working, return_exceptions=True)
        raise
