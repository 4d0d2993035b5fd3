"""The alert rules and the dashboard that come with the operator, for all installations at once. Pure."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

DASHBOARD_LABEL: Final = "grafana_dashboard"
DASHBOARD_UID: Final = "valeo-erp"


@cache
def rules_text() -> str:
    """The rules as a file that any Prometheus takes."""
    return files(__package__).joinpath("rules.yaml").read_text(encoding="utf-8")


@cache
def dashboard_text() -> str:
    """The dashboard as a file that any Grafana takes."""
    return files(__package__).joinpath("dashboard.json").read_text(encoding="utf-8")


def rule_groups() -> list[dict[str, Any]]:
    """The groups of alert rules, a fresh copy."""
    groups: list[dict[str, Any]] = yaml.safe_load(rules_text())["groups"]
    return groups


def dashboard() -> dict[str, Any]:
    """The dashboard, a fresh copy."""
    found: dict[str, Any] = json.loads(dashboard_text())
    return found


@cache
def alert_names() -> frozenset[str]:
    """The names of all alerts about an ERP."""
    return frozenset(str(rule["alert"]) for group in rule_groups() for rule in group["rules"])
