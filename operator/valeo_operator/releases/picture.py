"""The page with the picture of the phases, written from the table itself. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from valeo_operator.api.rollout import Phase
from valeo_operator.releases.lifecycle import (
    BEFORE_SWITCH,
    DEADLINES,
    FROM_SWITCH,
    MEANING,
    TRANSITIONS,
    UNSUCCESSFUL,
    Outcome,
)

_GENERATED: Final = "<!-- Generated from the models by `python -m valeo_operator.api.generate`. Do not edit. -->"
# They lead from so many phases to one that lines would hide the rest; the table below the picture has them all.
_IN_WORDS: Final = frozenset({Outcome.SUPERSEDED, Outcome.ABORTS})

_NOT_DRAWN: Final = """Not drawn: an abort leads from every phase before the switch to `Aborted`, another wish from
there and from every end to `Pending`, and a rollback that a person asks for from every end to `RollingBack`. During
switch, drain, watch, rollback and a running migration another wish waits."""


def rollout_page() -> str:
    """The page: picture, table of moves, deadlines."""
    lines = [
        _GENERATED,
        "# The phases of a rollout",
        "Written from the table `TRANSITIONS` in `operator/valeo_operator/releases/lifecycle.py`.",
        "```mermaid\n" + "\n".join(_picture()) + "\n```",
        _NOT_DRAWN,
        "## Every move",
        "\n".join(_moves()),
        "## How long a phase may last",
        "\n".join(_deadlines()),
    ]
    return "\n\n".join(lines) + "\n"


def _picture() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "  [*] --> Pending"
    for (before, outcome), after in TRANSITIONS.items():
        goes_back = outcome in {Outcome.GOES_BACK, Outcome.BLOCKED} and before in UNSUCCESSFUL
        if outcome not in _IN_WORDS and not goes_back:
            yield f"  {before.value} --> {after.value}: {MEANING[outcome]}"


def _moves() -> Iterator[str]:
    yield "| phase | what it is | how it ends | next |"
    yield "| --- | --- | --- | --- |"
    for phase in (*BEFORE_SWITCH, *FROM_SWITCH, Phase.COMPLETE, *UNSUCCESSFUL):
        moves = {outcome: after for (before, outcome), after in TRANSITIONS.items() if before is phase}
        ends = "<br>".join(MEANING[outcome] for outcome in moves)
        nexts = "<br>".join(after.value for after in moves.values())
        yield f"| `{phase.value}` | {phase.description} | {ends} | {nexts} |"


def _deadlines() -> Iterator[str]:
    beyond = {
        Phase.STAGING: "beyond `spec.rollout.stabilitySeconds`",
        Phase.DRAINING: "beyond `spec.rollout.drainSeconds`",
        Phase.WATCHING: "beyond `spec.rollout.watchMinutes`",
    }
    yield "| phase | at most |"
    yield "| --- | --- |"
    for phase, limit in DEADLINES.items():
        yield f"| `{phase.value}` | {_words(limit)} {beyond.get(phase, '')}".rstrip() + " |"


def _words(limit: timedelta) -> str:
    minutes = int(limit.total_seconds() // 60)
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes % size == 0:
            return f"{minutes // size} {unit}{'s' if minutes != size else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
