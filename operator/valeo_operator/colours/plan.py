"""How large each colour is, whether a staged colour may go live, and where the active Service leads. Pure.

The promises: the active selector never selects nothing; nothing that a Service selects is scaled down; the pods that
were verified are the pods that go live.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, SERVICES
from valeo_operator.cluster.objects import dig, label, name_of, uid_of
from valeo_operator.colours.autoscaling import autoscaler_upkeep, size_to_apply
from valeo_operator.colours.desired import deployment
from valeo_operator.installations.decisions import Delete, Effect, Finding, SelectColour
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import RELEASE_LABEL, Component
from valeo_operator.network.desired import active_service, preview_service
from valeo_operator.releases.desired import config_map, wanted
from valeo_operator.upkeep.plan import keep, stamped
from valeo_operator.upkeep.troubles import pod_trouble, pods_to_ask_anew, refused_pods

# Where the pods of the new colour are wanted at full size, before they are proven to be active and after.
_TARGET_STANDS: Final = frozenset(
    {
        Phase.STAGING,
        Phase.VERIFYING,
        Phase.AWAITING_PROMOTION,
        Phase.SWITCHING,
        Phase.DRAINING,
        Phase.WATCHING,
        Phase.COMPLETE,
    }
)
# Where the old colour stands by at full size, because the next step may lead back to it.
_PREVIOUS_STANDS: Final = frozenset({Phase.DRAINING, Phase.WATCHING, Phase.ROLLING_BACK})
_PREVIEWS_TARGET: Final = _TARGET_STANDS - _PREVIOUS_STANDS


def wanted_size(colour: Colour, facts: Facts, target: ValeoRelease | None, phase: Phase) -> int:
    """How many pods a colour shall have.

    The colour that was last proven to be active stays at full size until another one is proven, wherever the Service
    leads meanwhile. What the Service selects, read live, is never scaled down.
    """
    full = facts.full_size
    proven = facts.proven_release
    if proven is not None and proven.spec.colour is colour:
        return full
    if target is not None and target.spec.colour is colour and phase in _TARGET_STANDS:
        return full
    previous = facts.previous_release
    if previous is not None and previous.spec.colour is colour and phase in _PREVIOUS_STANDS:
        return full
    if facts.selected_colour is colour:
        return max(1, int(dig(facts.deployment(colour), "spec", "replicas") or 0))
    return 0


def colours_upkeep(facts: Facts, target: ValeoRelease | None, phase: Phase, now: datetime) -> tuple[Effect, ...]:
    """Both Deployments, and the Services that lead to them, as this phase wants them."""
    effects: list[Effect] = []
    for colour in Colour:
        effects += _colour_upkeep(colour, facts, target, phase, now)
    effects += _active_upkeep(facts, target, phase)
    effects += autoscaler_upkeep(facts)
    preview = _previewed(facts, target, phase)
    if preview is not None:
        effects += keep(SERVICES, preview_service(facts.names, preview), facts)
    return tuple(effects)


def _previewed(facts: Facts, target: ValeoRelease | None, phase: Phase) -> Colour | None:
    """The colour that is being verified; after the switch the one that a rollback would lead to."""
    if target is not None and phase in _PREVIEWS_TARGET:
        return target.spec.colour
    if facts.previous_release is not None and phase in _PREVIOUS_STANDS:
        return facts.previous_release.spec.colour
    return facts.previewed_colour or facts.selected_colour


def _colour_upkeep(
    colour: Colour, facts: Facts, target: ValeoRelease | None, phase: Phase, now: datetime
) -> tuple[Effect, ...]:
    size = wanted_size(colour, facts, target, phase)
    release = _wanted_in(colour, facts, target, phase)
    if release is None:
        return _unknown_colour(colour, facts)
    config = config_of(release, facts)
    if config is None:
        return ()  # said by `lost_config`; what runs keeps running
    names = facts.names
    return (
        *keep(CONFIG_MAPS, config_map(names, config), facts),
        *keep(DEPLOYMENTS, deployment(release, config, names, colour, size_to_apply(colour, size, facts)), facts),
        *(pods_to_ask_anew(facts.pods(Component.ERP, colour=colour.value), now)),
    )


def _wanted_in(colour: Colour, facts: Facts, target: ValeoRelease | None, phase: Phase) -> ValeoRelease | None:
    """The release whose pods a colour shall run: what is staged, or brought back; else what stands there."""
    previous = facts.previous_release
    if phase is Phase.STAGING and target is not None and target.spec.colour is colour:
        return target
    if phase in _PREVIOUS_STANDS and previous is not None and previous.spec.colour is colour:
        return previous
    return facts.release_in(colour)


def _unknown_colour(colour: Colour, facts: Facts) -> tuple[Effect, ...]:
    """A Deployment whose release is not recorded: nobody knows what it is. Removed unless the Service leads to it."""
    found = facts.deployment(colour)
    if found is None or facts.selected_colour is colour:
        return ()
    names = facts.names
    return (Delete(DEPLOYMENTS, names.namespace, name_of(found), uid_of(found), "its release is not recorded"),)


def config_of(release: ValeoRelease, facts: Facts) -> Mapping[str, str] | None:
    """The configuration of a release: as it is stored, else as the spec still says it."""
    stored = facts.find(CONFIG_MAPS, facts.names.config(release.spec.config_hash))
    if stored is not None:
        data: Mapping[str, str] = stored["data"]
        return data
    wish = wanted(facts)
    return wish.config if wish.config_hash == release.spec.config_hash else None


def _active_upkeep(facts: Facts, target: ValeoRelease | None, phase: Phase) -> tuple[Effect, ...]:
    """The active Service keeps its form.

    Where it leads is changed by `switch` alone, or put back when it was changed by others.
    """
    colour = rightful_colour(facts, target, phase)
    if colour is None:
        return ()
    return keep(SERVICES, active_service(facts.erp.spec, facts.names, colour), facts)


def rightful_colour(facts: Facts, target: ValeoRelease | None, phase: Phase) -> Colour | None:
    """Where the active Service should lead between two switches: as it does, unless somebody else turned it."""
    selected, told = facts.selected_colour, facts.erp.status.active_colour
    if phase in {Phase.SWITCHING, Phase.ROLLING_BACK} or (selected is None and told is None):
        return selected
    proven = target.spec.colour if phase is Phase.COMPLETE and target is not None else told
    if proven is None or proven is selected:
        return selected or proven
    if selected is not None and facts.ready_pods(proven) == 0 and facts.ready_pods(selected) > 0:
        return selected  # putting it back now would select nothing
    return proven if facts.deployment(proven) is not None else selected


def switch(facts: Facts, colour: Colour, why: str) -> SelectColour:
    """Lead the active Service to a colour: compare-and-set on the Service that was seen."""
    wanted = stamped(active_service(facts.erp.spec, facts.names, colour))
    seen = facts.find(SERVICES, facts.names.active_service)
    if seen is not None:
        wanted["metadata"] = {**wanted["metadata"], "resourceVersion": seen["metadata"]["resourceVersion"]}
    return SelectColour(wanted, colour, why)


def staged_waits(facts: Facts, target: ValeoRelease, now: datetime) -> Finding | None:
    """Why the staged colour may not go live yet; None when all pods are ready, run the recorded image, and answer."""
    colour = target.spec.colour
    return (
        _not_ready(facts, target, colour, now)
        or _other_image(facts, target, colour)
        or _other_answer(facts, target, colour)
    )


def _not_ready(facts: Facts, target: ValeoRelease, colour: Colour, now: datetime) -> Finding | None:
    found = facts.deployment(colour)
    want = facts.full_size
    subject = f"Deployment/{facts.names.colour(colour)}"
    if found is None or label(found, RELEASE_LABEL) != target.metadata.name:
        return Finding(
            Reason.STAGING_COLOUR, subject, "it is not made yet", f"{want} ready pods", "none; it is being made"
        )
    status = found.get("status", {})
    seen = status.get("observedGeneration", 0) >= dig(found, "metadata", "generation")
    counts = tuple(status.get(key, 0) for key in ("updatedReplicas", "readyReplicas", "availableReplicas", "replicas"))
    if seen and all(count == want for count in counts):
        return None
    trouble = pod_trouble(facts.pods(Component.ERP, colour=colour.value), now) or refused_pods(found)
    ready = status.get("readyReplicas", 0)
    waits = f"{ready} of {want} pods are ready"
    return trouble or Finding(Reason.STAGING_COLOUR, subject, waits, f"{want} ready pods", "none; they are starting")


def verified_pods_are_gone(facts: Facts, target: ValeoRelease) -> Finding | None:
    """Somebody deleted the staged Deployment: other pods, made in its place, would go live without being verified."""
    found = facts.deployment(target.spec.colour)
    if found is not None and label(found, RELEASE_LABEL) == target.metadata.name:
        return None
    return Finding(
        Reason.PODS_FAILING,
        f"Deployment/{facts.names.colour(target.spec.colour)}",
        f"it was deleted after release {target.metadata.name} was staged",
        "that the pods that are verified are those that go live",
        "bring the release anew with the annotation valeoerp.io/retry",
        blocking=True,
    )


def _other_image(facts: Facts, target: ValeoRelease, colour: Colour) -> Finding | None:
    for pod in facts.pods(Component.ERP, colour=colour.value):
        for container in dig(pod, "status", "containerStatuses") or ():
            digest = str(container.get("imageID") or "").rpartition("@")[2]
            if digest != target.spec.digest:
                return Finding(
                    Reason.ANSWER_MISMATCH,
                    f"Pod/{name_of(pod)}",
                    f"it runs the image {digest}",
                    f"{target.spec.digest}, which {target.spec.image} was when the release was recorded",
                    "the tag was moved: give the new image a tag of its own and name it in spec.image",
                    blocking=True,
                )
    return None


def _other_answer(facts: Facts, target: ValeoRelease, colour: Colour) -> Finding | None:
    service = facts.names.preview_service
    if facts.previewed_colour is colour:
        return answer_mismatch(service, facts, target, preview=True)
    observed = "it does not lead to the staged colour yet"
    return Finding(Reason.STAGING_COLOUR, f"Service/{service}", observed, colour.value, "none; it is being set")


def answer_mismatch(service: str, facts: Facts, target: ValeoRelease, *, preview: bool) -> Finding | None:
    """Why a request through a Service does not prove the release; None where it does."""
    answer = facts.preview_answer if preview else facts.active_answer
    expected = f"/readyz answers ready with release {target.metadata.name}"
    if answer is not None and answer.ready and answer.release == target.metadata.name:
        return None
    if answer is None:
        observed = "it was not asked yet"
    elif answer.problem:
        observed = f"a request through it failed: {answer.problem}"
    else:
        observed = (
            f"it was answered by release {answer.release or 'unknown'}, {'ready' if answer.ready else 'not ready'}"
        )
    reason = Reason.STAGING_COLOUR if preview else Reason.SWITCHING_COLOUR
    return Finding(reason, f"Service/{service}", observed, expected, "none; it is asked again")


def switched_waits(facts: Facts, target: ValeoRelease) -> Finding | None:
    """Why the switch is not proven: requests must reach only ready pods of the new release, and be answered by it."""
    service = facts.names.active_service
    mine = {name_of(pod) for pod in facts.pods(Component.ERP, colour=target.spec.colour.value)}
    reached = facts.endpoints(service)
    if not reached or not reached <= mine:
        others = ", ".join(sorted(reached - mine)) or "no pod"
        observed = f"requests still reach {others}"
        return Finding(
            Reason.SWITCHING_COLOUR,
            f"Service/{service}",
            observed,
            "only pods of the new release",
            "none; it is looked at again",
        )
    return answer_mismatch(service, facts, target, preview=False)


def lost_config(facts: Facts) -> Finding | None:
    """The configuration of the active release is gone and the spec says another one already.

    New pods could not start.
    """
    release = facts.release_in(facts.selected_colour)
    if release is None or config_of(release, facts) is not None:
        return None
    name = facts.names.config(release.spec.config_hash)
    return Finding(
        Reason.PODS_FAILING,
        f"ConfigMap/{name}",
        "it was deleted while the active release uses it",
        "the configuration of the active release",
        "none; the rollout of the release that the spec asks for replaces it",
    )
