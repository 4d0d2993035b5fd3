"""Every field of backups and of go-live gates, with another value and the place where it shows."""

from collections.abc import Sequence

from tests.support.spec_fields import Change, Refused, change
from tests.unit.spec_fields.stories import (
    a_night_later,
    another_release,
    comes_up,
    comes_up_beside_prometheus,
    is_asked_for_elsewhere,
    is_backed_up,
    is_judged,
    is_restored,
    months_later,
    results_are_brought,
    three_days_later,
)

VOLUME = {"backup": {"destinations": [{"name": "volume", "volume": {"size": "5Gi"}}]}}
BUCKET = {"endpoint": "https://s3.example", "bucket": "backups", "credentialsSecret": "store"}
STORE = {"backup": {"destinations": [{"name": "store", "s3": BUCKET}]}}
SEALED = {"backup": {"encryption": {"secretName": "keys", "key": "k1"}}}
ONE_DAY = {"backup": {"retention": {"daily": 1}}}
ASKED = {"goLive": {"environment": "production", "requestedBy": "alice"}}
LIMITED = {"quota": {"cpu": "4", "memory": "8Gi", "pods": 20}}
TRACED = {"tracing": {"otlpURL": "http://a:4318"}}
PROVEN = {"goLive": {**ASKED["goLive"], "requires": {"signedBy": ["staging"]}}}

MAKING = r"Job/production-make-#-1:spec\.template\.spec\.containers\[make\]"
CLAIM = r"PersistentVolumeClaim/production-backups-volume"
TOLD = r"ValeoERP/production:status\.backups\."
S3 = "backup.destinations[].s3."

BACKUP: Sequence[Change] = (
    change("backup.schedule", "0 3 * * *", TOLD + "nextSlot", is_backed_up),
    change("backup.timeZone", "Europe/Berlin", TOLD + "nextSlot", is_backed_up),
    change("backup.startingDeadlineSeconds", 60, TOLD + "missedSlots", a_night_later),
    change("backup.suspend", "true", TOLD + "handledSlot", a_night_later),
    change("backup.retention.daily", 1, TOLD + r"good", months_later),
    change("backup.retention.monthly", 0, TOLD + r"good", months_later, ONE_DAY),
    change(
        "backup.destinations[].name",
        "nightly",
        r"^PersistentVolumeClaim/production-backups-nightly$",
        is_backed_up,
        VOLUME,
    ),
    change(
        "backup.destinations[].volume.size", "9Gi", CLAIM + r":spec\.resources\.requests\.storage", is_backed_up, VOLUME
    ),
    change(
        "backup.destinations[].volume.storageClassName",
        "fast",
        CLAIM + r":spec\.storageClassName",
        is_backed_up,
        VOLUME,
    ),
    change(S3 + "endpoint", "https://other.example", MAKING, is_backed_up, STORE),
    change(S3 + "bucket", "others", MAKING, is_backed_up, STORE),
    change(S3 + "prefix", "erp", MAKING, is_backed_up, STORE),
    change(S3 + "region", "eu-central-1", MAKING, is_backed_up, STORE),
    change(S3 + "credentialsSecret", "other", r"Job/production-make-#-1:.*secretName", is_backed_up, STORE),
    change("backup.encryption.secretName", "other", r"Job/production-make-#-1:.*secretName", is_backed_up, SEALED),
    change("backup.encryption.key", "k2", MAKING, is_backed_up, SEALED),
    change("backup.drill.schedule", "0 5 * * *", TOLD + "nextDrill", is_backed_up),
    change("backup.drill.targetSeconds", 1, r"ValeoRestore/again:status\.targetMet", is_backed_up),
    change(
        "backup.drill.suspend",
        "true",
        r"^ValeoRestore/",
        a_night_later,
        {"backup": {"drill": {"schedule": "0 4 * * *"}}},
    ),
    change("backup.verifyDays", 2, r"^Job/production-verify-", three_days_later),
    change("backup.keepReplacedDays", 2, r"ValeoRestore/again:status\.replaced\.dropsAt", is_restored),
)

GO_LIVE: Sequence[Change | Refused] = (
    change("goLive.environment", "staging", r"GoLiveGate/.*status\.result", is_judged, ASKED),
    Refused("goLive.requires.environment", "only results of staging can be asked for"),
    change("goLive.requires.signedBy", ["another"], "why they do not count", results_are_brought, PROVEN),
    change("goLive.requires.maximumAge", "1d", r"maximumAge", is_asked_for_elsewhere, PROVEN),
    change(
        "goLive.checklist", "ours", r"ValeoERP/production:status\.conditions\[GoLiveReady\]\.reason", is_judged, ASKED
    ),
    change("goLive.requestedBy", "bob", r"ValeoERP/production:status\.goLive\.author", is_judged, ASKED),
    change("goLive.enforce", "true", r"phase at 59 s:Gating", another_release(), ASKED),
)

QUOTA: Sequence[Change] = (
    change("quota.cpu", "9", r"ResourceQuota/production:.*requests\.cpu", comes_up, LIMITED),
    change("quota.memory", "9Gi", r"ResourceQuota/production:.*limits\.memory", comes_up, LIMITED),
    change("quota.pods", 30, r"ResourceQuota/production:.*pods", comes_up, LIMITED),
    change("quota.containers.cpu", "70m", r"LimitRange/production:.*defaultRequest\.cpu", comes_up, LIMITED),
    change("quota.containers.memory", "2Gi", r"LimitRange/production:.*default\.memory", comes_up, LIMITED),
)

MONITORING: Sequence[Change] = (
    change("monitoring.objects", "false", r"^PodMonitor/production$", comes_up_beside_prometheus),
    change(
        "monitoring.labels",
        {"release": "prometheus"},
        r"^PrometheusRule/production:metadata\.labels\.release$",
        comes_up_beside_prometheus,
    ),
    change("monitoring.prometheusURL", "http://p", r"GoLiveGate/.*alerts-configured:status\.reason", is_judged, ASKED),
    change("monitoring.alertmanagerURL", "http://a", r"GoLiveGate/.*test-alert:status\.reason", is_judged, ASKED),
    change("tracing.otlpURL", "http://b:4318", r"ConfigMap/.*VALEO_OTLP_URL", comes_up, TRACED),
    change("tracing.share", "5%", r"ConfigMap/.*VALEO_TRACE_SHARE", comes_up, TRACED),
    change("monitoring.grafanaURL", "http://g", r"GoLiveGate/.*grafana-dashboard:status\.reason", is_judged, ASKED),
)
