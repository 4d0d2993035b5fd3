"""What a rollback would do, told without touching anything: from the same decision as the rollback itself. Pure."""

from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.objects import label
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import RELEASE_LABEL
from valeo_operator.releases.lifecycle import BEFORE_SWITCH
from valeo_operator.releases.rollback import WayBack, way_back
from valeo_operator.releases.schema import range_of


def way_back_now(facts: Facts) -> WayBack:
    """Where a rollback that is asked for now would lead."""
    phase = facts.erp.status.phase or Phase.PENDING
    return way_back(phase, facts.releases.get(facts.erp.status.target_release or ""), facts)


def sentences(way: WayBack, facts: Facts) -> tuple[str, ...]:
    """What would be done, step by step; only what stands against it where it can't be done."""
    if way.hindrance is not None or way.to is None:
        return (way.hindrance.sentence if way.hindrance else "There is no release to go back to.",)
    to, live = way.to, way.revision or "unknown"
    it = f"Release {to.metadata.name} (version {to.spec.version}, {to.spec.image})"
    return (
        *_rollout_that_ends(facts),
        f"{it} would take the place of {way.release}, with its own configuration and Secrets.",
        f"The live schema is at revision {live}, and it can run on {range_of(to.spec)}.",
        "Schema and data would not be touched.",
        _staging(to, facts),
        f"The Service would then be led to {to.spec.colour.value}, proven by a request that it answers.",
        f"The phase would be {Phase.ROLLED_BACK.value}. {way.release} begins again only by a retry or another spec.",
    )


def _rollout_that_ends(facts: Facts) -> tuple[str, ...]:
    phase, target = facts.erp.status.phase, facts.erp.status.target_release
    return (f"The rollout of {target} would be aborted first.",) if phase in BEFORE_SWITCH else ()


def _staging(to: ValeoRelease, facts: Facts) -> str:
    colour, want = to.spec.colour, facts.erp.spec.replicas
    found = facts.deployment(colour)
    ready = facts.ready_pods(colour) if found and label(found, RELEASE_LABEL) == to.metadata.name else 0
    if ready >= want:
        return f"Its {ready} pods in {colour.value} are ready."
    return f"{ready} of its {want} pods in {colour.value} are ready; the others would be started first."
