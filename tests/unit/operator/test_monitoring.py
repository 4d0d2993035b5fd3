"""A Prometheus operator finds what it needs, whenever it comes; and it sees this installation only."""

import json
import re

import pytest
from tests.support.cluster_in_memory import events
from tests.support.installation_in_memory import NAMESPACE, Life

from valeo_operator.cluster.kinds import CONFIG_MAPS, POD_MONITORS, PROMETHEUS_RULES
from valeo_operator.cluster.objects import Object, dig, label
from valeo_operator.installations.names import Names
from valeo_operator.monitoring.desired import dashboard_uid, narrowed, pods_pattern
from valeo_operator.monitoring.shipped import alert_names

NAMES = Names("production", "acme", "u")
DASHBOARD = "production-dashboard"


@pytest.fixture
def watched(running: Life) -> Life:
    """The Prometheus operator was installed after the ERP."""
    running.cluster.unserved = frozenset()
    running.go_on(rounds=5)
    return running


def found(life: Life) -> list[Object | None]:
    places = ((POD_MONITORS, "production"), (PROMETHEUS_RULES, "production"), (CONFIG_MAPS, DASHBOARD))
    return [life.cluster.find(kind, name) for kind, name in places]


def test_where_the_cluster_does_not_know_the_kinds_nothing_is_made_and_nothing_stalls(running: Life) -> None:
    assert found(running) == [None, None, None]
    assert running.condition("Ready")["status"] == "True"


def test_they_come_by_themselves_when_the_kinds_come_and_that_is_no_drift(watched: Life) -> None:
    assert None not in found(watched)
    assert "DriftCorrected" not in events(watched.cluster)
    assert watched.condition("Ready")["status"] == "True"


def test_a_changed_rule_is_put_back_with_one_event(watched: Life) -> None:
    def soften(rule: Object) -> None:
        rule["spec"]["groups"][0]["rules"][0]["for"] = "99h"

    watched.cluster.change(PROMETHEUS_RULES, NAMESPACE, "production", soften)
    watched.go_on(rounds=5)

    assert dig(watched.cluster.find(PROMETHEUS_RULES, "production"), "spec", "groups")[0]["rules"][0]["for"] == "10m"
    assert events(watched.cluster).count("DriftCorrected") == 1


def test_they_go_when_they_are_not_wanted_any_more(watched: Life) -> None:
    watched.apply(monitoring={"objects": False})
    watched.go_on()

    assert found(watched) == [None, None, None]
    assert watched.status["phase"] == "Complete"


def test_they_carry_the_labels_by_which_a_prometheus_selects_and_ours_win(watched: Life) -> None:
    watched.apply(monitoring={"labels": {"release": "prometheus", "app.kubernetes.io/instance": "another"}})
    watched.go_on()

    for each in found(watched)[:2]:
        assert each is not None
        assert label(each, "release") == "prometheus"
        assert label(each, "app.kubernetes.io/instance") == "production"


def test_labels_for_monitoring_are_no_new_release(watched: Life) -> None:
    before = watched.status["activeRelease"]
    watched.apply(monitoring={"labels": {"release": "prometheus"}})
    watched.go_on()

    assert watched.status["activeRelease"] == before


def test_every_alert_names_the_installation_and_leads_to_its_own_handbook(watched: Life) -> None:
    groups = dig(watched.cluster.find(PROMETHEUS_RULES, "production"), "spec", "groups")
    rules = {rule["alert"]: rule for group in groups for rule in group["rules"]}

    assert rules.keys() == alert_names()
    for name, rule in rules.items():
        assert (rule["labels"]["namespace"], rule["labels"]["installation"]) == ("acme", "production")
        assert rule["annotations"]["runbook_url"] == (
            f"http://127.0.0.1:8080/handbook/runbooks/ALERTS-ERP.md#{name.lower()}"
        )
        numbers = re.findall(r"\bvaleo_[a-z_]+\S*", rule["expr"])
        assert all('{namespace="acme",pod=~' in number for number in numbers), rule["expr"]


def test_the_dashboard_shows_this_installation_only(watched: Life) -> None:
    stored = watched.cluster.find(CONFIG_MAPS, DASHBOARD)
    assert stored is not None
    ((name, text),) = stored["data"].items()
    shown = json.loads(text)

    assert label(stored, "grafana_dashboard") == "1"
    assert name == f"{shown['uid']}.json" == f"{dashboard_uid(NAMES)}.json"
    assert len(shown["uid"]) <= 40
    assert "$namespace" not in text
    assert "valeo_operator_" not in text
    assert len(shown["panels"]) >= 10


@pytest.mark.parametrize(
    ("shipped", "wanted"),
    [
        ("valeo_a == 0", "valeo_a{@} == 0"),
        ('rate(valeo_a_total{status=~"5.."}[5m])', 'rate(valeo_a_total{@,status=~"5.."}[5m])'),
        ("valeo_in_use >= valeo_size", "valeo_in_use{@} >= valeo_size{@}"),
        ("process_x and on (namespace, pod) valeo_info", "process_x{@} and on (namespace, pod) valeo_info{@}"),
    ],
)
def test_an_expression_is_narrowed_at_every_number(shipped: str, wanted: str) -> None:
    ours = 'namespace="acme",pod=~"production-(blue|green)-[a-z0-9]+-[a-z0-9]+"'
    assert narrowed(shipped, NAMES) == wanted.replace("@", ours)


@pytest.mark.parametrize(
    ("pod", "is_ours"),
    [
        ("production-blue-7d9c5b6f4-x2x9z", True),
        ("production-green-7d9c5b6f4-x2x9z", True),
        ("production-two-blue-7d9c5b6f4-x2x9z", False),
        ("production-database-0", False),
    ],
)
def test_pods_of_another_installation_are_not_meant(pod: str, is_ours: bool) -> None:
    assert bool(re.fullmatch(pods_pattern(NAMES), pod)) is is_ours
