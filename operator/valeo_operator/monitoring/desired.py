"""Monitor, alert rules and dashboard of one installation: the shipped ones, narrowed to its pods. Pure."""

import json
import re
from typing import Any, Final

from valeo_operator.api.valeoerp import ValeoERPSpec
from valeo_operator.cluster.objects import Object, fingerprint
from valeo_operator.installations.names import COLOUR_LABEL, RELEASE_LABEL, Component, Names
from valeo_operator.monitoring.shipped import DASHBOARD_LABEL, DASHBOARD_UID, dashboard, rule_groups

_NUMBER: Final = re.compile(r"\b((?:valeo|process)_[a-z_]+)(\{)?")
_ANY_NAMESPACE: Final = 'namespace=~"$namespace"'
_OF_THE_OPERATOR: Final = "valeo_operator_"


def pod_monitor(spec: ValeoERPSpec, names: Names) -> Object:
    """Leads a Prometheus to the pods, each once: a ServiceMonitor would find them through both Services."""
    return {
        "metadata": _metadata(names.name, spec, names),
        "spec": {
            "selector": {"matchLabels": names.pods_of(Component.ERP)},
            "podTargetLabels": ["app.kubernetes.io/instance", COLOUR_LABEL, RELEASE_LABEL],
            "podMetricsEndpoints": [{"port": "http", "path": "/metrics", "interval": "30s"}],
        },
    }


def alert_rules(spec: ValeoERPSpec, names: Names) -> Object:
    """The alerts about the ERP, each with the address of its runbook in the release's own handbook."""
    groups = [
        {"name": f"{group['name']}-{names.name}", "rules": [_rule(each, spec, names) for each in group["rules"]]}
        for group in rule_groups()
    ]
    return {"metadata": _metadata(names.name, spec, names), "spec": {"groups": groups}}


def dashboard_map(spec: ValeoERPSpec, names: Names) -> Object:
    """The dashboard where Grafana's sidecar looks for it."""
    meta = _metadata(names.dashboard, spec, names)
    meta["labels"] |= {DASHBOARD_LABEL: "1"}
    return {"metadata": meta, "data": {f"{dashboard_uid(names)}.json": json.dumps(_dashboard(names), indent=1)}}


def dashboard_uid(names: Names) -> str:
    """How Grafana knows the dashboard of this installation; at most 40 characters."""
    return f"{DASHBOARD_UID}-{fingerprint([names.namespace, names.name])}"


def narrowed(expression: str, names: Names) -> str:
    """The expression over the pods of this installation only."""
    ours = _matchers(names)
    return _NUMBER.sub(lambda found: f"{found[1]}{{{ours}{',' if found[2] else '}'}", expression)


def _matchers(names: Names) -> str:
    return f'namespace="{names.namespace}",pod=~"{pods_pattern(names)}"'


def pods_pattern(names: Names, colour: str = "(blue|green)") -> str:
    """A regular expression that the names of the ERP's pods match, and no others."""
    return f"{re.escape(names.name).replace(chr(92) + '-', '-')}-{colour}-[a-z0-9]+-[a-z0-9]+"


def _metadata(name: str, spec: ValeoERPSpec, names: Names) -> Object:
    meta = names.metadata(name, Component.ERP)
    meta["labels"] = {**spec.monitoring.labels, **meta["labels"]}  # by ours it is found again
    return meta


def _rule(shipped: dict[str, Any], spec: ValeoERPSpec, names: Names) -> dict[str, Any]:
    page = str(shipped["annotations"]["runbook"]).removeprefix("docs/")
    return {
        **shipped,
        "expr": narrowed(shipped["expr"].strip(), names),
        "labels": {**shipped["labels"], "namespace": names.namespace, "installation": names.name},
        "annotations": {**shipped["annotations"], "runbook_url": f"{spec.public_address}/handbook/{page}"},
    }


def _dashboard(names: Names) -> dict[str, Any]:
    whole = dashboard()
    panels = [_panel(each, names) for each in whole["panels"] if _OF_THE_OPERATOR not in json.dumps(each["targets"])]
    variables = [each for each in whole["templating"]["list"] if each["name"] != "namespace"]
    about = {"uid": dashboard_uid(names), "title": f"ValeoERP {names.namespace}/{names.name}"}
    return {**whole, **about, "templating": {"list": variables}, "panels": panels}


def _panel(panel: dict[str, Any], names: Names) -> dict[str, Any]:
    targets = [{**each, "expr": narrowed(_of_every_namespace(each["expr"]), names)} for each in panel["targets"]]
    return {**panel, "targets": targets}


def _of_every_namespace(expression: str) -> str:
    return expression.replace(f"{{{_ANY_NAMESPACE}}}", "").replace(f"{_ANY_NAMESPACE},", "")
