"""What persons ask for by annotations on the ValeoERP: abort and rollback, looked at before everything else. Pure.

Each annotation names a release, is taken up once, and gets an answer: an effect, or a sentence why it has none.
"""

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.installations.decisions import Announcement, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import (
    ABORT_ANNOTATION,
    CONTRACT_ANNOTATION,
    PROMOTE_ANNOTATION,
    ROLLBACK_ANNOTATION,
)
from valeo_operator.releases.lifecycle import BEFORE_SWITCH, Outcome
from valeo_operator.releases.rollback import go_back, serving
from valeo_operator.releases.verdict import Verdict, stays

_ABORT, _ROLLBACK, _PROMOTE, _CONTRACT = "abort", "rollback", "promote", "contract"
_ANNOTATIONS = {
    _ABORT: ABORT_ANNOTATION,
    _ROLLBACK: ROLLBACK_ANNOTATION,
    _PROMOTE: PROMOTE_ANNOTATION,
    _CONTRACT: CONTRACT_ANNOTATION,
}


def asked(act: str, facts: Facts) -> str | None:
    """The release that an annotation names, unless it was taken up already."""
    value = facts.erp.metadata.annotations.get(_ANNOTATIONS[act]) or None
    return value if value != getattr(facts.erp.status.acts, act) else None


def promoted(release: str, facts: Facts) -> bool:
    """Whether a person lets this release go live."""
    return asked(_PROMOTE, facts) == release


def may_contract(release: str, facts: Facts) -> bool:
    """Whether a person lets this release take something away from the schema."""
    return facts.erp.metadata.annotations.get(CONTRACT_ANNOTATION) == release


def safety(phase: Phase, current: ValeoRelease | None, facts: Facts, *, migrates: bool) -> Verdict | None:
    """Abort and rollback, which come before everything else. None where nobody asks.

    Args:
        phase: where the rollout is.
        current: its release, where it is recorded.
        facts: what was seen.
        migrates: a migration runs; it is never left half way, so both wait for its end.
    """
    return _rollback(phase, current, facts, migrates=migrates) or _abort(phase, facts, current, migrates=migrates)


def _rollback(phase: Phase, current: ValeoRelease | None, facts: Facts, *, migrates: bool) -> Verdict | None:
    name = asked(_ROLLBACK, facts)
    if name is None or phase is Phase.ROLLING_BACK:
        return None
    serves = serving(phase, current, facts)
    taken = {_ROLLBACK: name}
    if name != serves:
        return _without_effect(taken, f"release {name} does not serve; it is {serves or 'none'} that does")
    why = _by_a_person(Reason.ROLLED_BACK, name, "a rollback was asked for by annotation")
    if phase in BEFORE_SWITCH or _not_turned(phase, current, facts):
        return stays(_after_migration(name)) if migrates else Verdict(Outcome.ABORTS, why)  # then it is gone back
    verdict = go_back(phase, current, facts, why)
    return Verdict(verdict.outcome, verdict.finding, target=verdict.target, acts=taken)


def _abort(phase: Phase, facts: Facts, current: ValeoRelease | None, *, migrates: bool) -> Verdict | None:
    name = asked(_ABORT, facts)
    if name is None:
        return None
    taken = {_ABORT: name}
    if name != facts.erp.status.target_release:
        return _without_effect(taken, f"release {name} is not being rolled out")
    if phase in BEFORE_SWITCH or _not_turned(phase, current, facts):
        why = _by_a_person(Reason.ABORT_REQUESTED, name, "it was aborted by annotation before the switch")
        return stays(_after_migration(name)) if migrates else Verdict(Outcome.ABORTS, why, acts=taken)
    return _without_effect(taken, f"release {name} is past the switch or ended; a rollback is asked for by annotation")


def _not_turned(phase: Phase, current: ValeoRelease | None, facts: Facts) -> bool:
    return phase is Phase.SWITCHING and (current is None or facts.selected_colour is not current.spec.colour)


def _without_effect(taken: dict[str, str], why: str) -> Verdict:
    (act,) = taken
    told = Announcement(warning=True, reason="ActWithoutEffect", message=f"valeoerp.io/{act} has no effect: {why}.")
    return Verdict(Outcome.STAYS, acts=taken, told=(told,))


def _by_a_person(reason: Reason, name: str, observed: str) -> Finding:
    return Finding(
        reason,
        f"ValeoRelease/{name}",
        observed,
        "what the person who asked for it wants",
        "change the spec, or ask for the same release again with the annotation valeoerp.io/retry",
        blocking=True,
    )


def _after_migration(name: str) -> Finding:
    return Finding(
        Reason.MIGRATING_SCHEMA,
        f"ValeoRelease/{name}",
        "a person asked for an end while the migration runs",
        "the end of the migration: it is never left half way",
        "none; it is done as soon as the migration has ended",
    )
