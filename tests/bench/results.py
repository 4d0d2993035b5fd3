"""What was measured: figures with their goals, beside yardsticks of the same run. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median, quantiles
from typing import Any


class Bound(StrEnum):
    """On which side of its goal a figure is good."""

    AT_LEAST = "≥"
    AT_MOST = "≤"


@dataclass(frozen=True)
class Goal:
    """What is good on two cores."""

    bound: Bound
    value: float

    def met_by(self, value: float) -> bool:
        """Whether a figure is good."""
        return value >= self.value if self.bound is Bound.AT_LEAST else value <= self.value


def at_least(value: float) -> Goal:
    """The more, the better."""
    return Goal(Bound.AT_LEAST, value)


def at_most(value: float) -> Goal:
    """The less, the better."""
    return Goal(Bound.AT_MOST, value)


@dataclass(frozen=True)
class Figure:
    """One number that was measured.

    Attributes:
        label: what it is where a result has several, such as `P95`; may be empty.
    """

    value: float
    unit: str
    label: str = ""
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal was reached, None without one."""
        return None if self.goal is None else self.goal.met_by(self.value)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        goal = None if self.goal is None else {"bound": self.goal.bound.value, "value": self.goal.value}
        return {"label": self.label, "value": self.value, "unit": self.unit, "goal": goal, "met": self.met}


@dataclass(frozen=True)
class Yardstick:
    """The same kind of work without our system, in the unit of the result's first figure."""

    what: str
    value: float


@dataclass(frozen=True)
class Result:
    """One row of the table.

    Attributes:
        group: which benchmark it belongs to.
        what: in a few words.
        figures: the first is the one that the yardsticks stand beside.
        detail: what else was seen, for the JSON.
    """

    group: str
    what: str
    figures: tuple[Figure, ...]
    yardsticks: tuple[Yardstick, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether every goal was reached, None where there is none."""
        judged = [figure.met for figure in self.figures if figure.met is not None]
        return all(judged) if judged else None

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        first = self.figures[0].value
        return {
            "group": self.group,
            "what": self.what,
            "figures": [figure.as_json() for figure in self.figures],
            "yardsticks": [
                {"what": yardstick.what, "value": yardstick.value, "ratio": ratio(first, yardstick.value)}
                for yardstick in self.yardsticks
            ],
            "met": self.met,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class NotMeasured:
    """A benchmark that could not be run, and why. It gets no number."""

    group: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {"group": self.group, "why": self.why}


def ratio(value: float, yardstick: float) -> float | None:
    """How many yardsticks long a value is."""
    return value / yardstick if yardstick else None


def p50(values: Sequence[float]) -> float:
    """The middle one."""
    return median(values)


def p95(values: Sequence[float]) -> float:
    """19 of 20 are not longer."""
    return values[0] if len(values) == 1 else quantiles(values, n=20, method="inclusive")[-1]
