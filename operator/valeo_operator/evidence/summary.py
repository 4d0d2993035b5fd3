"""What a report tells, in the same words for every tool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from valeo_operator.api.model import Described


class RefusedEvidenceError(Exception):
    """A report that is not taken, with the reason as a sentence for the person who imported it."""


class Format(Described):
    """The reports that can be imported."""

    JUNIT = "junit", "JUnit XML, as `pytest --junit-xml` and Playwright write it."
    COBERTURA = "cobertura", "Cobertura XML, as `coverage xml` writes it."
    SARIF = "sarif", "SARIF 2.1.0, as CodeQL, Semgrep and others write it."
    TRIVY = "trivy", "`trivy image --format json`."
    GRYPE = "grype", "`grype -o json`."
    PIP_AUDIT = "pip-audit", "`pip-audit --format json`."
    SAFETY = "safety", "`safety check --json` or `safety scan --output json`."
    BANDIT = "bandit", "`bandit --format json`."
    ZAP = "zap", "The traditional JSON report of OWASP ZAP."
    K6 = "k6", "`k6 run --summary-export`, or the data of `handleSummary`."
    LOCUST = "locust", "Locust's `…_stats.csv`, or its `--json`."
    IN_TOTO = (
        "in-toto",
        "An in-toto statement v1 (test result, vulnerabilities or go-live results), bare or in a DSSE envelope.",
    )


class Severity(IntEnum):
    """How bad a finding is. What a tool can't rank is UNRANKED, and is judged as if it were critical."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4
    UNRANKED = 5


class Metric(StrEnum):
    """A number that a report gives."""

    TESTS = "tests"
    TESTS_FAILED = "testsFailed"
    TESTS_SKIPPED = "testsSkipped"
    LINE_COVERAGE = "lineCoveragePercent"
    BRANCH_COVERAGE = "branchCoveragePercent"
    SUPPRESSED = "suppressedFindings"
    SCANNED = "scannedThings"
    NOT_SCANNED = "notScannedThings"
    REQUESTS = "requests"
    REQUESTS_PER_SECOND = "requestsPerSecond"
    ERROR_RATE = "errorRatePercent"
    P95 = "p95Milliseconds"
    SSE_CONNECTIONS = "sseConnections"
    SECONDS = "durationSeconds"
    THRESHOLDS_FAILED = "failedThresholds"
    CHECKS_FAILED = "failedChecks"


@dataclass(frozen=True)
class Portion:
    """A named part of a report: the tests of one class (run, passed), or the lines of one file (all, covered)."""

    name: str
    total: int
    good: int


@dataclass(frozen=True)
class Readiness:
    """How the go-live gates of an installation stood when that was written down.

    `results` are words of `Result` by the id of the gate; `uid` is that of the ValeoERP; `trail` the end of its trail.
    """

    installation: str
    uid: str
    environment: str
    checklist_hash: str
    issuer: str
    results: Mapping[str, str]
    trail: str


@dataclass(frozen=True)
class Summary:
    """What one report tells.

    `finished` is when the tool says it worked; a time without a zone is taken as UTC. `subjects` are the digests that
    the report itself names. `findings` is None where the tool does not look for findings. `unfinished` says why
    nothing can be concluded (an empty run, a scan that broke off); empty where the report is whole.
    """

    tool: str
    version: str = ""
    finished: datetime | None = None
    subjects: frozenset[str] = frozenset()
    findings: Mapping[Severity, int] | None = None
    metrics: Mapping[Metric, float] = field(default_factory=dict)
    portions: tuple[Portion, ...] = ()
    unfinished: str = ""
    signed_by: str = ""
    readiness: Readiness | None = None
