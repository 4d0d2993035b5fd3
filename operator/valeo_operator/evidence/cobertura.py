"""Cobertura XML. Lines are counted here; where the file tells other totals, the lower share counts."""

from collections import Counter
from datetime import datetime
from typing import Final

from valeo_operator.evidence.summary import Metric, Portion, RefusedEvidenceError, Summary
from valeo_operator.evidence.times import epoch_time
from valeo_operator.evidence.xml_reading import Element, read_xml

_ALL: Final = 100.0


def read_cobertura(content: bytes) -> Summary:
    """How many lines and branches the tests ran through."""
    root = read_xml(content)
    if root.name != "coverage" or not any(child.name == "packages" for child in root.children):
        raise RefusedEvidenceError("the report is not Cobertura: <coverage> with <packages> is missing")
    files = _by_file(root)
    valid, covered = sum(file.total for file in files), sum(file.good for file in files)
    if not valid:
        return Summary(tool="Cobertura", version=root.text("version"), unfinished="no line was measured")
    metrics = {Metric.LINE_COVERAGE: min(_share(covered, valid), _told(root, "lines-covered", "lines-valid"))}
    if root.count("branches-valid"):
        metrics[Metric.BRANCH_COVERAGE] = _told(root, "branches-covered", "branches-valid")
    return Summary(
        tool="Cobertura", version=root.text("version"), finished=_finished(root), metrics=metrics, portions=files
    )


def _share(good: int, total: int) -> float:
    return _ALL * good / total


def _told(root: Element, covered: str, valid: str) -> float:
    good, total = root.count(covered), root.count(valid)
    if good is None or not total:
        return _ALL
    if good > total:
        raise RefusedEvidenceError(f"the report tells {covered}={good} of {valid}={total}")
    return _share(good, total)


def _by_file(root: Element) -> tuple[Portion, ...]:
    valid: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    for measured in root.all("class"):
        name = measured.text("filename") or measured.text("name")
        for line in (line for lines in measured.children if lines.name == "lines" for line in lines.all("line")):
            hits = line.count("hits")
            if hits is None:
                raise RefusedEvidenceError("a <line> of the report has no hits")
            valid[name] += 1
            covered[name] += hits > 0
    return tuple(Portion(name, valid[name], covered[name]) for name in sorted(valid))


def _finished(root: Element) -> datetime | None:
    stamp = root.count("timestamp")
    try:
        return epoch_time(stamp) if stamp else None
    except (ValueError, OverflowError, OSError) as wrong:
        raise RefusedEvidenceError(f"the timestamp of the report is no time: {stamp}") from wrong
