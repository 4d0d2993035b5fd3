"""What is done for one installation in one pass, and why. Pure: facts and the time in, a plan with its reasons out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from valeo_operator.api.conditions import ConditionStatus, ConditionType, Reason
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.api.rollout_settings import Course, Mode
from valeo_operator.backups.before_migration import migration_has_ended
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import Object
from valeo_operator.colours.plan import answer_mismatch, colours_upkeep, lost_config
from valeo_operator.credentials.plan import missing_secrets
from valeo_operator.databases.plan import database_upkeep, database_waits
from valeo_operator.identity.plan import identity_upkeep
from valeo_operator.installations.decisions import Announcement, Apply, Effect, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import FINALIZER, RETRY_ANNOTATION, Component
from valeo_operator.monitoring.plan import monitoring_upkeep
from valeo_operator.network.plan import host_taken, network_upkeep
from valeo_operator.releases.desired import wanted
from valeo_operator.releases.lifecycle import FROM_SWITCH, Outcome, next_phase
from valeo_operator.releases.plan import current_release, judge, target_of
from valeo_operator.releases.planning import planned
from valeo_operator.releases.pruning import prune
from valeo_operator.releases.verdict import Target, Verdict
from valeo_operator.rotations.plan import Rotated, rotate
from valeo_operator.upkeep.troubles import pod_trouble, refused_pods


@dataclass(frozen=True)
class Plan:
    """One pass: what is done, where the rollout stands after it, and the first thing that it waits for."""

    phase: Phase
    target: str | None
    effects: tuple[Effect, ...]
    finding: Finding | None
    enters: bool
    wake_at: datetime | None = None
    schema_revision: str | None = None
    course: Course | None = None
    acts: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Announcement, ...] = ()
    planned: tuple[str, ...] = ()
    satisfied: bool = True
    rotated: Rotated = field(default_factory=Rotated)


def plan(facts: Facts, now: datetime) -> Plan:
    """The next pass over an installation that shall stay."""
    if FINALIZER not in facts.erp.metadata.finalizers:
        return _first_sight(facts)
    if missing_secrets(facts) and not _waits_for_start(facts):
        return _mint(facts)
    phase = facts.erp.status.phase or Phase.PENDING
    target = target_of(facts)
    if facts.erp.spec.mode is Mode.PLAN and phase not in FROM_SWITCH:
        return _only_plan(phase, target, facts, now)
    verdict = judge(phase, target, facts, now, _held() if facts.erp.spec.suspend else None)
    after = next_phase(phase, verdict.outcome)
    speaks_of = _target(facts, target, verdict)
    satisfied = speaks_of == target.name
    rotated = Rotated() if _waits_for_start(facts) else rotate(facts, after, now, satisfied=satisfied)
    return Plan(
        phase=after,
        target=speaks_of,
        effects=(*_upkeep(facts, phase, after, now), *verdict.effects, *rotated.effects),
        finding=verdict.finding or _beside(facts, after, now) or _next_in_line(after, target, facts, satisfied),
        enters=_enters(facts, verdict),
        wake_at=verdict.wake_at,
        schema_revision=verdict.schema_revision,
        course=verdict.course,
        acts={**verdict.acts, **rotated.acts, **(_retried(facts) if satisfied else {})},
        told=(*verdict.told, *rotated.told),
        satisfied=satisfied,
        rotated=rotated,
    )


def _only_plan(phase: Phase, target: Target, facts: Facts, now: datetime) -> Plan:
    """Nothing is touched. Only the image is asked what it is, by a Job that needs no database."""
    would = planned(target, facts, now)
    finding = Finding(
        Reason.PLAN_ONLY,
        "spec.mode",
        "it is Plan: " + " ".join(would.sentences),
        "Apply, to do it",
        "set spec.mode to Apply when it shall be done",
    )
    told = facts.erp.status.target_release
    return Plan(phase, told, would.effects, finding, _is_new(facts), planned=would.sentences, satisfied=False)


def _retried(facts: Facts) -> dict[str, str]:
    nonce = facts.erp.metadata.annotations.get(RETRY_ANNOTATION)
    return {"retry": nonce} if nonce else {}


def _next_in_line(after: Phase, target: Target, facts: Facts, satisfied: bool) -> Finding | None:
    """A newer wish waits until the release that was switched to is watched to the end."""
    if satisfied or after not in {Phase.DRAINING, Phase.WATCHING}:
        return None
    return Finding(
        Reason.ROLLOUT_PENDING,
        f"ValeoRelease/{target.name}",
        f"it is asked for, and {facts.erp.status.target_release} is still being watched",
        "the end of the watch",
        "wait, or go back at once with the annotation valeoerp.io/rollback",
    )


def _first_sight(facts: Facts) -> Plan:
    """Before anything is made that must be seen to when the resource goes, the resource is told to wait for us."""
    effects = (Apply(ERPS, with_finalizer(facts, present=True)),)
    return Plan(facts.erp.status.phase or Phase.PENDING, facts.erp.status.target_release, effects, None, enters=False)


def with_finalizer(facts: Facts, *, present: bool) -> Object:
    """The resource with or without our finalizer. The uid keeps an apply from making a resource that was deleted."""
    meta = facts.erp.metadata
    return {
        "metadata": {
            "name": meta.name,
            "namespace": meta.namespace,
            "uid": meta.uid,
            **({"finalizers": [FINALIZER]} if present else {}),
        }
    }


def _mint(facts: Facts) -> Plan:
    """Secrets come first and alone: which release is wanted depends on them."""
    status = facts.erp.status
    making = missing_secrets(facts)
    finding = Finding(
        Reason.SECRET_MISSING,
        f"Secret/{making[0].wanted['metadata']['name']}",
        "it is not made yet",
        "Secrets of the installation",
        "none; they are being made",
    )
    return Plan(status.phase or Phase.PENDING, status.target_release, making, finding, enters=status.phase is None)


def _waits_for_start(facts: Facts) -> bool:
    """Suspended, or only planned, before anything ever ran: then nothing is made at all."""
    held = facts.erp.spec.suspend or facts.erp.spec.mode is Mode.PLAN
    return held and facts.selected_colour is None and facts.erp.status.active_colour is None


def _held() -> Finding:
    return Finding(
        Reason.SUSPENDED,
        "spec.suspend",
        "it is true",
        "false, to go on",
        "set spec.suspend to false when it shall go on",
    )


def _upkeep(facts: Facts, phase: Phase, after: Phase, now: datetime) -> tuple[Effect, ...]:
    if _waits_for_start(facts):
        return ()
    return (
        *network_upkeep(facts),
        *monitoring_upkeep(facts),
        *database_upkeep(facts, now),
        *identity_upkeep(facts, after, now),
        *colours_upkeep(facts, current_release(facts), phase, now),
        *migration_has_ended(facts.erp.status.target_release or "" if phase is Phase.MIGRATING else "", facts),
        *(prune(facts, wanted(facts).config_hash) if phase is after is Phase.COMPLETE else ()),
    )


def _target(facts: Facts, target: Target, verdict: Verdict) -> str | None:
    told = facts.erp.status.target_release
    if verdict.outcome in {Outcome.SUPERSEDED, Outcome.RETRIES} or told is None:
        return None if _waits_for_start(facts) else target.name
    return verdict.target or told


def _enters(facts: Facts, verdict: Verdict) -> bool:
    """Whether the clock of the phase starts: a move, the first sight, or the end of being held."""
    return verdict.outcome is not Outcome.STAYS or _is_new(facts) or _is_let_go(facts)


def _is_new(facts: Facts) -> bool:
    return facts.erp.status.phase is None


def _is_let_go(facts: Facts) -> bool:
    """Held until now, and no longer. What was begun with the switch was never held."""
    was_held = any(
        seen.type is ConditionType.HELD and seen.status is ConditionStatus.TRUE for seen in facts.erp.status.conditions
    )
    return was_held and not facts.erp.spec.suspend and facts.erp.status.phase not in FROM_SWITCH


def _beside(facts: Facts, phase: Phase, now: datetime) -> Finding | None:
    """What is wrong although the rollout itself waits for nothing."""
    return host_taken(facts) or _of_what_runs(facts, phase, now)


def _of_what_runs(facts: Facts, phase: Phase, now: datetime) -> Finding | None:
    """What is wrong with the active release although its rollout is complete."""
    lost = lost_config(facts)
    if phase not in {Phase.COMPLETE, Phase.DRAINING, Phase.WATCHING} or lost is not None:
        return lost
    return not_running(facts, now)


def not_running(facts: Facts, now: datetime) -> Finding | None:
    """Why the active release is not fully there: pods missing, or no answer through the Service."""
    release = current_release(facts)
    if release is None:
        return None
    colour = release.spec.colour
    if not facts.is_enough(facts.ready_pods(colour)):
        return _too_few(facts, colour, now)
    if facts.selected_colour is not colour:
        return _led_astray(facts, colour)
    waits = answer_mismatch(facts.names.active_service, facts, release, preview=False)
    return waits and (database_waits(facts, now) or waits)


def _led_astray(facts: Facts, colour: Colour) -> Finding:
    selected = facts.selected_colour
    observed = f"it leads to {selected.value}" if selected else "it is not there"
    return Finding(
        Reason.SWITCHING_COLOUR,
        f"Service/{facts.names.active_service}",
        observed,
        f"{colour.value}, where the active release is",
        "none; it is put back",
    )


def _too_few(facts: Facts, colour: Colour, now: datetime) -> Finding:
    ready, want, name = facts.ready_pods(colour), facts.full_size, facts.names.colour(colour)
    trouble = pod_trouble(facts.pods(Component.ERP, colour=colour.value), now) or refused_pods(facts.deployment(colour))
    reason = Reason.SCALING if ready else Reason.NO_READY_PODS
    scaling = Finding(
        reason,
        f"Deployment/{name}",
        f"{ready} of {want} pods are ready",
        f"{want} ready pods",
        "none; they are starting",
    )
    return database_waits(facts, now) or trouble or scaling
