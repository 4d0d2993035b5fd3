"""Taking the Lease, keeping it, and stopping at once when it is lost."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime

from valeo_operator.cluster.kinds import LEASES
from valeo_operator.cluster.objects import Object
from valeo_operator.cluster.protocol import Cluster, ClusterError, RefusedError
from valeo_operator.leadership.election import GIVE_UP_SECONDS, RENEW_SECONDS, Sighting, lease, may_take, sighting

logger = logging.getLogger(__name__)


class LeadershipLostError(Exception):
    """The lease could not be renewed in time, or somebody else holds it."""


class Leadership:
    """The lease `name` in `namespace`, for the process that calls itself `me`."""

    def __init__(self, cluster: Cluster, namespace: str, name: str, me: str, clock: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._address = (namespace, name)
        self._me = me
        self._clock = clock

    async def take(self) -> None:
        """Wait until this process leads."""
        seen: Sighting | None = None
        while True:
            try:
                seen = await self._try(seen)
            except ClusterError as problem:
                logger.warning("the lease could not be read: %s", problem)
            else:
                if seen is None:
                    logger.info("%s leads", self._me)
                    return
            await asyncio.sleep(RENEW_SECONDS / 2)

    async def _try(self, before: Sighting | None) -> Sighting | None:
        """None when it was taken, else what was seen."""
        found = await self._cluster.get(LEASES, *self._address)
        if found is None:
            return None if await self._write(None, create=True) else before
        seen = sighting(found, before, time.monotonic())
        if not may_take(seen, self._me, time.monotonic()):
            return seen
        return None if await self._write(found, create=False) else seen

    async def _write(self, found: Object | None, *, create: bool, holder: str | None = None) -> bool:
        wanted = lease(*self._address, self._me if holder is None else holder, self._clock(), found)
        try:
            await (self._cluster.create(LEASES, wanted) if create else self._cluster.apply(LEASES, wanted))
        except RefusedError as refused:
            if refused.is_conflict:
                return False
            raise
        return True

    async def keep(self) -> None:
        """Renew until cancelled. Raises LeadershipLostError when it was not renewed in time or is another's."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                async with asyncio.timeout(max(0.1, GIVE_UP_SECONDS - (time.monotonic() - renewed))):
                    if await self._renew():
                        renewed = time.monotonic()
            except (ClusterError, TimeoutError) as problem:
                logger.warning("the lease was not renewed: %s", str(problem) or "no answer in time")
            if time.monotonic() - renewed >= GIVE_UP_SECONDS:
                raise LeadershipLostError(f"{self._me} could not renew its lease for {GIVE_UP_SECONDS} s")

    async def _renew(self) -> bool:
        found = await self._cluster.get(LEASES, *self._address)
        holder = (found or {}).get("spec", {}).get("holderIdentity")
        if found is not None and holder != self._me:
            raise LeadershipLostError(f"{holder or 'nobody'} holds the lease of {self._me}")
        return await self._write(found, create=found is None)

    async def give_back(self) -> None:
        """Let the next one lead at once, instead of after the time of the lease."""
        try:
            found = await self._cluster.get(LEASES, *self._address)
            if found is not None and found["spec"].get("holderIdentity") == self._me:
                await self._write(found, create=False, holder="")
        except (ClusterError, RefusedError) as problem:
            logger.warning("the lease was not given back: %s", problem)
