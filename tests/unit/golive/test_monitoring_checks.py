"""What Prometheus, Alertmanager and Grafana answer, and what the gates make of it; silence is never a pass."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from valeo_operator.api.golive import Check, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import CONFIG_MAPS
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts, Reply, Watched
from valeo_operator.golive.test_alert import alert, looked_after, record_object, record_of, to_send
from valeo_operator.monitoring.desired import dashboard_uid
from valeo_operator.monitoring.shipped import alert_names

WHERE = {"prometheusURL": "http://p:9090", "alertmanagerURL": "http://a:9093/am", "grafanaURL": "http://g:3000"}
OURS = {"namespace": "erp", "installation": "production"}


def json(document: Any, status: int = 200) -> Reply:
    return Reply(status, "application/json", "", document)


def loaded(labels: dict[str, str] | None = None, without: str = "", health: str = "ok") -> Reply:
    rules = [
        {"name": name, "type": "alerting", "health": health, "labels": OURS if labels is None else labels}
        for name in sorted(alert_names() - {without})
    ]
    return json({"status": "success", "data": {"groups": [{"name": "valeo-erp", "rules": rules}]}})


TARGETS = json({"status": "success", "data": {"activeAlertmanagers": [{"url": "http://a:9093/api/v2/alerts"}]}})
NO_TARGETS = json({"status": "success", "data": {"activeAlertmanagers": []}})
SILENT = Reply(problem="no answer within 5 seconds")


def notified(email: int, failed: int = 0) -> Reply:
    return Reply(
        200,
        "text/plain",
        "# TYPE alertmanager_notifications_total counter\n"
        f'alertmanager_notifications_total{{integration="email"}} {email}\n'
        'alertmanager_notifications_total{integration="webhook"} 0\n'
        "# TYPE alertmanager_notifications_failed_total counter\n"
        f'alertmanager_notifications_failed_total{{integration="email",reason="other"}} {failed}\n',
    )


@pytest.fixture
def facts(now: datetime) -> Facts:
    erp = ValeoERP.model_validate(
        {
            "metadata": {"name": "production", "namespace": "erp", "uid": "u"},
            "spec": {
                "image": "valeo-erp:0.1.0",
                "publicURL": "https://erp.example.com",
                "auth": {"issuer": "https://login.example.com"},
                "monitoring": WHERE,
            },
        }
    )
    good = Watched(rules=loaded(), alertmanagers=TARGETS, alerts=json([]), counts=notified(7), dashboards=json([]))
    return Facts(erp=erp, now=now, objects={CONFIG_MAPS: ()}, watched=good)


def hearing(facts: Facts, **changed: Reply) -> Facts:
    return replace(facts, watched=replace(facts.watched, **changed))


@pytest.mark.parametrize(
    ("answers", "result", "words"),
    [
        ({}, Result.PASS, "sends them to an Alertmanager"),
        ({"rules": loaded(labels={})}, Result.PASS, ""),
        ({"rules": loaded(labels={**OURS, "installation": "another"})}, Result.FAIL, "does not evaluate"),
        ({"rules": loaded(without="ValeoPoolExhausted")}, Result.FAIL, "does not evaluate ValeoPoolExhausted"),
        ({"rules": loaded(health="err")}, Result.FAIL, "can't evaluate"),
        ({"alertmanagers": NO_TARGETS}, Result.FAIL, "to no Alertmanager"),
        ({"rules": SILENT}, Result.UNKNOWN, "no answer within 5 seconds"),
        ({"alertmanagers": json({}, 503)}, Result.UNKNOWN, "503"),
        ({"rules": json({"status": "error"})}, Result.UNKNOWN, "something else"),
        ({"rules": Reply(200, "text/html", "<html>")}, Result.UNKNOWN, "something else"),
    ],
)
def test_alert_rules_count_when_prometheus_evaluates_them_and_tells_somebody(
    facts: Facts, answers: dict[str, Reply], result: Result, words: str
) -> None:
    seen = look(Check.ALERT_RULES, hearing(facts, **answers))

    assert seen.result is result
    assert words in seen.message


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (json([{"uid": "valeo-erp"}]), Result.PASS),
        (json([{"uid": "of-another"}]), Result.FAIL),
        (json([]), Result.FAIL),
        (json({"message": "Unauthorized"}, 401), Result.UNKNOWN),
        (json({}), Result.UNKNOWN),
        (SILENT, Result.UNKNOWN),
    ],
)
def test_the_dashboard_counts_when_grafana_finds_it(facts: Facts, reply: Reply, result: Result) -> None:
    assert look(Check.GRAFANA_DASHBOARD, hearing(facts, dashboards=reply)).result is result


def test_the_own_dashboard_of_the_installation_counts(facts: Facts) -> None:
    ours = json([{"uid": dashboard_uid(facts.names)}])

    assert look(Check.GRAFANA_DASHBOARD, hearing(facts, dashboards=ours)).result is Result.PASS


@pytest.mark.parametrize("check", [Check.ALERT_RULES, Check.GRAFANA_DASHBOARD, Check.TEST_ALERT, Check.ALERT_ROUTING])
def test_where_nobody_says_whom_to_ask_it_is_unknown_and_nothing_is_sent(facts: Facts, check: Check) -> None:
    spec = facts.erp.spec.model_copy(update={"monitoring": type(facts.erp.spec.monitoring)()})
    alone = replace(facts, erp=facts.erp.model_copy(update={"spec": spec}))

    assert (look(check, alone).result, look(check, alone).reason) == (Result.UNKNOWN, "NotConfigured")
    assert to_send(alone) is None


# --- the test alert -------------------------------------------------------------------------------------------------


def sent(facts: Facts) -> Facts:
    """The facts after a test alert was sent and noted."""
    due = to_send(facts)
    assert due is not None
    return noted(facts, record_object(due, facts))


def noted(facts: Facts, record: dict[str, Any]) -> Facts:
    return replace(facts, objects={CONFIG_MAPS: (record,)})


def led(facts: Facts, state: str = "active", nonce: str = "") -> Reply:
    record = record_of(facts)
    assert record is not None
    labels = {"alertname": "ValeoTestAlert", "nonce": nonce or record.nonce}
    return json([{"labels": labels, "status": {"state": state}, "receivers": [{"name": "on-call"}]}])


def results(facts: Facts) -> tuple[Result, Result]:
    return look(Check.TEST_ALERT, facts).result, look(Check.ALERT_ROUTING, facts).result


def test_a_test_alert_passes_when_it_was_led_to_a_receiver_that_took_it(facts: Facts) -> None:
    waiting = sent(facts)
    arrived = hearing(waiting, alerts=led(waiting), counts=notified(8))
    record = looked_after(arrived)
    assert record is not None
    proven = noted(arrived, record_object(record, arrived))

    assert results(waiting) == (Result.UNKNOWN, Result.UNKNOWN)
    assert results(proven) == (Result.PASS, Result.PASS)
    assert "email" in look(Check.TEST_ALERT, proven).message
    assert "on-call" in look(Check.ALERT_ROUTING, proven).message
    assert look(Check.TEST_ALERT, proven).seen_at == facts.now


@pytest.mark.parametrize(
    "why",
    ["not led yet", "suppressed", "an older one", "nothing handed over", "silent", "counts are gone"],
)
def test_what_does_not_prove_the_arrival_of_this_alert_proves_nothing(facts: Facts, why: str) -> None:
    waiting = sent(facts)
    heard = {
        "not led yet": {"alerts": json([]), "counts": notified(8)},
        "suppressed": {"alerts": led(waiting, state="suppressed"), "counts": notified(8)},
        "an older one": {"alerts": led(waiting, nonce="older"), "counts": notified(8)},
        "nothing handed over": {"alerts": led(waiting), "counts": notified(7)},
        "silent": {"alerts": SILENT, "counts": notified(8)},
        "counts are gone": {"alerts": led(waiting), "counts": SILENT},
    }[why]

    assert looked_after(hearing(waiting, **heard)) is None


def test_a_receiver_that_refused_fails_the_gate(facts: Facts) -> None:
    waiting = sent(facts)
    refused = hearing(waiting, alerts=led(waiting), counts=notified(9, failed=2))
    record = looked_after(refused)
    assert record is not None
    told = noted(refused, record_object(record, refused))

    assert results(told) == (Result.FAIL, Result.FAIL)
    assert "email failed" in look(Check.TEST_ALERT, told).message


def test_a_restarted_alertmanager_counts_from_zero(facts: Facts) -> None:
    waiting = sent(facts)
    record = looked_after(hearing(waiting, alerts=led(waiting), counts=notified(1)))

    assert record is not None
    assert record.delivered == ("email",)


def test_nobody_is_called_twice_within_25_days(facts: Facts) -> None:
    waiting = sent(facts)
    arrived = hearing(waiting, alerts=led(waiting), counts=notified(8))
    record = looked_after(arrived)
    assert record is not None
    proven = noted(arrived, record_object(record, arrived))

    assert to_send(waiting) is None
    assert to_send(replace(waiting, now=facts.now + timedelta(minutes=61))) is not None
    assert to_send(replace(proven, now=facts.now + timedelta(days=24))) is None
    assert to_send(replace(proven, now=facts.now + timedelta(days=25))) is not None


def test_no_alert_is_sent_whose_arrival_could_not_be_proven(facts: Facts) -> None:
    assert to_send(hearing(facts, counts=SILENT)) is None


def test_the_alert_says_that_nothing_is_wrong_and_goes_the_way_of_a_critical_one(facts: Facts) -> None:
    due = to_send(facts)
    assert due is not None
    (one,) = alert(due, facts)

    assert one["labels"]["severity"] == "critical"
    assert one["labels"]["nonce"] == due.nonce
    assert "nothing is wrong" in one["annotations"]["summary"]
    assert one["annotations"]["runbook_url"].endswith("/handbook/runbooks/ALERTS-ERP.md#valeotestalert")


@pytest.mark.parametrize("held", ["", "null", "{}", "[]", '{"nonce": 1}', "no json"])
def test_a_note_that_cannot_be_read_is_none(facts: Facts, held: str) -> None:
    due = to_send(facts)
    assert due is not None
    meta = record_object(due, facts)["metadata"]

    assert record_of(noted(facts, {"metadata": meta, "data": {"record": held}})) is None
