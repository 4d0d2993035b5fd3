"""The newest events of one tenant in memory: a bounded window that every stream reads at its own pace.

A stream holds nothing but its position. One that falls out of the window is cut and replays from the database.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from uuid import UUID

from valeo_erp.events.cursor import Position
from valeo_erp.events.frames import Frame

WINDOW = 2_000
"""Events of one tenant kept in memory; the outbox keeps them for a day."""


def by_tenant(frames: Iterable[Frame]) -> dict[UUID, list[Frame]]:
    """The events of each tenant, in their order."""
    found: dict[UUID, list[Frame]] = {}
    for frame in frames:
        found.setdefault(frame.tenant_id, []).append(frame)
    return found


class FellBehindError(Exception):
    """The position is older than the window."""


class Feed:
    """The window, and the bell that rings when it moves.

    Attributes:
        replaced: by a feed of another database; nothing comes any more.
    """

    def __init__(self, begins: Position, window: int = WINDOW) -> None:
        self._frames: deque[Frame] = deque()
        self._window = window
        self._begins = begins
        self._bell = asyncio.Event()
        self.replaced = False

    def covers(self, position: Position) -> bool:
        """Whether every event after the position is in the window."""
        return position >= self._begins

    def append(self, frames: Iterable[Frame]) -> None:
        """Add events in their order."""
        self._frames.extend(frames)
        while len(self._frames) > self._window:
            self._begins = self._frames.popleft().position

    def after(self, position: Position) -> list[Frame]:
        """The events after a position, oldest first.

        Raises:
            FellBehindError: some of them have left the window.
        """
        if not self.covers(position):
            raise FellBehindError
        if not self._frames or self._frames[-1].position <= position:
            return []
        newer = list(takewhile(lambda frame: frame.position > position, reversed(self._frames)))
        newer.reverse()
        return newer

    def ring(self) -> None:
        """Wake every waiting stream."""
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()

    @property
    def bell(self) -> asyncio.Event:
        """Set when the window moves next."""
        return self._bell
