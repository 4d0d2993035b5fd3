"""The traditional JSON report of ZAP. It does not say which rules ran: run the full scan for the gate of that name."""

from datetime import datetime
from typing import Final

from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import counted
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Severity, Summary
from valeo_operator.evidence.times import iso_time, mail_time

_RISKS: Final = {"0": Severity.INFO, "1": Severity.LOW, "2": Severity.MEDIUM, "3": Severity.HIGH}
_FALSE_POSITIVE: Final = "0"


def read_zap(content: bytes) -> Summary:
    """The alerts of all sites by risk; what a person marked as false positive is counted apart."""
    report = read_json(content)
    if not report["@version"].there:
        raise RefusedEvidenceError("the report is not ZAP's: @version is missing")
    sites = list(report["site"].items())
    alerts = [alert for site in sites for alert in site["alerts"].items()]
    marked = [_digit(alert["confidence"]) == _FALSE_POSITIVE for alert in alerts]
    return Summary(
        tool="ZAP",
        version=report["@version"].text(),
        finished=_made(report),
        findings=counted(_risk(alert) for alert, is_false in zip(alerts, marked, strict=True) if not is_false),
        metrics={Metric.SCANNED: len(sites), Metric.SUPPRESSED: sum(marked)},
        unfinished="" if sites else "no site was scanned",
    )


def _digit(part: Part) -> str:
    return part.text() if isinstance(part.value, str) else str(part.count())


def _risk(alert: Part) -> Severity:
    return _RISKS.get(_digit(alert["riskcode"]), Severity.UNRANKED)


def _made(report: Part) -> datetime | None:
    if report["created"].there:
        return with_text(report["created"], iso_time, "a time")
    made = report["@generated"]
    return with_text(made, mail_time, "a time as Mon, 5 Jan 2026 08:00:00") if made.there else None
