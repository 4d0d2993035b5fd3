"""The HorizontalPodAutoscaler of the active colour, and whose word the number of its pods is. Pure.

Once the autoscaler has set a size, the operator leaves it out of what it applies, so the two never pull at one field.
Both colours follow the real size (`Facts.full_size`): what is staged beside five pods is five pods.
"""

from typing import Any

from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeoerp import Autoscaling
from valeo_operator.cluster.kinds import AUTOSCALERS
from valeo_operator.cluster.objects import Object, dig, name_of, uid_of
from valeo_operator.installations.decisions import Delete, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import Component, Names
from valeo_operator.upkeep.plan import keep


def autoscaler(scaling: Autoscaling, names: Names, colour: Colour) -> Object:
    """It scales the Deployment of one colour."""
    metrics = [
        _metric(what, percent)
        for what, percent in (("cpu", scaling.cpu_percent), ("memory", scaling.memory_percent))
        if percent is not None
    ]
    return {
        "metadata": names.metadata(names.name, Component.ERP),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": names.colour(colour)},
            "minReplicas": scaling.min_replicas,
            "maxReplicas": scaling.max_replicas,
            "metrics": metrics,
        },
    }


def _metric(what: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": what, "target": target}}


def autoscaler_upkeep(facts: Facts) -> tuple[Effect, ...]:
    """It follows the active Service; it goes when nobody asks for it."""
    scaling, colour = facts.erp.spec.autoscaling, facts.selected_colour
    if scaling is not None:
        return () if colour is None else tuple(keep(AUTOSCALERS, autoscaler(scaling, facts.names, colour), facts))
    return tuple(
        Delete(AUTOSCALERS, facts.names.namespace, name_of(found), uid_of(found), "the spec asks for it no longer")
        for found in facts.all(AUTOSCALERS)
    )


def size_to_apply(colour: Colour, size: int, facts: Facts) -> int | None:
    """The size that the operator applies to a colour; None where it is the autoscaler's and shall stay as it is."""
    found = facts.deployment(colour)
    theirs = facts.erp.spec.autoscaling is not None and facts.selected_colour is colour and _set_by_others(found)
    return None if theirs and dig(found, "spec", "replicas") == size else size


def _set_by_others(found: Object | None) -> bool:
    """Whether the size was set by scaling: only then may we let go of it, or it would fall back to one pod."""
    entries = dig(found, "metadata", "managedFields") or ()
    return any(
        each.get("subresource") == "scale" and dig(each, "fieldsV1", "f:spec", "f:replicas") is not None
        for each in entries
    )
