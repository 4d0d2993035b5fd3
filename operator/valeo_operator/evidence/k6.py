"""k6's end-of-test summary: the file of `--summary-export`, and the data of `handleSummary`. Neither tells the time."""

from collections.abc import Iterator
from typing import Final

from valeo_operator.evidence.json_reading import Part, read_json
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Summary

_MILLISECONDS: Final = 1000
_PERCENT: Final = 100

# Where a number stands: metric of k6, its possible keys, the factor to our unit, our metric.
_NUMBERS: Final = (
    ("http_reqs", ("count",), 1, Metric.REQUESTS),
    ("http_reqs", ("rate",), 1, Metric.REQUESTS_PER_SECOND),
    ("http_req_failed", ("value", "rate"), _PERCENT, Metric.ERROR_RATE),
    ("http_req_duration", ("p(95)",), 1, Metric.P95),
    ("sse_connections", ("max", "value", "count"), 1, Metric.SSE_CONNECTIONS),
    ("checks", ("fails",), 1, Metric.CHECKS_FAILED),
)


def read_k6(content: bytes) -> Summary:
    """Requests, their rate, errors and times; `sse_connections` where the script has such a metric."""
    report = read_json(content)
    told = report["metrics"]
    if not told.is_object:
        raise RefusedEvidenceError("the report is not a summary of k6: metrics is missing")
    metrics = dict(_numbers(told))
    metrics[Metric.THRESHOLDS_FAILED] = sum(_failed_thresholds(metric) for _, metric in told.members())
    if report["state"].there:
        metrics[Metric.SECONDS] = report["state"]["testRunDurationMs"].number() / _MILLISECONDS
    empty = not metrics.get(Metric.REQUESTS) and not metrics.get(Metric.SSE_CONNECTIONS)
    return Summary(tool="k6", metrics=metrics, unfinished="no request was made" if empty else "")


def _numbers(told: Part) -> Iterator[tuple[Metric, float]]:
    for name, keys, factor, ours in _NUMBERS:
        values = _values(told[name])
        key = next((key for key in keys if values.there and values[key].there), None)
        if key is not None:
            yield ours, values[key].number() * factor


def _values(metric: Part) -> Part:
    return metric["values"] if metric.is_object and metric["values"].there else metric


def _failed_thresholds(metric: Part) -> int:
    """In `--summary-export` true means failed (k6 issue 1498); `handleSummary` has `{"ok": true}`."""
    if not metric["thresholds"].there:
        return 0
    return sum(
        (not threshold["ok"].flag()) if threshold.is_object else threshold.flag()
        for _, threshold in metric["thresholds"].members()
    )
