"""The data-operation lock of an installation: a Lease that is there while one is under way. Pure.

Making the Lease is taking the lock: the API server lets exactly one through. It is taken away by whoever holds it when
the operation has ended, or has left no trace; never because of a clock.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from valeo_operator.api.conditions import Reason
from valeo_operator.cluster.kinds import LEASES
from valeo_operator.cluster.objects import Object, dig, name_of, namespace_of, uid_of
from valeo_operator.installations.decisions import Create, Delete, Finding
from valeo_operator.installations.names import Component, Names

_LONGEST_SECONDS: Final = 4 * 3600  # for readers of the Lease; nothing is decided by it


class Operation(StrEnum):
    """What excludes each other."""

    BACKUP = "backup"
    DELETION = "deletion"
    VERIFICATION = "verification"
    RESTORE = "restore"
    DROP = "drop"
    MIGRATION = "migration"
    ROTATION = "rotation"

    def of(self, name: str) -> str:
        """The holder of the lock: the operation on an object of this name."""
        return f"{self.value}/{name}"


def lock_name(names: Names) -> str:
    """The Lease of an installation."""
    return f"{names.name}-data"


def holder_of(lock: Object | None) -> str:
    """Who holds the lock, as `backup/production-20260101-020000`; empty where nobody does."""
    return str(dig(lock, "spec", "holderIdentity") or "")


def holds_lock(holder: str, lock: Object | None) -> bool:
    """Whether this very operation has the lock."""
    return holder_of(lock) == holder


def may_begin(holder: str, lock: Object | None) -> Finding | None:
    """Why an operation must wait; None where the lock is free or its own."""
    if lock is None or holds_lock(holder, lock):
        return None
    return Finding(
        Reason.WAITING_FOR_DATA_OPERATION,
        f"Lease/{name_of(lock)}",
        f"{holder_of(lock)} is under way since {dig(lock, 'spec', 'acquireTime')}",
        f"its end, before {holder} begins",
        "none; one follows after the other",
    )


def take(holder: str, names: Names, now: datetime) -> Create:
    """Take the free lock. If somebody is faster, nothing happens, and the next look sees him."""
    time = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
    spec = {
        "holderIdentity": holder,
        "acquireTime": time,
        "renewTime": time,
        "leaseDurationSeconds": _LONGEST_SECONDS,
    }
    return Create(LEASES, {"metadata": names.metadata(lock_name(names), Component.JOB), "spec": spec})


def give_back(lock: Object) -> Delete:
    """Give back the lock that was seen, and no other one."""
    return Delete(LEASES, namespace_of(lock), name_of(lock), uid_of(lock), f"{holder_of(lock)} has ended")


def left_behind(lock: Object | None, operation: Operation, *, under_way: str) -> tuple[Delete, ...]:
    """Give back a lock that an operation of this sort holds although another one, or none, is under way."""
    holder = holder_of(lock)
    if lock is None or not holder.startswith(f"{operation.value}/") or holder == operation.of(under_way):
        return ()
    return (give_back(lock),)
