"""Samples of a Prometheus become the same looks as an own scrape; what is no sample says why it tells nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from valeo_operator.analysis.judging import Limits, Result, judge
from valeo_operator.analysis.prometheus import query, window
from valeo_operator.analysis.window import Window

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
LIMITS = Limits(error_rate=0.01, p95=0.5)
ROUTE = {"route": "/api/v1/invoices", "method": "GET"}


def series(name: str, values: list[tuple[float, str]], **labels: str) -> Any:
    metric = {"__name__": name, "namespace": "shop", "pod": "acme-green-1-x", **labels}
    return {"metric": metric, "values": [[BEGIN.timestamp() + at, value] for at, value in values]}


def answer(*found: Any) -> Any:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(found)}}


def numbers(served: str = "100", failed: str = "0", last: float = 60) -> Any:
    times = (0.0, 30.0, last)
    return answer(
        series(
            "valeo_http_requests_total", [(at, str(at / last * float(served))) for at in times], status="200", **ROUTE
        ),
        series("valeo_http_requests_total", list(zip(times, ("0", "0", failed), strict=True)), status="500", **ROUTE),
        series(
            "valeo_http_request_seconds_bucket", list(zip(times, ("0", "9", served), strict=True)), le="0.1", **ROUTE
        ),
        series(
            "valeo_http_request_seconds_bucket", list(zip(times, ("0", "9", served), strict=True)), le="+Inf", **ROUTE
        ),
    )


def judged(told: Any, seconds: float = 65) -> Result:
    seen = window(told)
    assert isinstance(seen, Window), seen
    return judge(seen, LIMITS, None, BEGIN + timedelta(seconds=seconds)).result


def test_samples_within_the_limits_pass() -> None:
    assert judged(numbers()) is Result.PASS


def test_five_per_cent_of_errors_fail() -> None:
    assert judged(numbers(failed="6")) is Result.FAIL


def test_no_sample_is_unknown() -> None:
    assert judged(answer()) is Result.UNKNOWN


def test_one_scrape_is_too_few() -> None:
    one = answer(series("valeo_http_requests_total", [(60, "900")], status="200", **ROUTE))
    assert judged(one) is Result.UNKNOWN


def test_a_series_that_ended_is_stale() -> None:
    assert judged(numbers(), seconds=60 + 91) is Result.UNKNOWN


def test_a_counter_that_fell_is_unknown() -> None:
    fell = series("valeo_http_requests_total", [(0, "500"), (30, "600"), (60, "3")], status="200", **ROUTE)
    assert judged(answer(fell)) is Result.UNKNOWN


def test_samples_that_are_no_number_are_unknown() -> None:
    nan = series("valeo_http_requests_total", [(0, "NaN"), (30, "NaN"), (60, "NaN")], status="200", **ROUTE)
    assert judged(answer(nan)) is Result.UNKNOWN


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        "text",
        {"status": "error", "error": "query timed out"},
        {"status": "success", "data": {"resultType": "vector", "result": []}},
        {"status": "success", "data": {"resultType": "matrix", "result": None}},
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}}]}},
        {"status": "success", "data": {"resultType": "matrix", "result": [series("x", []) | {"values": [["a", "b"]]}]}},
    ],
)
def test_an_answer_without_samples_says_so(told: Any) -> None:
    assert isinstance(window(told), str)


def test_the_query_is_for_the_pods_of_one_colour_and_for_the_time_since_the_switch() -> None:
    asked = query("shop", "acme-green-[a-z0-9]+-[a-z0-9]+", timedelta(seconds=90))

    assert 'namespace="shop",pod=~"acme-green-' in asked
    assert asked.endswith("[90s]")
