"""Background work runs in the active colour alone.

A pod can't know by itself whether users reach it, and must not ask the API server of the cluster. So it asks the
Service that users reach who answers there: while that is its own release, it works. Without an address of that Service
there is only one release, and it works always.

A release that was active and sees another one answer there was replaced: its streams and kept connections are told to
go, so that users are on the new release before the old one is scaled down.

Both colours live side by side for a while at a switch. What would be wrong if two did it is therefore leased or locked
in the database besides; this sees to it that a release that is not active, or not yet, changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

EVERY_SECONDS = 1.0
TIMEOUT_SECONDS = 3.0
PATIENCE = 3
"""Looks without an answer, after which a release that was active takes itself for inactive."""

logger = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


class Activity:
    """Whether this release is the active one, as the active Service says."""

    def __init__(
        self,
        release: str,
        active_url: str | None,
        transport: httpx.AsyncBaseTransport | None = None,
        handed_over: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """Nothing is known yet.

        Args:
            release: whose process this is.
            active_url: of the Service that users reach, None where there is only one release.
            transport: how HTTP goes out; the network unless given.
            handed_over: hears True when another release has replaced this one, False when this one is active again.
        """
        self._release = release
        self._handed_over = handed_over
        self._url = active_url
        self._transport = transport
        self._silent = 0
        self._on, self._off = asyncio.Event(), asyncio.Event()
        (self._on if active_url is None else self._off).set()

    @property
    def active(self) -> bool:
        """As far as is known."""
        return self._on.is_set()

    async def watch(self) -> None:
        """Look every few seconds, until cancelled."""
        if self._url is None:
            return
        while True:
            await self.look()
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look once."""
        answers = await self._who_answers()
        self._silent = 0 if answers is not None else self._silent + 1
        if answers is not None or self._silent >= PATIENCE:
            self._become(answers == self._release, replaced=answers is not None)

    async def _who_answers(self) -> str | None:
        """The release behind the active Service; None if nobody told. It need not be ready to say its name."""
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as http:
                told = (await http.get(f"{self._url}/readyz")).json()
        except (httpx.HTTPError, ValueError):
            return None
        release = told.get("release") if isinstance(told, dict) else None
        return release if isinstance(release, str) else None

    def _become(self, active: bool, *, replaced: bool) -> None:
        if active is self.active:
            return
        begins, ends = (self._on, self._off) if active else (self._off, self._on)
        ends.clear()
        begins.set()
        self._handed_over(replaced and not active)
        logger.info("Background work begins" if active else "Background work ends: another release is active")

    async def fence(self, work: Work) -> None:
        """Do the work while this release is active: begin it again each time, and end it when that is over."""
        while True:
            await self._on.wait()
            tasks = {asyncio.create_task(work()), asyncio.create_task(self._off.wait())}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()  # a fault of the work is not hidden
