"""The life of an installation on a real cluster: it comes up, is repaired, outlives its operator, goes and returns."""

import json
import time
from collections.abc import Iterator

import pytest
from tests.support.api_server import ApiServer
from tests.support.installed import Place, kill_operator, phases, place, until

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def two(operator: ApiServer) -> Iterator[tuple[Place, Place]]:
    """Two installations of the same name in two namespaces, applied at the same time and Ready."""
    with place(operator, "one") as one, place(operator, "other") as other:
        one.apply()
        other.apply()
        one.ready(120)
        other.ready(120)
        yield one, other


@pytest.fixture(scope="module")
def erp(two: tuple[Place, Place]) -> Place:
    """The one whose life is told."""
    return two[0]


def colour_that_serves(erp: Place) -> str:
    """The colour that the installation's Service selects."""
    service = erp.get("service", erp.name)
    assert service is not None, f"there is no Service {erp.name}"
    colour: str = service["spec"]["selector"]["valeoerp.io/colour"]
    return colour


def test_two_installations_stand_side_by_side(two: tuple[Place, Place]) -> None:
    for each in two:
        assert each.status["phase"] == "Complete"
        assert each.status["activeColour"] == "blue"
        assert each.status["backup"] == "never"
        assert each.condition("Stalled")["status"] == "False"
    uids = {each.get("service", "acme")["metadata"]["uid"] for each in two}  # type: ignore[index]
    assert len(uids) == 2


def test_the_release_is_recorded_with_what_the_image_told_and_the_node_ran(erp: Place) -> None:
    (release,) = erp.all("valeorelease")
    assert release["spec"]["digest"].startswith("sha256:")
    assert release["spec"]["version"] == erp.status["version"]
    assert release["spec"]["schemaRevision"] == erp.status["schemaRevision"]
    assert release["status"]["phase"] == "Complete"
    (pod,) = [each for each in erp.all("pods") if each["metadata"]["labels"].get("valeoerp.io/colour") == "blue"]
    assert pod["status"]["containerStatuses"][0]["imageID"].endswith(release["spec"]["digest"])


def test_every_pod_of_the_installation_meets_the_restricted_standard(erp: Place) -> None:
    erp.cluster.kubectl(
        "label", "--dry-run=server", "namespace", erp.namespace, "pod-security.kubernetes.io/enforce=restricted"
    )
    warnings = erp.cluster.kubectl(
        "label",
        "--dry-run=server",
        "-o",
        "name",
        "namespace",
        erp.namespace,
        "pod-security.kubernetes.io/enforce=restricted",
    )
    assert "violate" not in warnings


def test_no_secret_value_stands_in_what_kubectl_shows(erp: Place) -> None:
    import base64  # noqa: PLC0415

    kinds = "valeoerps,valeoreleases,pods,jobs,deployments,statefulsets,configmaps,events"
    shown = erp.kubectl("get", kinds, "-o", "json")
    logs = erp.cluster.kubectl("-n", "valeo-system", "logs", "deployment/valeo-operator", "--tail=-1")
    for secret in erp.all("secrets"):
        for key in ("password", "session"):
            if key in secret.get("data", {}):
                value = base64.b64decode(secret["data"][key]).decode()
                assert value not in shown
                assert value not in logs


def test_what_somebody_changes_or_deletes_is_put_back_and_said_once(erp: Place) -> None:
    erp.kubectl("scale", "deployment", "acme-blue", "--replicas=0")
    erp.kubectl("delete", "networkpolicy", "acme-deny-all")
    erp.kubectl("patch", "service", "acme", "-p", json.dumps({"spec": {"selector": {"valeoerp.io/colour": "green"}}}))
    until(lambda: erp.get("networkpolicy", "acme-deny-all") is not None, erp.told, 30)
    until(lambda: erp.get("deployment", "acme-blue")["spec"]["replicas"] == 1, erp.told, 30)  # type: ignore[index]
    until(lambda: colour_that_serves(erp) == "blue", erp.told, 30)
    erp.ready(60)
    corrected = ("Deployment/acme-blue", "NetworkPolicy/acme-deny-all", "Service/acme")
    until(lambda: all(any(what in each for each in erp.events("DriftCorrected")) for what in corrected), erp.told, 30)
    told = erp.events("DriftCorrected")
    for what in corrected:
        assert len([each for each in told if what in each]) == 1, told


def test_an_operator_killed_in_every_phase_of_a_rollout_changes_nothing_in_the_end(erp: Place) -> None:
    before = {each["metadata"]["name"] for each in erp.all("jobs")}
    killed_in: set[str] = set()
    with phases(erp) as written:
        erp.apply(publicURL="http://127.0.0.1:9090")
        for phase in written:
            if phase == "Complete" and killed_in:
                break
            if phase not in killed_in | {"Complete"}:
                killed_in.add(phase)
                kill_operator(erp.cluster)
    assert {"Pending", "Migrating", "Staging", "Verifying", "Switching", "Watching"} <= killed_in
    erp.complete(60)
    assert erp.status["activeColour"] == "green"
    until(lambda: (erp.get("deployment", "acme-blue") or {})["spec"]["replicas"] == 0, erp.told, 30)
    errands = [each["metadata"]["name"] for each in erp.all("jobs") if each["metadata"]["name"] not in before]
    assert sorted(name.split("-")[1] for name in errands) == ["migrate", "provision", "smoke"], errands
    assert len(erp.all("valeorelease")) == 2
    assert len(erp.events("Switched")) == 2


def test_deleting_keeps_the_data_and_says_so_and_the_same_name_takes_it_up_again(erp: Place) -> None:
    claim = erp.get("pvc", "acme-database-data")
    secret = erp.get("secret", "acme-database-admin")
    assert claim is not None
    assert secret is not None
    began = time.monotonic()
    erp.kubectl("delete", "valeoerp", "acme", "--timeout=50s")
    assert time.monotonic() - began < 50
    (said,) = erp.events("Deleted")
    assert "PersistentVolumeClaim/acme-database-data" in said
    assert "Secret/acme-database-admin" in said
    until(lambda: not erp.all("deployments,statefulsets,services"), lambda: "something is left", 60)
    erp.apply()
    erp.ready(120)
    assert erp.get("pvc", "acme-database-data")["metadata"]["uid"] == claim["metadata"]["uid"]  # type: ignore[index]
    assert erp.get("secret", "acme-database-admin")["data"] == secret["data"]  # type: ignore[index]
    (told,) = [each for each in erp.all("pods") if "-migrate-" in each["metadata"]["name"]]
    answer = json.loads(told["status"]["containerStatuses"][0]["state"]["terminated"]["message"])
    assert answer["before"] == answer["revision"], "the schema was there already"
