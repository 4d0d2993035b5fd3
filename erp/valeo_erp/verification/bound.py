"""How often this process answers whether papers are genuine: nobody who tries codes keeps others from their work."""

from http import HTTPStatus
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from valeo_erp.kernel.problems import Problem

PER_MINUTE = 300
_EVERYBODY = "verify"  # behind a proxy all come from one address


class Bound:
    """Counts the questions of the last minute, of everybody together."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def take(self) -> None:
        """Count one question.

        Raises:
            Problem: 429 when there were too many; it says when to come back.
        """
        if self._window.hit(self._item, _EVERYBODY):
            return
        seconds = max(1, ceil(self._window.get_window_stats(self._item, _EVERYBODY).reset_time - time()))
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too_many_verifications",
            f"More than {self._item.amount} papers were asked for within a minute. Try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )
