"""Evidence comes in as the administrator's page shows it, under the name of who brings it, and stays as it is."""

import json
import os
import re
import secrets
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support import reports
from tests.support.api_server import ApiServer
from tests.support.reports import DIGEST

from valeo_operator.cluster.objects import name_of
from valeo_operator.evidence.carriers import FORMAT_LABEL, Evidence, Shelf
from valeo_operator.golive.admission import EVIDENCE_POLICY, objects

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "admin" / "EVIDENCE.md"
EVA = "eva@example.com"


@pytest.fixture(scope="module")
def importing(api_server: ApiServer, namespace: str) -> str:
    """A namespace in which everybody may write ConfigMaps, and the policy is in force."""
    for each in objects("system:serviceaccount:valeo-system:valeo-operator"):
        if name_of(each) == EVIDENCE_POLICY:
            api_server.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(each))
    subject = ("--group=system:authenticated", "-n", namespace)
    api_server.kubectl("create", "rolebinding", f"importers-{secrets.token_hex(3)}", "--clusterrole=edit", *subject)
    wait_until_enforced(api_server, namespace)
    return namespace


def wait_until_enforced(server: ApiServer, namespace: str) -> None:
    """A new policy is enforced a moment later."""
    for _ in range(100):
        try:
            create(server, namespace, "nobody", EVA)
        except AssertionError as refused:
            if "valeoerp.io/issuer" in str(refused):
                return
            raise
        time.sleep(0.2)
    pytest.fail("the policy is not enforced")


def carrier(issuer: str, **changes: Any) -> dict[str, Any]:
    annotations = {
        "valeoerp.io/digest": DIGEST,
        "valeoerp.io/issuer": issuer,
        "valeoerp.io/collected-at": "2026-01-05T08:00:00Z",
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": f"evidence-{secrets.token_hex(4)}",
            "labels": {FORMAT_LABEL: "junit"},
            "annotations": annotations,
        },
        "immutable": True,
        "data": {"junit.xml": reports.JUNIT},
    } | changes


def create(server: ApiServer, namespace: str, issuer: str, user: str, **changes: Any) -> str:
    """The name of a carrier that this user made."""
    made = carrier(issuer, **changes)
    server.kubectl(
        "create", "-n", namespace, f"--as={user}", "--as-group=system:authenticated", "-f", "-", stdin=json.dumps(made)
    )
    return str(made["metadata"]["name"])


def test_the_example_of_the_page_imports_a_report(api_server: ApiServer, importing: str, tmp_path: Path) -> None:
    found = re.search(r"<!-- example: import -->\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    script = found[1].replace("NAMESPACE=valeo ", f"NAMESPACE={importing} ").replace("sha256:…", DIGEST)
    (tmp_path / "trivy.json").write_bytes(reports.written(reports.TRIVY))
    path = f"{api_server.kubectl_binary.parent}:{os.environ['PATH']}"

    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "KUBECONFIG": str(api_server.kubeconfig)},
        check=True,
        timeout=60,
    )

    listed = api_server.kubectl("get", "configmaps", "-n", importing, "-l", f"{FORMAT_LABEL}=trivy", "-o", "yaml")
    (evidence,) = Shelf().read(yaml.safe_load(listed)["items"], {})
    assert isinstance(evidence, Evidence)
    assert (evidence.digest, evidence.gates, evidence.summary.tool) == (
        DIGEST,
        frozenset({"trivy-scan"}),
        "Trivy",
    )


def test_evidence_bears_the_name_of_who_brought_it(api_server: ApiServer, importing: str) -> None:
    assert create(api_server, importing, EVA, EVA)


@pytest.mark.parametrize(
    ("issuer", "changes", "complaint"),
    [
        ("somebody@example.com", {}, "must be the user who asks"),
        ("", {}, "must be the user who asks"),
        (EVA, {"immutable": False}, "must be immutable"),
    ],
)
def test_a_forged_or_changeable_carrier_is_refused(
    api_server: ApiServer, importing: str, issuer: str, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        create(api_server, importing, issuer, EVA, **changes)


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"annotations": {"valeoerp.io/digest": reports.OTHER_DIGEST}}},
        {"metadata": {"annotations": {"valeoerp.io/collected-at": "2030-01-01T00:00:00Z"}}},
        {"metadata": {"labels": {FORMAT_LABEL: None}}},
        {"metadata": {"labels": {FORMAT_LABEL: "sarif"}}},
        {"data": {"junit.xml": "<testsuite/>"}},
    ],
)
def test_evidence_is_never_changed(api_server: ApiServer, importing: str, change: dict[str, Any]) -> None:
    name = create(api_server, importing, EVA, EVA)

    with pytest.raises(AssertionError, match=r"can't be changed|immutable|valeo-golive-evidence"):
        api_server.kubectl("patch", "configmap", name, "-n", importing, "--type=merge", "-p", json.dumps(change))


def test_another_config_map_does_not_become_evidence_later(api_server: ApiServer, importing: str) -> None:
    plain = carrier(EVA)
    plain["metadata"] = {"name": plain["metadata"]["name"]}
    api_server.kubectl("create", "-n", importing, "-f", "-", stdin=json.dumps(plain))

    with pytest.raises(AssertionError, match="can't be changed"):
        api_server.kubectl("label", "configmap", plain["metadata"]["name"], "-n", importing, f"{FORMAT_LABEL}=junit")
