"""Leases: a process takes some requests of a window at once from the database, and spends them from memory.

slowapi's storages block, so none of them may talk to a database in the event loop. This one answers from memory what
`Leases.provide` has fetched before.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from limits import RateLimitItem
from limits.storage import Storage

from valeo_erp.ratelimits.allowance import granted, share_of

MOST_LEASES = 10_000

Ledger = Callable[[str, float, int, int], Awaitable[int]]
"""Key, start of the window (seconds since 1970), amount and wanted: gives how many are taken then."""


@dataclass(slots=True)
class Lease:
    """What one process may still spend of one window.

    Attributes:
        ends_at: of the window, seconds since 1970.
        amount: the limit.
        left: leased and not yet spent.
        free: not leased by anybody, as the database said last.
    """

    ends_at: float
    amount: int
    left: int
    free: int
    settling: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def remaining(self) -> int:
        """What may still pass."""
        return self.left + self.free


class Leases:
    """The leases of one process."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._held: dict[str, Lease] = {}

    async def provide(self, item: RateLimitItem, identity: str, now: float) -> Lease:
        """A lease of the present window, with something left in it unless the limit is reached."""
        key = item.key_for(identity)
        lease = self._held.get(key)
        if lease is None or lease.ends_at <= now:
            lease = self._begin(key, item, now)
        if lease.left == 0 and lease.free > 0:
            async with lease.settling:
                if lease.left == 0 and lease.free > 0:
                    await self._settle(key, item, lease)
        return lease

    async def _settle(self, key: str, item: RateLimitItem, lease: Lease) -> None:
        wanted = share_of(lease.free)
        taken = await self._ledger(key, lease.ends_at - item.get_expiry(), item.amount, wanted)
        lease.left += granted(item.amount, taken, wanted)
        lease.free = max(0, item.amount - taken)

    def provide_here(self, item: RateLimitItem, identity: str, now: float) -> Lease:
        """A lease of the whole amount for this process alone."""
        key = item.key_for(identity)
        lease = self._held.get(key)
        if lease is None or lease.ends_at <= now:
            lease = self._begin(key, item, now)
            lease.left, lease.free = item.amount, 0
        return lease

    def _begin(self, key: str, item: RateLimitItem, now: float) -> Lease:
        if len(self._held) >= MOST_LEASES:
            self._held = {key: lease for key, lease in self._held.items() if lease.ends_at > now}
        seconds = item.get_expiry()
        lease = self._held[key] = Lease(now - now % seconds + seconds, item.amount, 0, item.amount)
        return lease

    def held(self, key: str) -> Lease | None:
        """The lease of a key, None if there is none."""
        return self._held.get(key)

    def forget(self, key: str | None = None) -> int:
        """Drop one lease, or all."""
        gone = [key] if key is not None else list(self._held)
        return sum(self._held.pop(name, None) is not None for name in gone)


class LeasedStorage(Storage):
    """What slowapi counts in: the leases of this process."""

    STORAGE_SCHEME = ["valeo+leases"]  # noqa: RUF012 - as the base class declares it

    def __init__(self, uri: str | None = None, *, leases: Leases, **options: Any) -> None:
        super().__init__(uri, **options)
        self._leases = leases

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing can go wrong in memory."""
        return KeyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:  # noqa: ARG002 - the window has its end already
        """Spend; beyond every limit when nothing is left."""
        lease = self._leases.held(key)
        if lease is None or lease.left < amount:
            return sys.maxsize
        lease.left -= amount
        return lease.amount - lease.remaining

    def get(self, key: str) -> int:
        """How many are spent or leased."""
        lease = self._leases.held(key)
        return 0 if lease is None else lease.amount - lease.remaining

    def get_expiry(self, key: str) -> float:
        """When the window ends, seconds since 1970."""
        lease = self._leases.held(key)
        return 0.0 if lease is None else lease.ends_at

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        return self._leases.forget()

    def clear(self, key: str) -> None:
        """Forget one key."""
        self._leases.forget(key)
