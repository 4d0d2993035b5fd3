"""One look at a rollout: where its phase leads, what is to be done for it, and why it waits. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.api.valeorelease import ValeoRelease, ValeoReleaseSpec
from valeo_operator.cluster.kinds import RELEASES
from valeo_operator.colours.desired import image_of
from valeo_operator.colours.plan import OTHER, staged_waits, switch, switched_waits
from valeo_operator.credentials.plan import absent_credentials, required_keys
from valeo_operator.databases.plan import database_waits
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import Progress, Result, is_under_way, progress
from valeo_operator.installations.decisions import Create, Effect, Finding
from valeo_operator.installations.facts import Facts, remembered
from valeo_operator.installations.names import REQUEST_LABEL
from valeo_operator.releases.desired import Description, Wanted, record, wanted
from valeo_operator.releases.lifecycle import DEADLINES, RETRY_AFTER, Outcome

_NEEDS_RECORD: Final = frozenset({Phase.MIGRATING, Phase.STAGING, Phase.SWITCHING, Phase.COMPLETE})


@dataclass(frozen=True)
class Target:
    """The release that the spec asks for, and the colour that it belongs in."""

    name: str
    colour: Colour
    wish: Wanted


@dataclass(frozen=True)
class Verdict:
    """How one look at a phase ended."""

    outcome: Outcome
    finding: Finding | None = None
    effects: tuple[Effect, ...] = ()
    wake_at: datetime | None = None
    schema_revision: str | None = None


def target_of(facts: Facts) -> Target:
    """The release to make active.

    It is the active one where that is what the spec asks for, else one in the other colour.
    """
    wish = wanted(facts)
    active = facts.release_in(facts.selected_colour)
    if active is not None and active.metadata.labels.get(REQUEST_LABEL) == wish.request:
        return Target(active.metadata.name, active.spec.colour, wish)
    colour = Colour.BLUE if facts.selected_colour is None else OTHER[facts.selected_colour]
    return Target(facts.names.release(wish.request, colour), colour, wish)


def current_release(facts: Facts) -> ValeoRelease | None:
    """The recorded release whose rollout the status speaks of."""
    return facts.releases.get(facts.erp.status.target_release or "")


def judge(phase: Phase, target: Target, facts: Facts, now: datetime) -> Verdict:
    """One look at the phase.

    What was begun is ended, then a newer wish supersedes, then the deadline, then progress.
    """
    current = current_release(facts)
    absent = absent_credentials(facts)
    if absent is not None:
        return _in_time(phase, Verdict(Outcome.STAYS, absent), facts, now)
    if _is_superseded(phase, target, current, facts):
        return Verdict(Outcome.SUPERSEDED)
    return _in_time(phase, _look(phase, target, current, facts, now), facts, now)


def _in_time(phase: Phase, verdict: Verdict, facts: Facts, now: datetime) -> Verdict:
    status = facts.erp.status
    over = status.phase is phase and status.deadline is not None and now >= status.deadline
    if verdict.outcome is not Outcome.STAYS or not over:
        return verdict
    return Verdict(Outcome.EXPIRED, _too_late(phase, verdict.finding))


def _too_late(phase: Phase, waited_for: Finding | None) -> Finding:
    return Finding(
        Reason.DEADLINE_EXCEEDED,
        f"the phase {phase.value}",
        f"it did not end in its time; it waited for: {waited_for.sentence}"
        if waited_for
        else "it did not end in its time",
        f"an end within {DEADLINES[phase]}",
        f"put right what it waited for; it is tried again by itself after {RETRY_AFTER}",
        blocking=True,
    )


def _is_superseded(phase: Phase, target: Target, current: ValeoRelease | None, facts: Facts) -> bool:
    told = facts.erp.status.target_release
    if phase in _NEEDS_RECORD and current is None:
        return True  # its record is gone: begin again
    if told in {None, target.name} or phase is Phase.SWITCHING:
        return False
    migrating = phase is Phase.MIGRATING and current is not None and is_under_way(_migrate_order(current, facts), facts)
    return not migrating


def _look(phase: Phase, target: Target, current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    match phase:
        case Phase.PENDING:
            return _pending(target, facts, now)
        case Phase.FAILED:
            return _failed(current, facts, now)
        case Phase.MIGRATING if current:
            return _migrating(current, facts, now)
        case Phase.STAGING if current:
            return _staging(current, facts, now)
        case Phase.SWITCHING if current:
            return _switching(current, facts, now)
        case _:
            return Verdict(Outcome.STAYS, remembered(facts) if phase is Phase.SCHEMA_DIRTY else None)


# --- Pending: the image is asked what it is, and the release is written down ----------------------------------------


def _pending(target: Target, facts: Facts, now: datetime) -> Verdict:
    if target.name in facts.releases:
        return Verdict(Outcome.DONE)
    asked = progress(errands.describe(facts.erp.spec, target.wish.nonce), facts, now)
    if asked.result is None:
        return _unfinished(asked)
    told = description(asked.result)
    if isinstance(told, Finding):
        return Verdict(Outcome.STAYS, told)
    return Verdict(Outcome.STAYS, effects=(Create(RELEASES, record(facts, target.wish, told, target.colour)),))


def _unfinished(asked: Progress) -> Verdict:
    return Verdict(Outcome.STAYS, asked.finding, asked.effects, asked.wake_at)


def description(result: Result) -> Description | Finding:
    """What the image told, if it is what a release needs."""
    repository, _, digest = result.image_id.rpartition("@")
    told = Description(
        version=str(result.told.get("version", "")),
        head_revision=str(result.told.get("head_revision", "")),
        oldest_revision=str(result.told.get("oldest_revision", "")),
        digest=digest,
        repository=repository,
    )
    try:
        ValeoReleaseSpec.model_validate(_as_spec(told))
    except ValidationError as wrong:
        return _unsuitable(wrong)
    return told


def _as_spec(told: Description) -> dict[str, Any]:
    return {
        "installation": "x",
        "version": told.version or None,
        "image": "x:1",
        "digest": told.digest,
        "configHash": "0" * 8,
        "schemaRevision": told.head_revision,
        "oldestSchemaRevision": told.oldest_revision,
        "colour": Colour.BLUE,
    }


def _unsuitable(wrong: ValidationError) -> Finding:
    fields = ", ".join(".".join(str(part) for part in each["loc"]) for each in wrong.errors())
    return Finding(
        Reason.IMAGE_UNSUITABLE,
        "the image in spec.image",
        f"its description has no usable {fields}",
        "version, head_revision and oldest_revision as `valeo-erp describe` tells them",
        "name an image of the ERP in spec.image",
        blocking=True,
    )


# --- Migrating: roles and schema are brought to what the release needs ----------------------------------------------


def _migrating(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    waits = database_waits(facts, now)
    if waits is not None:
        return Verdict(Outcome.STAYS, waits)
    if _runs_on_it(current, facts):
        return Verdict(Outcome.DONE)
    if facts.erp.spec.embedded_database is not None:
        provided = progress(_provision_order(current, facts), facts, now)
        if provided.result is None:
            return _unfinished(provided)
    return _migrated(current, progress(_migrate_order(current, facts), facts, now))


def _runs_on_it(current: ValeoRelease, facts: Facts) -> bool:
    """Whether this very release already answers as ready: then the schema is what it needs."""
    answer = facts.active_answer
    return answer is not None and answer.ready and answer.release == current.metadata.name


def _migrated(current: ValeoRelease, sent: Progress) -> Verdict:
    if sent.result is None:
        return _dirty(current, sent) or _unfinished(sent)
    revision, before = str(sent.result.told.get("revision") or ""), sent.result.told.get("before")
    if revision in {current.spec.schema_revision, before}:  # the same as before: the database is ahead of the code
        return Verdict(Outcome.DONE, schema_revision=revision)
    return Verdict(Outcome.DIRTY, _dirty_schema(current, revision), schema_revision=revision)


def _dirty(current: ValeoRelease, sent: Progress) -> Verdict | None:
    told = sent.failed_with or {}
    before, revision = told.get("before"), told.get("revision")
    if revision is None or revision in {before, current.spec.schema_revision}:
        return None
    return Verdict(Outcome.DIRTY, _dirty_schema(current, str(revision)), schema_revision=str(revision))


def _dirty_schema(current: ValeoRelease, revision: str) -> Finding:
    return Finding(
        Reason.SCHEMA_DIRTY,
        "the schema of the database",
        f"the migration left it at revision {revision or 'none'}",
        f"revision {current.spec.schema_revision}",
        "read the log of the migration Job, put the schema right, then ask anew with the annotation valeoerp.io/retry",
        blocking=True,
    )


def _provision_order(current: ValeoRelease, facts: Facts) -> errands.Order:
    return errands.provision(facts.erp.spec, facts.names, image_of(current), _salt(current, facts))


def _migrate_order(current: ValeoRelease, facts: Facts) -> errands.Order:
    return errands.migrate(facts.erp.spec, facts.names, image_of(current), _salt(current, facts))


def _salt(current: ValeoRelease, facts: Facts) -> str:
    """Release and login versions: a corrected Secret is a new errand, sent at once."""
    versions = [
        f"{name}={facts.secrets[name].version}" for name in sorted(required_keys(facts)) if name in facts.secrets
    ]
    return " ".join([current.metadata.name, *versions])


# --- Staging, Switching, Failed -------------------------------------------------------------------------------------


def _staging(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    waits = staged_waits(facts, current, now)
    return Verdict(Outcome.DONE) if waits is None else Verdict(Outcome.STAYS, waits)


def _switching(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    if facts.selected_colour is not current.spec.colour:
        waits = staged_waits(facts, current, now)  # ready at this very moment, not only when it was staged
        turn = switch(facts, current.spec.colour, f"release {current.metadata.name} is staged and answers")
        return Verdict(Outcome.STAYS, waits, () if waits else (turn,))
    waits = switched_waits(facts, current)
    return Verdict(Outcome.DONE) if waits is None else Verdict(Outcome.STAYS, waits)


def _failed(current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    since = facts.erp.status.phase_since or now
    at = since + RETRY_AFTER
    if now >= at:
        return Verdict(Outcome.RETRIES)
    effects = _switch_back(current, facts) if current else ()
    return Verdict(Outcome.STAYS, remembered(facts), effects, wake_at=at)


def _switch_back(current: ValeoRelease, facts: Facts) -> tuple[Effect, ...]:
    """A switch that was not proven in time is undone, if there is something to go back to."""
    before = OTHER[current.spec.colour]
    told = facts.erp.status.active_release
    unproven = facts.selected_colour is current.spec.colour and told not in {None, current.metadata.name}
    if unproven and facts.ready_pods(before) > 0:
        return (switch(facts, before, f"release {current.metadata.name} did not answer through the Service in time"),)
    return ()
