"""How many streams one person may hold open at this process."""

from collections import Counter
from http import HTTPStatus
from uuid import UUID

from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.problems import Problem
from valeo_erp.operations.metrics import Metrics

STREAMS_PER_PRINCIPAL = 20

Key = tuple[UUID, str]


class StreamSlots:
    """Counts the open streams of each principal."""

    def __init__(self, metrics: Metrics) -> None:
        self._open: Counter[Key] = Counter()
        self._metrics = metrics

    def take(self, principal: Principal) -> None:
        """Count one more.

        Raises:
            Problem: 429, this principal has as many as it may.
        """
        key = (principal.tenant_id, principal.subject)
        if self._open[key] >= STREAMS_PER_PRINCIPAL:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_many_streams",
                f"You have {STREAMS_PER_PRINCIPAL} live streams open here. Close one, or wait.",
                headers={"Retry-After": "5"},
            )
        self._open[key] += 1
        self._metrics.streams.inc()

    def give_back(self, principal: Principal) -> None:
        """Count one less."""
        key = (principal.tenant_id, principal.subject)
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]
        self._metrics.streams.dec()
