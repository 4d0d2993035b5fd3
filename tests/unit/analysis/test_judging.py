"""Numbers come to Pass, Fail or Unknown; what is empty, stale, broken or too little is Unknown, and never a pass."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_operator.analysis.judging import Limits, Result, growth, judge, p95
from valeo_operator.analysis.scrape import read
from valeo_operator.analysis.window import STALE, Scrape, Window

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
LIMITS = Limits(error_rate=0.01, p95=0.5)
FAST = {0.1: 1.0, 0.5: 1.0, math.inf: 1.0}


def looks(
    requests: float = 0, failed: float = 0, probes: float = 60, failed_probes: float = 0, seconds: float = 0.1
) -> Window:
    """One pod: at the beginning and now."""
    buckets = {bound: requests if seconds <= bound else 0 for bound in (0.1, 0.5, 1.0, math.inf)}
    now = Scrape(NOW, requests, failed, probes, failed_probes, buckets)
    return Window({"pod": (Scrape(NOW - timedelta(minutes=5), buckets=dict.fromkeys(buckets, 0)), now)})


def result(window: Window, baseline: Window | None = None) -> Result:
    return judge(window, LIMITS, baseline, NOW).result


def test_many_requests_within_the_limits_pass_and_show_their_numbers() -> None:
    verdict = judge(looks(1000, failed=10), LIMITS, None, NOW)
    assert verdict.result is Result.PASS
    assert verdict.numbers["error rate"] == "1 % (limit 1 %)"
    assert verdict.numbers["p95"] == "100 ms (limit 500 ms)"


def test_five_per_cent_of_errors_fail() -> None:
    verdict = judge(looks(812, failed=41), LIMITS, looks(), NOW)
    assert verdict.result is Result.FAIL
    assert "5.05 % of 812 requests were answered with 5xx, the limit is 1 %" in verdict.sentence


def test_slow_answers_fail() -> None:
    assert result(looks(100, seconds=0.9)) is Result.FAIL


def test_probes_that_fail_fail() -> None:
    assert result(looks(probes=60, failed_probes=20)) is Result.FAIL


def test_one_failed_probe_of_few_is_no_breach() -> None:
    assert result(looks(probes=30, failed_probes=1)) is not Result.FAIL


def test_what_the_release_before_suffers_too_is_a_common_cause() -> None:
    verdict = judge(looks(1000, failed=100), LIMITS, looks(probes=60, failed_probes=30), NOW)
    assert verdict.result is Result.UNKNOWN
    assert "common cause" in verdict.sentence


def test_at_night_probes_and_no_failure_are_enough() -> None:
    verdict = judge(looks(requests=3), LIMITS, None, NOW)
    assert verdict.result is Result.PASS
    assert verdict.sentence == "none of 3 requests failed, and 60 probes were answered"


def test_few_requests_with_a_failure_tell_nothing() -> None:
    assert result(looks(requests=10, failed=1)) is Result.UNKNOWN


@pytest.mark.parametrize(
    "window",
    [
        Window(),
        Window({"pod": ()}),
        Window({"pod": (Scrape(NOW, requests=1000),)}),
        looks(probes=3),
        Window({"pod": (Scrape(NOW - 2 * STALE), Scrape(NOW - STALE - timedelta(seconds=1), requests=1000))}),
        Window({"pod": (Scrape(NOW, requests=900, probes=60), Scrape(NOW, requests=100, probes=90))}),
        Window({"pod": (Scrape(NOW), Scrape(NOW, requests=math.nan, probes=90))}),
        Window({"pod": (Scrape(NOW), Scrape(NOW, requests=math.inf, probes=90))}),
        Window({**looks(1000).pods, "silent": (Scrape(NOW),)}),
    ],
)
def test_what_is_not_known_is_unknown(window: Window) -> None:
    assert result(window) is Result.UNKNOWN


numbers = st.one_of(st.integers(0, 10_000).map(float), st.sampled_from([math.nan, math.inf, -1.0]))
scrapes = st.builds(
    Scrape,
    at=st.integers(0, 600).map(lambda ago: NOW - timedelta(seconds=ago)),
    requests=numbers,
    failed=numbers,
    probes=numbers,
    failed_probes=numbers,
)
windows = st.dictionaries(st.sampled_from(["a", "b"]), st.lists(scrapes, max_size=4)).map(Window)


@given(window=windows, baseline=st.none() | windows)
def test_a_pass_always_rests_on_something_that_was_counted(window: Window, baseline: Window | None) -> None:
    verdict = judge(window, LIMITS, baseline, NOW)
    if verdict.result is Result.PASS:
        assert window.pods
        assert all(len(each) >= 2 and NOW - each[-1].at <= STALE for each in window.pods.values())
        counted = [
            each[-1].requests + each[-1].probes - each[0].requests - each[0].probes for each in window.pods.values()
        ]
        assert sum(counted) >= 10
        assert all(math.isfinite(each) and each >= 0 for each in counted)


def test_the_95th_percentile_is_the_bound_of_its_bucket() -> None:
    assert p95({0.1: 94, 0.5: 95, math.inf: 100}) == 0.5
    assert p95({0.1: 0, math.inf: 0}) is None
    assert p95({}) is None
    assert p95({0.1: 1, math.inf: 100}) == math.inf


PAGE = """
# HELP valeo_http_requests_total Requests answered
# TYPE valeo_http_requests_total counter
valeo_http_requests_total{route="/api/v1/me",method="GET",status="200"} 95.0
valeo_http_requests_total{route="/api/v1/me",method="GET",status="500"} 5.0
valeo_http_requests_total{route="/readyz",method="GET",status="200"} 30.0
valeo_http_requests_total{route="/readyz",method="GET",status="503"} 2.0
# HELP valeo_http_request_seconds Time
# TYPE valeo_http_request_seconds histogram
valeo_http_request_seconds_bucket{route="/api/v1/me",method="GET",le="0.1"} 90.0
valeo_http_request_seconds_bucket{route="/api/v1/me",method="GET",le="+Inf"} 100.0
valeo_http_request_seconds_bucket{route="/readyz",method="GET",le="0.1"} 32.0
valeo_http_request_seconds_bucket{route="/readyz",method="GET",le="+Inf"} 32.0
# HELP valeo_event_streams Event streams open
# TYPE valeo_event_streams gauge
valeo_event_streams 7.0
"""


def test_a_page_of_numbers_is_read_with_users_and_probes_apart() -> None:
    seen = read(PAGE, NOW)
    assert seen is not None
    assert (seen.requests, seen.failed) == (100, 5)
    assert (seen.probes, seen.failed_probes) == (32, 2)
    assert seen.buckets == {0.1: 90, math.inf: 100}
    assert seen.streams == 7


@pytest.mark.parametrize("page", ["", "# nothing\n", "<html>", PAGE.replace("95.0", "NaN"), 'x{y="'])
def test_a_page_without_numbers_that_can_be_compared_tells_nothing(page: str) -> None:
    assert read(page, NOW) is None


def grown(bytes_a_minute: float, seconds: int = 120, error_logs: float = 0) -> Window:
    """One pod that answers well, looked at every ten seconds."""
    scrapes = [
        Scrape(
            NOW - timedelta(seconds=seconds - at),
            requests=at,
            probes=at,
            error_logs=error_logs * at / seconds,
            memory=200e6 + bytes_a_minute * at / 60,
        )
        for at in range(0, seconds + 1, 10)
    ]
    return Window({"pod": scrapes})


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (grown(200e6), Result.FAIL),
        (grown(50e6), Result.PASS),
        (grown(-200e6), Result.PASS),
        (grown(200e6, seconds=50), Result.PASS),
        (grown(0, error_logs=4), Result.PASS),
        (grown(0, error_logs=24), Result.FAIL),
    ],
)
def test_a_leak_and_faults_that_no_answer_shows_are_breaches(window: Window, expected: Result) -> None:
    assert result(window) is expected


def test_records_that_the_release_before_logs_too_are_a_common_cause() -> None:
    assert result(grown(0, error_logs=24), grown(0, error_logs=24)) is Result.UNKNOWN


def test_a_memory_that_is_no_number_is_unknown() -> None:
    assert result(grown(math.nan)) is Result.UNKNOWN


def test_the_numbers_tell_memory_and_records() -> None:
    told = judge(grown(60e6, error_logs=2), LIMITS, None, NOW).numbers
    assert (told["memory"], told["error records"]) == ("60 MB a minute", "2")


@given(st.lists(st.one_of(st.none(), st.sampled_from([math.nan, math.inf]), st.floats(0, 1e12)), max_size=12))
def test_growth_is_a_number_or_not_known(memories: list[float | None]) -> None:
    scrapes = [Scrape(NOW + timedelta(seconds=20 * n), memory=memory) for n, memory in enumerate(memories)]
    seen = growth(scrapes)
    assert seen is None or math.isfinite(seen)
    if any(memory is not None and not math.isfinite(memory) for memory in memories):
        assert seen is None


def test_records_at_error_and_memory_are_read_from_the_page() -> None:
    more = """# TYPE valeo_log_records_total counter
valeo_log_records_total{level="INFO"} 900.0
valeo_log_records_total{level="ERROR"} 3.0
valeo_log_records_total{level="CRITICAL"} 1.0
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.5e+08
"""
    seen = read(PAGE + more, NOW)
    assert seen is not None
    assert (seen.error_logs, seen.memory) == (4, 1.5e8)


def test_streams_that_the_service_cuts_fail() -> None:
    before, now = Scrape(NOW - timedelta(minutes=5)), Scrape(NOW, probes=60, streams=20, cut=6)
    verdict = judge(Window({"pod": (before, now)}), LIMITS, None, NOW)

    assert verdict.result is Result.FAIL
    assert verdict.sentence == "6 event streams were cut, 20 are open"


def test_a_few_clients_that_are_too_slow_are_no_breach() -> None:
    before, now = Scrape(NOW - timedelta(minutes=5)), Scrape(NOW, probes=60, streams=100, cut=9)

    assert judge(Window({"pod": (before, now)}), LIMITS, None, NOW).result is Result.PASS
