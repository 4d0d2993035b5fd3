"""Safety's JSON reports: of `safety check` and of `safety scan`."""

from collections.abc import Iterator
from datetime import datetime

from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import by_score, counted
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Severity, Summary
from valeo_operator.evidence.times import iso_time


def read_safety(content: bytes) -> Summary:
    """Either report; without a licence Safety ranks nothing, so its findings are UNRANKED."""
    report = read_json(content)
    if report["report_meta"].there:
        return _of_check(report)
    if report["scan_results"].there:
        return _of_scan(report)
    raise RefusedEvidenceError("the report is not Safety's: neither report_meta nor scan_results is there")


def _of_check(report: Part) -> Summary:
    about = report["report_meta"]
    found = [_severity(each["severity"]) for each in report["vulnerabilities"].items() if not _ignored(each)]
    scanned, told = about["packages_found"].count(), about["vulnerabilities_found"].count_if_any()
    lost = f"the report announces {told} vulnerabilities and lists {len(found)}" if told > len(found) else ""
    return Summary(
        tool="Safety",
        version=about["safety_version"].text_if_any(),
        finished=_time(about["timestamp"]),
        findings=counted(found),
        metrics={
            Metric.SCANNED: scanned,
            Metric.SUPPRESSED: len(list(report["ignored_vulnerabilities"].items_if_any())),
        },
        unfinished=lost or ("" if scanned else "no package was checked"),
    )


def _ignored(vulnerability: Part) -> bool:
    """`safety check` writes false or true, `safety scan` null or the reason as an object."""
    mark = vulnerability["ignored"]
    return mark.is_object or (mark.there and mark.flag())


def _severity(severity: Part) -> Severity:
    if severity.is_object and severity["cvssv3"].is_object and severity["cvssv3"]["base_score"].there:
        return by_score(severity["cvssv3"]["base_score"].number())
    return Severity.UNRANKED


def _time(part: Part) -> datetime | None:
    return with_text(part, iso_time, "a time") if part.there else None


def _of_scan(report: Part) -> Summary:
    about = report["meta"]
    packages = list(_packages(report))
    known = [found for package in packages for found in _vulnerabilities(package)]
    ignored = sum(_ignored(found) for found in known)
    return Summary(
        tool="Safety",
        version=about["telemetry"]["safety_version"].text_if_any() if about["telemetry"].there else "",
        finished=_time(about["timestamp"]),
        findings=counted([Severity.UNRANKED] * (len(known) - ignored)),
        metrics={Metric.SCANNED: len(packages), Metric.SUPPRESSED: ignored},
        unfinished="" if packages else "no package was checked",
    )


def _packages(report: Part) -> Iterator[Part]:
    for project in report["scan_results"]["projects"].items():
        for file in project["files"].items():
            yield from file["results"]["dependencies"].items()


def _vulnerabilities(package: Part) -> Iterator[Part]:
    for specification in package["specifications"].items():
        yield from specification["vulnerabilities"]["known_vulnerabilities"].items()
