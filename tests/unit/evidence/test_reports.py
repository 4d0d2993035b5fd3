"""What each tool's report tells, in our words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support import reports
from tests.support.reports import DIGEST, OTHER_DIGEST, changed, written

from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, Metric, Portion, RefusedEvidenceError, Severity, Summary

EIGHT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def read(format_: Format, report: object) -> Summary:
    return read_report(format_, written(report), {})


def found(format_: Format, report: object) -> dict[str, int]:
    findings = read(format_, report).findings
    assert findings is not None
    return {severity.name: number for severity, number in findings.items() if number}


@pytest.mark.parametrize("format_", Format)
def test_a_clean_report_of_every_tool_is_whole(format_: Format) -> None:
    summary = read_report(format_, reports.clean(format_), {})

    assert summary.unfinished == ""
    assert summary.tool


@pytest.mark.parametrize(
    ("format_", "finished"),
    [
        (Format.JUNIT, datetime(2026, 1, 5, 7, 0, 0, 123456, tzinfo=UTC)),
        (Format.COBERTURA, EIGHT),
        (Format.SARIF, EIGHT),
        (Format.TRIVY, datetime(2026, 1, 5, 7, 0, 0, 123456, tzinfo=UTC)),
        (Format.GRYPE, datetime(2026, 1, 5, 8, 0, 0, 500000, tzinfo=UTC)),
        (Format.PIP_AUDIT, None),
        (Format.SAFETY, EIGHT),
        (Format.BANDIT, EIGHT),
        (Format.ZAP, EIGHT),
        (Format.K6, None),
        (Format.LOCUST, None),
        (Format.IN_TOTO, None),
    ],
)
def test_a_report_is_as_old_as_its_tool_says(format_: Format, finished: datetime | None) -> None:
    assert read_report(format_, reports.clean(format_), {}).finished == finished


@pytest.mark.parametrize(
    ("format_", "subjects"),
    [
        (Format.TRIVY, {DIGEST, OTHER_DIGEST}),
        (Format.GRYPE, {DIGEST, OTHER_DIGEST}),
        (Format.IN_TOTO, {DIGEST}),
        (Format.JUNIT, set()),
    ],
)
def test_a_report_names_the_image_that_it_is_about(format_: Format, subjects: set[str]) -> None:
    assert read_report(format_, reports.clean(format_), {}).subjects == subjects


def test_junit_counts_what_ran() -> None:
    summary = read(Format.JUNIT, reports.JUNIT)

    assert summary.metrics == {Metric.TESTS: 3, Metric.TESTS_FAILED: 0, Metric.TESTS_SKIPPED: 1}
    assert summary.portions == (
        Portion("tests.integration.events.test_stream", 1, 1),
        Portion("tests.unit.numbering.test_series", 2, 2),
    )


@pytest.mark.parametrize(
    "inside",
    ['<failure message="1 != 2">assert</failure>', '<error message="database is gone"/>'],
)
def test_junit_takes_failures_and_errors_as_failed(inside: str) -> None:
    broken = reports.JUNIT.replace('name="test_no_gap" time="0.010" />', f'name="test_no_gap">{inside}</testcase>')

    assert read(Format.JUNIT, broken).metrics[Metric.TESTS_FAILED] == 1


def test_junit_believes_an_announced_failure_without_its_test() -> None:
    assert read(Format.JUNIT, reports.JUNIT.replace('errors="0"', 'errors="2"')).metrics[Metric.TESTS_FAILED] == 2


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ("<testsuites/>", "no test ran"),
        ('<testsuite tests="0"/>', "no test ran"),
        ('<testsuite tests="1"><testcase name="a"><skipped/></testcase></testsuite>', "every test was skipped"),
        ('<testsuite tests="2"><testcase name="a"/></testsuite>', "the run broke off"),
        ('<testsuites tests="9"><testsuite tests="1"><testcase name="a"/></testsuite></testsuites>', "broke off"),
    ],
)
def test_junit_of_a_run_that_proves_nothing_is_unfinished(report: str, why: str) -> None:
    assert why in read(Format.JUNIT, report).unfinished


def test_cobertura_counts_lines_by_file() -> None:
    summary = read(Format.COBERTURA, reports.COBERTURA)

    assert summary.metrics == {Metric.LINE_COVERAGE: 80, Metric.BRANCH_COVERAGE: 75}
    assert summary.portions == (
        Portion("valeo_erp/posting/routes.py", 3, 2),
        Portion("valeo_erp/posting/service.py", 2, 2),
    )


@pytest.mark.parametrize(
    ("announced", "percent"), [('lines-covered="5"', 80), ('lines-covered="1"', 20), ('lines-covered="0"', 0)]
)
def test_cobertura_takes_the_lower_share_when_totals_and_lines_differ(announced: str, percent: float) -> None:
    report = reports.COBERTURA.replace('lines-covered="4"', announced)

    assert read(Format.COBERTURA, report).metrics[Metric.LINE_COVERAGE] == percent


def test_cobertura_with_a_document_type_as_older_versions_write_it_is_read() -> None:
    head = '<?xml version="1.0" ?>\n'
    doctype = "<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>\n"

    assert read(Format.COBERTURA, reports.COBERTURA.replace(head, head + doctype)).unfinished == ""


def test_cobertura_without_a_line_is_unfinished() -> None:
    assert "no line" in read(Format.COBERTURA, '<coverage line-rate="1"><packages/></coverage>').unfinished


SCORED_12 = {"properties": {"security-severity": "12"}}
RESULTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"ruleId": "sql"}, "CRITICAL"),
    ({"ruleIndex": 0, "level": "note"}, "CRITICAL"),
    ({"ruleId": "style"}, "LOW"),
    ({"ruleId": "nobody knows"}, "MEDIUM"),
    ({"level": "error"}, "HIGH"),
    ({"level": "note"}, "LOW"),
    ({"level": "none"}, "INFO"),
    ({"level": "fatal"}, "UNRANKED"),
    ({"properties": {"security-severity": "4.5"}, "level": "error"}, "MEDIUM"),
    ({"level": "error", "suppressions": []}, "HIGH"),
    ({"level": "error", "suppressions": [{"kind": "external", "status": "rejected"}]}, "HIGH"),
    ({"level": "error", "kind": "review"}, "HIGH"),
)


@pytest.mark.parametrize(("result", "severity"), RESULTS)
def test_sarif_ranks_by_security_severity_and_else_by_level(result: dict[str, Any], severity: str) -> None:
    assert found(Format.SARIF, changed(reports.SARIF, "runs", 0, "results", to=[result])) == {severity: 1}


@pytest.mark.parametrize(
    "result",
    [
        {"level": "error", "kind": "pass"},
        {"level": "error", "baselineState": "absent"},
        {"level": "error", "suppressions": [{"kind": "inSource"}]},
    ],
)
def test_sarif_leaves_out_what_is_no_open_finding(result: dict[str, Any]) -> None:
    assert found(Format.SARIF, changed(reports.SARIF, "runs", 0, "results", to=[result])) == {}


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (changed(reports.SARIF, "runs", to=[]), "no run"),
        (changed(reports.SARIF, "runs", 0, "results", to=None), "no results"),
        (changed(reports.SARIF, "runs", 0, "invocations", to=...), "does not say whether it was finished"),
        (changed(reports.SARIF, "runs", 0, "invocations", to=[{"executionSuccessful": False}]), "did not succeed"),
        (
            changed(reports.SARIF, "runs", 0, "invocations", 0, "toolExecutionNotifications", to=[{"level": "error"}]),
            "an error of the tool",
        ),
    ],
)
def test_sarif_that_does_not_tell_of_success_is_unfinished(report: object, why: str) -> None:
    assert why in read(Format.SARIF, report).unfinished


def test_trivy_counts_every_kind_of_finding() -> None:
    report = changed(reports.TRIVY, "Results", 0, "Vulnerabilities", to=[{"Severity": "HIGH"}, {"Severity": "UNKNOWN"}])
    report = changed(report, "Results", 1, "Secrets", to=[{"Severity": "CRITICAL"}])
    misconfigurations = [{"Severity": "MEDIUM", "Status": "FAIL"}, {"Severity": "MEDIUM", "Status": "PASS"}]
    report = changed(report, "Results", 1, "Misconfigurations", to=misconfigurations)

    assert found(Format.TRIVY, report) == {"UNRANKED": 1, "CRITICAL": 1, "HIGH": 1, "MEDIUM": 1}


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (changed(reports.TRIVY, "Results", to=...), "nothing was scanned"),
        (changed(reports.TRIVY, "Results", to=[]), "nothing was scanned"),
        (changed(reports.TRIVY, "Metadata", "OS", "EOSL", to=True), "debian 13.2 is out of support"),
    ],
)
def test_trivy_that_could_not_look_is_unfinished(report: object, why: str) -> None:
    assert why in read(Format.TRIVY, report).unfinished


def test_grype_counts_matches_and_what_is_ignored() -> None:
    matches = [{"vulnerability": {"id": f"CVE-{word}", "severity": word}} for word in ("High", "Negligible", "Unknown")]
    report = changed(changed(reports.GRYPE, "matches", to=matches), "ignoredMatches", to=[{}])

    assert found(Format.GRYPE, report) == {"UNRANKED": 1, "HIGH": 1, "INFO": 1}
    assert read(Format.GRYPE, report).metrics == {Metric.SUPPRESSED: 1}


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("db",), ..., "which vulnerability database"),
        (("db", "status", "valid"), False, "not valid"),
        (("db", "status", "built"), ..., "how old"),
        (("db", "status", "built"), "2025-12-01T00:00:00Z", "35 days old"),
    ],
)
def test_grype_with_a_doubtful_database_is_unfinished(path: tuple[str, ...], value: object, why: str) -> None:
    assert why in read(Format.GRYPE, changed(reports.GRYPE, "descriptor", *path, to=value)).unfinished


def test_grype_of_a_folder_names_no_image() -> None:
    report = changed(reports.GRYPE, "source", to={"type": "directory", "target": "/src"})

    assert read(Format.GRYPE, report).subjects == frozenset()


def test_pip_audit_ranks_nothing_and_counts_what_it_skipped() -> None:
    report = changed(reports.PIP_AUDIT, "dependencies", 0, "vulns", to=[{"id": "PYSEC-2026-1", "fix_versions": []}])
    summary = read(Format.PIP_AUDIT, report)

    assert found(Format.PIP_AUDIT, report) == {"UNRANKED": 1}
    assert summary.metrics == {Metric.SCANNED: 1, Metric.NOT_SCANNED: 1}


@pytest.mark.parametrize("packages", [[], reports.PIP_AUDIT["dependencies"][1:]])
def test_pip_audit_of_nothing_is_unfinished(packages: list[object]) -> None:
    assert read(Format.PIP_AUDIT, {"dependencies": packages, "fixes": []}).unfinished == "no package was audited"


@pytest.mark.parametrize(
    ("vulnerability", "expected"),
    [
        ({"ignored": False, "severity": None}, {"UNRANKED": 1}),
        ({"ignored": False, "severity": {"cvssv3": {"base_score": 7.5}}}, {"HIGH": 1}),
        ({"ignored": True, "severity": None}, {}),
    ],
)
def test_safety_check_ranks_by_score_where_it_has_one(
    vulnerability: dict[str, object], expected: dict[str, int]
) -> None:
    assert found(Format.SAFETY, changed(reports.SAFETY, "vulnerabilities", to=[vulnerability])) == expected


@pytest.mark.parametrize(("ignored", "expected"), [(None, {"UNRANKED": 1}), ({"code": "manual"}, {})])
def test_safety_scan_counts_what_is_not_ignored(ignored: object, expected: dict[str, int]) -> None:
    specification = ("scan_results", "projects", 0, "files", 0, "results", "dependencies", 0, "specifications", 0)
    known = [{"id": "1", "ignored": ignored, "vulnerable_spec": "<1"}]
    report = changed(reports.SAFETY_SCAN, *specification, "vulnerabilities", "known_vulnerabilities", to=known)

    assert found(Format.SAFETY, report) == expected


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (changed(reports.SAFETY, "report_meta", "packages_found", to=0), "no package"),
        (
            changed(reports.SAFETY, "report_meta", "vulnerabilities_found", to=3),
            "announces 3 vulnerabilities and lists 0",
        ),
        (changed(reports.SAFETY_SCAN, "scan_results", "projects", to=[]), "no package"),
    ],
)
def test_safety_that_checked_nothing_is_unfinished(report: object, why: str) -> None:
    assert why in read(Format.SAFETY, report).unfinished


def test_bandit_counts_what_a_severity_filter_left_out() -> None:
    report = changed(reports.BANDIT, "results", to=[{"issue_severity": "HIGH"}])
    report = changed(report, "metrics", "_totals", "SEVERITY.MEDIUM", to=2)

    assert found(Format.BANDIT, report) == {"HIGH": 1, "MEDIUM": 2}


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (changed(reports.BANDIT, "errors", to=[{"filename": "a.py", "reason": "syntax error"}]), "1 files could not"),
        (changed(reports.BANDIT, "metrics", "_totals", "loc", to=0), "no line of code"),
    ],
)
def test_bandit_that_did_not_read_the_code_is_unfinished(report: object, why: str) -> None:
    assert why in read(Format.BANDIT, report).unfinished


@pytest.mark.parametrize(
    ("riskcode", "confidence", "expected"),
    [
        ("3", "3", {"HIGH": 1}),
        (3, 1, {"HIGH": 1}),
        ("2", "2", {"MEDIUM": 1}),
        ("9", "2", {"UNRANKED": 1}),
        ("3", "0", {}),
    ],
)
def test_zap_ranks_by_risk_and_leaves_out_false_positives(
    riskcode: object, confidence: object, expected: dict[str, int]
) -> None:
    alert = {"alert": "SQL Injection", "riskcode": riskcode, "confidence": confidence}

    assert found(Format.ZAP, changed(reports.ZAP, "site", 0, "alerts", to=[alert])) == expected


def test_zap_that_reached_no_site_is_unfinished() -> None:
    assert read(Format.ZAP, changed(reports.ZAP, "site", to=[])).unfinished == "no site was scanned"


def test_k6_tells_the_numbers_of_the_load() -> None:
    assert read(Format.K6, reports.K6).metrics == {
        Metric.REQUESTS: 15030,
        Metric.REQUESTS_PER_SECOND: 50.1,
        Metric.ERROR_RATE: pytest.approx(0.0998),
        Metric.P95: 120.4,
        Metric.SSE_CONNECTIONS: 100,
        Metric.CHECKS_FAILED: 0,
        Metric.THRESHOLDS_FAILED: 0,
    }


def test_k6_tells_the_same_from_the_data_of_handle_summary() -> None:
    metrics = read(Format.K6, reports.K6_HANDLE_SUMMARY).metrics

    assert metrics[Metric.P95] == 120.4
    assert metrics[Metric.ERROR_RATE] == pytest.approx(0.0998)
    assert metrics[Metric.SECONDS] == pytest.approx(300.0005)


@pytest.mark.parametrize(
    "report",
    [
        changed(reports.K6, "metrics", "http_req_failed", "thresholds", to={"rate<0.01": True}),
        changed(reports.K6_HANDLE_SUMMARY, "metrics", "http_req_duration", "thresholds", to={"p(95)<9": {"ok": False}}),
    ],
)
def test_k6_knows_a_failed_threshold_in_both_its_writings(report: object) -> None:
    assert read(Format.K6, report).metrics[Metric.THRESHOLDS_FAILED] == 1


@pytest.mark.parametrize("metrics", [{}, {"http_reqs": {"count": 0, "rate": 0}}])
def test_k6_without_a_request_is_unfinished(metrics: dict[str, object]) -> None:
    assert read(Format.K6, {"metrics": metrics}).unfinished == "no request was made"


def test_locust_tells_the_numbers_of_all_requests() -> None:
    assert read(Format.LOCUST, reports.LOCUST).metrics == {
        Metric.REQUESTS: 1000,
        Metric.REQUESTS_PER_SECOND: 50.2,
        Metric.ERROR_RATE: 0.2,
        Metric.P95: 80,
    }


def test_locust_tells_the_same_from_its_json() -> None:
    summary = read(Format.LOCUST, reports.LOCUST_JSON)

    assert summary.metrics == {
        Metric.REQUESTS: 1000,
        Metric.REQUESTS_PER_SECOND: 50,
        Metric.ERROR_RATE: 0.2,
        Metric.P95: 80,
        Metric.SECONDS: 20,
    }
    assert summary.finished == datetime(2026, 1, 5, 8, 0, 20, 500000, tzinfo=UTC)


def test_locust_without_a_request_is_unfinished() -> None:
    head = reports.LOCUST.split("\r\n", maxsplit=1)[0]
    nothing = f"{head}\r\n,Aggregated,0,0{',N/A' * (head.count(',') - 3)}\r\n"

    assert read(Format.LOCUST, nothing).unfinished == "no request was made"
    assert read(Format.LOCUST, []).unfinished == "no request was made"


@pytest.mark.parametrize(
    "report",
    [
        reports.LOCUST.rsplit("\r\n", maxsplit=2)[0],
        reports.LOCUST + "GET,/late,1,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\r\n",
        reports.LOCUST.replace(",80,100", ",N/A,100"),
        reports.LOCUST.replace(",80,100", ",nan,100"),
        reports.LOCUST[:-20],
        "Name,Count\r\nAggregated,1\r\n",
    ],
)
def test_locust_that_is_cut_off_or_not_a_number_is_refused(report: str) -> None:
    with pytest.raises(RefusedEvidenceError):
        read(Format.LOCUST, report)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("passedTests",), [], "no test ran"),
        (("warnedTests",), ["slow"], "1 tests ended with a warning"),
        (("result",), "WARNED", "some tests ended with a warning"),
    ],
)
def test_an_in_toto_test_result_that_proves_nothing_is_unfinished(
    path: tuple[str, ...], value: object, why: str
) -> None:
    assert read(Format.IN_TOTO, changed(reports.IN_TOTO, "predicate", *path, to=value)).unfinished == why


def test_an_in_toto_test_result_that_failed_without_naming_a_test_failed() -> None:
    failed = changed(reports.IN_TOTO, "predicate", "result", to="FAILED")

    assert read(Format.IN_TOTO, failed).metrics[Metric.TESTS_FAILED] == 1


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ([{"method": "nvd", "score": "9.8"}, {"method": "vendor", "score": "LOW"}], "CRITICAL"),
        ([{"method": "vendor", "score": "moderate"}], "MEDIUM"),
        ([], "UNRANKED"),
    ],
)
def test_in_toto_vulnerabilities_count_by_their_worst_score(severity: list[object], expected: str) -> None:
    report = changed(
        reports.IN_TOTO_VULNERABILITIES, "predicate", "scanner", "result", to=[{"id": "CVE-1", "severity": severity}]
    )

    assert found(Format.IN_TOTO, report) == {expected: 1}


def test_an_in_toto_scan_without_an_end_is_unfinished() -> None:
    report = changed(reports.IN_TOTO_VULNERABILITIES, "predicate", "metadata", "scanFinishedOn", to=...)

    assert "when it was finished" in read(Format.IN_TOTO, report).unfinished


@pytest.mark.parametrize(
    ("format_", "report", "complaint"),
    [
        (Format.JUNIT, "<html/>", "not JUnit"),
        (Format.JUNIT, '<testsuite timestamp="yesterday"><testcase/></testsuite>', "no time"),
        (Format.JUNIT, '<testsuite tests="-1"/>', "whole number"),
        (Format.JUNIT, '<testsuite tests="many"/>', "whole number"),
        (Format.COBERTURA, reports.JUNIT, "not Cobertura"),
        (Format.COBERTURA, reports.COBERTURA.replace('lines-covered="4"', 'lines-covered="6"'), "lines-covered=6"),
        (Format.COBERTURA, reports.COBERTURA.replace(' hits="0"', ""), "no hits"),
        (Format.COBERTURA, reports.COBERTURA.replace("1767600000000", "9" * 15), "no time"),
        (Format.SARIF, changed(reports.SARIF, "version", to="2.0.0"), "2.0.0"),
        (Format.SARIF, changed(reports.SARIF, "runs", to=None), "report.runs: expected a list"),
        (Format.SARIF, reports.TRIVY, "report.version: expected a text"),
        (Format.TRIVY, changed(reports.TRIVY, "SchemaVersion", to=1), "schema 1"),
        (
            Format.TRIVY,
            changed(reports.TRIVY, "Results", 0, "Vulnerabilities", to=[{}]),
            "[0].Severity: expected a text",
        ),
        (Format.TRIVY, [], "expected an object"),
        (Format.GRYPE, changed(reports.GRYPE, "descriptor", "name", to="syft"), "syft"),
        (Format.GRYPE, changed(reports.GRYPE, "source", to=...), "what was scanned"),
        (Format.GRYPE, changed(reports.GRYPE, "matches", to=...), "report.matches: expected a list"),
        (Format.PIP_AUDIT, changed(reports.PIP_AUDIT, "dependencies", 0, "vulns", to=...), "vulns: expected a list"),
        (Format.SARIF, changed(reports.SARIF, "runs", 0, "results", to=[SCORED_12]), "not between 0 and 10"),
        (
            Format.SARIF,
            changed(reports.SARIF, "runs", 0, "invocations", 0, "executionSuccessful", to="yes"),
            "true or false",
        ),
        (Format.ZAP, changed(reports.ZAP, "@generated", to=7), "expected a text"),
        (Format.LOCUST, changed(reports.LOCUST_JSON, 0, "last_request_timestamp", to=10**15), "is no time"),
        (Format.LOCUST, reports.LOCUST.replace("GET,/api", '"GET"x,/api'), "not a table"),
        (Format.SAFETY, {}, "not Safety's"),
        (Format.BANDIT, changed(reports.BANDIT, "metrics", to=...), "expected an object"),
        (Format.ZAP, changed(reports.ZAP, "@version", to=...), "not ZAP's"),
        (Format.ZAP, changed(reports.ZAP, "@generated", to="later"), "expected a time"),
        (Format.K6, {"root_group": {}}, "not a summary of k6"),
        (Format.K6, changed(reports.K6, "metrics", "http_reqs", "count", to=-1), "from 0 on"),
        (Format.K6, changed(reports.K6, "metrics", "http_reqs", "count", to=True), "from 0 on"),
        (Format.IN_TOTO, changed(reports.IN_TOTO, "_type", to="https://in-toto.io/Statement/v0.1"), "v0.1"),
        (Format.IN_TOTO, changed(reports.IN_TOTO, "predicateType", to="https://slsa.dev/provenance/v1"), "not judged"),
        (Format.IN_TOTO, changed(reports.IN_TOTO, "predicate", "result", to="FINE"), "PASSED, WARNED or FAILED"),
        (Format.IN_TOTO, changed(reports.IN_TOTO, "subject", 0, "digest", to={"sha1": "0" * 40}), "no subject"),
    ],
)
def test_a_report_that_is_not_what_it_should_be_is_refused_with_the_place(
    format_: Format, report: object, complaint: str
) -> None:
    with pytest.raises(RefusedEvidenceError) as refused:
        read(format_, report)

    assert complaint in str(refused.value)


def test_severities_are_ordered() -> None:
    assert sorted(Severity)[-3:] == [Severity.HIGH, Severity.CRITICAL, Severity.UNRANKED]
