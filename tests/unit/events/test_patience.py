"""Streams whose client takes nothing."""

import asyncio
from time import monotonic

import pytest
from starlette.types import Message

from valeo_erp.events.patience import Patience

BLOCK: Message = {"type": "http.response.body", "body": b": \n\n", "more_body": True}


async def test_a_client_that_takes_nothing_is_ended_and_others_are_not() -> None:
    patience, taken = Patience(seconds=10.0), asyncio.Event()

    async def never(_: Message) -> None:
        await asyncio.Event().wait()

    async def at_last(_: Message) -> None:
        await taken.wait()

    async def stream(send: object) -> None:
        async with asyncio.timeout(None) as end:
            await patience.send(end, send, BLOCK)  # type: ignore[arg-type]

    slow = asyncio.create_task(stream(never))
    await asyncio.sleep(0.02)
    patience.look(monotonic())
    assert not slow.done()
    began = monotonic()
    slower = asyncio.create_task(stream(at_last))
    await asyncio.sleep(0)

    patience.look(began + 9.99)

    with pytest.raises(TimeoutError):
        await slow
    taken.set()
    await slower


async def test_a_block_that_was_taken_is_not_looked_at_any_more() -> None:
    patience = Patience(seconds=1.0)

    async def at_once(_: Message) -> None:
        return

    async with asyncio.timeout(None) as end:
        await patience.send(end, at_once, BLOCK)
        patience.look(monotonic() + 100)
        await asyncio.sleep(0.01)
