"""Whether an installation may go live, from how its gates stand. Pure; totals show every result."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from valeo_operator.api.golive import Result, Severity, Stage
from valeo_operator.api.golivechecklist import GoLiveChecklistSpec
from valeo_operator.golive.lifecycle import Standing
from valeo_operator.golive.signatures import Waiver

MOST_TOLD: Final = 10
_SATISFIED: Final = frozenset({Result.PASS, Result.WAIVED, Result.NOT_APPLICABLE})


@dataclass(frozen=True)
class Verdict:
    """The sum of all gates.

    Attributes:
        totals: how many gates have each result; every result is named.
        open_gates: ids of the gates that stand in the way, blockers first, in the order of the checklist.
        sentences: at most ten of them with observation and next step.
        emergency: the waiver by which somebody broke the glass.
    """

    totals: Mapping[Result, int]
    open_gates: tuple[str, ...]
    sentences: tuple[str, ...]
    emergency: Waiver | None = None

    @property
    def ready(self) -> bool:
        """Whether every gate that must pass passes or is waived. An emergency does not make it so."""
        return not self.open_gates and self.totals[Result.PASS] > 0

    @property
    def may_promote(self) -> bool:
        """Whether a release may be made active: everything is ready, or the glass is broken."""
        return self.ready or self.emergency is not None


def verdict(
    checklist: GoLiveChecklistSpec, standings: Mapping[str, Standing], emergency: Waiver | None = None
) -> Verdict:
    """Sum up. A gate without a standing is Unknown, and in the way."""
    results = {entry.id: _result(standings.get(entry.id)) for entry in checklist.entries}
    must = [entry for entry in checklist.entries if entry.severity is not Severity.ADVISORY]
    in_the_way = [entry for entry in must if results[entry.id] not in _SATISFIED]
    in_the_way.sort(key=lambda entry: entry.severity is not Severity.BLOCKER)  # stable: the order of the list stays
    counted = Counter(results.values())
    return Verdict(
        totals={result: counted[result] for result in Result},
        open_gates=tuple(entry.id for entry in in_the_way),
        sentences=tuple(_sentence(entry.id, entry.line, standings.get(entry.id)) for entry in in_the_way[:MOST_TOLD]),
        emergency=emergency,
    )


def due(checklist: GoLiveChecklistSpec, stage: Stage) -> GoLiveChecklistSpec:
    """The part of the checklist that is due at a stage."""
    return checklist.model_copy(update={"entries": tuple(each for each in checklist.entries if each.phase is stage)})


def _result(stands: Standing | None) -> Result:
    return Result.UNKNOWN if stands is None else stands.result


def _sentence(gate: str, line: str, stands: Standing | None) -> str:
    if stands is None:
        return f"{gate} ({line}): not looked at yet."
    step = f" Next step: {stands.next_step}" if stands.next_step else ""
    return f"{gate} ({line}) is {stands.result.value}: {stands.message}{step}"
