"""One clean report of every tool, small, written by hand with the structure that the tool writes."""

import json
from copy import deepcopy
from typing import Any, Final

from valeo_operator.evidence.summary import Format

DIGEST: Final = f"sha256:{'ab' * 32}"
OTHER_DIGEST: Final = f"sha256:{'cd' * 32}"

JUNIT: Final = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests">
  <testsuite name="pytest" errors="0" failures="0" skipped="1" tests="4" time="1.250"
      timestamp="2026-01-05T08:00:00.123456+01:00" hostname="ci">
    <testcase classname="tests.unit.numbering.test_series" name="test_a_number_is_given_once" time="0.010" />
    <testcase classname="tests.unit.numbering.test_series" name="test_no_gap" time="0.010" />
    <testcase classname="tests.integration.events.test_stream" name="test_nothing_is_missed" time="0.900" />
    <testcase classname="tests.integration.events.test_stream" name="test_on_a_mac" time="0.000">
      <skipped type="pytest.skip" message="runs on Linux only">tests/integration/events/test_stream.py:3</skipped>
    </testcase>
  </testsuite>
</testsuites>
"""

COBERTURA: Final = """<?xml version="1.0" ?>
<coverage version="7.10.0" timestamp="1767600000000" lines-valid="5" lines-covered="4" line-rate="0.8"
    branches-covered="3" branches-valid="4" branch-rate="0.75" complexity="0">
  <sources><source>erp</source></sources>
  <packages>
    <package name="valeo_erp.posting" line-rate="0.8" branch-rate="0.75" complexity="0">
      <classes>
        <class name="service.py" filename="valeo_erp/posting/service.py" complexity="0" line-rate="1">
          <methods/>
          <lines><line number="1" hits="1"/><line number="2" hits="1"/></lines>
        </class>
        <class name="routes.py" filename="valeo_erp/posting/routes.py" complexity="0" line-rate="0.6667">
          <methods/>
          <lines>
            <line number="1" hits="1"/>
            <line number="2" hits="3" branch="true" condition-coverage="50% (1/2)" missing-branches="4"/>
            <line number="4" hits="0"/>
          </lines>
        </class>
      </classes>
    </package>
  </packages>
</coverage>
"""

SARIF: Final[dict[str, Any]] = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Semgrep OSS",
                    "semanticVersion": "1.140.0",
                    "rules": [
                        {"id": "sql", "properties": {"security-severity": "9.1"}},
                        {"id": "style", "defaultConfiguration": {"level": "note"}},
                    ],
                }
            },
            "invocations": [{"executionSuccessful": True, "endTimeUtc": "2026-01-05T08:00:00Z"}],
            "results": [],
        }
    ],
}

TRIVY: Final[dict[str, Any]] = {
    "SchemaVersion": 2,
    "CreatedAt": "2026-01-05T08:00:00.123456789+01:00",
    "ArtifactName": "valeo-erp:0.1.0",
    "ArtifactType": "container_image",
    "Metadata": {
        "OS": {"Family": "debian", "Name": "13.2"},
        "ImageID": OTHER_DIGEST,
        "RepoDigests": [f"registry.example.com/valeo-erp@{DIGEST}"],
    },
    "Results": [
        {"Target": "valeo-erp:0.1.0 (debian 13.2)", "Class": "os-pkgs", "Type": "debian"},
        {"Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg"},
    ],
}

GRYPE: Final[dict[str, Any]] = {
    "matches": [],
    "source": {
        "type": "image",
        "target": {
            "userInput": "valeo-erp:0.1.0",
            "imageID": OTHER_DIGEST,
            "manifestDigest": DIGEST,
            "repoDigests": [],
        },
    },
    "distro": {"name": "debian", "version": "13", "idLike": []},
    "descriptor": {
        "name": "grype",
        "version": "0.104.0",
        "timestamp": "2026-01-05T08:00:00.5Z",
        "db": {"status": {"schemaVersion": "v6.1.3", "built": "2026-01-04T06:00:00Z", "valid": True}},
    },
}

PIP_AUDIT: Final[dict[str, Any]] = {
    "dependencies": [
        {"name": "fastapi", "version": "0.137.0", "vulns": []},
        {"name": "valeo-erp", "skip_reason": "Dependency not found on PyPI and could not be audited"},
    ],
    "fixes": [],
}

SAFETY: Final[dict[str, Any]] = {
    "report_meta": {
        "scan_target": "environment",
        "safety_version": "3.6.0",
        "timestamp": "2026-01-05 08:00:00",
        "packages_found": 60,
        "vulnerabilities_found": 0,
        "vulnerabilities_ignored": 0,
    },
    "scanned_packages": {"fastapi": {"name": "fastapi", "version": "0.137.0"}},
    "affected_packages": {},
    "announcements": [],
    "vulnerabilities": [],
    "ignored_vulnerabilities": [],
    "remediations": {},
}

SAFETY_SCAN: Final[dict[str, Any]] = {
    "meta": {
        "scan_type": "scan",
        "timestamp": "2026-01-05T08:00:00",
        "telemetry": {"safety_version": "3.6.0"},
        "schema_version": "3.0",
    },
    "scan_results": {
        "projects": [
            {
                "id": "valeo-erp",
                "files": [
                    {
                        "location": "requirements.txt",
                        "results": {
                            "dependencies": [
                                {
                                    "name": "fastapi",
                                    "specifications": [
                                        {"raw": "fastapi==0.137.0", "vulnerabilities": {"known_vulnerabilities": []}}
                                    ],
                                }
                            ]
                        },
                    }
                ],
            }
        ]
    },
}

BANDIT: Final[dict[str, Any]] = {
    "errors": [],
    "generated_at": "2026-01-05T08:00:00Z",
    "metrics": {
        "_totals": {
            "CONFIDENCE.HIGH": 0,
            "SEVERITY.HIGH": 0,
            "SEVERITY.LOW": 0,
            "SEVERITY.MEDIUM": 0,
            "SEVERITY.UNDEFINED": 0,
            "loc": 6000,
            "nosec": 1,
            "skipped_tests": 0,
        }
    },
    "results": [],
}

ZAP: Final[dict[str, Any]] = {
    "@programName": "ZAP",
    "@version": "2.16.1",
    "@generated": "Mon, 5 Jan 2026 08:00:00",
    "site": [
        {
            "@name": "https://erp.example.com",
            "@host": "erp.example.com",
            "@port": "443",
            "@ssl": "true",
            "alerts": [
                {
                    "pluginid": "10049",
                    "alert": "Storable and Cacheable Content",
                    "riskcode": "0",
                    "confidence": "2",
                    "riskdesc": "Informational (Medium)",
                    "instances": [{"uri": "https://erp.example.com/", "method": "GET"}],
                    "count": "1",
                }
            ],
        }
    ],
}

K6: Final[dict[str, Any]] = {
    "root_group": {"name": "", "path": "", "groups": {}, "checks": {}},
    "metrics": {
        "http_reqs": {"count": 15030, "rate": 50.1},
        "http_req_failed": {"passes": 15, "fails": 15015, "value": 0.000998, "thresholds": {"rate<0.01": False}},
        "http_req_duration": {"avg": 40.1, "min": 2.2, "med": 31, "max": 900.5, "p(90)": 80.2, "p(95)": 120.4},
        "checks": {"passes": 15030, "fails": 0, "value": 1},
        "sse_connections": {"value": 0, "min": 0, "max": 100},
    },
}

K6_HANDLE_SUMMARY: Final[dict[str, Any]] = {
    "root_group": {"name": "", "path": "", "groups": [], "checks": []},
    "options": {"summaryTrendStats": ["avg", "p(95)"]},
    "state": {"isStdOutTTY": False, "testRunDurationMs": 300000.5},
    "metrics": {
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 15030, "rate": 50.1}},
        "http_req_failed": {"type": "rate", "contains": "default", "values": {"rate": 0.000998, "passes": 15}},
        "http_req_duration": {
            "type": "trend",
            "contains": "time",
            "values": {"avg": 40.1, "p(95)": 120.4},
            "thresholds": {"p(95)<500": {"ok": True}},
        },
    },
}

LOCUST: Final = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\r\n"
    "GET,/api/v1/invoices,1000,2,30,35.5,2.2,400,900,50.2,0.1,30,35,40,45,60,80,100,120,300,400,400\r\n"
    ",Aggregated,1000,2,30,35.5,2.2,400,900,50.2,0.1,30,35,40,45,60,80,100,120,300,400,400\r\n"
)

LOCUST_JSON: Final[list[dict[str, Any]]] = [
    {
        "name": "/api/v1/invoices",
        "method": "GET",
        "start_time": 1767600000.5,
        "last_request_timestamp": 1767600020.5,
        "num_requests": 1000,
        "num_none_requests": 0,
        "num_failures": 2,
        "total_response_time": 35500,
        "response_times": {"30": 940, "80": 20, "400": 40},
    }
]

IN_TOTO: Final[dict[str, Any]] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "valeo-erp", "digest": {"sha256": "ab" * 32}}],
    "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
    "predicate": {
        "result": "PASSED",
        "configuration": [{"name": "pyproject.toml", "digest": {"sha256": "ef" * 32}}],
        "passedTests": ["workflow", "print", "export"],
        "warnedTests": [],
        "failedTests": [],
    },
}

IN_TOTO_VULNERABILITIES: Final[dict[str, Any]] = {
    **IN_TOTO,
    "predicateType": "https://in-toto.io/attestation/vulns/v0.2",
    "predicate": {
        "scanner": {"uri": "pkg:github/aquasecurity/trivy@0.67.0", "version": "0.67.0", "db": {}, "result": []},
        "metadata": {"scanStartedOn": "2026-01-05T07:59:00Z", "scanFinishedOn": "2026-01-05T08:00:00Z"},
    },
}

_CLEAN: Final[dict[Format, Any]] = {
    Format.JUNIT: JUNIT,
    Format.COBERTURA: COBERTURA,
    Format.SARIF: SARIF,
    Format.TRIVY: TRIVY,
    Format.GRYPE: GRYPE,
    Format.PIP_AUDIT: PIP_AUDIT,
    Format.SAFETY: SAFETY,
    Format.BANDIT: BANDIT,
    Format.ZAP: ZAP,
    Format.K6: K6,
    Format.LOCUST: LOCUST,
    Format.IN_TOTO: IN_TOTO,
}


def written(report: object) -> bytes:
    """The report as its tool writes it: a text as it stands, everything else as JSON."""
    return report.encode() if isinstance(report, str) else json.dumps(report).encode()


def clean(format_: Format) -> bytes:
    """A report that tells nothing bad."""
    return written(_CLEAN[format_])


def changed(report: Any, *path: str | int, to: object) -> Any:
    """The report with another value at one place; `...` takes the place away."""
    made = deepcopy(report)
    place = made
    for step in path[:-1]:
        place = place[step]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return made
