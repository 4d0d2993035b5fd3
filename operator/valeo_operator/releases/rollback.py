"""The way back: which release a rollback leads to, whether it can run there, and how it is led there. Pure.

Code goes back by itself, data never does. Whether the way is free is decided before anything is touched.
"""

from dataclasses import dataclass
from datetime import datetime

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.objects import label
from valeo_operator.colours.plan import config_of, staged_waits, switch, switched_waits
from valeo_operator.credentials.in_use import open_keys, open_logins
from valeo_operator.installations.decisions import Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import RELEASE_LABEL
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.schema import range_of, tolerates
from valeo_operator.releases.verdict import Verdict, stays

CHOICES = (
    "choose: a newer release that puts it right (spec.image); the same one again (annotation valeoerp.io/retry);"
    " or a backup into a new database (ValeoRestore), which loses what was written since"
)


@dataclass(frozen=True)
class WayBack:
    """Where a rollback would lead, and what stands against it; `hindrance` is None where the way is free."""

    release: str
    to: ValeoRelease | None
    hindrance: Finding | None
    revision: str


def serving(phase: Phase, current: ValeoRelease | None, facts: Facts) -> str:
    """The release that users reach: the one that was switched to, else the one that was last proven active."""
    switched = phase in {Phase.SWITCHING, Phase.DRAINING, Phase.WATCHING, Phase.ROLLING_BACK}
    if switched and current is not None and facts.selected_colour is current.spec.colour:
        return current.metadata.name
    return facts.erp.status.active_release or ""


def before(phase: Phase, facts: Facts) -> ValeoRelease | None:
    """The release that a rollback leads to. While the switch is not proven it is the one that was proven last."""
    return facts.proven_release if phase is Phase.SWITCHING else facts.previous_release


def way_back(phase: Phase, current: ValeoRelease | None, facts: Facts) -> WayBack:
    """Decide a rollback from what serves now, before anything is touched."""
    name, to = serving(phase, current, facts), before(phase, facts)
    return WayBack(name, to, _hindrance(name, to, facts), facts.live_revision)


def _hindrance(name: str, to: ValeoRelease | None, facts: Facts) -> Finding | None:
    if to is None or to.metadata.name == name:
        return Finding(
            Reason.NO_PREVIOUS_RELEASE,
            f"ValeoRelease/{name}" if name else "the installation",
            "no release that was active before it is recorded",
            "a recorded release to go back to",
            CHOICES,
            blocking=True,
        )
    return _no_colour(name, to, facts) or _no_config(to, facts) or _no_login(to, facts) or _out_of_range(to, facts)


def _no_colour(name: str, to: ValeoRelease, facts: Facts) -> Finding | None:
    now = facts.releases.get(name)
    if now is None or now.spec.colour is not to.spec.colour:
        return None
    return _blocked(to, f"it belongs in {to.spec.colour.value}, where {name} serves", "the other colour")


def _no_config(to: ValeoRelease, facts: Facts) -> Finding | None:
    if config_of(to, facts) is not None:
        return None
    return _blocked(to, f"its ConfigMap {facts.names.config(to.spec.config_hash)} is gone", "its own configuration")


def _no_login(to: ValeoRelease, facts: Facts) -> Finding | None:
    """Its login at the database or its signing keys were replaced and retired: its pods would not start."""
    ours = {name for name in to.spec.secret_versions if name.startswith(facts.names.application_prefix)}
    retired = ours - open_logins(facts.erp, facts.names)
    if retired:
        return _blocked(to, f"its login, Secret {min(retired)}, is retired", "a login that the database lets in")
    keys = {name for name in to.spec.secret_versions if facts.names.has_keys(name)} - open_keys(facts.erp, facts.names)
    if keys:
        return _blocked(to, f"its signing keys, Secret {min(keys)}, are retired", "signing keys that are there")
    return None


def _out_of_range(to: ValeoRelease, facts: Facts) -> Finding | None:
    live = facts.live_revision
    can = tolerates(to, live, facts.releases.values())
    if can.holds:
        return None
    return _blocked(
        to, f"the live schema is at revision {live or 'unknown'}: {can.why}", f"a revision of {range_of(to.spec)}"
    )


def _blocked(to: ValeoRelease, observed: str, expected: str) -> Finding:
    return Finding(
        Reason.ROLLBACK_BLOCKED, f"ValeoRelease/{to.metadata.name}", observed, expected, CHOICES, blocking=True
    )


def go_back(phase: Phase, current: ValeoRelease | None, facts: Facts, why: Finding) -> Verdict:
    """Go back for a reason, or say why that can't be."""
    way = way_back(phase, current, facts)
    if way.hindrance is not None:
        both = Finding(
            Reason.ROLLBACK_BLOCKED,
            way.hindrance.subject,
            f"{way.hindrance.observed}. A rollback was wanted: {why.subject}: {why.observed}",
            way.hindrance.expected,
            way.hindrance.next_step,
            blocking=True,
        )
        return Verdict(Outcome.BLOCKED, both, target=way.release or None)
    return Verdict(Outcome.GOES_BACK, why, target=way.release)


# --- RollingBack ----------------------------------------------------------------------------------------------------


def rolling_back(current: ValeoRelease | None, facts: Facts, now: datetime) -> Verdict:
    """The old colour at full size first, then the selector, then the proof."""
    to = facts.previous_release
    name = facts.erp.status.target_release or ""
    if to is None:
        return Verdict(Outcome.BLOCKED, _hindrance(name, None, facts))
    if facts.selected_colour is to.spec.colour:
        waits = switched_waits(facts, to)
        return Verdict(Outcome.DONE, _went_back(name, to, facts)) if waits is None else stays(waits)
    hindrance = _hindrance(name, to, facts)
    if hindrance is not None:
        return Verdict(Outcome.BLOCKED, hindrance)
    waits = staged_waits(facts, to, now)
    if waits is not None and not _better_than_nothing(current, to, facts):
        return stays(waits)
    turn = switch(facts, to.spec.colour, f"back to release {to.metadata.name}")
    course = facts.erp.status.course.model_copy(update={"switched_at": now})
    return Verdict(Outcome.STAYS, _on_the_way(name, to), (turn,), course=course)


def _better_than_nothing(current: ValeoRelease | None, to: ValeoRelease, facts: Facts) -> bool:
    """Whether a part of the old colour is ready while nothing of the new one is."""
    found = facts.deployment(to.spec.colour)
    is_its_own = found is not None and label(found, RELEASE_LABEL) == to.metadata.name
    dead = current is None or facts.ready_pods(current.spec.colour) == 0
    return is_its_own and dead and facts.ready_pods(to.spec.colour) > 0


def _on_the_way(name: str, to: ValeoRelease) -> Finding:
    return Finding(
        Reason.ROLLING_BACK,
        f"ValeoRelease/{name}",
        "it is being replaced by the release before",
        f"release {to.metadata.name} answers through the Service",
        "none; it is under way",
    )


def _went_back(name: str, to: ValeoRelease, facts: Facts) -> Finding:
    ended = facts.erp.status.ended
    why = f"; {ended.message}" if ended else ""
    return Finding(
        Reason.ROLLED_BACK,
        f"ValeoRelease/{name}",
        f"release {to.metadata.name} is active again instead of it{why}",
        "the release that the spec asks for",
        "change the spec, or ask for the same release again with the annotation valeoerp.io/retry",
        blocking=True,
    )
