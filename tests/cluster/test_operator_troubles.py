"""Specs that cannot work are told within a minute and heal when the cause is gone; and the rights that it all needs."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.support.api_server import ApiServer
from tests.support.installed import (
    OPERATOR_NAMESPACE,
    Place,
    image_of_this_build,
    kill_operator,
    on_node,
    place,
    until,
)
from tests.support.rights import counted_calls, rights

pytestmark = pytest.mark.timeout(500)

MISSING = "valeo-erp:not-here-yet"
EXTERNAL = {"name": "valeo", "sslMode": "disable", "migratorSecret": "migrator", "applicationSecret": "application"}

# What Kopf asks for, beside what the operator's own client counts: a list and a watch of what wakes it.
WATCHED = (
    "valeoerps.valeoerp.io",
    "jobs.batch",
    "deployments.apps",
    "statefulsets.apps",
    "services",
    "persistentvolumeclaims",
    "networkpolicies.networking.k8s.io",
)
# Kubernetes lets every user ask who he is (system:basic-user); the gates do.
OPEN_TO_ALL = {("create", "selfsubjectreviews.authentication.k8s.io")}
# Asked of the operator by the admission plugin OwnerReferencesPermissionEnforcement (on in OpenShift), never by itself.
ASKED_BY_ADMISSION = {("update", "valeoerps.valeoerp.io/finalizers")}
# Used where the cluster knows the kinds of the Prometheus operator; test_monitoring.py compares them.
WHERE_SERVED = {
    (verb, f"{plural}.monitoring.coreos.com")
    for verb in ("list", "create", "patch", "delete")
    for plural in ("podmonitors", "prometheusrules")
}


@pytest.fixture(scope="module")
def fresh_operator(operator: ApiServer) -> Iterator[ApiServer]:
    """A new operator process that finds no Lease: it counts all its calls from the first one on."""
    operator.kubectl("-n", OPERATOR_NAMESPACE, "delete", "lease", "valeo-operator", "--ignore-not-found")
    kill_operator(operator)
    forget_image(operator)
    operator.kubectl("-n", OPERATOR_NAMESPACE, "rollout", "status", "deployment/valeo-operator", "--timeout=60s")
    yield operator
    forget_image(operator)
    operator.kubectl("delete", "storageclass", "not-here-yet", "--ignore-not-found")


def forget_image(cluster: ApiServer) -> None:
    """Take the image away from the node again, also after a run that was cut."""
    on_node(cluster, "sh", "-c", f"ctr --namespace k8s.io images rm docker.io/library/{MISSING} || true")


@pytest.fixture(scope="module")
def troubled(fresh_operator: ApiServer) -> Iterator[dict[str, Place]]:
    """One installation for each trouble, applied at the same time."""
    with ExitStack() as stack:
        names = ("image", "class", "secret", "host", "password")
        places = {name: stack.enter_context(place(fresh_operator, name)) for name in names}
        places["image"].apply(
            image=MISSING,
            deletionPolicy="Delete",
            ingress={"host": "127.0.0.1.nip.example"},
            publicURL=None,
            autoscaling={"minReplicas": 1, "maxReplicas": 2, "cpuPercent": 90},
            quota={"cpu": "8", "memory": "32Gi", "pods": 40},
        )
        places["class"].apply(database={"embedded": {"storage": {"className": "not-here-yet"}}})
        places["secret"].apply(database={"engine": "External", "external": {"host": "db.example", **EXTERNAL}})
        for name in ("host", "password"):
            give_logins(places[name], password="wrong")
        places["host"].apply(database={"engine": "External", "external": {"host": "nowhere.invalid", **EXTERNAL}})
        server = f"acme-database.{places['class'].namespace}.svc"
        places["password"].apply(database={"engine": "External", "external": {"host": server, **EXTERNAL}})
        yield places


def give_logins(where: Place, password: str, source: Place | None = None) -> None:
    """Make the two Secrets of an external database as their owner does, with the logins of `source` if given."""
    for name, made_as in (("migrator", "migrator"), ("application", "app-a")):
        login = source.get("secret", f"acme-database-{made_as}") if source else None
        encoded = {key: login["data"][key] for key in ("username", "password")} if login else None
        values = (
            {"data": encoded} if encoded else {"stringData": {"username": f"valeo_{made_as}", "password": password}}
        )
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, **values}
        where.kubectl("apply", "-f", "-", stdin=json.dumps(secret))


@pytest.mark.parametrize(
    ("trouble", "reason", "words"),
    [
        ("image", "ImageUnavailable", "can't get image valeo-erp:not-here-yet"),
        ("class", "VolumeUnavailable", "the storage class not-here-yet does not exist"),
        ("secret", "SecretMissing", "Secret/migrator: it does not exist"),
        ("host", "DatabaseUnreachable", "Name or service not known"),
    ],
)
def test_what_cannot_work_is_stalled_within_a_minute(
    troubled: dict[str, Place], trouble: str, reason: str, words: str
) -> None:
    said = troubled[trouble].stalled(60)
    assert said.startswith(f"{reason}: ")
    assert words in said
    assert "Expected: " in said
    assert "Next step: " in said
    assert troubled[trouble].condition("Ready")["status"] == "False"
    assert words in troubled[trouble].kubectl("describe", "verp", "acme")


@pytest.fixture(scope="module")
def healed(troubled: dict[str, Place]) -> dict[str, Place]:
    """The causes are taken away, and nothing else is done."""
    time.sleep(65)  # so long that pods without an image were replaced once
    cluster = troubled["image"].cluster
    image = f"docker.io/library/{image_of_this_build()}"
    on_node(cluster, "ctr", "--namespace", "k8s.io", "images", "tag", "--force", image, f"docker.io/library/{MISSING}")
    standard = json.loads(cluster.kubectl("get", "storageclass", "-o", "json"))["items"][0]
    like_it = {
        key: standard[key] for key in ("apiVersion", "kind", "provisioner", "reclaimPolicy", "volumeBindingMode")
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps({**like_it, "metadata": {"name": "not-here-yet"}}))
    troubled["class"].ready(150)
    return troubled


def test_an_image_and_a_storage_class_that_come_late_heal_it(healed: dict[str, Place]) -> None:
    for trouble in ("image", "class"):
        healed[trouble].ready(120)
        assert healed[trouble].condition("Stalled")["status"] == "False"
        assert healed[trouble].events("Recovered")


def test_a_refused_login_says_so_and_the_right_password_heals_it(healed: dict[str, Place]) -> None:
    where = healed["password"]
    until(lambda: "DatabaseRefusedLogin" in where.stalled(), where.told, 60)
    assert "password authentication failed" in where.stalled()
    give_logins(where, password="", source=healed["class"])
    where.ready(120)
    assert where.condition("Stalled")["status"] == "False"
    assert where.status["phase"] == "Complete"


@pytest.fixture(scope="module")
def calls(healed: dict[str, Place]) -> set[tuple[str, str]]:
    """Every call that the operator made in a life with everything in it, to the end."""
    whole = healed["image"]
    whole.complete()
    short = {"stabilitySeconds": 0, "drainSeconds": 0, "watchSeconds": 0, "keepReleases": 2}
    whole.apply(image=MISSING, deletionPolicy="Delete", rollout=short)  # another configuration: the ingress goes
    whole.complete()
    whole.apply(
        image=MISSING,
        deletionPolicy="Delete",
        auth={"issuer": "https://id.example.com"},
        publicURL="https://a.example",
        rollout=short,
    )
    whole.complete()
    until(lambda: len(whole.all("valeoreleases")) == 2, lambda: "the oldest release is still recorded", 60)
    whole.kubectl("delete", "valeoerp", "acme", "--timeout=55s")
    until(lambda: not whole.all("pvc"), lambda: "the volume is left", 60)
    watched = {(verb, resource) for resource in WATCHED for verb in ("list", "watch")}
    return counted_calls(whole.cluster) | watched


def test_the_operator_has_the_rights_that_it_uses_and_no_other(
    calls: set[tuple[str, str]], operator: ApiServer
) -> None:
    given = rights(operator, "clusterrole", "valeo-operator")
    given |= rights(operator, "-n", OPERATOR_NAMESPACE, "role", "valeo-operator")
    # Used where an installation asks for gates or backups; their own tests compare them.
    asked_for = rights(operator, "clusterrole", "valeo-operator-golive")
    asked_for |= rights(operator, "clusterrole", "valeo-operator-data")
    assert calls - given - asked_for - OPEN_TO_ALL == set(), "calls without a right"
    assert given - calls - ASKED_BY_ADMISSION - WHERE_SERVED == set(), "rights without a call"
