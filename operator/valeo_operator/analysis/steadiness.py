"""Whether the pods of a release keep running and keep ready: what Kubernetes tells of them, beside their numbers. Pure.

A container that was started anew begins its counters anew, so that its numbers tell nothing: that it was restarted is
what tells. Once may be the node; twice is the release, unless the one before is no steadier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

MOST_RESTARTS: Final = 1
MOST_FLAPS: Final = 2


@dataclass(frozen=True)
class Look:
    """One look at a pod: how often its containers were restarted until now, and whether it is ready."""

    at: datetime
    restarts: int
    ready: bool


Looks = Mapping[str, Sequence[Look]]
"""Looks at every pod over a time, the oldest first."""


@dataclass(frozen=True)
class Steadiness:
    """What happened while it was looked: restarts of containers, and how often readiness was lost, over all pods."""

    restarts: int = 0
    flaps: int = 0


def steadiness(looks: Looks) -> Steadiness:
    """What happened between the first look at each pod and the last."""
    pairs = [pair for pod in looks.values() for pair in pairwise(pod)]
    return Steadiness(
        restarts=sum(max(0, after.restarts - before.restarts) for before, after in pairs),
        flaps=sum(before.ready and not after.ready for before, after in pairs),
    )


def unsteady(seen: Steadiness, before: Steadiness) -> str | None:
    """What is too much, in a sentence. `before` is the release before over the same time."""
    if seen.restarts > MOST_RESTARTS + before.restarts:
        return f"containers were restarted {seen.restarts} times, those of the release before {before.restarts} times"
    if seen.flaps > MOST_FLAPS + before.flaps:
        return f"pods lost their readiness {seen.flaps} times, those of the release before {before.flaps} times"
    return None
