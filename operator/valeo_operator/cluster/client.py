"""The Kubernetes API over aiohttp, which Kopf brings anyway.

It counts what it asks for, so that rights can be compared.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp
import kopf

from valeo_operator.cluster.kinds import Kind
from valeo_operator.cluster.objects import Object, name_of, namespace_of
from valeo_operator.cluster.protocol import FIELD_MANAGER, ClusterError, RefusedError

# Called with verb and resource (`patch`, `deployments.apps`, `valeoerps.valeoerp.io/status`) for every call that was
# allowed.
CountCall = Callable[[str, str], None]

_TIMEOUT: Final = aiohttp.ClientTimeout(total=15, sock_connect=5)
_APPLY: Final = "application/apply-patch+yaml"  # JSON is YAML; servers before 1.32 know no JSON flavour of apply
_CONNECTIONS: Final = 6
_UNAUTHORISED: Final = 401
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_CREATED: Final = 201
_METHODS: Final = {"get": "GET", "list": "GET", "create": "POST", "patch": "PATCH", "update": "PUT", "delete": "DELETE"}
_OVERLOADED: Final = frozenset({429, 500, 502, 503, 504})
_WEBHOOK: Final = "failed calling webhook"  # answered with 500; the API server is well, and somebody must see to it


class Client:
    """Implements the Protocol `Cluster`. Use it as an async context manager."""

    def __init__(
        self, log_in: Callable[[], kopf.ConnectionInfo], count_call: CountCall, field_manager: str = FIELD_MANAGER
    ) -> None:
        self._field_manager = field_manager
        self._log_in = log_in
        self._count = count_call
        self._connect()

    def _connect(self) -> None:
        login = self._log_in()
        self._server = login.server.rstrip("/")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=login.as_ssl_context()),
            headers={**login.as_http_headers(), "User-Agent": FIELD_MANAGER},
            timeout=_TIMEOUT,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """See `Cluster.get`."""
        try:
            return await self._ask("get", kind, path_of(kind, namespace, name))
        except RefusedError as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise

    async def list(self, kind: Kind, namespace: str | None, labels: Mapping[str, str]) -> list[Object]:
        """See `Cluster.list`."""
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        answer = await self._ask("list", kind, path_of(kind, namespace or ""), params={"labelSelector": selector})
        return list(answer["items"])

    async def create(self, kind: Kind, wanted: Object) -> Object:
        """See `Cluster.create`."""
        path = path_of(kind, namespace_of(wanted))
        return await self._ask(
            "create", kind, path, body=complete(kind, wanted), params={"fieldManager": self._field_manager}
        )

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        """See `Cluster.apply`."""
        path = path_of(kind, namespace_of(wanted), name_of(wanted), subresource)
        params = {"fieldManager": self._field_manager, "force": "true"}
        return await self._ask("patch", kind, path, subresource, body=complete(kind, wanted), params=params)

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str = "") -> None:
        """See `Cluster.delete`."""
        options: Object = {"propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        try:
            await self._ask("delete", kind, path_of(kind, namespace, name), body=options)
        except RefusedError as refused:
            if refused.status not in {_NOT_FOUND, _CONFLICT}:
                raise

    async def _ask(
        self,
        verb: str,
        kind: Kind,
        path: str,
        subresource: str = "",
        *,
        body: Object | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Object:
        resource = f"{kind.resource}/{subresource}" if subresource else kind.resource
        async with self._request(verb, path, body, params) as (status, text):
            refuse(status, text)
            self._count(verb, resource)
            if verb == "patch" and status == _CREATED:
                self._count("create", resource)  # the API server checks this right too when apply creates
            answer: Object = json.loads(text)
            return answer

    @asynccontextmanager
    async def _request(
        self, verb: str, path: str, body: Object | None, params: Mapping[str, str] | None
    ) -> AsyncIterator[tuple[int, str]]:
        status, text = await self._send(verb, path, body, params)
        if status == _UNAUTHORISED:  # the token of a service account lives an hour: read the new one and ask once more
            await self._session.close()
            self._connect()
            status, text = await self._send(verb, path, body, params)
        yield status, text

    async def _send(
        self, verb: str, path: str, body: Object | None, params: Mapping[str, str] | None
    ) -> tuple[int, str]:
        method = {"get": "GET", "list": "GET", "create": "POST", "patch": "PATCH", "update": "PUT", "delete": "DELETE"}[
            verb
        ]
        headers = {"Content-Type": _APPLY if verb == "patch" else "application/json"}
        data = None if body is None else json.dumps(body)
        try:
            async with self._session.request(
                method, self._server + path, data=data, params=params, headers=headers
            ) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError) as broken:
            raise ClusterError(f"{method} {path}: {type(broken).__name__} {broken}".strip()) from broken


def path_of(kind: Kind, namespace: str, name: str = "", subresource: str = "") -> str:
    """Where the API server has a kind, one of its objects, or a part of it."""
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    where = f"/namespaces/{quote(namespace)}" if kind.namespaced and namespace else ""
    tail = "".join(f"/{quote(part)}" for part in (name, subresource) if part)
    return f"{root}{where}/{kind.plural}{tail}"


def complete(kind: Kind, wanted: Object) -> Object:
    """The object with its kind, as the API server wants it."""
    return {"apiVersion": kind.api_version, "kind": kind.name, **wanted}


def refuse(status: int, text: str) -> None:
    """Raise what an answer of this status means; nothing if it is a good one."""
    if status < 400:  # noqa: PLR2004 - where HTTP's errors begin
        return
    reason, message = _reason(text)
    if status in _OVERLOADED and _WEBHOOK not in message:
        raise ClusterError(f"the API server answered {status} {reason}: {message}")
    raise RefusedError(status, reason, message)


def _reason(text: str) -> tuple[str, str]:
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return "Unknown", text[:300]
    return str(answer.get("reason", "Unknown")), str(answer.get("message", ""))
