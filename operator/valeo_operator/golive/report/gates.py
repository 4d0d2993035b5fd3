"""The gates of an installation as they stand at a given moment. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from valeo_operator.api.golive import Result, Severity
from valeo_operator.cluster.objects import Object, dig, moment
from valeo_operator.golive.lifecycle import result_now

NOT_IN_THE_WAY: Final = frozenset({Result.PASS, Result.WAIVED, Result.NOT_APPLICABLE})


@dataclass(frozen=True)
class Row:
    """One gate."""

    gate: str
    line: str
    phase: str
    section: str
    group: str
    position: str
    kind: str
    severity: str
    result: Result
    reason: str
    message: str
    next_step: str
    checked_at: datetime | None


def result_of(gate: Object, now: datetime) -> Result:
    """Its result now: a pass that ended meanwhile is Stale, and one that nobody looked at is Unknown."""
    told = dig(gate, "status", "result")
    if told not in {each.value for each in Result}:
        return Result.UNKNOWN
    found = next(each for each in Result if each.value == told)
    return result_now(found, moment(dig(gate, "status", "validUntil")), now)


def place(position: str) -> tuple[int, ...]:
    """The order of the lines of a checklist: `1.2.10.1` stands after `1.2.9.1`."""
    return tuple(int(part) for part in position.split(".") if part.isdigit())


def rows(gates: Iterable[Object], now: datetime) -> tuple[Row, ...]:
    """The gates in the order of the checklist."""
    return tuple(sorted((_row(gate, now) for gate in gates), key=lambda row: (place(row.position), row.gate)))


def _row(gate: Object, now: datetime) -> Row:
    def spec(key: str) -> str:
        return str(dig(gate, "spec", key) or "")

    def status(key: str) -> str:
        return str(dig(gate, "status", key) or "")

    return Row(
        gate=spec("gate"),
        line=spec("line"),
        phase=spec("phase"),
        section=spec("section"),
        group=spec("group"),
        position=spec("position"),
        kind=spec("kind"),
        severity=spec("severity"),
        result=result_of(gate, now),
        reason=status("reason"),
        message=status("message") or "Nobody looked yet.",
        next_step=status("nextStep"),
        checked_at=moment(dig(gate, "status", "checkedAt")),
    )


def totals(of: Iterable[Row]) -> Mapping[Result, int]:
    """How many gates have each result; every result is named."""
    counted = Counter(row.result for row in of)
    return {result: counted[result] for result in Result}


def in_the_way(of: Iterable[Row]) -> tuple[Row, ...]:
    """The gates that stand in the way of going live, blockers first."""
    must = (row for row in of if row.severity != Severity.ADVISORY.value and row.result not in NOT_IN_THE_WAY)
    return tuple(sorted(must, key=lambda row: row.severity != Severity.BLOCKER.value))
