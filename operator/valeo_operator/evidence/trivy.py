"""Trivy's JSON report: vulnerabilities, misconfigurations and secrets of one image."""

from collections.abc import Iterator
from typing import Final

from valeo_operator.evidence.digests import digests_in
from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import by_word, counted
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Severity, Summary
from valeo_operator.evidence.times import iso_time

_SCHEMA: Final = 2


def read_trivy(content: bytes) -> Summary:
    """All findings of all results; what is told to be not affected or suppressed is counted apart."""
    report = read_json(content)
    schema = report["SchemaVersion"].count()
    if schema != _SCHEMA:
        raise RefusedEvidenceError(f"the report has Trivy's schema {schema}; {_SCHEMA} is read")
    report["ArtifactName"].text()
    results = list(report["Results"].items_if_any())
    metadata = report["Metadata"]
    made = report["CreatedAt"]
    return Summary(
        tool="Trivy",
        version=report["Trivy"]["Version"].text_if_any() if report["Trivy"].there else "",
        finished=with_text(made, iso_time, "a time") if made.there else None,
        subjects=digests_in(metadata["ImageID"], metadata["RepoDigests"]) if metadata.there else frozenset(),
        findings=counted(severity for result in results for severity in _findings(result)),
        metrics={
            Metric.SCANNED: len(results),
            Metric.SUPPRESSED: sum(len([*result["ExperimentalModifiedFindings"].items_if_any()]) for result in results),
        },
        unfinished=_unfinished(results, metadata),
    )


def _findings(result: Part) -> Iterator[Severity]:
    for kind in ("Vulnerabilities", "Secrets", "Licenses"):
        for found in result[kind].items_if_any():
            yield by_word(found["Severity"].text())
    for found in result["Misconfigurations"].items_if_any():
        if found["Status"].text_if_any() in {"", "FAIL"}:
            yield by_word(found["Severity"].text())


def _unfinished(results: list[Part], metadata: Part) -> str:
    if not results:
        return "nothing was scanned: the report holds no results"
    if metadata.there and metadata["OS"].there:
        system = metadata["OS"]
        if system["EOSL"].there and system["EOSL"].flag():
            name = f"{system['Family'].text_if_any()} {system['Name'].text_if_any()}"
            return f"{name} is out of support: its vulnerabilities are not listed any more"
    return ""
