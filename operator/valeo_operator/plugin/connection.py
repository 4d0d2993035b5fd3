"""The API server as the person's kubeconfig reaches it, through the official client library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
import yaml
from kubernetes import config

from valeo_operator.api import GROUP
from valeo_operator.cluster.kinds import Kind
from valeo_operator.cluster.objects import Object, dig

_TIMEOUT: Final = urllib3.Timeout(connect=5, read=20)
_FIRST_ERROR: Final = 400
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
WHO_AM_I: Final = Kind("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False)


class PluginError(Exception):
    """What the person asked for can't be done; the sentence says why."""


class UnseenError(PluginError):
    """The API server does not let this person read it, or knows no such kind."""


@dataclass(frozen=True)
class Person:
    """Somebody as the API server knows him."""

    user: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Impersonated:
    """Act as somebody else, as kubectl's --as and --as-group do."""

    user: str = ""
    groups: tuple[str, ...] = ()

    def headers(self) -> urllib3.HTTPHeaderDict:
        """The headers by which the API server knows of it."""
        made = urllib3.HTTPHeaderDict()
        if self.user:
            made.add("Impersonate-User", self.user)
        for group in self.groups:
            made.add("Impersonate-Group", group)
        return made


class Connection:
    """Asks the API server. `group` is the API group of our kinds."""

    def __init__(self, api_client: Any, namespace: str, acting_as: Impersonated, group: str = GROUP) -> None:
        self._client = api_client
        self._acting_as = acting_as
        self._group = group
        self.namespace = namespace

    def get(self, kind: Kind, name: str) -> Object | None:
        """The object, None where there is none."""
        answer = self._ask("GET", kind, name)
        return answer if answer is None else dict(answer)

    def list(self, kind: Kind, labels: Mapping[str, str] | None = None, fields: str = "") -> list[Object]:
        """All objects of the namespace with these labels and this field selector."""
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        answer = self._ask("GET", kind, query={"labelSelector": selector, "fieldSelector": fields})
        return list(dig(answer, "items") or ())

    def create(self, kind: Kind, wanted: Object, *, dry_run: bool = False) -> Object:
        """Create it. A dry run goes through admission and stores nothing."""
        served = self._served(kind)
        body = {**wanted, "apiVersion": served.api_version, "kind": served.name}
        query = {"fieldManager": "kubectl-valeo", "fieldValidation": "Strict", "dryRun": "All" if dry_run else ""}
        return dict(self._ask("POST", kind, query=query, body=body) or {})

    def patch(self, kind: Kind, name: str, changes: Object) -> Object:
        """Change some fields of it, as a merge patch."""
        found = self._ask("PATCH", kind, name, query={"fieldManager": "kubectl-valeo"}, body=changes)
        if found is None:
            raise PluginError(f"there is no {kind.name} {name} in the namespace {self.namespace}")
        return found

    def who_am_i(self) -> Person:
        """The person as the API server knows him."""
        found = dig(self.create(WHO_AM_I, {"metadata": {}}), "status", "userInfo") or {}
        return Person(str(found.get("username", "")), tuple(found.get("groups") or ()))

    def _served(self, kind: Kind) -> Kind:
        return replace(kind, group=self._group) if kind.group == GROUP else kind

    def _ask(
        self,
        method: str,
        kind: Kind,
        name: str = "",
        *,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
    ) -> Object | None:
        path = self._path(self._served(kind), name)
        answer = self._send(method, path, {key: value for key, value in (query or {}).items() if value}, body)
        if answer.status == _NOT_FOUND and name:
            return None
        if answer.status >= _FIRST_ERROR:
            raise _refusal(answer, method, kind)
        found: Object = json.loads(answer.data)
        for each in (found, *(found.get("items") or ())):
            self._name_as_known(each)
        return found

    def _name_as_known(self, found: Object) -> None:
        """A copy of the definitions under another group is read as if it were the real one."""
        group, _, version = str(found.get("apiVersion", "")).partition("/")
        if group == self._group:
            found["apiVersion"] = f"{GROUP}/{version}"

    def _path(self, kind: Kind, name: str) -> str:
        root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        where = f"/namespaces/{self.namespace}" if kind.namespaced else ""
        return f"{root}{where}/{kind.plural}" + (f"/{name}" if name else "")

    def _send(self, method: str, path: str, query: Mapping[str, str], body: Object | None) -> Any:
        headers = self._acting_as.headers()
        headers["Accept"] = "application/json"
        headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
        self._client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        url = self._client.configuration.host.rstrip("/") + path
        if query:
            url += f"?{urlencode(query)}"
        data = None if body is None else json.dumps(body)
        try:
            return self._client.rest_client.pool_manager.request(
                method, url, headers=headers, body=data, timeout=_TIMEOUT, retries=False
            )
        except urllib3.exceptions.HTTPError as broken:
            raise PluginError(f"the API server {self._client.configuration.host} does not answer: {broken}") from broken


def _refusal(answer: Any, method: str, kind: Kind) -> PluginError:
    try:
        message = json.loads(answer.data).get("message", "")
    except (ValueError, AttributeError):
        message = answer.data[:300].decode(errors="replace")
    if answer.status == _NOT_FOUND:
        message = f"the API server knows no {kind.resource}: install the definitions in crds/"
    sentence = message or f"the API server answered {answer.status} to {method} {kind.resource}"
    unseen = method == "GET" and answer.status in {_FORBIDDEN, _NOT_FOUND}
    return UnseenError(sentence) if unseen else PluginError(sentence)


def connect(context: str, namespace: str, acting_as: Impersonated, group: str = GROUP) -> Connection:
    """The connection that the kubeconfig names. Raises PluginError where there is none."""
    kubeconfig: Any = config  # the library has no types
    try:
        contexts, active = kubeconfig.list_kube_config_contexts()
        api_client = kubeconfig.new_client_from_config(context=context or None, persist_config=False)
    except (config.ConfigException, OSError, yaml.YAMLError) as wrong:
        raise PluginError(f"no cluster: {wrong}") from wrong
    known = next((each for each in contexts if each["name"] == context), active)
    return Connection(api_client, namespace or dig(known, "context", "namespace") or "default", acting_as, group)
