"""What one look at a rollout comes to: the outcome with its reason, what is to be done, and what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from valeo_operator.api.rollout import Colour
from valeo_operator.api.rollout_settings import Course
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.installations.decisions import Announcement, Effect, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.releases.desired import Wanted
from valeo_operator.releases.lifecycle import Outcome


@dataclass(frozen=True)
class Target:
    """The release that the spec asks for, and the colour that it belongs in."""

    name: str
    colour: Colour
    wish: Wanted


@dataclass(frozen=True)
class Verdict:
    """How one look at a phase ended.

    Attributes:
        course: what was observed of the rollout, where that changed.
        acts: acts of persons that were taken up now: name and value of the annotation.
        told: answers to acts that had no effect.
        target: the release that the rollout speaks of from now on, where it is another one.
    """

    outcome: Outcome
    finding: Finding | None = None
    effects: tuple[Effect, ...] = ()
    wake_at: datetime | None = None
    schema_revision: str | None = None
    course: Course | None = None
    acts: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Announcement, ...] = ()
    target: str | None = None


def stays(finding: Finding | None = None, wake_at: datetime | None = None, course: Course | None = None) -> Verdict:
    """Nothing moves yet."""
    return Verdict(Outcome.STAYS, finding, wake_at=wake_at, course=course)


def is_active(release: ValeoRelease, facts: Facts) -> bool:
    """Whether the release was proven to be active and the Service leads to it: then it has been admitted before."""
    proven = facts.proven_release
    return (
        proven is not None
        and proven.metadata.name == release.metadata.name
        and facts.selected_colour is release.spec.colour
    )
