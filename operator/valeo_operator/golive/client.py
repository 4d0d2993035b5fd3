"""The Kubernetes API as the driver of the gates needs it: other field manager, logs, and whole statuses."""

import json
from typing import Final, Protocol

from valeo_operator.cluster.client import Client, _complete, _path, _refuse
from valeo_operator.cluster.kinds import PODS, Kind
from valeo_operator.cluster.objects import Object, name_of, namespace_of
from valeo_operator.cluster.protocol import Cluster, ClusterError, RefusedError
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

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        """See `Cluster.apply`; as the field manager of the gates, so that two drivers share one status in peace."""
        path = _path(kind, namespace_of(wanted), name_of(wanted), subresource)
        params = {"fieldManager": MANAGER, "force": "true"}
        return await self._ask("patch", kind, path, subresource, body=_complete(kind, wanted), params=params)

    async def log(self, namespace: str, pod: str, container: str) -> str:
        """See `GateCluster.log`."""
        params = {"container": container, "tailLines": str(_MOST_LINES), "limitBytes": str(_MOST_BYTES)}
        async with self._request("get", _path(PODS, namespace, pod, "log"), None, params) as (status, text):
            _refuse(status, text)
            self._count("get", "pods/log")
            return text

    async def replace_status(self, kind: Kind, found: Object, status: Object) -> None:
        """See `GateCluster.replace_status`. The resourceVersion that was read guards it."""
        meta = {key: found["metadata"][key] for key in ("name", "namespace", "resourceVersion")}
        body = json.dumps(_complete(kind, {"metadata": meta, "spec": found["spec"], "status": status}))
        url = self._server + _path(kind, meta["namespace"], meta["name"], "status")
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.put(url, data=body, headers=headers, params={"fieldManager": MANAGER}) as answer:
                _refuse(answer.status, await answer.text())
        except TimeoutError as late:
            raise ClusterError(f"PUT {url}: no answer in time") from late
        self._count("update", f"{kind.resource}/status")

    async def who_am_i(self) -> str:
        """See `GateCluster.who_am_i`."""
        answer = await self.create(_REVIEWS, {"metadata": {}})
        user: str = answer["status"]["userInfo"]["username"]
        return user


def is_absent(refused: RefusedError) -> bool:
    """Whether the API server does not know the kind at all."""
    return refused.status == 404  # noqa: PLR2004 - HTTP's own number for it
