"""The gates from the file that the operator writes, and what of it is still known. Pure but for reading that file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

FILE: Final = "gates.json"
FORM: Final = "valeoerp.io/shown-gates/v1"
KNOWN_FOR: Final = timedelta(minutes=30)
"""The operator looks every minute and writes every ten at least; after so long without a word nothing is known."""

Text = Annotated[str, Field(max_length=1000)]


class Result(StrEnum):
    """What is known of a gate. Only Pass counts as pass."""

    PASS = "Pass"  # noqa: S105 - a result
    WAIVED = "Waived"
    NOT_APPLICABLE = "NotApplicable"
    PENDING = "Pending"
    STALE = "Stale"
    UNKNOWN = "Unknown"
    FAIL = "Fail"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


class Gate(_Part):
    """One line of the checklist, and how it stands."""

    gate: Text
    line: Text
    phase: Literal["preDeployment", "deployment", "postDeployment"]
    section: Text
    severity: Text
    result: Result
    message: Text
    next_step: Text
    in_the_way: bool


class Shown(_Part):
    """The file as the operator wrote it."""

    form: Literal["valeoerp.io/shown-gates/v1"]
    at: AwareDatetime
    environment: Text
    release: Text
    digest: Text
    ready: bool
    emergency: bool
    gates: Annotated[tuple[Gate, ...], Field(max_length=1000)]


class UnreadableError(Exception):
    """The file is there and does not hold what it should."""


@dataclass(frozen=True)
class Section:
    """A heading of the checklist with its gates."""

    phase: str
    name: str
    gates: Sequence[Gate]

    @property
    def counted(self) -> dict[Result, int]:
        """How many gates have each result, in the order of the picture."""
        found = Counter(each.result for each in self.gates)
        return {result: found[result] for result in Result if found[result]}


@dataclass(frozen=True)
class Board:
    """What the page shows. `outdated`: nobody looked for so long that every gate is Unknown."""

    shown: Shown
    sections: Sequence[Section]
    outdated: bool

    @property
    def totals(self) -> dict[Result, int]:
        """Every result with its number, also those that no gate has."""
        found = Counter(each.result for section in self.sections for each in section.gates)
        return {result: found[result] for result in Result}

    @property
    def open_gates(self) -> list[Gate]:
        """Gates that stand in the way, in the order of the checklist."""
        return [each for section in self.sections for each in section.gates if each.in_the_way or self.outdated]

    @property
    def ready(self) -> bool:
        """Whether it may go live, as far as that is known now."""
        return self.shown.ready and not self.outdated


def read(folder: Path) -> Shown | None:
    """What the operator wrote; None where it wrote nothing.

    Raises:
        UnreadableError: the file does not hold what it should.
    """
    try:
        return Shown.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as problem:
        raise UnreadableError(str(problem)) from problem


def board(shown: Shown, now: datetime) -> Board:
    """What of it is known now: a word that is too old is no word."""
    outdated = not timedelta(0) - KNOWN_FOR <= now - shown.at <= KNOWN_FOR
    gates = [each.model_copy(update={"result": Result.UNKNOWN}) if outdated else each for each in shown.gates]
    by_heading = groupby(gates, key=lambda each: (each.phase, each.section))
    return Board(shown, [Section(phase, name, tuple(each)) for (phase, name), each in by_heading], outdated)
