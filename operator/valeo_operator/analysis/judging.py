"""Whether a release does well by its numbers: Pass, Fail or Unknown, and Unknown is never a pass. Pure.

Empty, stale, not a number, a counter that fell, too few to tell: all of that is Unknown. Few requests of users, none of
which failed, are judged together with the probes of the kubelet and the operator's own requests: nobody can ask for
fifty users at night, and something was measured all the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from valeo_operator.analysis.window import Scrape, Window

ENOUGH: Final = 50
ENOUGH_PROBES: Final = 10
STALE: Final = timedelta(seconds=30)


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
    """What was counted within a window, over all pods."""

    requests: float
    failed: float
    probes: float
    failed_probes: float
    buckets: Mapping[float, float]

    @property
    def error_rate(self) -> float:
        """Share of users' requests that failed; 0 where there were none."""
        return self.failed / self.requests if self.requests else 0.0

    @property
    def probe_error_rate(self) -> float:
        """Share of probes that failed; 0 where there were none."""
        return self.failed_probes / self.probes if self.probes else 0.0


def judge(window: Window, limits: Limits, baseline: Window | None, now: datetime) -> AnalysisVerdict:
    """Judge the release of `window`. `baseline` is the release before over the same time, which gets probes only."""
    seen = increase(window, now)
    if isinstance(seen, str):
        return AnalysisVerdict(Result.UNKNOWN, seen)
    before = None if baseline is None else increase(baseline, now)
    common = isinstance(before, Increase) and before.probe_error_rate > limits.error_rate
    numbers = _numbers(seen, limits, before if isinstance(before, Increase) else None)
    for found in (_errors(seen, limits), _probes(seen, limits), _slowness(seen, limits)):
        if found is not None and common:
            return AnalysisVerdict(Result.UNKNOWN, f"{found}; the release before fails, too: a common cause", numbers)
        if found is not None:
            return AnalysisVerdict(Result.FAIL, found, numbers)
    return _without_breach(seen, numbers)


def increase(window: Window, now: datetime) -> Increase | str:
    """What was counted within the window; a sentence where that is not known."""
    if not window.pods:
        return "no pod told its numbers"
    parts: list[Increase] = []
    for pod, scrapes in window.pods.items():
        problem = _problem(pod, scrapes, now)
        if problem:
            return problem
        parts.append(_between(scrapes[0], scrapes[-1]))
    return _sum(parts)


def _problem(pod: str, scrapes: Sequence[Scrape], now: datetime) -> str:
    if len(scrapes) < 2:  # noqa: PLR2004 - an increase lies between two looks
        return f"pod {pod} was looked at {len(scrapes)} times only"
    if now - scrapes[-1].at > STALE:
        return f"pod {pod} told its numbers last at {scrapes[-1].at:%H:%M:%S}"
    counted = [(each.requests, each.failed, each.probes, each.failed_probes) for each in scrapes]
    if any(not math.isfinite(value) for values in counted for value in values):
        return f"a counter of pod {pod} is no number"
    if any(after < before for pair in pairwise(counted) for before, after in zip(*pair, strict=True)):
        return f"a counter of pod {pod} fell: it was started anew"
    return ""


def _between(first: Scrape, last: Scrape) -> Increase:
    return Increase(
        last.requests - first.requests,
        last.failed - first.failed,
        last.probes - first.probes,
        last.failed_probes - first.failed_probes,
        {bound: count - first.buckets.get(bound, 0) for bound, count in last.buckets.items()},
    )


def _sum(parts: Iterable[Increase]) -> Increase:
    whole = list(parts)
    bounds = sorted({bound for each in whole for bound in each.buckets})
    return Increase(
        sum(each.requests for each in whole),
        sum(each.failed for each in whole),
        sum(each.probes for each in whole),
        sum(each.failed_probes for each in whole),
        {bound: sum(each.buckets.get(bound, 0) for each in whole) for bound in bounds},
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
    }
    if before is None:
        return told
    return {**told, "probes of the release before": f"{before.probes:.0f}, {before.failed_probes:.0f} failed"}


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _seconds(time: float) -> str:
    return f"{time * 1000:.0f} ms" if math.isfinite(time) else "longer than was counted"
