"""The Kubernetes API as the driver of the data operations needs it: its own field manager, and the end of a log."""

from collections.abc import Callable
from typing import Final, Protocol

import kopf

from valeo_operator.cluster.client import Client, CountCall, path_of, refuse
from valeo_operator.cluster.kinds import PODS
from valeo_operator.cluster.protocol import Cluster

MANAGER: Final = "valeo-operator-data"
_MOST_BYTES: Final = 8_000_000  # a listing of ten thousand backups


class DataCluster(Cluster, Protocol):
    """The verbs that the driver of the data operations needs beyond those of `Cluster`."""

    async def log(self, namespace: str, pod: str, lines: int, container: str = "") -> str:
        """The last lines of what a container of a pod wrote; of the only one, where none is named."""


class DataClient(Client):
    """Implements the Protocol `DataCluster`."""

    def __init__(self, log_in: Callable[[], kopf.ConnectionInfo], count_call: CountCall) -> None:
        super().__init__(log_in, count_call, MANAGER)  # so that two drivers share one status in peace

    async def log(self, namespace: str, pod: str, lines: int, container: str = "") -> str:
        """See `DataCluster.log`."""
        params = {"tailLines": str(lines), "limitBytes": str(_MOST_BYTES)}
        params |= {"container": container} if container else {}
        async with self._request("get", path_of(PODS, namespace, pod, "log"), None, params) as (status, text):
            refuse(status, text)
            self._count("get", "pods/log")
            return text
