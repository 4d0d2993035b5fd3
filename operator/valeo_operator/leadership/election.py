"""Whether a Lease may be taken, is ours, or is somebody else's. Pure.

As the Kubernetes components do it: how old another one's lease is, is told by our own clock since we saw it change,
never by comparing clocks of two machines.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from valeo_operator.cluster.objects import Object, dig

LEASE_SECONDS: Final = 15
RENEW_SECONDS: Final = 4.0
GIVE_UP_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Sighting:
    """A lease as it was seen to change, and when by our own clock."""

    holder: str
    renewed: str
    at: float


def sighting(lease: Object, before: Sighting | None, clock: float) -> Sighting:
    """The sighting of this lease; an unchanged one keeps its time."""
    holder = str(dig(lease, "spec", "holderIdentity") or "")
    renewed = str(dig(lease, "spec", "renewTime") or "")
    if before is not None and (before.holder, before.renewed) == (holder, renewed):
        return before
    return Sighting(holder, renewed, clock)


def may_take(seen: Sighting, me: str, clock: float) -> bool:
    """Whether the lease is free, ours, or was not renewed for its whole time."""
    return seen.holder in {"", me} or clock - seen.at >= LEASE_SECONDS


def lease(namespace: str, name: str, holder: str, now: datetime, before: Object | None) -> Object:
    """The lease as held by `holder` from now on; with the version of the one that was seen, as a compare-and-set."""
    meta: Object = {"name": name, "namespace": namespace}
    spec = (before or {}).get("spec", {})
    changes_hands = spec.get("holderIdentity") != holder
    if before is not None:
        meta["resourceVersion"] = before["metadata"]["resourceVersion"]
    time = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "metadata": meta,
        "spec": {
            "holderIdentity": holder,
            "leaseDurationSeconds": LEASE_SECONDS,
            "acquireTime": time if changes_hands else spec.get("acquireTime", time),
            "renewTime": time,
            "leaseTransitions": spec.get("leaseTransitions", 0) + (1 if changes_hands and before is not None else 0),
        },
    }
