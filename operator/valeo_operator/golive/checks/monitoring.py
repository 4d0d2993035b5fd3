"""Checks of what watches the installation: Prometheus, its alert rules, Alertmanager, Grafana."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from valeo_operator.api.golive import Result
from valeo_operator.cluster.kinds import POD_MONITORS
from valeo_operator.cluster.objects import Object, dig, holds, name_of
from valeo_operator.golive.facts import Facts, Reply
from valeo_operator.golive.kinds import PROMETHEUSES, SERVICE_MONITORS
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.golive.test_alert import record_of
from valeo_operator.installations.names import Component
from valeo_operator.monitoring.desired import dashboard_uid
from valeo_operator.monitoring.shipped import DASHBOARD_UID, alert_names

_OK: Final = 200
_SIGN_IN: Final = frozenset({401, 403})


def prometheus(facts: Facts) -> Outcome:
    """A Prometheus that runs, and a monitor that leads it here: our PodMonitor, or another ServiceMonitor."""
    for kind in (PROMETHEUSES, SERVICE_MONITORS, POD_MONITORS):
        hidden = facts.unseen(kind)
        if hidden and hidden.absent:
            message = f"The cluster does not know the kind {kind.name}."
            return failed(message, "Install the Prometheus operator.", kind=kind.resource, served=False)
        if hidden:
            return unknown(f"{kind.plural} could not be listed: {hidden.why}.", "Look at the rights of the operator.")
    running = [name_of(each) for each in facts.seen(PROMETHEUSES) if holds(each, "Available")]
    monitors = [f"ServiceMonitor/{name_of(each)}" for each in facts.owned(SERVICE_MONITORS)]
    monitors += [f"PodMonitor/{name_of(each)}" for each in facts.seen(POD_MONITORS) if _leads_to_erp(each, facts)]
    seen = {"prometheuses": running, "monitors": monitors}
    if not running:
        return failed("No Prometheus is available.", "Create a Prometheus.", **seen)
    if not monitors:
        message = (
            f"No ServiceMonitor has the label app.kubernetes.io/instance={facts.names.name}, no PodMonitor its pods."
        )
        return failed(message, "Set spec.monitoring.objects to true.", **seen)
    return passed(f"A Prometheus runs, and {monitors[0]} leads it to the installation.", **seen)


def _leads_to_erp(monitor: Object, facts: Facts) -> bool:
    """Whether a PodMonitor selects the pods of the ERP by labels, and looks into their namespace."""
    spec: dict[str, Any] = monitor.get("spec") or {}
    where = spec.get("namespaceSelector") or {}
    own = dig(monitor, "metadata", "namespace") == facts.names.namespace and not where
    chosen = dig(spec, "selector", "matchLabels") or {}
    labels = facts.names.labels(Component.ERP)
    of_us = bool(chosen) and all(labels.get(key) == value for key, value in chosen.items())
    reaches = where.get("any") is True or facts.names.namespace in (where.get("matchNames") or ()) or own
    return of_us and reaches and not dig(spec, "selector", "matchExpressions")


def alert_rules(facts: Facts) -> Outcome:
    """Prometheus evaluates every alert about this installation, and sends what rings to an Alertmanager."""
    if facts.erp.spec.monitoring.prometheus_url is None:
        return unknown("Nobody says where Prometheus is.", "Set spec.monitoring.prometheusURL.", "NotConfigured")
    rules, targets = _data(facts.watched.rules), _data(facts.watched.alertmanagers)
    if rules is None or targets is None:
        return _silent("Prometheus", "prometheusURL", facts.watched.rules, facts.watched.alertmanagers)
    loaded = {str(each["name"]): each for each in _alerts_of(rules, facts)}
    missing = sorted(alert_names() - loaded.keys())
    broken = sorted(name for name in alert_names() & loaded.keys() if loaded[name].get("health") == "err")
    receivers = [str(each.get("url")) for each in targets.get("activeAlertmanagers") or () if isinstance(each, dict)]
    seen = {"loaded": len(loaded), "missing": missing, "broken": broken, "alertmanagers": len(receivers)}
    if missing:
        message = f"Prometheus does not evaluate {', '.join(missing)} for this installation."
        return failed(message, "Look whether it selects the PrometheusRule: spec.monitoring.labels.", **seen)
    if broken:
        return failed(f"Prometheus can't evaluate {', '.join(broken)}.", "Look at /rules of Prometheus.", **seen)
    if not receivers:
        return failed("Prometheus sends alerts to no Alertmanager.", "Configure its alertmanagers.", **seen)
    return passed(f"Prometheus evaluates {len(alert_names())} alerts and sends them to an Alertmanager.", **seen)


def _alerts_of(rules: Mapping[str, Any], facts: Facts) -> Iterator[Mapping[str, Any]]:
    """Alerts that watch this installation: those that name it, and those of the plain file, which name nobody."""
    names = facts.names
    ours = {"installation": names.name, "namespace": names.namespace}
    for group in rules.get("groups") or ():
        for rule in dig(group, "rules") or ():
            labels = dig(rule, "labels") or {}
            if dig(rule, "name") and all(labels.get(key, value) == value for key, value in ours.items()):
                yield rule


def _data(reply: Reply) -> Mapping[str, Any] | None:
    """What an answer of Prometheus carries."""
    found = dig(reply.json, "data")
    good = reply.status == _OK and dig(reply.json, "status") == "success" and isinstance(found, Mapping)
    return found if good else None


def _silent(who: str, setting: str, *replies: Reply) -> Outcome:
    bad = next((each for each in replies if each.problem or each.status != _OK), None)
    why = bad.problem or f"it answers {bad.status}" if bad else "it answers something else than its interface says"
    message = f"{who} could not be asked: {why}."
    return unknown(message, f"Look at spec.monitoring.{setting}: the operator must reach it.")


def grafana_dashboard(facts: Facts) -> Outcome:
    """Grafana finds the dashboard of this installation, or the one for all."""
    if facts.erp.spec.monitoring.grafana_url is None:
        message = "Nobody says where Grafana is."
        return unknown(message, "Set spec.monitoring.grafanaURL, or waive it with what you saw.", "NotConfigured")
    reply = facts.watched.dashboards
    if reply.status in _SIGN_IN:
        message = f"Grafana answers {reply.status}: it shows its dashboards only to who signs in."
        return unknown(message, "Allow anonymous viewers within the cluster, or waive it with what you saw.")
    if reply.status != _OK or not isinstance(reply.json, list):
        return _silent("Grafana", "grafanaURL", reply)
    found = sorted(str(dig(each, "uid")) for each in reply.json)
    ours = sorted({DASHBOARD_UID, dashboard_uid(facts.names)} & set(found))
    if not ours:
        message = "Grafana has no dashboard of ValeoERP for this installation."
        step = "Let its sidecar read ConfigMaps of this namespace, or import the file."
        return failed(message, step, found=found[:20])
    return passed(f"Grafana has the dashboard {ours[0]}.", dashboards=ours)


def test_alert(facts: Facts) -> Outcome:
    """A test alert was taken over by a receiver, without an error."""
    if facts.erp.spec.monitoring.alertmanager_url is None:
        return unknown("Nobody says where Alertmanager is.", "Set spec.monitoring.alertmanagerURL.", "NotConfigured")
    record = record_of(facts)
    if record is None:
        return _silent("Alertmanager", "alertmanagerURL", facts.watched.counts, facts.watched.alerts)
    if record.failed:
        message = f"Alertmanager could not hand the test alert over: {', '.join(record.failed)} failed."
        return failed(message, "Look at its log.", sent=record.sent_at.isoformat(), failed=record.failed)
    if record.proven_at is None:
        message = f"The test alert of {record.sent_at:%Y-%m-%d %H:%M} UTC has reached no receiver yet."
        return unknown(message, "It is looked for every minute; after an hour another one is sent.", "Waiting")
    seen = {"sent": record.sent_at.isoformat(), "receivers": record.receivers, "delivered": record.delivered}
    message = f"A test alert was taken over by {', '.join(record.delivered)}, without an error."
    return replace(passed(message, **seen), seen_at=record.proven_at)


def alert_routing(facts: Facts) -> Outcome:
    """The test alert carried the labels of a critical one: where it was led, real ones are."""
    shown = test_alert(facts)
    record = record_of(facts)
    if shown.result is not Result.PASS or record is None:
        return shown
    seen = {"sent": record.sent_at.isoformat(), "receivers": record.receivers, "delivered": record.delivered}
    message = f"A critical alert of this installation is led to {', '.join(record.receivers)}."
    return replace(passed(message, **seen), seen_at=record.proven_at)
