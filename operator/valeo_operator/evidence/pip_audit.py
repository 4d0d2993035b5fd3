"""pip-audit's JSON report. It ranks nothing, so every vulnerability is UNRANKED; and it tells no time."""

from valeo_operator.evidence.json_reading import read_json
from valeo_operator.evidence.ranking import counted
from valeo_operator.evidence.summary import Metric, Severity, Summary


def read_pip_audit(content: bytes) -> Summary:
    """The vulnerabilities of all audited packages, and how many packages could not be audited."""
    packages = list(read_json(content)["dependencies"].items())
    audited = [package for package in packages if not package["skip_reason"].there]
    for package in packages:
        package["name"].text()
    found = [Severity.UNRANKED for package in audited for _ in package["vulns"].items()]
    return Summary(
        tool="pip-audit",
        findings=counted(found),
        metrics={Metric.SCANNED: len(audited), Metric.NOT_SCANNED: len(packages) - len(audited)},
        unfinished="" if audited else "no package was audited",
    )
