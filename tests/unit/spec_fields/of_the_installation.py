"""Every field that says what runs and how a release gets there, with another value and the place where it shows."""

from collections.abc import Sequence

from tests.support.spec_fields import Change, change
from tests.unit.spec_fields.stories import (
    another_release,
    comes_up,
    is_changed,
    is_deleted,
    is_rotated,
    is_watched,
    many_releases,
)

from valeo_operator.installations.facts import Analysis

ASKED = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
SCALING = {"autoscaling": {"maxReplicas": 6, "cpuPercent": 70, "memoryPercent": 80}}
EXTERNAL = {"host": "db", "name": "valeo", "migratorSecret": "owner", "applicationSecret": "login"}
ELSEWHERE = {"database": {"engine": "External", "external": EXTERNAL}}
CHECKED = {
    "database": {"engine": "External", "external": {**EXTERNAL, "sslMode": "verify-full", "caSecret": "authority"}}
}
ISSUER = {
    "auth": {"issuer": "https://id.example", "clientSecret": {"name": "client"}},
    "publicURL": "https://a.example",
}
NODE_PORT = {"service": {"type": "NodePort"}}
NAMED = {"ingress": {"host": "erp.example"}, "publicURL": None}
SECURED = {"ingress": {"host": "erp.example", "tls": {"secretName": "tls"}}, "publicURL": None}
CERTIFIED = {"ingress": {"host": "erp.example", "tls": {"certManagerIssuer": "letsencrypt"}}, "publicURL": None}
PROMETHEUS = {"monitoring": {"prometheusURL": "http://p:9090"}}
BREACH = Analysis("Fail", "5 % of the requests failed")

POD = r"Deployment/production-blue:.*"
ARCHIVED: dict[str, object] = {"backup": {}, "database": {"embedded": {"pointInTime": {"keepDays": 14}}}}
ARCHIVE = r"PersistentVolumeClaim/production-database-archive:spec\."
SERVER = r"StatefulSet/production-database:spec\.template\.spec\.containers\[postgresql\]"
CONFIG = r"ConfigMap/production-config-#:data\."
MIGRATION = r"Job/production-migrate-#-1:spec\.template\.spec"

INSTALLATION: Sequence[Change] = (
    change("image", "valeo-erp:1.0.1", POD + r"containers\[erp\]\.image$", comes_up),
    change("imagePullPolicy", "Never", POD + r"imagePullPolicy", comes_up),
    change("replicas", 3, POD + r"spec\.replicas", comes_up),
    change("autoscaling.minReplicas", 3, r"HorizontalPodAutoscaler/.*minReplicas", comes_up, SCALING, was=2),
    change("autoscaling.maxReplicas", 7, r"HorizontalPodAutoscaler/.*maxReplicas", comes_up, SCALING),
    change("autoscaling.cpuPercent", 50, r"HorizontalPodAutoscaler/.*averageUtilization", comes_up, SCALING),
    change("autoscaling.memoryPercent", 50, r"HorizontalPodAutoscaler/.*averageUtilization", comes_up, SCALING),
    change("suspend", "true", r"^Deployment/production-blue$", comes_up),
    change("mode", "Plan", r"^Deployment/production-blue$", comes_up),
    change("resources.requests.cpu", "200m", POD + r"requests\.cpu", comes_up, {"resources": ASKED}),
    change("resources.requests.memory", "300Mi", POD + r"requests\.memory", comes_up, {"resources": ASKED}),
    change("resources.limits.cpu", "2", POD + r"limits\.cpu", comes_up, {"resources": ASKED}),
    change("resources.limits.memory", "2Gi", POD + r"limits\.memory", comes_up, {"resources": ASKED}),
    change("publicURL", "http://127.0.0.1:9090", CONFIG + "VALEO_PUBLIC_URL", comes_up),
    change("deletionPolicy", "Delete", r"^PersistentVolumeClaim/production-database-data$", is_deleted),
    change("rotation.database.every", "30d", r"status\.rotation\.database\.nextAt", comes_up, {"rotation": {}}),
    change("rotation.database.suspend", "true", r"status\.rotation\.database\.nextAt", comes_up, {"rotation": {}}),
    change(
        "rotation.signingKeys.every",
        "30d",
        r"status\.rotation\.signingKeys\.nextAt",
        comes_up,
        {"rotation": {"signingKeys": {}}},
    ),
    change(
        "rotation.signingKeys.suspend",
        "true",
        r"status\.rotation\.signingKeys\.nextAt",
        comes_up,
        {"rotation": {"signingKeys": {}}},
    ),
    change("rotation.overlap", "15m", r"status\.rotation\.database\.phase$", is_rotated, was="24h"),
)

ROLLOUT: Sequence[Change] = (
    change("rollout.stabilitySeconds", 9, r"phase at \d+ s:Verifying", another_release()),
    change("rollout.smokeTests", "false", r"^Job/production-smoke-", another_release()),
    change("rollout.promotion", "Manual", r"phase at 59 s:AwaitingPromotion", another_release()),
    change("rollout.drainSeconds", 20, r"phase at \d+ s:Draining", another_release(connections=5)),
    change(
        "rollout.watchMinutes",
        30,
        r"phase at \d+ s:Watching",
        another_release(),
        {"rollout": {"watchSeconds": None}},
        0,
    ),
    change("rollout.watchSeconds", 20, r"phase at \d+ s:Watching", another_release()),
    change("rollout.maxErrorRate", "5%", r"limits\.error_rate", is_watched),
    change("rollout.maxP95Milliseconds", 900, r"limits\.p95", is_watched),
    change("rollout.numbersFrom", "Prometheus", r"numbers from", is_watched, PROMETHEUS),
    change("rollout.autoRollback", "false", r"phase at 59 s:RolledBack", another_release(BREACH)),
    change("rollout.keepReleases", 3, r"how many releases", many_releases),
)

DATABASE: Sequence[Change] = (
    Change("database.engine", {}, ELSEWHERE, r"^StatefulSet/production-database$", comes_up),
    change("database.embedded.image", "valeo-postgres:17.1", SERVER + r"\.image$", comes_up),
    change(
        "database.embedded.storage.size",
        "2Gi",
        r"PersistentVolumeClaim/production-database-data:.*storage$",
        is_changed,
    ),
    change("database.embedded.storage.className", "fast", r"PersistentVolumeClaim/.*storageClassName", comes_up),
    *(
        change(
            f"database.embedded.resources.{kind}",
            value,
            SERVER + rf"\.resources\.{kind}",
            comes_up,
            {"database": {"embedded": {"resources": ASKED}}},
        )
        for kind, value in (
            ("requests.cpu", "200m"),
            ("requests.memory", "300Mi"),
            ("limits.cpu", "2"),
            ("limits.memory", "2Gi"),
        )
    ),
    *(
        change(f"database.embedded.pointInTime.{field}", value, shows_at, comes_up, ARCHIVED)
        for field, value, shows_at in (
            ("enabled", "false", r"containers\[archivist\]\.image$"),
            ("volume.size", "9Gi", ARCHIVE + r"resources\.requests\.storage$"),
            ("volume.storageClassName", "fast", ARCHIVE + r"storageClassName$"),
            ("keepDays", 3, r"containers\[archivist\]\.env"),
            ("fullEveryDays", 2, r"containers\[archivist\]\.args"),
            ("differentialEveryHours", 6, r"containers\[archivist\]\.args"),
        )
    ),
    change("database.external.host", "db.example", CONFIG + "VALEO_DATABASE_HOST", comes_up, ELSEWHERE),
    change("database.external.port", 6432, CONFIG + "VALEO_DATABASE_PORT", comes_up, ELSEWHERE),
    change("database.external.name", "erp", CONFIG + "VALEO_DATABASE_NAME", comes_up, ELSEWHERE),
    change("database.external.sslMode", "prefer", CONFIG + "VALEO_DATABASE_SSLMODE", comes_up, ELSEWHERE),
    change(
        "database.external.caSecret",
        "other-authority",
        POD + r"volumes\[database-ca\]\.secret\.secretName",
        comes_up,
        CHECKED,
    ),
    change("database.external.migratorSecret", "another", MIGRATION + r".*secretName", comes_up, ELSEWHERE),
    change(
        "database.external.applicationSecret",
        "another",
        POD + r"volumes\[database\].*secret\.name",
        comes_up,
        ELSEWHERE,
    ),
)

ACCESS: Sequence[Change] = (
    change("auth.issuer", "https://other.example", CONFIG + "VALEO_OIDC_ISSUER", comes_up, ISSUER),
    change("auth.audience", "other", CONFIG + "VALEO_OIDC_AUDIENCE", comes_up),
    change("auth.internalURL", "http://id.svc:8080", CONFIG + "VALEO_OIDC_INTERNAL_URL", comes_up, ISSUER),
    change("auth.clientSecret.name", "other-client", POD + r"volumes\[oidc\]\.secret\.secretName", comes_up, ISSUER),
    change("auth.clientSecret.key", "other-key", CONFIG + "VALEO_OIDC_CLIENT_SECRET_FILE", comes_up, ISSUER),
    change("auth.rolesClaim", "groups", CONFIG + "VALEO_OIDC_ROLES_CLAIM", comes_up),
    change("auth.tenantClaim", "org", CONFIG + "VALEO_OIDC_TENANT_CLAIM", comes_up),
    change("auth.developmentProvider.publicURL", "http://127.0.0.1:8082", CONFIG + "VALEO_OIDC_ISSUER", comes_up),
    change("auth.developmentProvider.nodePort", 30481, r"Service/production-identity:.*nodePort", comes_up),
    change("service.type", "NodePort", r"Service/production:spec\.type", comes_up),
    change("service.nodePort", 30480, r"Service/production:.*nodePort", comes_up, NODE_PORT),
    change("ingress.host", "other.example", r"Ingress/production:.*host", comes_up, NAMED),
    change("ingress.className", "nginx", r"Ingress/production:spec\.ingressClassName", comes_up, NAMED),
    change("ingress.tls.secretName", "other-tls", r"Ingress/production:spec\.tls.*secretName", comes_up, SECURED),
    change("ingress.tls.certManagerIssuer", "other", r"Ingress/production:metadata\.annotations", comes_up, CERTIFIED),
)
