"""What the operator asks of a Kubernetes API. The client speaks HTTP; tests stand a world in memory behind it."""

from collections.abc import Mapping
from typing import Final, Protocol

from valeo_operator.cluster.kinds import Kind
from valeo_operator.cluster.objects import Object

FIELD_MANAGER: Final = "valeo-operator"


class ClusterError(Exception):
    """The API server could not be asked: no connection, a time-out, or it is overloaded. Asking again may work."""


class RefusedError(Exception):
    """The API server said no. `status` is the HTTP status, `reason` its one word, `message` its sentence."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message

    @property
    def is_conflict(self) -> bool:
        """Somebody else was faster: the object exists already, or changed since it was read."""
        return self.status == 409  # noqa: PLR2004 - HTTP's own number for it

    @property
    def is_absent(self) -> bool:
        """It is not there; of a list: the API server does not know the kind."""
        return self.status == 404  # noqa: PLR2004 - HTTP's own number for it


class Cluster(Protocol):
    """The verbs. Every write is idempotent by name or guarded by resourceVersion."""

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object as it is now; None where there is none."""

    async def list(self, kind: Kind, namespace: str | None, labels: Mapping[str, str]) -> list[Object]:
        """All objects with these labels; `namespace` None looks everywhere."""

    async def create(self, kind: Kind, wanted: Object) -> Object:
        """Make it. Raises RefusedError with status 409 where it exists."""

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        """Server-side apply with our field manager, by force. A resourceVersion in it makes it a compare-and-set."""

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str = "") -> None:
        """Delete it with what it owns, in the background; nothing happens where it is gone or has another uid."""
