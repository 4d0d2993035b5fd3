"""Whether an object must be applied again, and whether that puts back what somebody changed. Pure."""

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import Kind
from valeo_operator.cluster.objects import Object, annotation, fingerprint, name_of
from valeo_operator.installations.decisions import Apply
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import INTENT_ANNOTATION
from valeo_operator.upkeep.differences import differences


def stamped(wanted: Object) -> Object:
    """The object with a fingerprint of what we want, so that a change of mind can be told from a change by others."""
    meta = wanted["metadata"]
    intent = {INTENT_ANNOTATION: fingerprint(wanted)}
    return {**wanted, "metadata": {**meta, "annotations": {**meta.get("annotations", {}), **intent}}}


def keep(kind: Kind, wanted: Object, facts: Facts) -> tuple[Apply, ...]:
    """Nothing where the live object is as wanted, else the application that makes it so."""
    target = stamped(wanted)
    found = facts.find(kind, name_of(wanted))
    if found is None:
        return (Apply(kind, target, _lost(facts)),)
    differs = tuple(differences(target, found))
    if not differs:
        return ()
    by_others = annotation(found, INTENT_ANNOTATION) == annotation(target, INTENT_ANNOTATION)
    return (Apply(kind, target, differs if by_others else ()),)


def _lost(facts: Facts) -> tuple[str, ...]:
    """An object that is missing after this very spec was completed was taken away by somebody."""
    status = facts.erp.status
    settled = status.phase is Phase.COMPLETE and status.observed_generation == facts.erp.metadata.generation
    return ("it was gone",) if settled else ()
