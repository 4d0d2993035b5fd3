"""What the operator relies on beside an autoscaler: a size that was scaled stays when we let go of it, only then."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest

from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import DEPLOYMENTS, SERVICES
from valeo_operator.colours.autoscaling import size_to_apply
from valeo_operator.installations.facts import Facts

NAME = "acme-blue"


@pytest.fixture
def room(api_server: ApiServer) -> Iterator[str]:
    name = f"valeo-scaling-{secrets.token_hex(3)}"
    api_server.core.create_namespace({"metadata": {"name": name}})
    yield name
    api_server.core.delete_namespace(name)


def applied(server: ApiServer, namespace: str, replicas: int | None) -> Manifest:
    """The Deployment after our server-side apply. It is paused: no pod is made."""
    spec: dict[str, Any] = {
        "paused": True,
        "selector": {"matchLabels": {"app": "x"}},
        "template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "erp", "image": "x:1"}]}},
        **({} if replicas is None else {"replicas": replicas}),
    }
    whole = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": NAME}, "spec": spec}
    said = server.kubectl(
        *("apply", "-n", namespace, "--server-side", "--force-conflicts", "--field-manager=valeo-operator"),
        *("--show-managed-fields", "-o", "json", "-f", "-"),
        stdin=json.dumps(whole),
    )
    found: Manifest = json.loads(said)
    return found


def asked(found: Manifest, size: int) -> int | None:
    """What the operator would apply beside this Deployment."""
    erp = ValeoERP.model_validate(
        {
            "metadata": {"name": "acme", "namespace": "acme", "uid": "u"},
            "spec": {
                "image": "valeo-erp:1",
                "publicURL": "https://erp.example.com",
                "auth": {"issuer": "https://id"},
                "autoscaling": {"minReplicas": 1, "maxReplicas": 9, "cpuPercent": 70},
            },
        }
    )
    service = {"metadata": {"name": "acme"}, "spec": {"selector": {"valeoerp.io/colour": "blue"}}}
    facts = Facts(erp, {(DEPLOYMENTS, NAME): found, (SERVICES, erp.metadata.name): service})
    return size_to_apply(Colour.BLUE, size, facts)


def test_a_scaled_size_stays_when_the_operator_lets_go_of_it(api_server: ApiServer, room: str) -> None:
    found = applied(api_server, room, 2)
    assert asked(found, 2) == 2, "nobody scaled it: it is ours"
    api_server.kubectl("scale", "-n", room, f"deployment/{NAME}", "--replicas=4")
    scaled = json.loads(
        api_server.kubectl("get", "-n", room, "deployment", NAME, "-o", "json", "--show-managed-fields")
    )

    assert asked(scaled, 4) is None
    assert applied(api_server, room, None)["spec"]["replicas"] == 4


def test_a_size_that_nobody_scaled_would_fall_to_one(api_server: ApiServer, room: str) -> None:
    """The reason why the operator looks before it lets go."""
    applied(api_server, room, 2)

    assert applied(api_server, room, None)["spec"]["replicas"] == 1
