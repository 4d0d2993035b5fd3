"""The test alert: when one is sent, what it says, and how it is known that a receiver took it. Pure.

A ConfigMap remembers what was sent, so that a restarted operator calls nobody twice. The proof has two halves:
Alertmanager has led this very alert to receivers, and since it was sent it has handed notifications over without one
failing. Whether a person looked at it is for the on-call team to sign.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from valeo_operator.cluster.kinds import CONFIG_MAPS
from valeo_operator.cluster.objects import Object, dig, fingerprint, moment, name_of
from valeo_operator.golive.facts import Facts, Reply
from valeo_operator.installations.names import Component

ALERT: Final = "ValeoTestAlert"
AGAIN_AFTER: Final = timedelta(days=25)
"""Before the thirty days are over for which the gates hold."""
PATIENCE: Final = timedelta(hours=1)
_RINGS_FOR: Final = timedelta(minutes=15)
_OK: Final = 200
_TOTAL: Final = "alertmanager_notifications_total"
_FAILED: Final = "alertmanager_notifications_failed_total"

Counts = Mapping[str, tuple[float, float]]
"""Notifications that were tried, and those of them that failed, by integration (email, pagerduty, webhook, …)."""


@dataclass(frozen=True)
class Record:
    """One test alert, and what became of it.

    Attributes:
        nonce: tells it from the ones before; a label of the alert.
        before: what Alertmanager had counted when it was sent.
        receivers: to which it was led.
        delivered: integrations that took notifications since then.
        failed: integrations that did not.
    """

    nonce: str
    sent_at: datetime
    before: Counts
    proven_at: datetime | None = None
    receivers: tuple[str, ...] = ()
    delivered: tuple[str, ...] = ()
    failed: tuple[str, ...] = field(default=())


def record_of(facts: Facts) -> Record | None:
    """The newest test alert that was sent; None where none was, or where what is noted can't be read."""
    found = next((each for each in facts.owned(CONFIG_MAPS) if name_of(each) == facts.names.test_alert), None)
    try:
        told = json.loads(dig(found, "data", "record") or "null")
        return None if told is None else _read(told)
    except (ValueError, KeyError, TypeError):
        return None


def _read(told: Mapping[str, Any]) -> Record:
    sent = moment(told["sentAt"])
    if sent is None:
        raise ValueError("no time")
    return Record(
        nonce=str(told["nonce"]),
        sent_at=sent,
        before={str(key): (float(total), float(bad)) for key, (total, bad) in told["before"].items()},
        proven_at=moment(told.get("provenAt")),
        receivers=tuple(told.get("receivers", ())),
        delivered=tuple(told.get("delivered", ())),
        failed=tuple(told.get("failed", ())),
    )


def record_object(record: Record, facts: Facts) -> Object:
    """The ConfigMap that remembers it."""
    told = {
        "nonce": record.nonce,
        "sentAt": record.sent_at.isoformat(),
        "before": {key: list(each) for key, each in sorted(record.before.items())},
        "provenAt": record.proven_at.isoformat() if record.proven_at else None,
        "receivers": list(record.receivers),
        "delivered": list(record.delivered),
        "failed": list(record.failed),
    }
    meta = facts.names.metadata(facts.names.test_alert, Component.ERP)
    return {"metadata": meta, "data": {"record": json.dumps(told, sort_keys=True)}}


def to_send(facts: Facts) -> Record | None:
    """The test alert that is due. None is sent that nobody could prove: first Alertmanager must tell what it counts."""
    before = counts(facts.watched.counts)
    if facts.erp.spec.monitoring.alertmanager_url is None or before is None:
        return None
    last = record_of(facts)
    waits = last is not None and facts.now - last.sent_at < (AGAIN_AFTER if last.proven_at else PATIENCE)
    nonce = fingerprint([facts.names.uid, facts.now.isoformat()])
    return None if waits else Record(nonce, facts.now, before)


def alert(record: Record, facts: Facts) -> list[dict[str, Any]]:
    """The alert as Alertmanager takes it, with the labels of a critical one of this installation."""
    names = facts.names
    labels = {
        "alertname": ALERT,
        "severity": "critical",
        "namespace": names.namespace,
        "installation": names.name,
        "nonce": record.nonce,
    }
    summary = f"Test alert of {names.namespace}/{names.name}: nothing is wrong, nothing has to be done."
    runbook = f"{facts.erp.spec.public_address}/handbook/runbooks/ALERTS-ERP.md#{ALERT.lower()}"
    ends = (record.sent_at + _RINGS_FOR).isoformat()
    return [
        {
            "labels": labels,
            "annotations": {"summary": summary, "runbook_url": runbook},
            "startsAt": record.sent_at.isoformat(),
            "endsAt": ends,
        }
    ]


def looked_after(facts: Facts) -> Record | None:
    """The record with what is new: that it was handed over, or that it could not be. None where nothing is."""
    record, now = record_of(facts), counts(facts.watched.counts)
    if record is None or record.proven_at is not None or now is None:
        return None
    receivers = _receivers(facts.watched.alerts, record)
    grown = {key: _grown(each, record.before.get(key, (0.0, 0.0))) for key, each in now.items()}
    failed = tuple(sorted(key for key, (_, bad) in grown.items() if bad > 0))
    delivered = tuple(sorted(key for key, (total, bad) in grown.items() if total > 0 and bad == 0))
    if not receivers or not (failed or delivered):
        return None
    proven = facts.now if delivered and not failed else None
    seen = replace(record, proven_at=proven, receivers=receivers, delivered=delivered, failed=failed)
    return None if seen == record else seen


def _grown(now: tuple[float, float], before: tuple[float, float]) -> tuple[float, float]:
    """A counter that fell began anew: Alertmanager was restarted, and what it counts now came since."""
    if now[0] < before[0]:
        return now
    return now[0] - before[0], now[1] - before[1]


def _receivers(reply: Reply, record: Record) -> tuple[str, ...]:
    """Where Alertmanager led this alert; nowhere while it is silenced or inhibited."""
    for each in reply.json if reply.status == _OK and isinstance(reply.json, list) else ():
        if dig(each, "labels", "nonce") == record.nonce and dig(each, "status", "state") == "active":
            return tuple(sorted(str(dig(found, "name")) for found in dig(each, "receivers") or ()))
    return ()


def counts(reply: Reply) -> Counts | None:
    """What Alertmanager counts of its notifications, or None where it does not tell."""
    if reply.status != _OK:
        return None
    try:
        families = list(text_string_to_metric_families(reply.text))
    except ValueError:
        return None
    found: dict[str, tuple[float, float]] = {}
    for sample in (sample for family in families for sample in family.samples):
        if sample.name in {_TOTAL, _FAILED}:
            key = sample.labels.get("integration", "")
            total, bad = found.get(key, (0.0, 0.0))
            more = sample.value
            found[key] = (total + more, bad) if sample.name == _TOTAL else (total, bad + more)
    return found or None
