"""Bandit's JSON report. Its totals also count what a severity filter left out of the list: the larger number counts."""

from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import by_word, counted
from valeo_operator.evidence.summary import Metric, Severity, Summary
from valeo_operator.evidence.times import iso_time


def read_bandit(content: bytes) -> Summary:
    """The issues by severity. A file that could not be read, or no line of code at all, tells nothing."""
    report = read_json(content)
    totals = report["metrics"]["_totals"]
    listed = counted(by_word(issue["issue_severity"].text()) for issue in report["results"].items())
    unread = len(list(report["errors"].items()))
    lines = totals["loc"].count()
    made = report["generated_at"]
    return Summary(
        tool="Bandit",
        finished=with_text(made, iso_time, "a time") if made.there else None,
        findings={severity: max(number, _total(totals, severity)) for severity, number in listed.items()},
        metrics={
            Metric.SCANNED: lines,
            Metric.NOT_SCANNED: unread,
            Metric.SUPPRESSED: totals["nosec"].count_if_any() + totals["skipped_tests"].count_if_any(),
        },
        unfinished=_unfinished(unread, lines),
    )


def _total(totals: Part, severity: Severity) -> int:
    word = "UNDEFINED" if severity is Severity.UNRANKED else severity.name
    return totals[f"SEVERITY.{word}"].count_if_any()


def _unfinished(unread: int, lines: int) -> str:
    if unread:
        return f"{unread} files could not be read"
    return "" if lines else "no line of code was read"
