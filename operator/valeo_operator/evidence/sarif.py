"""SARIF 2.1.0. Every run must say that it succeeded; what a person suppressed is counted apart."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from valeo_operator.evidence.json_reading import Part, read_json, with_text
from valeo_operator.evidence.ranking import by_score, counted
from valeo_operator.evidence.summary import Metric, RefusedEvidenceError, Severity, Summary
from valeo_operator.evidence.times import iso_time

_LEVELS: Final = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFO,
}
_OPEN_KINDS: Final = frozenset({"", "fail", "open", "review"})


def read_sarif(content: bytes) -> Summary:
    """The results of all runs of the log, ranked by `security-severity` where there is one, else by level."""
    log = read_json(content)
    if log["version"].text() != "2.1.0":
        raise RefusedEvidenceError(f"the report is SARIF {log['version'].text()}; only 2.1.0 is read")
    runs = list(log["runs"].items())
    open_ones = [severity for run in runs for severity, suppressed in _results(run) if not suppressed]
    suppressed = sum(suppressed for run in runs for _, suppressed in _results(run))
    drivers = [run["tool"]["driver"] for run in runs]
    return Summary(
        tool=", ".join(dict.fromkeys(driver["name"].text() for driver in drivers)) or "SARIF",
        version=", ".join(
            dict.fromkeys((driver["semanticVersion"] or driver["version"]).text_if_any() for driver in drivers)
        ),
        finished=min((time for run in runs for time in _ends(run)), default=None),
        findings=counted(open_ones),
        metrics={Metric.SUPPRESSED: suppressed},
        unfinished=_unfinished(runs),
    )


def _unfinished(runs: list[Part]) -> str:
    if not runs:
        return "the log holds no run"
    return next((reason for reason in map(_broken, runs) if reason), "")


def _broken(run: Part) -> str:
    if not run["results"].there:
        return "a run of the log tells no results"
    invocations = list(run["invocations"].items_if_any())
    if not invocations:
        return "a run of the log does not say whether it was finished (it has no invocations)"
    for invocation in invocations:
        if not invocation["executionSuccessful"].flag():
            return "a run of the log says that it did not succeed"
        notes = invocation["toolExecutionNotifications"].items_if_any()
        if any(note["level"].text_if_any() == "error" for note in notes):
            return "a run of the log reports an error of the tool"
    return ""


def _ends(run: Part) -> Iterator[datetime]:
    for invocation in run["invocations"].items_if_any():
        if invocation["endTimeUtc"].there:
            yield with_text(invocation["endTimeUtc"], iso_time, "a time")


def _results(run: Part) -> Iterator[tuple[Severity, bool]]:
    rules = [*_rules(run["tool"]["driver"])]
    by_id = {rule["id"].text(): rule for rule in rules}
    for result in run["results"].items_if_any():
        gone = result["baselineState"].text_if_any() == "absent"
        if result["kind"].text_if_any() in _OPEN_KINDS and not gone:
            yield _severity(result, _rule_of(result, rules, by_id)), _suppressed(result)


def _rules(component: Part) -> Iterator[Part]:
    return component["rules"].items_if_any()


def _rule_of(result: Part, rules: list[Part], by_id: dict[str, Part]) -> Part | None:
    index = result["ruleIndex"]
    if index.there and isinstance(index.value, int) and 0 <= index.value < len(rules):
        return rules[index.value]
    return by_id.get(result["ruleId"].text_if_any())


def _severity(result: Part, rule: Part | None) -> Severity:
    scored = [part["properties"]["security-severity"] for part in (result, rule) if part and part["properties"].there]
    for score in scored:
        if score.there:
            return by_score(with_text(score, float, "a score") if isinstance(score.value, str) else score.number())
    level = result["level"]
    if not level.there and rule is not None and rule["defaultConfiguration"].there:
        level = rule["defaultConfiguration"]["level"]
    return _LEVELS.get(level.text_if_any() or "warning", Severity.UNRANKED)


def _suppressed(result: Part) -> bool:
    given = list(result["suppressions"].items_if_any())
    return bool(given) and all(each["status"].text_if_any() in {"", "accepted"} for each in given)
