"""Counts requests against the limits, over all replicas: slowapi decides, PostgreSQL holds the sums."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from math import ceil
from typing import Any

from limits import RateLimitItem
from slowapi import Limiter
from slowapi.util import get_remote_address
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.statements import Statement
from valeo_erp.ratelimits.allowance import Asker, LimitKind, Standing, limits_of
from valeo_erp.ratelimits.leases import Leases

# A replica whose clock is behind counts in the window that another one has begun.
_TAKE = Statement("""
insert into rate_window as w (key, starts_at, taken) values (:key, :starts_at, :wanted)
on conflict (key) do update set
  taken = case when w.starts_at >= excluded.starts_at then least(w.taken, :amount::int) else 0 end + excluded.taken,
  starts_at = greatest(w.starts_at, excluded.starts_at)
returning taken
""")

_WHAT = {
    LimitKind.REQUESTS: "requests",
    LimitKind.EXPORTS: "exports",
    LimitKind.RESTORE: "restores",
    LimitKind.OPEN: "requests without signing in",
}


class RateLimiter:
    """Counts for one process; what several processes count together is settled in the database."""

    def __init__(self, limits: Mapping[LimitKind, RateLimitItem], engine: AsyncEngine) -> None:
        """Args: `engine` in autocommit."""
        self._limits = {asker: limits_of(asker, limits) for asker in Asker}
        self._engine = engine
        self._leases = Leases(self._take_from_database)
        options: dict[str, Any] = {"leases": self._leases}
        self._window = Limiter(get_remote_address, storage_uri="valeo+leases://", storage_options=options).limiter

    async def take(self, kind: LimitKind, identity: str, at: datetime, asker: Asker = Asker.ANYBODY) -> Standing:
        """Count one request.

        Args:
            kind: what is counted.
            identity: who asks, one text for each.
            at: the instant of the request.
            asker: whose limits hold.

        Raises:
            Problem: 429, the limit is reached; it says when to come back.
            DBAPIError, OSError: the database is away.
        """
        item, now = self._limits[asker][kind], at.timestamp()
        name = f"{kind}/{identity}"
        if kind is LimitKind.OPEN:
            lease = self._leases.provide_here(item, name, now)
        else:
            lease = await self._leases.provide(item, name, now)
        passed = self._window.hit(item, name)
        standing = Standing(item.amount, lease.remaining, max(1, ceil(lease.ends_at - now)))
        if not passed:
            raise _too_many(kind, standing, item)
        return standing

    async def _take_from_database(self, key: str, starts_at: float, amount: int, wanted: int) -> int:
        values = {
            "key": hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest(),
            "starts_at": datetime.fromtimestamp(starts_at, UTC),
            "amount": amount,
            "wanted": wanted,
        }
        async with self._engine.connect() as connection:
            row = await _TAKE.row(connection, values)
        if row is None:
            raise AssertionError("an upsert returns its row")
        taken: int = row["taken"]
        return taken


def _too_many(kind: LimitKind, standing: Standing, item: RateLimitItem) -> Problem:
    seconds = standing.reset_seconds
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limited",
        f"More than {standing.amount} {_WHAT[kind]} within {item.get_expiry()} s. Try again in {seconds} s.",
        headers={"Retry-After": str(seconds), **standing.headers},
        facts={"limit": kind.value},
    )
