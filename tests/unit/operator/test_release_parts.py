"""What a release is made of, and what stands in its pods."""

import json
from typing import Any

import pytest
from tests.support.cluster_in_memory import DIGEST, secret
from tests.support.installation_in_memory import NAMESPACE, Life

from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, ERPS, JOBS, NETWORK_POLICIES, PODS, RELEASES, SECRETS
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.errands.plan import Result, parse_result
from valeo_operator.installations.decisions import Finding
from valeo_operator.releases.description import description
from valeo_operator.releases.desired import Description, repository_of

TOLD = {"version": "1.0.0", "head_revision": "0001", "oldest_revision": "0001"}


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("valeo-erp:1.0.0", "valeo-erp"),
        ("registry:5000/team/valeo-erp:1.0.0", "registry:5000/team/valeo-erp"),
        ("registry:5000/team/valeo-erp", "registry:5000/team/valeo-erp"),
        (f"valeo-erp@{DIGEST}", "valeo-erp"),
        (f"valeo-erp:1.0.0@{DIGEST}", "valeo-erp"),
    ],
)
def test_the_repository_of_an_image_is_without_tag_and_digest(image: str, repository: str) -> None:
    assert repository_of(image) == repository


@pytest.mark.parametrize(
    ("image", "ran", "pinned"),
    [
        ("reg.example/erp:1", "reg.example/erp", f"reg.example/erp@{DIGEST}"),
        ("erp:1", "docker.io/library/erp", f"erp@{DIGEST}"),
        ("erp:1", "docker.io/library/import-2026", None),
    ],
)
def test_an_image_is_pinned_by_digest_where_a_registry_knows_it(image: str, ran: str, pinned: str | None) -> None:
    assert Description("1", "1", "1", DIGEST, ran).pinned(image) == pinned


def test_a_pinned_image_stands_in_the_pods(life: Life) -> None:
    life.controllers.repository = "reg.example/erp"
    life.apply(image="reg.example/erp:1.0.0")
    life.go_on()
    container = dig(life.cluster.find(DEPLOYMENTS, "production-blue"), "spec", "template", "spec", "containers")[0]
    assert container["image"] == f"reg.example/erp@{DIGEST}"


@pytest.mark.parametrize("without", ["version", "head_revision", "oldest_revision"])
def test_an_image_that_does_not_describe_itself_fully_is_no_release(without: str) -> None:
    told = {key: value for key, value in TOLD.items() if key != without}
    found = description(Result(told, f"erp@{DIGEST}"))
    assert isinstance(found, Finding)
    assert found.reason == "ImageUnsuitable"


def test_an_image_without_a_digest_is_no_release() -> None:
    assert isinstance(description(Result(TOLD, "")), Finding)
    assert isinstance(description(Result(TOLD, f"erp@{DIGEST}")), Description)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ('{"a": 1}', {"a": 1}),
        ('log line\n{"a": 1}\n', {"a": 1}),
        ('{"a": 1}\n[2]', {"a": 1}),
        ("no json", None),
        ("", None),
    ],
)
def test_the_result_of_an_errand_is_its_last_json_object(message: str, told: object) -> None:
    assert parse_result(message) == told


def test_a_moved_tag_never_goes_live(running: Life) -> None:
    def moved(each: Object) -> None:
        each["status"]["containerStatuses"][0]["imageID"] = "docker.io/library/import@sha256:" + "b" * 64

    running.apply(publicURL="http://127.0.0.1:9090")
    for _ in range(30):
        running.look()
        running.controllers.work()
        for found in running.cluster.all(PODS):
            if "green" in name_of(found):
                running.cluster.change(PODS, NAMESPACE, name_of(found), moved)
        running.cluster.pass_time(1)
    assert running.status["phase"] == "Staging"
    assert running.condition("Stalled")["reason"] == "AnswerMismatch"
    assert "the tag was moved" in running.status["message"]


def external(life: Life, **more: Any) -> Object:
    for name in ("m", "a", "authority", "client"):
        values = {"username": name, "password": "p", "ca.crt": "x", "client-secret": "s"}
        life.cluster.put(SECRETS, secret(name, values))
    life.apply(
        database={
            "engine": "External",
            "external": {
                "host": "db.example",
                "port": 6432,
                "name": "erp",
                "sslMode": "verify-full",
                "caSecret": "authority",
                "migratorSecret": "m",
                "applicationSecret": "a",
            },
        },
        auth={
            "issuer": "https://id.example/realms/x",
            "internalURL": "http://id.identity.svc:8080",
            "clientSecret": {"name": "client"},
            "rolesClaim": "realm_access.roles",
        },
        publicURL="https://erp.example",
        **more,
    )
    life.go_on()
    assert life.status["phase"] == "Complete", life.status
    return dict(dig(life.cluster.find(DEPLOYMENTS, "production-blue"), "spec", "template", "spec"))


def test_everything_of_the_spec_reaches_the_pod(life: Life) -> None:
    pod = external(life)
    (config,) = life.cluster.all(CONFIG_MAPS)
    data = config["data"]
    assert data["VALEO_DATABASE_HOST"] == "db.example"
    assert data["VALEO_DATABASE_PORT"] == "6432"
    assert data["VALEO_DATABASE_SSLMODE"] == "verify-full"
    assert data["VALEO_OIDC_ISSUER"] == "https://id.example/realms/x"
    assert data["VALEO_OIDC_INTERNAL_URL"] == "http://id.identity.svc:8080"
    assert data["VALEO_OIDC_ROLES_CLAIM"] == "realm_access.roles"
    mounts = {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
    assert data["VALEO_DATABASE_CA_FILE"] == f"{mounts['database-ca']}/ca.crt"
    assert data["VALEO_OIDC_CLIENT_SECRET_FILE"] == f"{mounts['oidc']}/client-secret"
    assert data["VALEO_DATABASE_CREDENTIALS_DIR"] == mounts["database"]
    assert data["VALEO_KEYS_DIR"] == mounts["keys"]
    assert config["immutable"] is True


def test_a_login_of_the_user_gets_the_version_under_which_the_release_was_recorded(life: Life) -> None:
    pod = external(life)
    (login,) = [each for each in pod["volumes"] if each["name"] == "database"]
    paths = json.dumps(login["projected"]["sources"])
    assert '"path": "version"' in paths
    (release,) = life.cluster.all(RELEASES)
    annotations = dig(life.cluster.find(DEPLOYMENTS, "production-blue"), "spec", "template", "metadata", "annotations")
    assert annotations["valeoerp.io/credential-version"] == release["spec"]["secretVersions"]["a"]


def test_the_network_lets_through_what_is_needed_and_no_more(life: Life) -> None:
    external(life)
    (policy,) = [each for each in life.cluster.all(NETWORK_POLICIES) if name_of(each) == "production-erp"]
    ports = [sorted(port["port"] for port in rule["ports"]) for rule in policy["spec"]["egress"]]
    assert ports == [[53, 53], [6432], [443, 8080], [8000]]
    denied = life.cluster.find(NETWORK_POLICIES, "production-deny-all")
    assert "egress" not in dig(denied, "spec")
    assert dig(denied, "spec", "policyTypes") == ["Ingress", "Egress"]
    assert life.cluster.find(NETWORK_POLICIES, "production-database") is None


def test_pods_are_locked_in(running: Life) -> None:
    made = [*running.cluster.all(DEPLOYMENTS), *running.cluster.all(JOBS)]
    for each in made:
        pod = each["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False, name_of(each)
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            locked = container["securityContext"]
            assert locked["readOnlyRootFilesystem"] is True
            assert locked["capabilities"] == {"drop": ["ALL"]}
            assert locked["allowPrivilegeEscalation"] is False
            assert container["resources"]["limits"]["memory"]


def test_who_asked_for_a_release_is_recorded(running: Life) -> None:
    (release,) = running.cluster.all(RELEASES)
    assert release["spec"]["requestedBy"] == "unknown"
    entries = [
        {"manager": "kubectl", "time": "2026-01-01T10:00:00Z"},
        {"manager": "argocd", "time": "2026-01-02T10:00:00Z"},
        {"manager": "valeo-operator", "time": "2026-01-03T10:00:00Z"},
        {"manager": "someone", "time": "2026-01-04T10:00:00Z", "subresource": "status"},
    ]
    running.cluster.change(ERPS, NAMESPACE, "production", lambda each: each["metadata"].update(managedFields=entries))
    running.apply(image="valeo-erp:1.1.0")
    running.go_on()
    newest = running.cluster.find(RELEASES, running.status["activeRelease"])
    assert dig(newest, "spec", "requestedBy") == "argocd"


def test_the_lost_configuration_of_the_active_release_is_made_anew_from_the_spec(running: Life) -> None:
    (config,) = running.cluster.all(CONFIG_MAPS)
    running.cluster.lose(CONFIG_MAPS, NAMESPACE, name_of(config))
    running.go_on()
    assert [name_of(each) for each in running.cluster.all(CONFIG_MAPS)] == [name_of(config)]
    assert running.condition("Ready")["status"] == "True"


def test_a_lost_configuration_that_the_spec_no_longer_says_is_told_and_replaced_by_the_rollout(running: Life) -> None:
    (config,) = running.cluster.all(CONFIG_MAPS)
    running.controllers.broken.add("describe")
    running.apply(publicURL="http://127.0.0.1:9090", image="valeo-erp:1.1.0")
    running.cluster.lose(CONFIG_MAPS, NAMESPACE, name_of(config))
    running.go_on(rounds=5)
    assert dig(running.cluster.find(DEPLOYMENTS, "production-blue"), "spec", "replicas") == 2
    running.controllers.broken.clear()
    running.go_on(rounds=60, seconds=3)
    assert running.status["phase"] == "Complete"
    assert running.status["activeColour"] == "green"


def test_a_failed_migration_that_moved_the_schema_is_dirty(running: Life) -> None:
    running.controllers.broken.add("migrate")
    running.controllers.last_words = '{"before": "0001", "revision": "0001a", "error": "half way"}'
    running.apply(image="valeo-erp:1.1.0")
    running.go_on(rounds=30)
    assert running.status["phase"] == "SchemaDirty"
    assert "revision 0001a" in running.status["message"]
