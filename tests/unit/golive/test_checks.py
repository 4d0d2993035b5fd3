"""Every check: what it takes to pass, what makes it fail, and what leaves it unknown."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from valeo_operator.api.golive import Check, Environment, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import (
    AUTOSCALERS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    INGRESSES,
    NETWORK_POLICIES,
    POD_MONITORS,
    PODS,
    QUOTAS,
    RELEASES,
    SERVICES,
    Kind,
)
from valeo_operator.cluster.objects import Object
from valeo_operator.golive.certificates import Certificate
from valeo_operator.golive.checks import CHECKS, database, look, smoke, unseen
from valeo_operator.golive.checks.erp import PATHS
from valeo_operator.golive.facts import Attempt, Facts, Leak, Reply, Unseen
from valeo_operator.golive.kinds import (
    INGRESS_CLASSES,
    POD_METRICS,
    PROMETHEUSES,
    SERVICE_MONITORS,
)
from valeo_operator.golive.logs import LogFacts

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
BACKUPS = {Check.BACKUP_SCHEDULE, Check.BACKUP_RETENTION, Check.BACKUP_COMPLETED, Check.RESTORE_DRILL}
# These have tests of their own.
ELSEWHERE = {
    *unseen.CHECKS,
    *smoke.CHECKS,
    *database.CHECKS,
    *BACKUPS,
    Check.DOCUMENT,
    Check.CREDENTIALS_ROTATED,
    Check.ALERT_RULES,
    Check.GRAFANA_DASHBOARD,
    Check.TEST_ALERT,
    Check.ALERT_ROUTING,
    Check.MEMORY_STEADY,
    Check.REQUEST_RATE,
}
OURS = {"app.kubernetes.io/instance": "production", "app.kubernetes.io/managed-by": "valeo-operator"}
ERP = {**OURS, "app.kubernetes.io/component": "erp", "valeoerp.io/colour": "blue", "valeoerp.io/release": "r1"}
ISSUER = "https://login.example.com"
NUMBERS = """\
# TYPE valeo_http_requests counter
valeo_http_requests_total{route="/api/v1/invoices",method="GET",status="200"} 300
valeo_http_requests_total{route="/healthz",method="GET",status="500"} 9000
# TYPE valeo_http_request_seconds histogram
valeo_http_request_seconds_bucket{route="/api/v1/invoices",method="GET",le="0.5"} 299
valeo_http_request_seconds_bucket{route="/api/v1/invoices",method="GET",le="+Inf"} 300
# TYPE valeo_database_pool_in_use gauge
valeo_database_pool_in_use 2
# TYPE valeo_database_pool_size gauge
valeo_database_pool_size 10
# TYPE valeo_event_streams gauge
valeo_event_streams 4
# TYPE valeo_event_streams_cut counter
valeo_event_streams_cut_total{reason="service_ending"} 7
valeo_event_streams_cut_total{reason="too_slow"} 0
# TYPE valeo_trace_spans counter
valeo_trace_spans_total{outcome="sent"} 12
# TYPE valeo_build info
valeo_build_info{version="0.1.0"} 1
"""


def named(name: str, labels: dict[str, str] | None = None, **rest: Any) -> Object:
    return {"metadata": {"name": name, "namespace": "erp", "labels": labels or {}}, **rest}


def true(*kinds: str) -> Object:
    return {"conditions": [{"type": kind, "status": "True"} for kind in kinds]}


def pod(name: str, **labels: str) -> Object:
    return named(name, {**ERP, **labels}, status=true("Ready"))


def measured(name: str, memory: str) -> Object:
    return named(name, ERP, containers=[{"usage": {"memory": memory}}])


def erp(**changed: Any) -> ValeoERP:
    spec = {
        "image": "valeo-erp:0.1.0",
        "replicas": 2,
        "auth": {"issuer": ISSUER},
        "ingress": {"host": "erp.example.com", "tls": {"secretName": "tls"}},
        "goLive": {"environment": "production", "requestedBy": "alice"},
        "tracing": {"otlpURL": "http://tempo:4318"},
    }
    status = {
        "version": "0.1.0",
        "phase": "Complete",
        "activeColour": "blue",
        "activeRelease": "r1",
        "conditions": [
            {
                "type": "RollbackPossible",
                "status": "True",
                "reason": "Running",
                "lastTransitionTime": "2026-01-05T08:00:00Z",
            }
        ],
    }
    return ValeoERP.model_validate(
        {
            "metadata": {"name": "production", "namespace": "erp", "uid": "u"},
            "spec": {**spec, **changed.pop("spec", {})},
            "status": {**status, **changed.pop("status", {})},
        }
    )


TEMPLATE = {
    "volumes": [{"secret": {"secretName": "production-database-app-a"}}],
    "containers": [{"env": [{"name": "VALEO_DATABASE_CREDENTIALS_DIR", "value": "/etc/valeo/database"}]}],
}
DENY = {
    "podSelector": {"matchLabels": {"app.kubernetes.io/instance": "production"}},
    "policyTypes": ["Ingress", "Egress"],
}
OBJECTS: dict[Kind, tuple[Object, ...]] = {
    PODS: (pod("p1"), pod("p2")),
    DEPLOYMENTS: (named("production-blue", ERP, spec={"replicas": 2, "template": {"spec": TEMPLATE}}),),
    CONFIG_MAPS: (named("production-config-1", OURS, data={"VALEO_KEYS_DIR": "/etc/valeo/keys"}),),
    NETWORK_POLICIES: (named("production-deny-all", OURS, spec=DENY),),
    INGRESSES: (named("production", OURS, status={"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}),),
    INGRESS_CLASSES: (named("nginx"),),
    QUOTAS: (named("q", status={"hard": {"limits.cpu": "8", "limits.memory": "8Gi", "pods": "20"}}),),
    AUTOSCALERS: (
        named("h", spec={"scaleTargetRef": {"name": "production-blue"}}, status=true("AbleToScale", "ScalingActive")),
    ),
    PROMETHEUSES: (named("main", status=true("Available")),),
    SERVICE_MONITORS: (named("production", OURS),),
    POD_MONITORS: (),
    POD_METRICS: (measured("p1", "300Mi"), measured("p2", "300Mi")),
    RELEASES: (),
    SERVICES: (),
}
DESCRIBED = {
    "info": {"version": "0.1.0"},
    "paths": {"/api/v1/invoices": {"get": {"security": [{"oidc": []}]}}},
    "components": {
        "securitySchemes": {"oidc": {"type": "openIdConnect"}},
        "schemas": {"Invoice": {"examples": [{"number": "1"}]}},
    },
}
READY = {
    "ready": True,
    "release": "r1",
    "schema_revision": "0001",
    "checks": {"database": "ok", "schema": "ok", "listener": "ok"},
}
WEB = {
    "/healthz": Reply(200, "text/plain", "ok"),
    "/readyz": Reply(200, "application/json", "", READY),
    "/metrics": Reply(200, "text/plain", NUMBERS),
    "/docs": Reply(200, "text/html; charset=utf-8", "<html>"),
    "/openapi.json": Reply(200, "application/json", "", DESCRIBED),
}
GOOD = Facts(
    erp=erp(),
    now=NOW,
    objects=OBJECTS,
    namespace=named("erp", status={"phase": "Active"}),
    secrets={"production-database-app-a": frozenset({"username", "password", "version"})},
    leaks=(),
    certificate=Certificate(NOW - timedelta(days=1), NOW + timedelta(days=60), ("erp.example.com",)),
    web=WEB,
    scrapes={"p1": Reply(200, "text/plain", NUMBERS), "p2": Reply(200, "text/plain", NUMBERS)},
    discovery=Reply(200, "application/json", "", {"issuer": ISSUER}),
    keys=Reply(200, "application/json", "", {"keys": [{"kty": "RSA", "use": "sig"}]}),
    forbidden=Attempt.REFUSED,
    logs=LogFacts(pods=2, lines=400, requests=120),
)
SILENT = Reply(problem="no answer within 3 seconds")


def listed(kind: Kind, *found: Object) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, objects={**facts.objects, kind: found})


def hidden(kind: Kind, *, absent: bool = False) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, objects={**facts.objects, kind: Unseen("403 Forbidden", absent)})


def answer(path: str, reply: Reply) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, web={**facts.web, path: reply})


def monitored(**spec: Any) -> Callable[[Facts], Facts]:
    """No ServiceMonitor, and one PodMonitor of another namespace."""

    def change(facts: Facts) -> Facts:
        monitor = {"metadata": {"name": "pods", "namespace": "valeo-system"}, "spec": spec}
        return replace(facts, objects={**facts.objects, SERVICE_MONITORS: (), POD_MONITORS: (monitor,)})

    return change


def told(path: str, json: Any, status: int = 200) -> Callable[[Facts], Facts]:
    return answer(path, Reply(status, "application/json", "", json))


def having(**changed: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, **changed)


def scraped(old: str, new: str) -> Callable[[Facts], Facts]:
    return having(scrapes={name: Reply(200, "", NUMBERS.replace(old, new)) for name in ("p1", "p2")})


def counts(**changed: Any) -> Callable[[Facts], Facts]:
    return having(logs=replace(GOOD.logs or LogFacts(), **changed))


def certificate(days: float, *hosts: str, begins: int = -1) -> Callable[[Facts], Facts]:
    return having(certificate=Certificate(NOW + timedelta(days=begins), NOW + timedelta(days=days), hosts))


def deployment(**template: Any) -> Callable[[Facts], Facts]:
    spec = {"replicas": 2, "template": {"spec": {**TEMPLATE, **template}}}
    return listed(DEPLOYMENTS, named("production-blue", ERP, spec=spec))


FAIL, UNKNOWN, PASS = Result.FAIL, Result.UNKNOWN, Result.PASS
NO_COLOUR = having(erp=erp(status={"activeColour": None}))
CASES: list[tuple[Check, Result, Callable[[Facts], Facts]]] = [
    (Check.TRACING, FAIL, scraped('outcome="sent"', 'outcome="lost"')),
    (Check.TRACING, UNKNOWN, scraped('{outcome="sent"} 12', '{outcome="sent"} 0')),
    (Check.TRACING, UNKNOWN, having(erp=erp(spec={"tracing": None}))),
    (Check.TRACING, UNKNOWN, having(scrapes={})),
    (Check.NAMESPACE, FAIL, having(namespace=named("default", status={"phase": "Active"}))),
    (Check.NAMESPACE, FAIL, having(namespace=named("kube-public", status={"phase": "Active"}))),
    (Check.NAMESPACE, FAIL, having(namespace=named("erp", status={"phase": "Terminating"}))),
    (Check.NAMESPACE, FAIL, listed(PODS)),
    (Check.NAMESPACE, UNKNOWN, having(namespace=None)),
    (Check.RESOURCE_QUOTA, FAIL, listed(QUOTAS)),
    (Check.RESOURCE_QUOTA, FAIL, listed(QUOTAS, named("q", spec={"hard": {"pods": "2"}}))),
    (Check.RESOURCE_QUOTA, UNKNOWN, hidden(QUOTAS)),
    (Check.NETWORK_POLICIES, FAIL, listed(NETWORK_POLICIES)),
    (Check.NETWORK_POLICIES, FAIL, having(forbidden=Attempt.ACCEPTED)),
    (Check.NETWORK_POLICIES, FAIL, listed(NETWORK_POLICIES, named("x", spec={**DENY, "policyTypes": ["Ingress"]}))),
    (Check.NETWORK_POLICIES, FAIL, listed(NETWORK_POLICIES, named("x", spec={**DENY, "egress": [{}]}))),
    (
        Check.NETWORK_POLICIES,
        FAIL,
        listed(NETWORK_POLICIES, named("x", spec={**DENY, "podSelector": {"matchLabels": ERP}})),
    ),
    (Check.NETWORK_POLICIES, UNKNOWN, having(forbidden=Attempt.NOT_TRIED)),
    (Check.NETWORK_POLICIES, UNKNOWN, answer("/readyz", SILENT)),
    (Check.NETWORK_POLICIES, UNKNOWN, hidden(NETWORK_POLICIES)),
    (Check.INGRESS, FAIL, having(erp=erp(spec={"ingress": None, "publicURL": "https://erp.example.com"}))),
    (Check.INGRESS, FAIL, listed(INGRESSES)),
    (Check.INGRESS, FAIL, listed(INGRESSES, named("production", OURS))),
    (Check.INGRESS, UNKNOWN, hidden(INGRESSES)),
    (Check.TLS_CERTIFICATE, FAIL, certificate(14, "erp.example.com")),
    (Check.TLS_CERTIFICATE, PASS, certificate(14.1, "erp.example.com")),
    (Check.TLS_CERTIFICATE, PASS, certificate(60, "*.example.com")),
    (Check.TLS_CERTIFICATE, FAIL, certificate(60, "other.example.com", "*.erp.example.com")),
    (Check.TLS_CERTIFICATE, FAIL, certificate(60, "erp.example.com", begins=1)),
    (Check.TLS_CERTIFICATE, FAIL, having(certificate="the Secret is not there")),
    (Check.TLS_CERTIFICATE, FAIL, having(erp=erp(spec={"ingress": {"host": "erp.example.com"}}))),
    (Check.PROMETHEUS, FAIL, hidden(PROMETHEUSES, absent=True)),
    (Check.PROMETHEUS, FAIL, listed(PROMETHEUSES, named("main"))),
    (Check.PROMETHEUS, FAIL, listed(SERVICE_MONITORS, named("of-another"))),
    (Check.PROMETHEUS, FAIL, monitored()),
    (Check.PROMETHEUS, FAIL, monitored(namespaceSelector={"matchNames": ["another"]}, selector={"matchLabels": OURS})),
    (Check.PROMETHEUS, FAIL, monitored(namespaceSelector={"any": True}, selector={"matchLabels": {"app": "x"}})),
    (Check.PROMETHEUS, FAIL, monitored(namespaceSelector={"any": True}, selector={})),
    (Check.PROMETHEUS, UNKNOWN, hidden(SERVICE_MONITORS)),
    (Check.PROMETHEUS, UNKNOWN, hidden(POD_MONITORS)),
    (Check.DATABASE_SECRETS, FAIL, deployment(volumes=[])),
    (Check.DATABASE_SECRETS, FAIL, deployment(containers=[{"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}])),
    (Check.DATABASE_SECRETS, FAIL, deployment(containers=[{"envFrom": [{"secretRef": {"name": "s"}}]}])),
    (
        Check.DATABASE_SECRETS,
        FAIL,
        deployment(containers=[{"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]),
    ),
    (Check.DATABASE_SECRETS, FAIL, having(secrets={"production-database-app-a": None})),
    (Check.DATABASE_SECRETS, UNKNOWN, listed(DEPLOYMENTS)),
    (Check.DATABASE_SECRETS, UNKNOWN, NO_COLOUR),
    (Check.SECRETS_NOT_IN_CONFIG_MAPS, FAIL, having(leaks=(Leak("ConfigMap/c k", "Secret/s password"),))),
    (
        Check.SECRETS_NOT_IN_CONFIG_MAPS,
        FAIL,
        listed(CONFIG_MAPS, *OBJECTS[CONFIG_MAPS], named("mine", data={"db.password": "hunter2"})),
    ),
    (Check.SECRETS_NOT_IN_CONFIG_MAPS, UNKNOWN, having(leaks=None)),
    (Check.SECRETS_NOT_IN_CONFIG_MAPS, UNKNOWN, listed(CONFIG_MAPS)),
    (Check.SECRETS_NOT_IN_CONFIG_MAPS, UNKNOWN, hidden(CONFIG_MAPS)),
    (Check.AUTOSCALING, FAIL, listed(AUTOSCALERS)),
    (
        Check.AUTOSCALING,
        FAIL,
        listed(
            AUTOSCALERS,
            named(
                "h",
                spec={"scaleTargetRef": {"name": "production-blue"}},
                status={"conditions": [{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}]},
            ),
        ),
    ),
    (
        Check.AUTOSCALING,
        UNKNOWN,
        listed(AUTOSCALERS, named("h", spec={"scaleTargetRef": {"name": "production-blue"}})),
    ),
    (Check.AUTOSCALING, UNKNOWN, hidden(AUTOSCALERS)),
    (Check.PODS_READY, FAIL, listed(PODS, pod("p1"))),
    (Check.PODS_READY, FAIL, listed(PODS, pod("p1"), named("p2", ERP))),
    (Check.PODS_READY, FAIL, listed(PODS, pod("p1"), pod("p2", **{"valeoerp.io/release": "r0"}))),
    (Check.PODS_READY, UNKNOWN, NO_COLOUR),
    (Check.PODS_READY, UNKNOWN, hidden(PODS)),
    (Check.OLD_COLOUR_GONE, FAIL, listed(PODS, pod("p1"), pod("old", **{"valeoerp.io/colour": "green"}))),
    (Check.OLD_COLOUR_GONE, UNKNOWN, having(erp=erp(status={"phase": "Switching"}))),
    (Check.OLD_COLOUR_GONE, UNKNOWN, listed(PODS)),
    (Check.OLD_COLOUR_GONE, UNKNOWN, hidden(PODS)),
    (Check.ROLLBACK_POSSIBLE, UNKNOWN, having(erp=erp(status={"conditions": []}))),
    (
        Check.ROLLBACK_POSSIBLE,
        FAIL,
        having(
            erp=erp(
                status={
                    "conditions": [
                        {
                            "type": "RollbackPossible",
                            "status": "False",
                            "reason": "NoPreviousRelease",
                            "lastTransitionTime": "2026-01-05T08:00:00Z",
                        }
                    ]
                }
            )
        ),
    ),
    (
        Check.MEMORY,
        FAIL,
        listed(POD_METRICS, *(named(n, containers=[{"usage": {"memory": "900Mi"}}]) for n in ("p1", "p2"))),
    ),
    (Check.MEMORY, UNKNOWN, listed(POD_METRICS, *OBJECTS[POD_METRICS][:1])),
    (Check.MEMORY, UNKNOWN, listed(POD_METRICS, *(named(n, containers=[]) for n in ("p1", "p2")))),
    (Check.MEMORY, UNKNOWN, hidden(POD_METRICS, absent=True)),
    (Check.DATABASE_ANSWERS, FAIL, told("/readyz", {"ready": False, "checks": {"database": "timeout"}}, 503)),
    (Check.DATABASE_ANSWERS, UNKNOWN, answer("/readyz", SILENT)),
    (Check.DATABASE_ANSWERS, UNKNOWN, told("/readyz", [], 404)),
    (Check.HEALTHZ, FAIL, told("/healthz", None, 500)),
    (Check.HEALTHZ, FAIL, told("/healthz", None, 302)),
    (Check.HEALTHZ, UNKNOWN, answer("/healthz", SILENT)),
    (Check.READYZ, FAIL, told("/readyz", READY, 503)),
    (Check.READYZ, FAIL, told("/readyz", {**READY, "ready": "yes"})),
    (Check.READYZ, FAIL, told("/readyz", {**READY, "release": "r0"})),
    (Check.READYZ, UNKNOWN, answer("/readyz", SILENT)),
    (Check.METRICS, FAIL, answer("/metrics", Reply(200, "text/plain", "process_cpu_seconds_total 1"))),
    (Check.METRICS, FAIL, answer("/metrics", Reply(200))),
    (Check.METRICS, UNKNOWN, answer("/metrics", SILENT)),
    (Check.DOCS_PAGE, FAIL, told("/docs", {})),
    (Check.DOCS_PAGE, FAIL, told("/openapi.json", {"paths": {}})),
    (Check.DOCS_PAGE, FAIL, told("/docs", None, 404)),
    (Check.DOCS_PAGE, UNKNOWN, answer("/docs", SILENT)),
    (Check.OPENAPI_CURRENT, FAIL, told("/openapi.json", {**DESCRIBED, "info": {"version": "0.0.9"}})),
    (Check.OPENAPI_CURRENT, FAIL, told("/openapi.json", {"info": {"version": "0.1.0"}})),
    (Check.OPENAPI_CURRENT, UNKNOWN, having(erp=erp(status={"version": None}))),
    (Check.OPENAPI_CURRENT, UNKNOWN, answer("/openapi.json", SILENT)),
    (Check.OPENAPI_AUTHENTICATION, FAIL, told("/openapi.json", {**DESCRIBED, "components": {}})),
    (Check.OPENAPI_AUTHENTICATION, FAIL, told("/openapi.json", {**DESCRIBED, "paths": {"/x": {"get": {}}}})),
    (Check.OPENAPI_AUTHENTICATION, UNKNOWN, answer("/openapi.json", SILENT)),
    (Check.OPENAPI_EXAMPLES, FAIL, told("/openapi.json", {**DESCRIBED, "components": {}})),
    (Check.OPENAPI_EXAMPLES, UNKNOWN, answer("/openapi.json", SILENT)),
    (Check.SCHEMA_AT_HEAD, FAIL, told("/readyz", {**READY, "checks": {"schema": "behind"}})),
    (Check.SCHEMA_AT_HEAD, UNKNOWN, answer("/readyz", SILENT)),
    (Check.ERROR_RATE, FAIL, scraped('status="200"} 300', 'status="500"} 300')),
    (Check.ERROR_RATE, UNKNOWN, scraped('status="200"} 300', 'status="200"} 49')),
    (Check.ERROR_RATE, UNKNOWN, scraped('status="200"} 300', 'status="200"} NaN')),
    (Check.ERROR_RATE, UNKNOWN, scraped(NUMBERS, "")),
    (Check.ERROR_RATE, UNKNOWN, scraped(NUMBERS, "<html>")),
    (Check.ERROR_RATE, UNKNOWN, having(scrapes={"p1": Reply(200, "", NUMBERS)})),
    (Check.NO_TIMEOUTS, FAIL, scraped('status="200"} 300', 'status="504"} 300')),
    (Check.NO_TIMEOUTS, UNKNOWN, NO_COLOUR),
    (Check.LATENCY_P95, FAIL, scraped('le="0.5"} 299', 'le="0.5"} 284')),
    (Check.LATENCY_P95, PASS, scraped('le="0.5"} 299', 'le="0.5"} 285')),
    (Check.LATENCY_P95, UNKNOWN, scraped('le="0.5"} 299', 'le="0.5"} NaN')),
    (Check.LATENCY_P95, UNKNOWN, scraped(NUMBERS, "")),
    (Check.LATENCY_P95, UNKNOWN, having(scrapes={})),
    (Check.CONNECTION_POOL, FAIL, scraped("in_use 2", "in_use 10")),
    (Check.CONNECTION_POOL, UNKNOWN, scraped("in_use 2", "in_use NaN")),
    (Check.CONNECTION_POOL, UNKNOWN, scraped("size 10", "size 0")),
    (Check.CONNECTION_POOL, UNKNOWN, having(scrapes={"p1": SILENT, "p2": SILENT})),
    (Check.STREAMS_STABLE, FAIL, scraped('"too_slow"} 0', '"too_slow"} 1')),
    (Check.STREAMS_STABLE, UNKNOWN, scraped("valeo_event_streams 4", "valeo_event_streams 0")),
    (Check.STREAMS_STABLE, UNKNOWN, scraped("valeo_event_streams 4", "valeo_event_streams NaN")),
    (Check.STREAMS_STABLE, UNKNOWN, having(scrapes={"p1": SILENT, "p2": SILENT})),
    (Check.OIDC_DISCOVERY, FAIL, having(discovery=Reply(200, "", "", {"issuer": "https://evil.example.com"}))),
    (Check.OIDC_DISCOVERY, FAIL, having(discovery=Reply(404))),
    (Check.OIDC_DISCOVERY, UNKNOWN, having(discovery=SILENT)),
    (Check.JWKS, FAIL, having(keys=Reply(200, "", "", {"keys": []}))),
    (Check.JWKS, FAIL, having(keys=Reply(200, "", "", {"keys": [{"kty": "oct"}, {"kty": "RSA", "use": "enc"}]}))),
    (Check.JWKS, FAIL, having(keys=Reply(500))),
    (Check.JWKS, UNKNOWN, having(keys=SILENT)),
    (Check.LOGS_CLEAN, FAIL, counts(errors=1)),
    (Check.LOGS_CLEAN, UNKNOWN, counts(lines=0)),
    (Check.LOGS_CLEAN, UNKNOWN, counts(restarts=1)),
    (Check.LOGS_CLEAN, UNKNOWN, having(logs=None)),
    (Check.LOGS_REDACTED, FAIL, counts(personal=("IBAN",))),
    (Check.LOGS_REDACTED, FAIL, counts(personal=("IBAN",), lines=1)),
    (Check.LOGS_REDACTED, UNKNOWN, counts(lines=19)),
    (Check.LOGS_REDACTED, UNKNOWN, having(logs=None)),
    (Check.LOGS_CORRELATED, FAIL, counts(uncorrelated=1)),
    (Check.LOGS_CORRELATED, UNKNOWN, counts(requests=9)),
    (Check.LOGS_CORRELATED, UNKNOWN, having(logs=None)),
]


def test_every_word_of_the_checklist_has_its_check() -> None:
    assert set(CHECKS) == set(Check)


@pytest.mark.parametrize("check", [check for check in Check if check not in ELSEWHERE], ids=str)
def test_a_good_installation_passes_and_the_pass_shows_what_was_seen(check: Check) -> None:
    outcome = look(check, GOOD)

    assert (outcome.result, outcome.reason) == (PASS, "Holds"), outcome.message
    assert outcome.evidence


@pytest.mark.parametrize(
    ("check", "result", "change"), CASES, ids=[f"{check}-{result}-{n}" for n, (check, result, _) in enumerate(CASES)]
)
def test_a_change_of_the_world_changes_the_result(
    check: Check, result: Result, change: Callable[[Facts], Facts]
) -> None:
    outcome = look(check, change(GOOD))

    assert outcome.result is result, outcome.message
    assert outcome.next_step or result is PASS


def test_every_check_that_can_pass_was_seen_to_fail_and_to_be_unknown() -> None:
    seen = {(check, result) for check, result, _ in CASES}
    able = [check for check in Check if check not in ELSEWHERE]

    missing = {(check, result) for check in able for result in (FAIL, UNKNOWN)} - seen

    # The certificate is read or it is not there: what is not there can't be valid.
    assert missing == {(Check.TLS_CERTIFICATE, UNKNOWN)}


@pytest.mark.parametrize("check", list(unseen.CHECKS), ids=str)
def test_what_nothing_can_see_yet_is_unknown_also_in_a_good_installation(check: Check) -> None:
    outcome = look(check, GOOD)

    assert (outcome.result, outcome.reason) == (UNKNOWN, "NotSeenYet")
    assert outcome.message.startswith("No check can see this yet: ")


@pytest.mark.parametrize("check", list(Check), ids=str)
@pytest.mark.parametrize("status", ["as reported", "never looked at"])
def test_in_an_empty_namespace_nothing_passes(check: Check, status: str) -> None:
    """Also while the ValeoERP still says that it was complete once."""
    told = (
        erp()
        if status == "as reported"
        else erp(status=dict.fromkeys(("version", "phase", "activeColour", "activeRelease"), None) | {"conditions": []})
    )
    objects = dict.fromkeys(OBJECTS, ())
    empty = Facts(
        erp=told,
        now=NOW,
        objects=objects,
        namespace=named("erp", status={"phase": "Active"}),
        secrets={"production-database-app-a": None},
        leaks=(),
        certificate="the Secret is not there",
        web=dict.fromkeys(PATHS, SILENT),
        discovery=SILENT,
        keys=SILENT,
        forbidden=Attempt.REFUSED,
        logs=LogFacts(),
    )

    assert look(check, empty).result is not PASS


def test_the_development_provider_is_good_for_staging_only() -> None:
    auth = {"developmentProvider": {"publicURL": "http://127.0.0.1:8081"}}
    reply = Reply(200, "", "", {"issuer": "http://127.0.0.1:8081"})
    production = having(erp=erp(spec={"auth": auth}), discovery=reply)(GOOD)
    asked = {"environment": Environment.STAGING.value, "requestedBy": "alice"}
    staging = replace(production, erp=erp(spec={"auth": auth, "goLive": asked}))

    assert look(Check.OIDC_DISCOVERY, production).result is FAIL
    assert look(Check.OIDC_DISCOVERY, staging).result is PASS


def test_no_check_repeats_what_a_foreign_server_said() -> None:
    reply = Reply(200, "", "<script>", {"issuer": "<script>alert(1)</script>"})

    assert "<script>" not in str(look(Check.OIDC_DISCOVERY, having(discovery=reply)(GOOD)))


def test_base64_is_not_needed_to_find_a_secret_by_its_name() -> None:
    value = base64.b64encode(b"hunter2").decode()
    facts = listed(CONFIG_MAPS, *OBJECTS[CONFIG_MAPS], named("mine", data={"API_KEY": value}))(GOOD)

    assert look(Check.SECRETS_NOT_IN_CONFIG_MAPS, facts).result is FAIL


def test_the_pod_monitor_of_the_chart_leads_a_prometheus_to_the_pods() -> None:
    chosen = {"app.kubernetes.io/managed-by": "valeo-operator", "app.kubernetes.io/component": "erp"}
    facts = monitored(namespaceSelector={"any": True}, selector={"matchLabels": chosen})(GOOD)

    assert look(Check.PROMETHEUS, facts).result is PASS
    assert "PodMonitor/pods" in look(Check.PROMETHEUS, facts).message
