"""The alerts ring when they should and not else, as the real promtool sees it; each leads to a page that is there."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.cluster.conftest import ROOT, ran

RULES = ROOT / "manifests/helm/valeo-operator/rules"
PAGE = ROOT / "docs/runbooks/ALERTS.md"


def alerts() -> list[dict[str, str]]:
    written = yaml.safe_load((RULES / "backups.yaml").read_text())
    return [rule for group in written["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def promtool() -> str:
    return ran("manifests/machine/promtool")


@pytest.mark.parametrize("story", ["backups.test.yaml", "erp.test.yaml"])
def test_every_alert_rings_when_it_should_and_not_else(promtool: str, story: str) -> None:
    done = subprocess.run([promtool, "test", "rules", story], cwd=RULES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_for_both() -> None:
    stories = yaml.safe_load((RULES / "backups.test.yaml").read_text())["tests"]
    asked = [each for story in stories for each in story["alert_rule_test"]]
    for alert in (rule["alert"] for rule in alerts()):
        rings = {bool(each["exp_alerts"]) for each in asked if each["alertname"] == alert}
        assert rings == {True, False}, alert


def test_every_number_of_an_alert_is_one_that_the_operator_tells() -> None:
    told = "".join(path.read_text() for path in Path(ROOT / "operator/valeo_operator").rglob("metrics.py"))
    for rule in alerts():
        for number in re.findall(r"valeo_[a-z_]+", rule["expr"]):
            assert number in told, number


def test_every_alert_leads_to_its_heading() -> None:
    headings = {line[3:].strip() for line in PAGE.read_text().splitlines() if line.startswith("## ")}
    assert headings >= {rule["alert"] for rule in alerts()}
