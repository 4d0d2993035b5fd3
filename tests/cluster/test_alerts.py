"""The alerts ring when they should and not else, as the real promtool sees it; each leads to a page that is there."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.conftest import ROOT, ran

from valeo_operator.api.valeoerp import ValeoERPSpec
from valeo_operator.installations.names import Names
from valeo_operator.monitoring.desired import alert_rules

CHART = ROOT / "manifests/helm/valeo-operator/rules"
PLAIN = ROOT / "manifests/monitoring"
PAGES = ROOT / "docs/runbooks"
STORIES = (CHART / "backups.test.yaml", CHART / "operator.test.yaml", PLAIN / "erp-rules.test.yaml")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def alerts(path: Path) -> list[dict[str, Any]]:
    return [rule for group in read(path)["groups"] for rule in group["rules"]]


def stories() -> list[tuple[Path, Path]]:
    return [(path, path.with_name(path.name.replace(".test", ""))) for path in STORIES]


@pytest.fixture(scope="module")
def promtool() -> str:
    return ran("manifests/machine/monitoring-tool", "promtool")


def run_story(promtool: str, story: Path) -> None:
    command = [promtool, "test", "rules", story.name]
    done = subprocess.run(command, cwd=story.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_every_alert_rings_when_it_should_and_not_else(promtool: str, story: Path) -> None:
    run_story(promtool, story)


def test_the_alerts_of_one_installation_ring_for_its_pods_and_for_no_other(promtool: str, tmp_path: Path) -> None:
    spec = ValeoERPSpec.model_validate(
        {"image": "valeo-erp:1", "publicURL": "https://erp.example.com", "auth": {"issuer": "https://id.example.com"}}
    )
    rules = alert_rules(spec, Names("acme", "a", "u"))["spec"]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    (tmp_path / "ours.yaml").write_text(yaml.safe_dump(of_pod("acme-blue-5d8-x9z", rings=True)))
    (tmp_path / "another.yaml").write_text(yaml.safe_dump(of_pod("acme-two-blue-5d8-x9z", rings=False)))

    run_story(promtool, tmp_path / "ours.yaml")
    run_story(promtool, tmp_path / "another.yaml")


def of_pod(pod: str, *, rings: bool) -> Any:
    """The stories of the plain rules, told of this pod."""
    told = json.loads(json.dumps(read(PLAIN / "erp-rules.test.yaml")).replace('pod=\\"p\\"', f'pod=\\"{pod}\\"'))
    told["rule_files"] = ["rules.yaml"]
    for asked in (each for story in told["tests"] for each in story["alert_rule_test"]):
        if not rings:
            asked["exp_alerts"] = []
        for each in asked["exp_alerts"]:
            about = each["exp_annotations"]
            about["summary"] = about["summary"].replace("pod p ", f"pod {pod} ")
            about["runbook_url"] = about["runbook"].replace("docs/", "https://erp.example.com/handbook/")
            each["exp_labels"] |= {"installation": "acme", **({"pod": pod} if "pod" in each["exp_labels"] else {})}
    return told


@pytest.mark.parametrize(("story", "rules"), stories(), ids=lambda path: path.name)
def test_every_alert_is_tested_for_both(story: Path, rules: Path) -> None:
    asked = [each for one in read(story)["tests"] for each in one["alert_rule_test"]]
    for alert in (rule["alert"] for rule in alerts(rules)):
        rings = {bool(each["exp_alerts"]) for each in asked if each["alertname"] == alert}
        assert rings == {True, False}, alert


def test_every_number_of_an_alert_about_backups_is_one_that_the_operator_tells() -> None:
    told = "".join(path.read_text() for path in Path(ROOT / "operator/valeo_operator").rglob("metrics.py"))
    for rule in alerts(CHART / "backups.yaml"):
        for number in re.findall(r"valeo_[a-z_]+", rule["expr"]):
            assert number in told, number


@pytest.mark.parametrize(("_", "rules"), stories(), ids=lambda path: path.name)
def test_every_alert_leads_to_its_heading(_: Path, rules: Path) -> None:
    for rule in alerts(rules):
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        headings = {line[3:].strip() for line in (ROOT / page).read_text().splitlines() if line.startswith("## ")}
        assert rule["alert"] in headings
        assert anchor == rule["alert"].lower()


def test_the_test_alert_leads_to_its_heading() -> None:
    assert "\n## ValeoTestAlert\n" in (PAGES / "ALERTS-ERP.md").read_text()
