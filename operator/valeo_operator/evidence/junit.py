"""JUnit XML. Tests are counted here; what the file announces must agree."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from valeo_operator.evidence.summary import Metric, Portion, RefusedEvidenceError, Summary
from valeo_operator.evidence.times import iso_time
from valeo_operator.evidence.xml_reading import Element, read_xml


def read_junit(content: bytes) -> Summary:
    """The tests that ran, failed and were skipped. An error counts as a failure."""
    root = read_xml(content)
    if root.name not in {"testsuites", "testsuite"}:
        raise RefusedEvidenceError(f"the report is not JUnit: its root is <{root.name}>")
    cases = list(root.all("testcase"))
    skipped = sum(case.has("skipped") for case in cases)
    failed = sum(_failed(case) for case in cases)
    announced_failures = max((_announced(suite, "failures", "errors") for suite in _suites(root)), default=0)
    metrics = {
        Metric.TESTS: len(cases) - skipped,
        Metric.TESTS_FAILED: max(failed, announced_failures),
        Metric.TESTS_SKIPPED: skipped,
    }
    return Summary(
        tool="JUnit",
        finished=_began(root),
        metrics=metrics,
        portions=_by_class(cases),
        unfinished=_missing(root) or _empty(len(cases), skipped),
    )


def _suites(root: Element) -> Iterator[Element]:
    return root.all("testsuites", "testsuite")


def _failed(case: Element) -> bool:
    return case.has("failure") or case.has("error")


def _announced(suite: Element, *attributes: str) -> int:
    return sum(suite.count(attribute) or 0 for attribute in attributes)


def _missing(root: Element) -> str:
    for suite in _suites(root):
        held, told = len(list(suite.all("testcase"))), suite.count("tests") or 0
        if told > held:
            return f"the report announces {told} tests and holds {held}: the run broke off"
    return ""


def _empty(cases: int, skipped: int) -> str:
    if not cases:
        return "no test ran"
    return "every test was skipped" if cases == skipped else ""


def _began(root: Element) -> datetime | None:
    """When the oldest suite of the report began: the report is as old as its oldest part."""
    times = [suite.text("timestamp") for suite in _suites(root) if suite.text("timestamp")]
    try:
        return min((iso_time(time) for time in times), default=None)
    except (ValueError, OverflowError) as wrong:
        raise RefusedEvidenceError(f"a timestamp of the report is no time: {wrong}") from wrong


def _by_class(cases: list[Element]) -> tuple[Portion, ...]:
    ran: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for case in cases:
        if not case.has("skipped"):
            name = case.text("classname") or case.text("file") or case.text("name")
            ran[name] += 1
            passed[name] += not _failed(case)
    return tuple(Portion(name, ran[name], passed[name]) for name in sorted(ran))
