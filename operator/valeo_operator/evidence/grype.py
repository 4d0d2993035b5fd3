"""Grype's JSON report."""

from datetime import datetime, timedelta
from typing import Final

from valeo_operator.evidence.digests import digests_in
from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import by_word, counted
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Summary
from valeo_operator.evidence.times import iso_time

_OLDEST_DATABASE: Final = timedelta(days=14)


def read_grype(content: bytes) -> Summary:
    """All matches; what a rule ignores is counted apart. A scan with an old database tells nothing."""
    report = read_json(content)
    tool = report["descriptor"]
    if tool["name"].text() != "grype":
        raise RefusedEvidenceError(f"the report is of {tool['name'].text()}, not of grype")
    made = with_text(tool["timestamp"], iso_time, "a time") if tool["timestamp"].there else None
    matches = [by_word(match["vulnerability"]["severity"].text()) for match in report["matches"].items()]
    return Summary(
        tool="Grype",
        version=tool["version"].text_if_any(),
        finished=made,
        subjects=_subjects(report),
        findings=counted(matches),
        metrics={Metric.SUPPRESSED: len(list(report["ignoredMatches"].items_if_any()))},
        unfinished=_database_trouble(tool["db"], made),
    )


def _subjects(report: Part) -> frozenset[str]:
    if not report["source"].there:
        raise RefusedEvidenceError("the report does not say what was scanned")
    target = report["source"]["target"]
    if not target.is_object:
        return frozenset()  # a folder or a file, named by its path
    return digests_in(target["imageID"], target["manifestDigest"], target["repoDigests"])


def _database_trouble(database: Part, made: datetime | None) -> str:
    if not database.there:
        return "the report does not say which vulnerability database was used"
    status = database["status"] if database["status"].there else database
    if status["valid"].there and not status["valid"].flag():
        return "the vulnerability database was not valid"
    if not status["built"].there:
        return "the report does not say how old its vulnerability database was"
    built = with_text(status["built"], iso_time, "a time")
    if made is not None and made - built > _OLDEST_DATABASE:
        return f"the vulnerability database was {(made - built).days} days old"
    return ""
