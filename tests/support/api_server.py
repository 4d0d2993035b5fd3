"""The real API server as a user reaches it: kubectl, and the official Python client."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kubernetes import client, config

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Complaint:
    """One cause of a refusal as the API server gives it: where, and what must hold."""

    field: str
    message: str


@dataclass(frozen=True)
class Refused:
    """The answer of the API server to a request that it did not take."""

    status: int
    message: str
    complaints: tuple[Complaint, ...]

    def about(self, field: str) -> str:
        """Everything that was said about the field."""
        return "\n".join(complaint.message for complaint in self.complaints if complaint.field == field)


@dataclass(frozen=True)
class Resource:
    """A kind under the address at which the API server serves it."""

    group: str
    version: str
    plural: str


def kubeconfig_path() -> Path:
    """The kubeconfig of the cluster: `$KUBECONFIG`, else that of the project's own kind cluster."""
    return Path(os.environ.get("KUBECONFIG") or cache_folder() / "kind" / "kubeconfig")


def kubectl_path() -> Path:
    """The kubectl of the cluster's own version where it was built, else the one on the path."""
    own = cache_folder() / "kind" / "bin" / "kubectl"
    found = str(own) if own.is_file() else shutil.which("kubectl")
    if found is None:
        raise FileNotFoundError("there is no kubectl; run: make cluster")
    return Path(found)


def cache_folder() -> Path:
    """Where the project keeps what it built for this machine."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("VALEO_CACHE") or Path(home) / "valeo-erp")


@dataclass(frozen=True)
class ApiServer:
    """A connection to the API server. Every request is strict about unknown fields, as kubectl is."""

    kubeconfig: Path
    kubectl_binary: Path

    @cached_property
    def connection(self) -> Any:
        """The client of the official library."""
        load: Any = config.new_client_from_config  # the library has no types
        return load(config_file=str(self.kubeconfig))

    @property
    def objects(self) -> Any:
        """Requests about custom resources."""
        return client.CustomObjectsApi(self.connection)

    @property
    def discovery(self) -> Any:
        """Requests about where Services lead."""
        return client.DiscoveryV1Api(self.connection)

    @property
    def core(self) -> Any:
        """Requests about namespaces."""
        return client.CoreV1Api(self.connection)

    @property
    def definitions(self) -> Any:
        """Requests about CustomResourceDefinitions."""
        return client.ApiextensionsV1Api(self.connection)

    def command(self, *arguments: str) -> list[str]:
        """The command line of kubectl for this cluster."""
        return [str(self.kubectl_binary), "--kubeconfig", str(self.kubeconfig), *arguments]

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What kubectl prints. Fails with its complaint when it fails."""
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def create(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any], *, dry_run: bool = False
    ) -> Manifest | Refused:
        """Create the object. A dry run goes through validation and defaulting and stores nothing."""
        only_try = {"dry_run": "All"} if dry_run else {}
        try:
            made: Manifest = self.objects.create_namespaced_custom_object(
                resource.group,
                resource.version,
                namespace,
                resource.plural,
                dict(manifest),
                field_validation="Strict",
                **only_try,
            )
        except client.ApiException as refusal:
            return _refused(refusal)
        return made

    def patch(self, resource: Resource, namespace: str, name: str, change: Mapping[str, Any]) -> Manifest | Refused:
        """Merge the change into the stored object."""
        try:
            made: Manifest = self.objects.patch_namespaced_custom_object(
                resource.group,
                resource.version,
                namespace,
                resource.plural,
                name,
                dict(change),
                field_validation="Strict",
                _content_type="application/merge-patch+json",
            )
        except client.ApiException as refusal:
            return _refused(refusal)
        return made

    def patch_status(
        self, resource: Resource, namespace: str, name: str, change: Mapping[str, Any]
    ) -> Manifest | Refused:
        """Merge the change into the stored object through its status subresource."""
        try:
            made: Manifest = self.objects.patch_namespaced_custom_object_status(
                resource.group,
                resource.version,
                namespace,
                resource.plural,
                name,
                dict(change),
                field_validation="Strict",
                _content_type="application/merge-patch+json",
            )
        except client.ApiException as refusal:
            return _refused(refusal)
        return made

    def read(self, resource: Resource, namespace: str, name: str) -> Manifest:
        """The stored object."""
        found: Manifest = self.objects.get_namespaced_custom_object(
            resource.group, resource.version, namespace, resource.plural, name
        )
        return found


def _refused(refusal: Any) -> Refused:
    answer = json.loads(refusal.body)
    causes = answer.get("details", {}).get("causes", [])
    return Refused(
        status=refusal.status,
        message=answer["message"],
        complaints=tuple(Complaint(cause.get("field", ""), cause["message"]) for cause in causes),
    )


def taken(answer: Manifest | Refused) -> Manifest:
    """The object; fails with the API server's words when it was refused."""
    assert not isinstance(answer, Refused), answer.message
    return answer


def refused(answer: Manifest | Refused) -> Refused:
    """The refusal; fails when the object was taken."""
    assert isinstance(answer, Refused), f"the API server took {json.dumps(answer)}"
    return answer


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> Manifest:
    """The base with the change laid over it, as a JSON merge patch: None takes a field away."""
    result = dict(base)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result
