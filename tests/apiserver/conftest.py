"""A connection to the real API server, the installed definitions, and namespaces that are thrown away.

Objects that live for more than one request are made in a copy of the definitions under a group of their own, so that
an operator that happens to run in the cluster leaves them alone. What is only validated goes to the real group as a
dry run.
"""

import secrets
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client import ApiException
from tests.support.api_server import ApiServer, Manifest, Resource, kubeconfig_path, kubectl_path
from tests.support.room import Said

from valeo_operator.api import GROUP, VERSION
from valeo_operator.plugin.cli import main

CRDS = Path(__file__).parents[2] / "crds"
REAL = Resource(GROUP, VERSION, "valeoerps")


@pytest.fixture(scope="session")
def api_server() -> ApiServer:
    server = ApiServer(kubeconfig_path(), kubectl_path())
    if not server.kubeconfig.is_file():
        pytest.fail(f"there is no cluster: {server.kubeconfig} is missing; run: make cluster", pytrace=False)
    return server


@pytest.fixture(scope="session")
def installed(api_server: ApiServer) -> ApiServer:
    """The API server with the definitions of this checkout, installed as a user installs them."""
    api_server.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CRDS))
    api_server.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))
    return api_server


@pytest.fixture(scope="session")
def namespace(api_server: ApiServer) -> Iterator[str]:
    name = f"valeo-apiserver-{secrets.token_hex(3)}"
    api_server.core.create_namespace({"metadata": {"name": name}})
    yield name
    api_server.core.delete_namespace(name)


@pytest.fixture(scope="session")
def sandbox(api_server: ApiServer) -> Iterator[str]:
    """The group under which a copy of every definition is served, until the run is over."""
    group = f"sandbox-{secrets.token_hex(3)}.{GROUP}"
    copies = [sandboxed(yaml.safe_load(path.read_text()), group) for path in sorted(CRDS.glob("*.yaml"))]
    for copy in copies:
        api_server.definitions.create_custom_resource_definition(copy)
    names = [f"crd/{copy['metadata']['name']}" for copy in copies]
    api_server.kubectl("wait", "--for=condition=Established", "--timeout=30s", *names)
    for copy in copies:
        wait_until_served(api_server, Resource(group, VERSION, copy["spec"]["names"]["plural"]))
    yield group
    for copy in copies:
        api_server.definitions.delete_custom_resource_definition(copy["metadata"]["name"])


def sandboxed(definition: Manifest, group: str) -> Manifest:
    """The definition under another group, without short names and category: those belong to the real one."""
    copy = deepcopy(definition)
    names = copy["spec"]["names"]
    del names["shortNames"], names["categories"]
    copy["spec"]["group"] = group
    copy["metadata"]["name"] = f"{names['plural']}.{group}"
    return copy


def wait_until_served(server: ApiServer, resource: Resource) -> None:
    """An established definition is served a moment later."""
    for _ in range(100):
        try:
            server.objects.list_cluster_custom_object(resource.group, resource.version, resource.plural)
        except ApiException as refusal:
            if refusal.status != 404:
                raise
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{resource.plural}.{resource.group} is not served")


@pytest.fixture
def installations(sandbox: str) -> Resource:
    return Resource(sandbox, VERSION, "valeoerps")


@pytest.fixture
def releases(sandbox: str) -> Resource:
    return Resource(sandbox, VERSION, "valeoreleases")


@pytest.fixture
def minimal() -> Manifest:
    """The smallest ValeoERP."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "ValeoERP",
        "metadata": {"name": "minimal"},
        "spec": {
            "image": "valeo-erp:0.1.0",
            "publicURL": "http://127.0.0.1:8080",
            "auth": {"developmentProvider": {}},
        },
    }


@pytest.fixture
def in_sandbox(minimal: Manifest, sandbox: str) -> Manifest:
    """The smallest ValeoERP under the sandbox group, with a name of its own."""
    return {
        **minimal,
        "apiVersion": f"{sandbox}/{VERSION}",
        "metadata": {"name": f"erp-{secrets.token_hex(3)}"},
    }


@pytest.fixture
def a_release(sandbox: str) -> dict[str, Any]:
    """A ValeoRelease under the sandbox group, with a name of its own."""
    return {
        "apiVersion": f"{sandbox}/{VERSION}",
        "kind": "ValeoRelease",
        "metadata": {"name": f"production-{secrets.token_hex(5)}"},
        "spec": {
            "installation": "production",
            "version": "0.1.0",
            "image": "valeo-erp:0.1.0",
            "digest": f"sha256:{'ab' * 32}",
            "configHash": "0123456789abcdef",
            "secretVersions": {"database-app-a": "1"},
            "schemaRevision": "0001",
            "oldestSchemaRevision": "0001",
            "colour": "blue",
        },
    }


@pytest.fixture
def say(
    api_server: ApiServer,
    sandbox: str,
    room: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Said:
    """Run the plugin in that namespace and give what it prints; with `fails` what it complains about."""
    monkeypatch.setenv("KUBECONFIG", str(api_server.kubeconfig))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(api_server.kubeconfig))

    def run(*words: str, fails: bool = False, namespace: str = room) -> str:
        status = main([*words, "-n", namespace], group=sandbox)
        printed = capsys.readouterr()
        assert status == int(fails), printed.err
        return printed.err if fails else printed.out

    return run
