"""What would be done for the release that the spec asks for, told without touching anything. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from valeo_operator.api.rollout_settings import Promotion
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import progress
from valeo_operator.installations.decisions import Effect, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.releases.admission import is_enforced, open_gates
from valeo_operator.releases.description import description
from valeo_operator.releases.desired import record
from valeo_operator.releases.migrating import refusal
from valeo_operator.releases.schema import steps_between, tolerates
from valeo_operator.releases.verdict import Target, is_active


@dataclass(frozen=True)
class Planned:
    """What would be done, in sentences; and the Job that asks the image what it is, where that is not known yet."""

    sentences: tuple[str, ...]
    effects: tuple[Effect, ...] = ()


def planned(target: Target, facts: Facts, now: datetime) -> Planned:
    """The plan for the release that the spec asks for."""
    known = facts.releases.get(target.name)
    if known is not None:
        return Planned(tuple(_sentences(known, facts)))
    asked = progress(errands.describe(facts.erp.spec, target.wish.nonce), facts, now)
    if asked.result is None:
        waits = asked.finding.sentence if asked.finding else "The image is asked what it is."
        return Planned((waits,), asked.effects)
    told = description(asked.result)
    if isinstance(told, Finding):
        return Planned((told.sentence,))
    return Planned(
        tuple(_sentences(ValeoRelease.model_validate(record(facts, target.wish, told, target.colour)), facts))
    )


def _sentences(release: ValeoRelease, facts: Facts) -> Iterator[str]:
    spec = release.spec
    if is_active(release, facts):
        yield f"Nothing: release {release.metadata.name} is what the spec asks for, and it is active."
        return
    colour = spec.colour.value
    yield f"Release {release.metadata.name}, version {spec.version}, {spec.image}, would go live in {colour}."
    yield _gates(release, facts)
    yield _migration(release, facts)
    yield f"{facts.full_size} pods would be staged, and {_verification(release, facts)}."
    yield _promotion(facts)
    yield _afterwards(release, facts)


def _gates(release: ValeoRelease, facts: Facts) -> str:
    if not is_enforced(facts):
        return "No gate would stand in its way: spec.goLive.enforce is not set."
    waits = open_gates(release, facts)
    return "Its gates let it pass." if waits is None else waits.sentence


def _migration(release: ValeoRelease, facts: Facts) -> str:
    live, head = facts.live_revision, release.spec.schema_revision
    refused = refusal(release, facts)
    if refused is not None:
        return f"Its migration would be refused: {refused.sentence}"
    if live == head:
        return f"The schema is at revision {head} already."
    steps = ", ".join(steps_between(release.spec, live, head)) or head
    return f"The schema would be migrated from {live or 'nothing'} to {head}: {steps}."


def _verification(release: ValeoRelease, facts: Facts) -> str:
    if not facts.erp.spec.rollout.smoke_tests:
        return "no smoke test would run: spec.rollout.smokeTests is false"
    return f"{len(release.spec.smoke_tests)} smoke tests would run"


def _promotion(facts: Facts) -> str:
    if facts.erp.spec.rollout.promotion is Promotion.MANUAL or is_enforced(facts):
        return "It would wait until a person promotes it."
    return "It would go live without asking anybody."


def _afterwards(release: ValeoRelease, facts: Facts) -> str:
    active = facts.proven_release
    if active is None:
        return "There would be nothing to go back to."
    can = tolerates(active, release.spec.schema_revision, [release, *facts.releases.values()])
    name = active.metadata.name
    watch = facts.erp.spec.rollout.watch
    return (
        f"It would be watched for {watch}, and release {name} could take its place again."
        if can.holds
        else f"It would be watched for {watch}; release {name} could not take its place again: {can.why}."
    )
