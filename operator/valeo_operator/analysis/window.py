"""What was counted: looks at the pods of a release over a time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

STALE: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Scrape:
    """Counters of a pod since it started.

    Attributes:
        at: when they were read.
        requests: requests of users, and how many of them were answered with 5xx.
        failed: of those.
        probes: requests that only ask whether the pod is well, and how many of them it answered with 5xx.
        failed_probes: of those.
        buckets: requests of users by the upper bound of their time, in seconds; cumulative, as Prometheus has them.
        streams: event streams that are open; None where the pod does not tell.
        error_logs: records that it logged at ERROR or above.
        memory: resident bytes; None where the pod does not tell.
        cut: event streams that the service ended for no planned reason.
    """

    at: datetime
    requests: float = 0
    failed: float = 0
    probes: float = 0
    failed_probes: float = 0
    buckets: Mapping[float, float] = field(default_factory=dict)
    streams: int | None = None
    error_logs: float = 0
    memory: float | None = None
    cut: float = 0


@dataclass(frozen=True)
class Window:
    """Looks at every pod of a release over a time, the oldest first. The last one older than `stale` tells nothing."""

    pods: Mapping[str, Sequence[Scrape]] = field(default_factory=dict)
    stale: timedelta = STALE
