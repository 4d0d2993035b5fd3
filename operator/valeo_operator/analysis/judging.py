"""Whether a release does well by its numbers: Pass, Fail or Unknown, and Unknown is never a pass. Pure.

Empty, stale, not a number, a counter that fell, too few to tell: all of that is Unknown. Few requests of users, none of
which failed, are judged together with the probes of the kubelet and the operator's own requests: nobody can ask for
fifty users at night, and something was measured all the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from valeo_operator.analysis.window import Scrape, Window

ENOUGH: Final = 50
ENOUGH_PROBES: Final = 10
_TWO: Final = 2
ENOUGH_RECORDS: Final = 5
"""Fewer records at ERROR, or fewer streams that were cut, may be chance."""
MOST_CUT: Final = 0.1
"""Share of the open event streams that may be cut: a few clients are always too slow."""
MOST_GROWTH: Final = 100e6
"""Bytes a minute: a pod of the usual size would be full within minutes. Warming up takes less."""
GROWTH_SEEN_AFTER: Final = timedelta(seconds=60)


class Result(StrEnum):
    """What numbers come to."""

    PASS = "Pass"  # noqa: S105 - a result
    FAIL = "Fail"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Limits:
    """What is asked of a release: a share from 0 to 1, and seconds."""

    error_rate: float
    p95: float


@dataclass(frozen=True)
class AnalysisVerdict:
    """The result in a sentence, with the numbers that it rests on."""

    result: Result
    sentence: str
    numbers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Increase:
    """What was counted within a window, over all pods; `growth` is of the pod that grew most, in bytes a minute."""

    requests: float
    failed: float
    probes: float
    failed_probes: float
    buckets: Mapping[float, float]
    error_logs: float = 0
    growth: float | None = None
    streams: float = 0
    cut: float = 0

    @property
    def error_rate(self) -> float:
        """Share of users' requests that failed; 0 where there were none."""
        return self.failed / self.requests if self.requests else 0.0

    @property
    def probe_error_rate(self) -> float:
        """Share of probes that failed; 0 where there were none."""
        return self.failed_probes / self.probes if self.probes else 0.0


def judge(
    window: Window, limits: Limits, baseline: Window | None, now: datetime, unsteady: str | None = None
) -> AnalysisVerdict:
    """Judge the release of `window`. `baseline` is the release before over the same time, which gets probes only.

    `unsteady` says that its pods do not keep running, or not keep ready; numbers of such pods tell little.
    """
    if unsteady is not None:
        return AnalysisVerdict(Result.FAIL, unsteady)
    seen = increase(window, now)
    if isinstance(seen, str):
        return AnalysisVerdict(Result.UNKNOWN, seen)
    before = None if baseline is None else increase(baseline, now)
    common = isinstance(before, Increase) and _suffers(before, limits)
    numbers = _numbers(seen, limits, before if isinstance(before, Increase) else None)
    checks = (_errors(seen, limits), _probes(seen, limits), _slowness(seen, limits), _complaints(seen, limits))
    for found in (*checks, _leak(seen), _streams(seen)):
        if found is not None and common:
            return AnalysisVerdict(Result.UNKNOWN, f"{found}; the release before fails, too: a common cause", numbers)
        if found is not None:
            return AnalysisVerdict(Result.FAIL, found, numbers)
    return _without_breach(seen, numbers)


def _suffers(before: Increase, limits: Limits) -> bool:
    """Whether the release before does badly, too, although nobody uses it."""
    return before.probe_error_rate > limits.error_rate or before.error_logs >= ENOUGH_RECORDS


def increase(window: Window, now: datetime) -> Increase | str:
    """What was counted within the window; a sentence where that is not known."""
    if not window.pods:
        return "no pod told its numbers"
    parts: list[Increase] = []
    for pod, scrapes in window.pods.items():
        problem = _problem(pod, scrapes, window.stale, now)
        if problem:
            return problem
        parts.append(replace(_between(scrapes[0], scrapes[-1]), growth=growth(scrapes)))
    return _sum(parts)


def _problem(pod: str, scrapes: Sequence[Scrape], stale: timedelta, now: datetime) -> str:
    if not scrapes:
        return f"pod {pod} told nothing"
    if len(scrapes) < _TWO:
        return f"pod {pod} was looked at only once; an increase lies between two looks"
    if now - scrapes[-1].at > stale:
        return f"pod {pod} told its numbers last at {scrapes[-1].at:%H:%M:%S}"
    counted = [_counters(each) for each in scrapes]
    gauged = [each.memory for each in scrapes if each.memory is not None]
    if not all(math.isfinite(value) for values in (*counted, gauged) for value in values):
        return f"a counter of pod {pod} is no number"
    if any(after < before for pair in pairwise(counted) for before, after in zip(*pair, strict=True)):
        return f"a counter of pod {pod} fell: it was started anew"
    return ""


def _counters(look: Scrape) -> tuple[float, ...]:
    return look.requests, look.failed, look.probes, look.failed_probes, look.error_logs, look.cut


def _between(first: Scrape, last: Scrape) -> Increase:
    return Increase(
        last.requests - first.requests,
        last.failed - first.failed,
        last.probes - first.probes,
        last.failed_probes - first.failed_probes,
        {bound: count - first.buckets.get(bound, 0) for bound, count in last.buckets.items()},
        last.error_logs - first.error_logs,
        streams=last.streams or 0,
        cut=last.cut - first.cut,
    )


def growth(scrapes: Sequence[Scrape]) -> float | None:
    """Bytes a minute by which the memory of a pod grew, by least squares; None where that is not seen yet."""
    seen = [(each.at.timestamp(), each.memory) for each in scrapes if each.memory is not None]
    if len(seen) < 3 or seen[-1][0] - seen[0][0] < GROWTH_SEEN_AFTER.total_seconds():  # noqa: PLR2004 - a line
        return None
    if not all(math.isfinite(memory) for _, memory in seen):
        return None
    middle, level = (sum(values) / len(seen) for values in zip(*seen, strict=True))
    spread = sum((at - middle) ** 2 for at, _ in seen)
    slope: float = 60 * sum((at - middle) * (memory - level) for at, memory in seen) / spread
    return slope


def _sum(parts: Iterable[Increase]) -> Increase:
    whole = list(parts)
    bounds = sorted({bound for each in whole for bound in each.buckets})
    return Increase(
        sum(each.requests for each in whole),
        sum(each.failed for each in whole),
        sum(each.probes for each in whole),
        sum(each.failed_probes for each in whole),
        {bound: sum(each.buckets.get(bound, 0) for each in whole) for bound in bounds},
        sum(each.error_logs for each in whole),
        max((each.growth for each in whole if each.growth is not None), default=None),
        sum(each.streams for each in whole),
        sum(each.cut for each in whole),
    )


def p95(buckets: Mapping[float, float]) -> float | None:
    """Seconds within which 95 of 100 requests were answered: the upper bound of their bucket. None without any."""
    total = max(buckets.values(), default=0)
    if total <= 0:
        return None
    return next(bound for bound in sorted(buckets) if buckets[bound] >= 0.95 * total)


def _errors(seen: Increase, limits: Limits) -> str | None:
    if seen.requests < ENOUGH or seen.error_rate <= limits.error_rate:
        return None
    return (
        f"{_percent(seen.error_rate)} of {seen.requests:.0f} requests were answered with 5xx,"
        f" the limit is {_percent(limits.error_rate)}"
    )


def _probes(seen: Increase, limits: Limits) -> str | None:
    if seen.probes < ENOUGH_PROBES or seen.probe_error_rate <= max(limits.error_rate, 1 / seen.probes):
        return None
    return f"{_percent(seen.probe_error_rate)} of {seen.probes:.0f} probes failed"


def _slowness(seen: Increase, limits: Limits) -> str | None:
    slow = p95(seen.buckets)
    if seen.requests < ENOUGH or slow is None or slow <= limits.p95:
        return None
    return f"95 of 100 requests took up to {_seconds(slow)}, the limit is {_seconds(limits.p95)}"


def _complaints(seen: Increase, limits: Limits) -> str | None:
    """Faults that no answer shows: of work in the background, or behind an answer that looked well."""
    share = seen.error_logs / max(seen.requests + seen.probes, 1)
    if seen.error_logs < ENOUGH_RECORDS or share <= limits.error_rate:
        return None
    asked = f"{seen.requests + seen.probes:.0f} requests and probes"
    return f"{seen.error_logs:.0f} records were logged at ERROR for {asked}"


def _leak(seen: Increase) -> str | None:
    if seen.growth is None or seen.growth <= MOST_GROWTH:
        return None
    return f"the memory of a pod grows by {_megabytes(seen.growth)} a minute, the limit is {_megabytes(MOST_GROWTH)}"


def _streams(seen: Increase) -> str | None:
    """Streams that the service ended for no planned reason, beside those that are open."""
    if seen.cut < ENOUGH_RECORDS or seen.cut <= MOST_CUT * seen.streams:
        return None
    return f"{seen.cut:.0f} event streams were cut, {seen.streams:.0f} are open"


def _without_breach(seen: Increase, numbers: Mapping[str, str]) -> AnalysisVerdict:
    if seen.requests >= ENOUGH:
        told = f"{_percent(seen.error_rate)} of {seen.requests:.0f} requests failed"
        return AnalysisVerdict(Result.PASS, told, numbers)
    if seen.failed:
        told = f"{seen.failed:.0f} of {seen.requests:.0f} requests failed, and so few tell no rate"
        return AnalysisVerdict(Result.UNKNOWN, told, numbers)
    if seen.probes < ENOUGH_PROBES:
        return AnalysisVerdict(Result.UNKNOWN, f"{seen.probes:.0f} probes are too few to tell", numbers)
    told = f"none of {seen.requests:.0f} requests failed, and {seen.probes:.0f} probes were answered"
    return AnalysisVerdict(Result.PASS, told, numbers)


def _numbers(seen: Increase, limits: Limits, before: Increase | None) -> Mapping[str, str]:
    slow = p95(seen.buckets)
    told = {
        "requests": f"{seen.requests:.0f}",
        "error rate": f"{_percent(seen.error_rate)} (limit {_percent(limits.error_rate)})",
        "p95": f"{_seconds(slow) if slow is not None else 'none'} (limit {_seconds(limits.p95)})",
        "probes": f"{seen.probes:.0f}, {seen.failed_probes:.0f} failed",
        "error records": f"{seen.error_logs:.0f}",
        "event streams": f"{seen.streams:.0f} open, {seen.cut:.0f} cut",
        "memory": "not seen long enough" if seen.growth is None else f"{_megabytes(seen.growth)} a minute",
    }
    if before is None:
        return told
    return {**told, "probes of the release before": f"{before.probes:.0f}, {before.failed_probes:.0f} failed"}


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.0f} MB"


def _seconds(time: float) -> str:
    return f"{time * 1000:.0f} ms" if math.isfinite(time) else "longer than was counted"
