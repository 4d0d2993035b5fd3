"""What the load gates of the shipped checklist ask of a load test."""

from dataclasses import replace

import pytest
from tests.support import reports

from valeo_operator.api.golive import Requirement
from valeo_operator.evidence.judging import Judgement, judge
from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, Metric
from valeo_operator.golive.imports import ASKED

GOOD = read_report(Format.K6, reports.clean(Format.K6), {})
LOAD = (Requirement.RATE_50, Requirement.P95_500_MS, Requirement.LOAD_PASSED)


@pytest.mark.parametrize("asked", LOAD)
def test_a_good_load_test_passes(asked: Requirement) -> None:
    assert judge(ASKED[asked], GOOD).judgement is Judgement.PASS


@pytest.mark.parametrize("asked", LOAD)
def test_fast_errors_pass_no_load_gate(asked: Requirement) -> None:
    broken = replace(GOOD, metrics={**GOOD.metrics, Metric.ERROR_RATE: 53.0})

    verdict = judge(ASKED[asked], broken)

    assert verdict.judgement is Judgement.FAIL
    assert "errorRatePercent is 53, expected below 1" in verdict.message


@pytest.mark.parametrize("asked", LOAD)
def test_a_load_test_that_does_not_tell_its_errors_passes_no_load_gate(asked: Requirement) -> None:
    silent = replace(GOOD, metrics={key: value for key, value in GOOD.metrics.items() if key is not Metric.ERROR_RATE})

    assert judge(ASKED[asked], silent).judgement is Judgement.UNKNOWN
