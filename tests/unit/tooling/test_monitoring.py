"""Alerts and dashboard speak only of numbers that the programs really tell, and every alert leads to a page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from valeo_erp.operations.metrics import Metrics as ErpMetrics
from valeo_operator.golive.driver import GateDriver
from valeo_operator.monitoring.shipped import rule_groups
from valeo_operator.rotations.metrics import CredentialMetrics
from valeo_operator.telemetry.metrics import Metrics as OperatorMetrics

ROOT = Path(__file__).parents[3]
CHART = ROOT / "manifests/helm/valeo-operator"
PLAIN = ROOT / "manifests/monitoring"
DASHBOARD = json.loads((PLAIN / "erp-dashboard.json").read_text())
OF_ERP = [rule for group in rule_groups() for rule in group["rules"]]
OF_OPERATOR = [
    rule for group in yaml.safe_load((CHART / "rules/operator.yaml").read_text())["groups"] for rule in group["rules"]
]
RULES = [*OF_ERP, *OF_OPERATOR]


@pytest.fixture(scope="module")
def told() -> frozenset[str]:
    """The names of all samples that a process of each program can tell."""
    operator = OperatorMetrics()
    unused: Any = None
    GateDriver(unused, unused, operator.registry)
    CredentialMetrics(operator.registry, unused)
    return frozenset(name for registry in (ErpMetrics().registry, operator.registry) for name in names_of(registry))


def names_of(registry: Any) -> Iterator[str]:
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
    for family in registry.collect():
        yield from (f"{family.name}{ending}" for ending in endings.get(family.type, ("",)))


def numbers_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:valeo|process)_[a-z_]+", expression))


def expressions() -> list[tuple[str, str]]:
    of_panels = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [*((rule["alert"], rule["expr"]) for rule in RULES), *of_panels]


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_an_expression_names_only_numbers_that_exist(where: str, expression: str, told: frozenset[str]) -> None:
    assert numbers_in(expression), where
    assert numbers_in(expression) <= told


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_leads_to_its_heading_and_is_tested_for_both(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    files = (PLAIN / "erp-rules.test.yaml", CHART / "rules/operator.test.yaml")
    stories = [story for file in files for story in yaml.safe_load(file.read_text())["tests"]]
    asked = [each for story in stories for each in story["alert_rule_test"] if each["alertname"] == rule["alert"]]

    assert f"\n## {rule['alert']}\n" in (ROOT / page).read_text()
    assert anchor == rule["alert"].lower()
    assert {bool(each["exp_alerts"]) for each in asked} == {True, False}


def test_every_panel_asks_the_chosen_source_and_they_do_not_overlap() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]

    assert len(set(places)) == len(places)
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}
