"""Locust's results: the CSV of `--csv` (`…_stats.csv`), and the JSON of `--json`."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

from valeo_operator.evidence.json_reading import Part, read_json, tidy
from valeo_operator.evidence.limits import LIMITS
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Summary
from valeo_operator.evidence.times import epoch_time

_PERCENT: Final = 100
_LARGEST: Final = 10**15
_COLUMNS: Final = frozenset({"Name", "Request Count", "Failure Count", "Requests/s", "95%"})


def read_locust(content: bytes) -> Summary:
    """Requests, their rate, errors and the 95th percentile, over all requests."""
    if len(content) > LIMITS.size:
        raise RefusedEvidenceError(f"the report has {len(content)} bytes, more than {LIMITS.size}")
    return _of_json(content) if content.lstrip()[:1] in {b"[", b"{"} else _of_csv(content)


def _summary(metrics: dict[Metric, float], **about: object) -> Summary:
    unfinished = "" if metrics[Metric.REQUESTS] else "no request was made"
    return Summary(tool="Locust", metrics=metrics, unfinished=unfinished, **about)  # type: ignore[arg-type]


def _of_csv(content: bytes) -> Summary:
    total = _aggregated(content)
    requests = _cell(total, "Request Count")
    metrics = {Metric.REQUESTS: requests}
    if requests:
        metrics |= {
            Metric.REQUESTS_PER_SECOND: _cell(total, "Requests/s"),
            Metric.ERROR_RATE: _PERCENT * _cell(total, "Failure Count") / requests,
            Metric.P95: _cell(total, "95%"),
        }
    return _summary(metrics)


def _aggregated(content: bytes) -> dict[str, str]:
    rows = list(_rows(content))
    totals = [row for row in rows if row["Name"] == "Aggregated"]
    if len(totals) != 1 or rows[-1] is not totals[0]:
        raise RefusedEvidenceError("the table does not end with one row Aggregated: it is cut off, or not Locust's")
    return totals[0]


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    if not content.endswith(b"\n"):
        raise RefusedEvidenceError("the last row of the table is cut off")
    try:
        table = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if _COLUMNS - set(table.fieldnames or ()):
            raise RefusedEvidenceError("the table is not Locust's: its columns are others")
        for row in table:
            if None in row or None in row.values():
                raise RefusedEvidenceError("a row of the table has more or fewer cells than the head")
            yield row
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise RefusedEvidenceError(f"the report is not a table: {tidy(str(wrong))}") from wrong


def _cell(row: dict[str, str], column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not 0 <= number <= _LARGEST:
        raise RefusedEvidenceError(f"{column} of all requests: expected a number from 0 on, found {tidy(row[column])}")
    return number


def _of_json(content: bytes) -> Summary:
    entries = list(read_json(content).items())
    requests = sum(entry["num_requests"].count() for entry in entries)
    if not requests:
        return _summary({Metric.REQUESTS: 0})
    failures = sum(entry["num_failures"].count() for entry in entries)
    began = min(entry["start_time"].number() for entry in entries)
    ended = max(entry["last_request_timestamp"].number() for entry in entries if entry["num_requests"].count())
    seconds = max(ended - began, 1.0)
    metrics = {
        Metric.REQUESTS: requests,
        Metric.REQUESTS_PER_SECOND: requests / seconds,
        Metric.ERROR_RATE: _PERCENT * failures / requests,
        Metric.SECONDS: seconds,
    }
    times = _response_times(entries)
    if times:
        metrics[Metric.P95] = _percentile(times, 95)
    try:
        return _summary(metrics, finished=epoch_time(ended))
    except (ValueError, OverflowError, OSError) as wrong:
        raise RefusedEvidenceError(f"the time of the last request is no time: {ended}") from wrong


def _response_times(entries: list[Part]) -> Counter[float]:
    times: Counter[float] = Counter()
    for entry in entries:
        for written, number in entry["response_times"].members():
            times[_cell({"response time": written}, "response time")] += number.count()
    return times


def _percentile(times: Counter[float], percent: int) -> float:
    """The smallest time that so many percent of the requests did not exceed."""
    wanted = math.ceil(times.total() * percent / _PERCENT)
    seen = 0
    for time in sorted(times):
        seen += times[time]
        if seen >= wanted:
            return time
    raise AssertionError("a counter has its total")
