"""The operator's Helm chart: what real Helm renders from it, and which values it refuses."""

import subprocess
from typing import Any

import pytest
import yaml
from tests.cluster.conftest import ROOT, ran

CHART = str(ROOT / "manifests/helm/valeo-operator")
BAD_VALUES = [
    ("replicas=0", "/replicas"),
    ("replicas=two", "/replicas"),
    ("image.repository=", "/image/repository"),
    ("image.repository=valeo operator", "/image/repository"),
    ("image.repository=valeo-operator:0.1.0", "/image/repository"),
    ("image.tag=-x", "/image/tag"),
    ("image.digest=sha256:short", "/image/digest"),
    ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
    ("logLevel=LOUD", "/logLevel"),
    ("metrics.service=maybe", "/metrics/service"),
    ("evidence.issuers=ci", "/evidence/issuers"),
    ("evidence.publicKeys.ci=secret", "/evidence/publicKeys/ci"),
    ("replica=2", "replica"),
]


@pytest.fixture(scope="module")
def helm() -> str:
    return ran("manifests/kind/cluster", "helm", timeout=600).splitlines()[-1]


def rendered(helm: str, *values: str) -> subprocess.CompletedProcess[str]:
    settings = [word for value in values for word in ("--set", value)]
    command = [helm, "template", "valeo-operator", CHART, "--namespace", "valeo-system", *settings]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def objects(helm: str, *values: str) -> list[dict[str, Any]]:
    done = rendered(helm, *values)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def deployment(helm: str, *values: str) -> dict[str, Any]:
    (found,) = [each for each in objects(helm, *values) if each["kind"] == "Deployment"]
    return found


def test_whom_the_operator_believes_is_told_by_values(helm: str) -> None:
    key = "-----BEGIN PUBLIC KEY-----"
    values = (f"evidence.publicKeys.ci={key}", "evidence.issuers={pipeline}")
    pod = deployment(helm, *values)["spec"]["template"]["spec"]

    assert pod["containers"][0]["args"][3:] == [
        "--evidence-keys",
        "/etc/valeo/evidence-keys",
        "--evidence-issuer",
        "pipeline",
    ]
    (keys,) = [each for each in objects(helm, *values) if each["kind"] == "ConfigMap"]
    assert keys["data"] == {"ci.pem": key}
    assert {"name": "evidence-keys", "configMap": {"name": keys["metadata"]["name"]}} in pod["volumes"]


def test_the_operator_runs_without_rights_on_its_node(helm: str) -> None:
    pod = deployment(helm)["spec"]["template"]["spec"]
    container = pod["containers"][0]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_removing_the_chart_removes_no_installation(helm: str) -> None:
    assert "CustomResourceDefinition" not in {each["kind"] for each in objects(helm)}


def test_no_right_of_the_operator_is_a_wildcard(helm: str) -> None:
    roles = [each for each in objects(helm) if each["kind"] in {"Role", "ClusterRole"}]

    assert roles
    assert "*" not in {
        word
        for role in roles
        for rule in role["rules"]
        for words in rule.values()
        for word in words
    }  # fmt: skip


def test_a_digest_wins_over_the_tag(helm: str) -> None:
    digest = f"sha256:{'0a' * 32}"

    container = deployment(helm, f"image.digest={digest}")["spec"]["template"]["spec"]["containers"][0]

    assert container["image"] == f"valeo-operator@{digest}"


def test_an_image_of_a_registry_with_a_port_is_taken(helm: str) -> None:
    container = deployment(helm, "image.repository=registry.example:5000/valeo/operator")
    assert container["spec"]["template"]["spec"]["containers"][0]["image"].startswith("registry.example:5000/valeo/")


@pytest.mark.parametrize(("value", "field"), BAD_VALUES, ids=[value for value, _ in BAD_VALUES])
def test_a_wrong_value_is_refused_with_its_field(helm: str, value: str, field: str) -> None:
    done = rendered(helm, value)

    assert done.returncode != 0
    assert field in done.stderr
