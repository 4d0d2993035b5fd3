"""The checks: facts in, an outcome with its evidence out. One function for each word of `Check`, in one table."""

from collections.abc import Callable, Mapping
from typing import Final

from valeo_operator.api.golive import Check
from valeo_operator.api.golivechecklist import DocumentWanted
from valeo_operator.golive.checks import (
    backups,
    credentials,
    database,
    documents,
    erp,
    history,
    monitoring,
    numbers,
    provider,
    release_logs,
    smoke,
    surroundings,
    unseen,
)
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome

CHECKS: Final[Mapping[Check, Callable[[Facts], Outcome]]] = {
    Check.NAMESPACE: surroundings.namespace,
    Check.RESOURCE_QUOTA: surroundings.resource_quota,
    Check.NETWORK_POLICIES: surroundings.network_policies,
    Check.INGRESS: surroundings.ingress,
    Check.TLS_CERTIFICATE: surroundings.tls_certificate,
    Check.PROMETHEUS: monitoring.prometheus,
    Check.ALERT_RULES: monitoring.alert_rules,
    Check.GRAFANA_DASHBOARD: monitoring.grafana_dashboard,
    Check.TEST_ALERT: monitoring.test_alert,
    Check.ALERT_ROUTING: monitoring.alert_routing,
    Check.DATABASE_SECRETS: surroundings.database_secrets,
    Check.SECRETS_NOT_IN_CONFIG_MAPS: surroundings.secrets_not_in_config_maps,
    Check.AUTOSCALING: surroundings.autoscaling,
    Check.PODS_READY: surroundings.pods_ready,
    Check.OLD_COLOUR_GONE: surroundings.old_colour_gone,
    Check.ROLLBACK_POSSIBLE: surroundings.rollback_possible,
    Check.BACKUP_SCHEDULE: backups.schedule,
    Check.BACKUP_RETENTION: backups.retention,
    Check.BACKUP_COMPLETED: backups.completed,
    Check.RESTORE_DRILL: backups.drill,
    Check.CREDENTIALS_ROTATED: credentials.rotated,
    Check.DATABASE_ANSWERS: erp.database_answers,
    Check.HEALTHZ: erp.healthz,
    Check.READYZ: erp.readyz,
    Check.METRICS: erp.metrics,
    Check.DOCS_PAGE: erp.docs_page,
    Check.OPENAPI_CURRENT: erp.openapi_current,
    Check.OPENAPI_AUTHENTICATION: erp.openapi_authentication,
    Check.OPENAPI_EXAMPLES: erp.openapi_examples,
    Check.SCHEMA_AT_HEAD: erp.schema_at_head,
    Check.ERROR_RATE: numbers.error_rate,
    Check.LATENCY_P95: numbers.latency_p95,
    Check.NO_TIMEOUTS: numbers.no_timeouts,
    Check.CONNECTION_POOL: numbers.connection_pool,
    Check.MEMORY_STEADY: history.memory_steady,
    Check.REQUEST_RATE: history.request_rate,
    Check.TRACING: numbers.tracing,
    Check.STREAMS_STABLE: numbers.streams_stable,
    Check.MEMORY: surroundings.memory,
    Check.OIDC_DISCOVERY: provider.discovery,
    Check.JWKS: provider.jwks,
    Check.LOGS_CLEAN: release_logs.clean,
    Check.LOGS_REDACTED: release_logs.redacted,
    Check.LOGS_CORRELATED: release_logs.correlated,
    Check.DOCUMENT: documents.unnamed,
    **database.CHECKS,
    **smoke.CHECKS,
    **unseen.CHECKS,
}


def look(check: Check, facts: Facts, wanted: DocumentWanted | None = None) -> Outcome:
    """What a check comes to. `wanted` is the document that the check `document` reads."""
    if check is Check.DOCUMENT and wanted is not None:
        return documents.document(facts, wanted)
    return CHECKS[check](facts)
