"""One look at the rotation of the signing keys. Pure.

The release with the new keys is the proof: its pods mount their Secret and no other one. They verify what was signed
before, and what is signed after them; so nothing is to be proven of who still uses the old ones.
"""

from collections.abc import Callable, Mapping
from typing import Final

from valeo_operator.api.rotation import RotationPhase
from valeo_operator.cluster.kinds import SECRETS
from valeo_operator.credentials.desired import next_keys, standing_keys
from valeo_operator.credentials.in_use import coming_keys, keys_in_use
from valeo_operator.installations.decisions import Delete
from valeo_operator.installations.facts import Facts
from valeo_operator.rotations.lifecycle import Outcome
from valeo_operator.rotations.looks import (
    Look,
    Seen,
    begun,
    overlapping,
    releasing,
    rests,
    stays,
    taken_back,
    taking_back,
    went_back,
)


def look_at_keys(seen: Seen) -> Look:
    """The next step of the rotation."""
    return _STEPS[seen.told.phase](seen)


def _idle(seen: Seen) -> Look:
    erp, names = seen.facts.erp, seen.facts.names
    return rests(seen) or begun(seen, coming_keys(erp, names), keys_in_use(erp, names))


def _preparing(seen: Seen) -> Look:
    told, facts = seen.told, seen.facts
    made, before = told.coming or "", told.secret or ""
    if made not in facts.secrets:
        keys = next_keys(facts.names, made, told.version, before, emergency=told.emergency)
        return stays(f"Secret {made} is made.", (keys,))
    change = {"secret": made, "previous": before, "coming": None}
    return Look(Outcome.DONE, f"Secret {made} has the new keys.", change=change)


def _proving(seen: Seen) -> Look:
    if went_back(seen):
        return taken_back(seen, "The release before was made active again.")
    return Look(Outcome.DONE, f"Every pod of release {seen.facts.erp.status.active_release} signs with the new keys.")


def _retiring(seen: Seen) -> Look:
    """The first Secret is made again with the keys in use: nothing tells of a rotation once the resource is gone."""
    told, facts, standing = seen.told, seen.facts, seen.facts.names.keys_secret
    used, held = facts.secrets.get(told.secret or ""), facts.secrets.get(standing)
    if held is None:
        return stays(f"Secret {standing} is made again.", (standing_keys(facts.names, told.secret or ""),))
    if used is None or held.version != used.version:
        return stays(f"Secret {standing} is to have the keys in use.", (_gone(standing, facts),))
    gone = told.previous or ""
    effects = (_gone(gone, facts),) if gone in facts.secrets and gone != standing else ()
    change = {"previous": None, "emergency": told.emergency and told.asked}
    return Look(Outcome.DONE, f"Secret {gone} is gone; Secret {told.secret} is in use.", effects, change)


def _gone(name: str, facts: Facts) -> Delete:
    return Delete(SECRETS, facts.names.namespace, name, "", "its keys are retired")


_STEPS: Final[Mapping[RotationPhase, Callable[[Seen], Look]]] = {
    RotationPhase.IDLE: _idle,
    RotationPhase.PREPARING: _preparing,
    RotationPhase.RELEASING: releasing,
    RotationPhase.PROVING: _proving,
    RotationPhase.OVERLAPPING: overlapping,
    RotationPhase.TAKING_BACK: taking_back,
    RotationPhase.RETIRING: _retiring,
}
