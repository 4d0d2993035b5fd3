"""The words of the go-live gates: kinds, severities, stages, results, and every check that there is."""

from typing import Annotated, Final

from pydantic import Field

from valeo_operator.api.model import Described

_SLUG: Final = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
_DURATION: Final = r"^[1-9][0-9]{0,3}[mhd]$"

GateId = Annotated[str, Field(min_length=1, max_length=50, pattern=_SLUG)]
"""Name of a gate within its checklist."""

Role = Annotated[str, Field(min_length=1, max_length=50, pattern=_SLUG)]
"""Name of a role that signs off."""

Duration = Annotated[str, Field(max_length=5, pattern=_DURATION)]
"""A time span: `15m`, `24h`, `90d`."""

Digest = Annotated[str, Field(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
"""A SHA-256 digest as images and evidence have it."""

KeyName = Annotated[str, Field(min_length=1, max_length=50, pattern=_SLUG)]
"""Name of a public key in the values of the operator's chart."""

UserName = Annotated[str, Field(min_length=1, max_length=253)]
"""A user as the API server names him."""

GroupName = Annotated[str, Field(min_length=1, max_length=253)]
"""A group as the API server names it."""


class GateKind(Described):
    """How a gate comes to its result."""

    AUTOMATED = "automated", "The operator checks it and keeps what it saw."
    EVIDENCE = "evidence", "A result of a tool is imported, bound to the digest of the image."
    SIGN_OFF = "signOff", "Named persons confirm what no machine can know."


class Severity(Described):
    """How much a gate weighs."""

    BLOCKER = "blocker", "Without it nobody goes live."
    REQUIRED = "required", "It must pass, or be waived with a reason."
    ADVISORY = "advisory", "It is told, and stops nobody."


class Stage(Described):
    """When a gate is due."""

    PRE_DEPLOYMENT = "preDeployment", "Before the release is deployed."
    DEPLOYMENT = "deployment", "While it is deployed."
    POST_DEPLOYMENT = "postDeployment", "After it was deployed."


class Scope(Described):
    """What a result belongs to."""

    RELEASE = "release", "The image: another digest needs another result."
    ENVIRONMENT = "environment", "The surroundings: a result survives a new image until it expires."


class Environment(Described):
    """What an installation is for."""

    STAGING = "staging", "Releases are tried here before they go into production."
    PRODUCTION = "production", "The business runs here."


class Result(Described):
    """What is known of a gate. Only Pass counts as pass."""

    PASS = "Pass", "It was seen to hold."
    FAIL = "Fail", "It was seen not to hold, or somebody rejected it."
    UNKNOWN = "Unknown", "It could not be seen. Never counts as a pass."
    STALE = "Stale", "It did hold, and what showed it is too old."
    PENDING = "Pending", "It waits for a person or for evidence."
    WAIVED = "Waived", "It does not hold, and somebody took the responsibility until a given time."
    NOT_APPLICABLE = "NotApplicable", "It does not concern an installation of this environment."


class Decision(Described):
    """What a person decided."""

    APPROVE = "Approve", "It holds, as far as this person can tell."
    REJECT = "Reject", "It does not hold. Final for this release."


class Requirement(Described):
    """What a report must show."""

    TESTS_PASSED = "tests-passed", "At least one test ran, none failed, and the run ended."
    COVERAGE_80 = "coverage-80", "At least 80 % of the lines ran."
    CRITICAL_PATHS_COVERED = "critical-paths-covered", "Every line of posting and numbering ran."
    NO_HIGH_FINDINGS = "no-high-findings", "No finding is high, critical, or without a rank."
    STREAMS_100 = "streams-100", "At least 100 event streams were held at the same time."
    RATE_50 = "rate-50", "At least 50 requests a second were answered."
    P95_500_MS = "p95-500ms", "95 % of the requests were answered in less than 500 ms."
    LOAD_PASSED = "load-passed", "50 requests a second, 95 % in less than 500 ms, less than 1 % errors."
    PASSED_ELSEWHERE = (
        "passed-elsewhere",
        "The same image was ready to go live in the installation that `spec.goLive.requires` asks for.",
    )


class Check(Described):
    """What the operator can be asked to look at. A checklist that names another check is refused."""

    # What is in the cluster
    NAMESPACE = (
        "namespace",
        "The namespace is active, not one of the cluster's own, and pods of the ERP are ready in it.",
    )
    RESOURCE_QUOTA = "resource-quota", "A ResourceQuota limits CPU, memory and the number of pods."
    NETWORK_POLICIES = (
        "network-policies",
        "Policies deny by default in both directions, and a connection that they forbid is really refused.",
    )
    INGRESS = "ingress", "An ingress controller has taken the Ingress of the installation and gave it an address."
    TLS_CERTIFICATE = "tls-certificate", "The certificate covers the host and is valid for more than 14 days."
    PROMETHEUS = "prometheus", "A Prometheus runs, and a ServiceMonitor or PodMonitor leads it to the installation."
    DATABASE_ANSWERS = "database-answers", "The ERP reports that its database answers."
    DATABASE_SECRETS = (
        "database-secrets",
        "Logins of the database are in Secrets, mounted as files; no container gets a password by environment.",
    )
    SECRETS_NOT_IN_CONFIG_MAPS = (
        "secrets-not-in-config-maps",
        "No ConfigMap and no environment of a container holds a secret.",
    )
    AUTOSCALING = "autoscaling", "A HorizontalPodAutoscaler of the installation sees its metrics and can scale."
    PODS_READY = "pods-ready", "Every wanted pod of the active colour is ready and runs the active release."
    OLD_COLOUR_GONE = "old-colour-gone", "The colour that is not active runs no pod."
    ROLLBACK_POSSIBLE = "rollback-possible", "The release before can be made active again without touching data."
    # What the ERP answers through its Service
    HEALTHZ = "healthz", "`/healthz` answers 200 through the Service."
    READYZ = "readyz", "`/readyz` answers 200 and names the active release."
    METRICS = "metrics", "`/metrics` answers with numbers of the ERP."
    DOCS_PAGE = "docs-page", "`/docs` shows the page and `/openapi.json` describes operations."
    OPENAPI_CURRENT = "openapi-current", "`/openapi.json` speaks of the version that runs."
    OPENAPI_AUTHENTICATION = "openapi-authentication", "`/openapi.json` says how a caller proves who it is."
    OPENAPI_EXAMPLES = "openapi-examples", "`/openapi.json` shows examples."
    SCHEMA_AT_HEAD = "schema-at-head", "The database is at the schema revision of the active release."
    ERROR_RATE = "error-rate", "Less than 1 % of at least 100 requests was answered with 5xx."
    LATENCY_P95 = "latency-p95", "95 % of at least 100 requests was answered in less than 500 ms."
    NO_TIMEOUTS = "no-timeouts", "Of at least 100 requests none ran into a time limit."
    CONNECTION_POOL = "connection-pool", "Connections of the pool are free."
    MEMORY = "memory", "No pod uses more than 80 % of its memory limit."
    # The identity provider
    OIDC_DISCOVERY = "oidc-discovery", "The provider's discovery document is there and names the configured issuer."
    JWKS = "jwks", "The provider's keys can be fetched, and there is one that signs."
    # The logs of the active release
    LOGS_CLEAN = "logs-clean", "The active release wrote no ERROR and no CRITICAL."
    LOGS_REDACTED = "logs-redacted", "A sample of the logs holds no mail address, IBAN or token."
    LOGS_CORRELATED = "logs-correlated", "Every answered request in a sample of the logs has a correlation id."
    # What nothing can see yet
    BACKUP_SCHEDULE = "backup-schedule", "A backup is scheduled daily."
    BACKUP_RETENTION = "backup-retention", "Daily backups are kept 30 days, monthly ones 12 months."
    BACKUP_COMPLETED = "backup-completed", "The last backup is fresh and verified."
    RESTORE_DRILL = "restore-drill", "The last drill restored a backup exactly."
    GRAFANA_DASHBOARD = "grafana-dashboard", "Grafana shows the dashboard of the installation."
    ALERT_RULES = "alert-rules", "The alert rules are loaded and have a receiver."
    TEST_ALERT = "test-alert", "A test alert arrived."
    ALERT_ROUTING = "alert-routing", "A test alert arrived at the receiver that its severity asks for."
    TRACING = "tracing", "Traces of requests arrive where they are collected."
    ROLE_MATRIX = "role-matrix", "The four roles were tried on every protected route of the running release."
    TEST_USERS = "test-users", "A user of each role can sign in."
    CREDENTIALS_ROTATED = "credentials-rotated", "The login of the database is younger than its rotation interval."
    API_KEYS_ROTATED = "api-keys-rotated", "Every API key is younger than its rotation interval."
    ERASE_EXERCISED = "erase-exercised", "A synthetic person was erased."
    EXPORT_EXERCISED = "export-exercised", "The data of a synthetic person was exported."
    RATE_LIMIT_GLOBAL = "rate-limit-global", "More than 100 requests a minute are answered with 429."
    RATE_LIMIT_EXPORTS = "rate-limit-exports", "More than 10 exports a minute are answered with 429."
    RATE_LIMIT_RESTORES = "rate-limit-restores", "More than 5 restores a minute are answered with 429."
    DATA_INTEGRITY = "data-integrity", "Journal, numbers and references of the database are consistent."
    INDEXES_USED = "indexes-used", "The queries of the ERP use their indexes."
    NUMBER_SERIES = "number-series", "Every tenant has its number series."
    NO_TEST_DATA = "no-test-data", "No demo tenant and no test document is in the database."
    SLOW_QUERIES = "slow-queries", "No query took longer than a second."
    DOCUMENT = "document", "The document is there and complete."
    SIGN_IN = "sign-in", "A user signs in through the provider."
    DOCUMENT_CREATED = "document-created", "A document is created through the API."
    DOCUMENT_SUBMITTED = "document-submitted", "A document is submitted for approval."
    DOCUMENT_APPROVED = "document-approved", "A document is approved by another user."
    WORKFLOW = (
        "workflow",
        "A document is submitted, refused to who submitted it, approved by another user, and cancelled.",
    )
    PDF_PRINTED = "pdf-printed", "A document is printed as PDF."
    CSV_EXPORTED = "csv-exported", "Documents are exported as CSV."
    LIVE_UPDATES = "live-updates", "A change is told to a listening client."
    REQUEST_RATE = "request-rate", "The request rate is what it usually is."
    STREAMS_STABLE = (
        "streams-stable",
        "Event streams are open, and the service ended none because of a slow client or its database.",
    )
    MEMORY_STEADY = "memory-steady", "Memory does not grow over the load test."
