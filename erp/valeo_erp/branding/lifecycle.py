"""From draft to in force: which step leads where, and who may not take it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from valeo_erp.kernel.four_eyes import second_person
from valeo_erp.kernel.problems import Failure


class State(StrEnum):
    """Where a version stands. One at most is active."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"


class Step(StrEnum):
    """What can be done with a version."""

    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    ACTIVATE = "activate"


TRANSITIONS: Mapping[tuple[State, Step], State] = {
    (State.DRAFT, Step.PROPOSE): State.PROPOSED,
    (State.PROPOSED, Step.WITHDRAW): State.DRAFT,
    (State.PROPOSED, Step.ACTIVATE): State.ACTIVE,
    (State.RETIRED, Step.ACTIVATE): State.ACTIVE,
}
"""A version that was replaced may come back; what is not in here is refused."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A version, as far as its steps ask.

    Attributes:
        hands: who wrote, last changed or proposed it.
    """

    state: State
    hands: frozenset[str]


def against(standing: Standing, step: Step, subject: str) -> list[Failure]:
    """Everything that stands against a step of a person."""
    if (standing.state, step) not in TRANSITIONS:
        words = f"A version that is {standing.state} can not take the step {step}."
        return [Failure("branding_step", words, None, {"state": standing.state.value})]
    if step is Step.ACTIVATE:
        return second_person(standing.hands, subject, "You wrote, changed or proposed this version")
    return []


def not_editable(state: State) -> list[Failure]:
    """What stands against a change of the content."""
    if state is State.DRAFT:
        return []
    words = f"The version is {state}; only drafts are changed. Withdraw it, or write a new version."
    return [Failure("branding_not_draft", words)]
