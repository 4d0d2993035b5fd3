"""What others change is put back with one event; what others add is theirs."""

import pytest
from tests.support.cluster_in_memory import events
from tests.support.installation_in_memory import NAMESPACE, Life

from valeo_operator.cluster.kinds import DEPLOYMENTS, INGRESSES, LIMIT_RANGES, NETWORK_POLICIES, QUOTAS, SERVICES, Kind
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.upkeep.differences import differences, quantity


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (DEPLOYMENTS, "production-blue"),
        (DEPLOYMENTS, "production-identity"),
        (SERVICES, "production"),
        (SERVICES, "production-database"),
        (NETWORK_POLICIES, "production-deny-all"),
    ],
)
def test_a_deleted_object_comes_back_with_one_event(running: Life, kind: Kind, name: str) -> None:
    running.cluster.lose(kind, NAMESPACE, name)
    running.go_on(rounds=10)
    assert running.cluster.find(kind, name) is not None
    assert events(running.cluster).count("DriftCorrected") == 1
    assert running.condition("Ready")["status"] == "True"


def test_a_changed_number_of_pods_is_put_back_with_one_event(running: Life) -> None:
    running.cluster.change(DEPLOYMENTS, NAMESPACE, "production-blue", lambda each: each["spec"].update(replicas=0))
    running.go_on(rounds=10)
    assert dig(running.cluster.find(DEPLOYMENTS, "production-blue"), "spec", "replicas") == 2
    assert events(running.cluster).count("DriftCorrected") == 1


def test_a_selector_that_somebody_turned_is_turned_back(running: Life) -> None:
    running.cluster.change(
        SERVICES,
        NAMESPACE,
        "production",
        lambda each: each["spec"]["selector"].update({"valeoerp.io/colour": "green"}),
    )
    running.go_on(rounds=10)
    found = running.cluster.find(SERVICES, "production")
    assert dig(found, "spec", "selector", "valeoerp.io/colour") == "blue"
    assert running.condition("Ready")["status"] == "True"


def test_a_service_that_leads_astray_is_not_ready_and_goes_back_when_there_is_something_to_go_to(running: Life) -> None:
    def turn(service: Object) -> None:
        service["spec"]["selector"].update({"valeoerp.io/colour": "green"})

    running.cluster.change(SERVICES, NAMESPACE, "production", turn)
    running.cluster.change(DEPLOYMENTS, NAMESPACE, "production-blue", lambda each: each["spec"].update(replicas=0))
    running.controllers.work()
    running.look()
    assert running.condition("Ready")["status"] == "False"
    running.go_on()
    assert running.condition("Ready")["status"] == "True"
    assert dig(running.cluster.find(SERVICES, "production"), "spec", "selector", "valeoerp.io/colour") == "blue"


def test_what_others_add_is_left_alone(running: Life) -> None:
    running.cluster.change(
        SERVICES, NAMESPACE, "production", lambda each: each["metadata"].setdefault("annotations", {}).update(team="x")
    )
    running.go_on(rounds=5)
    assert dig(running.cluster.find(SERVICES, "production"), "metadata", "annotations", "team") == "x"
    assert "DriftCorrected" not in events(running.cluster)


def test_an_ingress_comes_with_its_host_and_goes_with_it(running: Life) -> None:
    running.apply(ingress={"host": "erp.example.com", "tls": {"certManagerIssuer": "letsencrypt"}}, publicURL=None)
    running.go_on()
    found = running.cluster.find(INGRESSES, "production")
    assert dig(found, "metadata", "annotations", "cert-manager.io/cluster-issuer") == "letsencrypt"
    assert running.status["url"] == "https://erp.example.com"
    running.apply(ingress=None, publicURL="http://127.0.0.1:8080")
    running.go_on()
    assert running.cluster.find(INGRESSES, "production") is None


def test_a_quota_comes_with_what_pods_need_to_live_under_it_is_kept_and_goes(running: Life) -> None:
    release = running.status["activeRelease"]
    running.apply(quota={"cpu": "4", "memory": "8Gi", "pods": 20})
    running.go_on()
    hard = dig(running.cluster.find(QUOTAS, "production"), "spec", "hard")
    assert hard == {"requests.cpu": "4", "limits.memory": "8Gi", "pods": "20"}
    (given,) = dig(running.cluster.find(LIMIT_RANGES, "production"), "spec", "limits")
    assert (given["default"]["memory"], given["defaultRequest"]["cpu"]) == ("1Gi", "50m")
    running.cluster.change(QUOTAS, NAMESPACE, "production", lambda each: each["spec"]["hard"].update(pods="500"))
    running.go_on(rounds=10)
    assert dig(running.cluster.find(QUOTAS, "production"), "spec", "hard", "pods") == "20"
    assert events(running.cluster).count("DriftCorrected") == 1
    running.apply()
    running.go_on()
    assert running.cluster.find(QUOTAS, "production") is running.cluster.find(LIMIT_RANGES, "production") is None
    assert running.status["activeRelease"] == release


def test_the_way_to_the_receiver_of_traces_is_open_and_no_other(running: Life) -> None:
    before = dig(running.cluster.find(NETWORK_POLICIES, "production-erp"), "spec", "egress")
    running.apply(tracing={"otlpURL": "http://tempo.tracing.svc:4318"})
    running.go_on()
    after = dig(running.cluster.find(NETWORK_POLICIES, "production-erp"), "spec", "egress")
    assert [each for each in after if each not in before] == [{"ports": [{"port": 4318, "protocol": "TCP"}]}]


def test_the_development_provider_goes_only_after_the_release_that_used_it(running: Life) -> None:
    running.apply(auth={"issuer": "https://id.example.com"})
    running.go_on(rounds=6)
    assert running.status["phase"] != "Complete"
    assert running.cluster.find(DEPLOYMENTS, "production-identity") is not None
    running.go_on()
    assert running.status["phase"] == "Complete"
    assert running.cluster.find(DEPLOYMENTS, "production-identity") is None
    assert running.cluster.find(SERVICES, "production-identity") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("1000m", "1"), ("0.5", "500m"), ("1Gi", "1024Mi"), ("1k", "1000"), ("2G", "2000M"), ("1e3", "1000")],
)
def test_quantities_are_compared_by_value(one: str, other: str) -> None:
    assert quantity(one) == quantity(other) is not None
    path = {"resources": {"requests": {"cpu": one}}}
    assert list(differences(path, {"resources": {"requests": {"cpu": other}}})) == []


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        ({"a": 1}, {"a": 2}, ".a is 2, wanted 1"),
        ({"a": {"b": "x"}}, {}, ".a is missing"),
        ({"a": [1, 2]}, {"a": [1]}, ".a has 1 entries, wanted 2"),
        ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "y"}, {"name": "x", "v": 2}]}, ".a[x].v is 2, wanted 1"),
        ({"a": "1000m"}, {"a": "1"}, ".a is '1', wanted '1000m'"),
        ({"a": True}, {"a": None}, ".a is None, wanted True"),
    ],
)
def test_a_difference_says_where_and_what(wanted: object, found: object, said: str) -> None:
    assert list(differences(wanted, found)) == [said]


def test_no_quantity_is_no_number() -> None:
    assert quantity("much") is None
    assert quantity("xKi") is None
