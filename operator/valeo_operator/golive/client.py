"""The Kubernetes API as the driver of the gates needs it: other field manager, logs, and whole statuses."""

from collections.abc import Callable
from typing import Final, Protocol

import kopf

from valeo_operator.cluster.client import Client, CountCall, complete, path_of, refuse
from valeo_operator.cluster.kinds import PODS, Kind
from valeo_operator.cluster.objects import Object
from valeo_operator.cluster.protocol import Cluster
from valeo_operator.golive.gates import MANAGER

_MOST_LINES: Final = 2000
_MOST_BYTES: Final = 500_000
_REVIEWS: Final = Kind("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False)


class GateCluster(Cluster, Protocol):
    """The verbs that the driver of the gates needs beyond those of `Cluster`."""

    async def log(self, namespace: str, pod: str, container: str) -> str:
        """The end of what a container wrote."""

    async def replace_status(self, kind: Kind, found: Object, status: Object) -> None:
        """Put the whole status in the place of the one that was found; what others wrote there is gone."""

    async def who_am_i(self) -> str:
        """The user name of this process at the API server."""


class GateClient(Client):
    """Implements the Protocol `GateCluster`."""

    def __init__(self, log_in: Callable[[], kopf.ConnectionInfo], count_call: CountCall) -> None:
        super().__init__(log_in, count_call, MANAGER)  # so that two drivers share one status in peace

    async def log(self, namespace: str, pod: str, container: str) -> str:
        """See `GateCluster.log`."""
        params = {"container": container, "tailLines": str(_MOST_LINES), "limitBytes": str(_MOST_BYTES)}
        async with self._request("get", path_of(PODS, namespace, pod, "log"), None, params) as (status, text):
            refuse(status, text)
            self._count("get", "pods/log")
            return text

    async def replace_status(self, kind: Kind, found: Object, status: Object) -> None:
        """See `GateCluster.replace_status`. The resourceVersion that was read guards it."""
        meta = {key: found["metadata"][key] for key in ("name", "namespace", "resourceVersion")}
        body = complete(kind, {"metadata": meta, "spec": found["spec"], "status": status})
        path = path_of(kind, meta["namespace"], meta["name"], "status")
        await self._ask("update", kind, path, "status", body=body, params={"fieldManager": MANAGER})

    async def who_am_i(self) -> str:
        """See `GateCluster.who_am_i`."""
        answer = await self.create(_REVIEWS, {"metadata": {}})
        user: str = answer["status"]["userInfo"]["username"]
        return user
