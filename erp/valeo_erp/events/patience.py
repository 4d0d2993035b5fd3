"""Ends streams whose client takes nothing. One clock for all: a timer for every block costs more than the block."""

import asyncio
from time import monotonic

from starlette.types import Message, Send

SEND_SECONDS = 10.0
"""A client that takes nothing for so long is cut; it comes back with its `Last-Event-ID`."""
LOOK_SECONDS = 1.0


class Patience:
    """Knows which blocks are under way, and since when: hardly any, because the kernel takes a block at once."""

    def __init__(self, seconds: float = SEND_SECONDS) -> None:
        self._seconds = seconds
        self._since: dict[asyncio.Timeout, float] = {}

    async def send(self, end: asyncio.Timeout, send: Send, message: Message) -> None:
        """Send one block.

        Args:
            end: of the stream; it comes when this takes too long.
            send: of the server.
            message: the block.
        """
        self._since[end] = monotonic()
        try:
            await send(message)
        finally:
            del self._since[end]

    async def watch(self) -> None:
        """Look at times, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look(monotonic())

    def look(self, now: float) -> None:
        """End what takes too long."""
        for end, since in list(self._since.items()):
            if now - since > self._seconds:
                end.reschedule(asyncio.get_running_loop().time())
