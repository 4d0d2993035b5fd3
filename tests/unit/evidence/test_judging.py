"""What a gate asks, and what a report can prove. Only what was shown passes."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import reports
from tests.support.reports import written

from valeo_operator.evidence.judging import (
    AllTestsPass,
    AtLeast,
    Below,
    CoverageAtLeast,
    Every,
    Judgement,
    NoFindings,
    Requirement,
    judge,
)
from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, Metric, Severity, Summary

PASS, FAIL, UNKNOWN = Judgement
TESTS = Summary("JUnit", metrics={Metric.TESTS: 3, Metric.TESTS_FAILED: 0})
SCAN = Summary("Trivy", findings=dict.fromkeys(Severity, 0))
JUNIT = read_report(Format.JUNIT, written(reports.JUNIT), {})
COVERAGE = read_report(Format.COBERTURA, written(reports.COBERTURA), {})
LOAD = read_report(Format.K6, written(reports.K6), {})

LOAD_GATE = Every(
    (
        AtLeast(Metric.REQUESTS_PER_SECOND, 50),
        Below(Metric.ERROR_RATE, 1),
        Below(Metric.P95, 500),
        AtLeast(Metric.SSE_CONNECTIONS, 100),
    )
)
REQUIREMENTS: tuple[Requirement, ...] = (
    AllTestsPass(),
    CoverageAtLeast(0),
    NoFindings(),
    AtLeast(Metric.TESTS, 0),
    LOAD_GATE,
)


def with_findings(**numbers: int) -> Summary:
    return replace(SCAN, findings={severity: numbers.get(severity.name, 0) for severity in Severity})


@pytest.mark.parametrize(
    ("requirement", "summary", "expected", "message"),
    [
        (AllTestsPass(), TESTS, PASS, "3 tests passed"),
        (AllTestsPass(minimum=4), TESTS, UNKNOWN, "3 tests ran; at least 4"),
        (
            AllTestsPass(),
            replace(TESTS, metrics={Metric.TESTS: 3, Metric.TESTS_FAILED: 1}),
            FAIL,
            "1 of 3 tests failed",
        ),
        (AllTestsPass(), replace(TESTS, metrics={Metric.TESTS: 0}), UNKNOWN, "0 tests ran"),
        (AllTestsPass(minimum=0), replace(TESTS, metrics={Metric.TESTS: 0}), UNKNOWN, "0 tests ran"),
        (AllTestsPass(), SCAN, UNKNOWN, "nothing about tests"),
        (AllTestsPass(within="tests.integration"), JUNIT, PASS, "1 tests in tests.integration passed"),
        (AllTestsPass(within="tests.integration.events.test_stream"), JUNIT, PASS, "1 tests in"),
        (AllTestsPass(within="tests.integ"), JUNIT, UNKNOWN, "0 tests in tests.integ ran"),
        (CoverageAtLeast(80), COVERAGE, PASS, "lineCoveragePercent is 80, expected at least 80"),
        (CoverageAtLeast(80.1), COVERAGE, FAIL, "is 80, expected at least 80.1"),
        (CoverageAtLeast(60, within="posting/"), COVERAGE, PASS, "routes.py has 66.7 %"),
        (CoverageAtLeast(100, within="posting/"), COVERAGE, FAIL, "the least of 2 files of posting/"),
        (CoverageAtLeast(100, within="journal/"), COVERAGE, UNKNOWN, "no file of journal/"),
        (CoverageAtLeast(80), TESTS, UNKNOWN, "does not tell lineCoveragePercent"),
        (CoverageAtLeast(80, within="posting/"), TESTS, UNKNOWN, "nothing about coverage"),
        (NoFindings(), SCAN, PASS, "found nothing"),
        (NoFindings(), with_findings(MEDIUM=7, LOW=1), PASS, "found 7 medium, 1 low"),
        (NoFindings(), with_findings(HIGH=1), FAIL, "found 1 high"),
        (NoFindings(), with_findings(CRITICAL=1), FAIL, "1 critical"),
        (NoFindings(), with_findings(UNRANKED=1), FAIL, "1 unranked"),
        (NoFindings(Severity.LOW), with_findings(LOW=1), FAIL, "none from low on"),
        (NoFindings(), replace(SCAN, metrics={Metric.SUPPRESSED: 2}), PASS, "(2 suppressed)"),
        (NoFindings(), TESTS, UNKNOWN, "does not look for findings"),
        (LOAD_GATE, LOAD, PASS, "sseConnections is 100"),
        (LOAD_GATE, replace(LOAD, metrics={**LOAD.metrics, Metric.P95: 500.0}), FAIL, "p95Milliseconds is 500"),
        (LOAD_GATE, replace(LOAD, metrics={**LOAD.metrics, Metric.ERROR_RATE: 1.0}), FAIL, "errorRatePercent is 1"),
        (LOAD_GATE, replace(LOAD, metrics={**LOAD.metrics, Metric.SSE_CONNECTIONS: 99}), FAIL, "is 99"),
        (LOAD_GATE, replace(LOAD, metrics={**LOAD.metrics, Metric.P95: math.nan}), UNKNOWN, "not tell p95"),
        (LOAD_GATE, replace(LOAD, metrics={Metric.P95: 600.0}), FAIL, "p95Milliseconds is 600"),
        (LOAD_GATE, replace(LOAD, metrics={Metric.P95: 100.0}), UNKNOWN, "does not tell requestsPerSecond"),
        (Every(()), LOAD, UNKNOWN, "nothing is asked"),
    ],
)
def test_a_report_passes_only_what_it_shows(
    requirement: Requirement, summary: Summary, expected: Judgement, message: str
) -> None:
    verdict = judge(requirement, summary)

    assert (verdict.judgement, message in verdict.message) == (expected, True), verdict.message


@pytest.mark.parametrize("requirement", REQUIREMENTS)
@pytest.mark.parametrize("summary", [TESTS, SCAN, COVERAGE, LOAD])
def test_an_unfinished_report_never_passes(requirement: Requirement, summary: Summary) -> None:
    assert judge(requirement, replace(summary, unfinished="it broke off")).judgement is not PASS


def test_an_unfinished_report_can_still_show_a_failure() -> None:
    verdict = judge(NoFindings(), replace(with_findings(CRITICAL=1), unfinished="it broke off"))

    assert verdict.judgement is FAIL


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_a_report_that_tells_nothing_never_passes(requirement: Requirement) -> None:
    assert judge(requirement, Summary("nobody")).judgement is UNKNOWN


@given(
    metrics=st.dictionaries(st.sampled_from(Metric), st.floats()),
    findings=st.none() | st.dictionaries(st.sampled_from(Severity), st.integers(0, 3)),
)
def test_the_load_gate_passes_exactly_when_all_four_numbers_are_good(
    metrics: dict[Metric, float], findings: dict[Severity, int] | None
) -> None:
    def at(metric: Metric) -> float:
        value = metrics.get(metric, math.nan)
        return value if math.isfinite(value) else math.nan

    good = (
        at(Metric.REQUESTS_PER_SECOND) >= 50
        and at(Metric.ERROR_RATE) < 1
        and at(Metric.P95) < 500
        and at(Metric.SSE_CONNECTIONS) >= 100
    )

    verdict = judge(LOAD_GATE, Summary("k6", metrics=metrics, findings=findings))

    assert (verdict.judgement is PASS) == good
