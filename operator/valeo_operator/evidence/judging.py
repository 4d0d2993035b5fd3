"""What a gate asks of evidence, and whether a summary meets it. Pure; what can't be concluded is Unknown."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from valeo_operator.evidence.summary import Metric, Portion, Severity, Summary


class Judgement(StrEnum):
    """What came out."""

    PASS = "Pass"  # noqa: S105 - a result, not a password
    FAIL = "Fail"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Verdict:
    """What came out, and the sentence that says why."""

    judgement: Judgement
    message: str


@dataclass(frozen=True)
class AllTestsPass:
    """No test failed, and at least so many ran; `within` counts only classes whose name begins so."""

    minimum: int = 1
    within: str = ""


@dataclass(frozen=True)
class CoverageAtLeast:
    """So many percent of the lines ran; `within` counts only files whose path has this in it, each for itself."""

    percent: float
    within: str = ""


@dataclass(frozen=True)
class NoFindings:
    """No finding of this severity or a higher one. What the tool did not rank counts as higher."""

    from_severity: Severity = Severity.HIGH


@dataclass(frozen=True)
class AtLeast:
    """A number is not below the limit."""

    metric: Metric
    limit: float


@dataclass(frozen=True)
class Below:
    """A number is below the limit."""

    metric: Metric
    limit: float


@dataclass(frozen=True)
class Every:
    """All of them hold."""

    requirements: "tuple[Requirement, ...]"


Requirement = AllTestsPass | CoverageAtLeast | NoFindings | AtLeast | Below | Every

_RANK: Final = {Judgement.PASS: 0, Judgement.UNKNOWN: 1, Judgement.FAIL: 2}


def judge(requirement: Requirement, summary: Summary) -> Verdict:
    """Whether the report meets the requirement. A report that is not whole can still show a failure, never a pass."""
    verdict = _judge(requirement, summary)
    if summary.unfinished and verdict.judgement is not Judgement.FAIL:
        return Verdict(Judgement.UNKNOWN, f"{summary.tool}: {summary.unfinished}")
    return Verdict(verdict.judgement, f"{summary.tool}: {verdict.message}")


def _judge(requirement: Requirement, summary: Summary) -> Verdict:
    match requirement:
        case AllTestsPass():
            return _tests(requirement, summary)
        case CoverageAtLeast():
            return _coverage(requirement, summary)
        case NoFindings():
            return _findings(requirement, summary)
        case AtLeast(metric, limit):
            return _number(summary, metric, f"at least {limit:g}", lambda value: value >= limit)
        case Below(metric, limit):
            return _number(summary, metric, f"below {limit:g}", lambda value: value < limit)
        case Every(requirements):
            return _worst(_judge(each, summary) for each in requirements)
        case _:
            assert_never(requirement)


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    all_of_them = list(verdicts)
    if not all_of_them:
        return _unknown("nothing is asked")
    worst = max((verdict.judgement for verdict in all_of_them), key=_RANK.__getitem__)
    return Verdict(worst, "; ".join(each.message for each in all_of_them if each.judgement is worst))


def _unknown(message: str) -> Verdict:
    return Verdict(Judgement.UNKNOWN, message)


def _pass_if(holds: bool, message: str) -> Verdict:
    return Verdict(Judgement.PASS if holds else Judgement.FAIL, message)


def _tests(wanted: AllTestsPass, summary: Summary) -> Verdict:
    ran, failed = _ran(summary, wanted.within)
    where = f" in {wanted.within}" if wanted.within else ""
    if ran is None:
        return _unknown("it tells nothing about tests")
    if failed:
        return _pass_if(holds=False, message=f"{failed:g} of {ran:g} tests{where} failed")
    if ran < max(wanted.minimum, 1):
        return _unknown(f"{ran:g} tests{where} ran; at least {max(wanted.minimum, 1)} are expected")
    return _pass_if(holds=True, message=f"{ran:g} tests{where} passed")


def _ran(summary: Summary, within: str) -> tuple[float | None, float]:
    if Metric.TESTS not in summary.metrics:
        return None, 0
    if not within:
        return summary.metrics[Metric.TESTS], summary.metrics.get(Metric.TESTS_FAILED, 0)
    mine = [portion for portion in summary.portions if _below(portion, within)]
    return sum(portion.total for portion in mine), sum(portion.total - portion.good for portion in mine)


def _below(portion: Portion, within: str) -> bool:
    return portion.name == within or portion.name.startswith((f"{within}.", f"{within}/"))


def _coverage(wanted: CoverageAtLeast, summary: Summary) -> Verdict:
    if not wanted.within:
        return _number(summary, Metric.LINE_COVERAGE, f"at least {wanted.percent:g}", lambda it: it >= wanted.percent)
    if Metric.LINE_COVERAGE not in summary.metrics:
        return _unknown("it tells nothing about coverage")
    files = [portion for portion in summary.portions if wanted.within in portion.name and portion.total]
    if not files:
        return _unknown(f"no file of {wanted.within} was measured")
    least = min(files, key=lambda file: file.good / file.total)
    share = 100 * least.good / least.total
    return _pass_if(
        share >= wanted.percent,
        f"{least.name} has {share:.1f} % of its lines covered, the least of {len(files)} files of {wanted.within}; "
        f"{wanted.percent:g} % are expected",
    )


def _findings(wanted: NoFindings, summary: Summary) -> Verdict:
    if summary.findings is None:
        return _unknown("it does not look for findings")
    ranked = sorted(summary.findings.items(), reverse=True)
    counts = ", ".join(f"{number} {severity.name.lower()}" for severity, number in ranked if number)
    bad = any(number for severity, number in ranked if severity >= wanted.from_severity)
    suppressed = summary.metrics.get(Metric.SUPPRESSED, 0)
    aside = f" ({suppressed:g} suppressed)" if suppressed else ""
    return _pass_if(not bad, f"found {counts or 'nothing'}{aside}; none from {wanted.from_severity.name.lower()} on")


def _number(summary: Summary, metric: Metric, expected: str, holds: Callable[[float], bool]) -> Verdict:
    value = summary.metrics.get(metric)
    if value is None or not math.isfinite(value):
        return _unknown(f"it does not tell {metric}")
    return _pass_if(holds(value), f"{metric} is {value:.6g}, expected {expected}")
