"""A namespace with an installation as `kubectl valeo` finds it, on the real API server."""

import json
from collections.abc import Callable, Iterable

from tests.support import installation as seen
from tests.support.api_server import ApiServer, Manifest, Resource, taken
from tests.support.installation import gate

from valeo_operator.api import VERSION

GATES = (
    gate("business-owner", "Pending", message="Nobody has signed."),
    gate("zap-scan", "Fail", message="1 high.", nextStep="Mend it."),
)
Said = Callable[..., str]
"""Runs the plugin and gives what it prints; with `fails` what it complains about."""


def grant(server: ApiServer, group: str, namespace: str) -> None:
    """The group `readers` may read the installation and sign."""
    rules = [
        {"apiGroups": [group], "resources": ["valeoerps", "valeoreleases", "golivegates"], "verbs": ["get", "list"]},
        {
            "apiGroups": [group],
            "resources": ["goliveapprovals", "golivewaivers"],
            "verbs": ["get", "list", "create"],
        },
        {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": ["get", "list"]},
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader"},
        "rules": rules,
    }
    server.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(role))
    server.kubectl("create", "rolebinding", "readers", "--role=reader", "--group=readers", "-n", namespace)


def fill(
    server: ApiServer,
    group: str,
    namespace: str,
    gates: Iterable[Manifest] = GATES,
    go_live: Manifest | None = None,
) -> None:
    """One installation, its release and gates, as the operator would have left them."""

    def store(plural: str, kind: str, made: Manifest) -> None:
        resource = Resource(group, VERSION, plural)
        name = made["metadata"]["name"]
        whole = {"apiVersion": f"{group}/{VERSION}", "kind": kind, "metadata": {"name": name}, "spec": made["spec"]}
        taken(server.create(resource, namespace, whole))
        taken(server.patch_status(resource, namespace, name, {"status": made["status"]}))

    erp = seen.erp(observedGeneration=1)
    erp["spec"] = {
        "image": "valeo-erp:0.1.0",
        "publicURL": "http://127.0.0.1:8080",
        "auth": {"developmentProvider": {}},
        **({"goLive": go_live} if go_live else {}),
    }
    release = seen.release()
    release["spec"] |= {
        "configHash": "0123456789abcdef",
        "secretVersions": {"database-app-a": "1"},
        "oldestSchemaRevision": "0001",
    }
    store("valeoerps", "ValeoERP", erp)
    store("valeoreleases", "ValeoRelease", release)
    for each in gates:
        store("golivegates", "GoLiveGate", each)
