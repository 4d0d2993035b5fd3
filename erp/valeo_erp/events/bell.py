"""Wakes the listeners of all processes after a commit: one empty NOTIFY for all commits since the last one.

A NOTIFY inside a transaction makes every commit of the server wait for the one before it (docs/decisions/bell.md). If
this process dies between commit and bell, the listeners' look at the outbox every second finds the event.
"""

import asyncio
import logging

from valeo_erp.events.channel import CHANNEL, LOST, Connect

GATHER_SECONDS = 0.01
"""Between two rings at least: what is committed meanwhile goes with the next."""
PAUSE_SECONDS = 1.0
"""After a failure; the listeners look by themselves meanwhile."""

logger = logging.getLogger(__name__)


class Bell:
    """Rung by every write, heard by every process."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something was committed. Returns at once."""
        self._rung.set()

    async def run(self) -> None:
        """Pass on what was rung, until cancelled."""
        while True:
            await self._rung.wait()
            try:
                await self._pass_on()
            except LOST as error:
                logger.warning("The bell's connection was lost", extra={"cause": type(error).__name__})
                await asyncio.sleep(PAUSE_SECONDS)

    async def _pass_on(self) -> None:
        """On one connection until it is lost."""
        connection = await self._connect()
        try:
            while True:
                await self._rung.wait()
                self._rung.clear()
                await connection.execute(f"notify {CHANNEL}")
                await asyncio.sleep(GATHER_SECONDS)
        finally:
            connection.terminate()
