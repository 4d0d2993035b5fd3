"""`kubectl valeo promote`, `abort`, `retry`, `rollback`, `hold`, `resume`: one field of the ValeoERP, and waiting."""

import argparse
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, ERPS, RELEASES, SERVICES
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.golive.catalogue import span
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import (
    ABORT_ANNOTATION,
    INSTANCE_LABEL,
    PROMOTE_ANNOTATION,
    RETRY_ANNOTATION,
    ROLLBACK_ANNOTATION,
)
from valeo_operator.plugin.asked import Asked
from valeo_operator.plugin.connection import Connection, PluginError
from valeo_operator.plugin.drawing import as_json
from valeo_operator.plugin.sight import the_installation
from valeo_operator.releases.lifecycle import BEFORE_SWITCH, FINAL, UNSUCCESSFUL
from valeo_operator.releases.rollback_plan import sentences, way_back_now

_LOOKS_EVERY: Final = 1.0
_SPAN: Final = re.compile(r"[1-9][0-9]{0,3}[mhd]")
_WELL: Final = {
    "promote": frozenset({Phase.COMPLETE}),
    "abort": frozenset({Phase.ABORTED}),
    "retry": frozenset({Phase.COMPLETE}),
    "rollback": frozenset({Phase.ROLLED_BACK}),
}


@dataclass(frozen=True)
class Act:
    """What is written on the ValeoERP, and how its answer is known.

    Attributes:
        name: of the command; an annotation of the same name is taken up in `status.acts`.
        patch: of the ValeoERP, as a merge patch.
        value: of the annotation, empty where there is none.
        sentence: what was asked for.
    """

    name: str
    patch: Object
    value: str
    sentence: str


# --- the acts, pure ---------------------------------------------------------------------------------------------------


def promote(erp: Object) -> Act:
    """Let the release go live that waits for it."""
    phase, target = _phase(erp), _target(erp)
    if phase is not Phase.AWAITING_PROMOTION:
        raise PluginError(f"{_stands(erp)}: nothing waits for a promotion")
    return _annotated("promote", PROMOTE_ANNOTATION, target, f"release {target} may go live")


def abort(erp: Object) -> Act:
    """End the rollout that goes on, before users reach it."""
    phase, target = _phase(erp), _target(erp)
    if phase in FINAL:
        raise PluginError(f"{_stands(erp)}: no rollout goes on")
    if phase not in {*BEFORE_SWITCH, Phase.SWITCHING}:
        raise PluginError(f"{_stands(erp)}, past the switch; go back with kubectl valeo rollback")
    return _annotated("abort", ABORT_ANNOTATION, target, f"the rollout of {target} shall end")


def retry(erp: Object, now: datetime) -> Act:
    """Begin a rollout anew that ended without success."""
    if _phase(erp) not in UNSUCCESSFUL:
        words = ", ".join(phase.value for phase in UNSUCCESSFUL)
        raise PluginError(f"{_stands(erp)}; a rollout is begun anew from {words}")
    return _annotated("retry", RETRY_ANNOTATION, f"{now:%Y%m%d-%H%M%S}", "what the spec asks for is begun anew")


def rollback(facts: Facts) -> Act:
    """Go back from the release that serves, if that can be."""
    way = way_back_now(facts)
    if way.hindrance is not None or way.to is None:
        raise PluginError(" ".join(sentences(way, facts)))
    to = way.to.metadata.name
    return _annotated("rollback", ROLLBACK_ANNOTATION, way.release, f"from {way.release} back to {to}")


def hold(erp: Object) -> Act:
    """Hold forward movement."""
    if dig(erp, "spec", "suspend") is True:
        raise PluginError(f"{name_of(erp)} is held already")
    return Act("hold", {"spec": {"suspend": True}}, "", "nothing moves forward; abort and rollback still do")


def resume(erp: Object) -> Act:
    """Let it move again."""
    if dig(erp, "spec", "suspend") is not True:
        raise PluginError(f"{name_of(erp)} is not held")
    return Act("resume", {"spec": {"suspend": False}}, "", "it moves on")


def outcome(act: Act, erp: Object) -> bool | None:
    """Whether the act came to its end well; None while it is under way."""
    if dig(erp, "status", "observedGeneration") != dig(erp, "metadata", "generation"):
        return None
    if not act.value:
        return _is_held(erp) is (act.name == "hold") or None
    phase = _phase(erp)
    if act.name == "promote":
        return None if phase not in FINAL else phase in _WELL["promote"]
    if dig(erp, "status", "acts", act.name) != act.value or phase not in FINAL:
        return None
    return phase in _WELL[act.name]


def _annotated(name: str, annotation: str, value: str, sentence: str) -> Act:
    return Act(name, {"metadata": {"annotations": {annotation: value}}}, value, sentence)


def _phase(erp: Object) -> Phase:
    told = dig(erp, "status", "phase")
    return next((phase for phase in Phase if phase.value == told), Phase.PENDING)


def _target(erp: Object) -> str:
    target = dig(erp, "status", "targetRelease")
    if not target:
        raise PluginError(f"{_stands(erp)}, and its release is not recorded yet")
    return str(target)


def _stands(erp: Object) -> str:
    return f"{name_of(erp)} is in the phase {_phase(erp).value}"


def _is_held(erp: Object) -> bool:
    conditions = dig(erp, "status", "conditions") or ()
    return any(each["type"] == "Held" and each["status"] == "True" for each in conditions)


# --- asking and waiting -----------------------------------------------------------------------------------------------


def acting(make: Callable[[Connection, Object], Act]) -> Callable[[Asked], str]:
    """The command that writes an act and, if asked, waits for its end."""

    def run(asked: Asked) -> str:
        erp = the_installation(asked.connection, asked.options.installation)
        longest = seconds_of(asked.options.timeout)
        act = make(asked.connection, erp)
        written = asked.connection.patch(ERPS, name_of(erp), act.patch)
        if asked.options.wait:
            written = until_over(asked.connection, name_of(erp), longest, lambda seen: outcome(act, seen), _told)
        told = f"{name_of(written)}: {act.sentence}"
        return as_json(written) if asked.json else told + (f"\n{_told(written)}" if asked.options.wait else "")

    return run


def _rollback(asked: Asked) -> str:
    if not asked.options.dry_run:
        return acting(lambda connection, erp: rollback(seen(connection, erp)))(asked)
    facts = seen(asked.connection, the_installation(asked.connection, asked.options.installation))
    way = way_back_now(facts)
    told = sentences(way, facts)
    if way.hindrance is not None:
        raise PluginError(" ".join(told))
    to = way.to.metadata.name if way.to else ""
    return as_json({"from": way.release, "to": to, "steps": told}) if asked.json else "\n".join(told)


def seen(connection: Connection, erp: Object) -> Facts:
    """What the decision about a rollback needs, as the person may read it."""
    of_it = {INSTANCE_LABEL: name_of(erp)}
    releases = [each for each in connection.list(RELEASES) if dig(each, "spec", "installation") == name_of(erp)]
    objects = {(RELEASES, name_of(each)): each for each in releases}
    for kind in (DEPLOYMENTS, SERVICES, CONFIG_MAPS):
        objects |= {(kind, name_of(each)): each for each in connection.list(kind, of_it)}
    return Facts(erp=ValeoERP.model_validate(erp), objects=objects)


def until_over(
    connection: Connection,
    name: str,
    longest: float,
    over: Callable[[Object], bool | None],
    told: Callable[[Object], str],
) -> Object:
    """The installation when it is over; every change of what is told is written. Raises PluginError if it ends badly.

    Args:
        connection: to the cluster.
        name: of the installation.
        longest: seconds after which nobody waits any more.
        over: whether it ended well; None while it goes on.
        told: where it stands, in a line.
    """
    ends, said = time.monotonic() + longest, ""
    while True:
        erp = the_installation(connection, name)
        done = over(erp)
        if done:
            return erp
        if done is False:
            raise PluginError(told(erp))
        if time.monotonic() >= ends:
            raise PluginError(f"it is not over after {longest:.0f} s: {told(erp)}")
        if told(erp) != said:
            said = told(erp)
            sys.stderr.write(f"{said}\n")
        time.sleep(_LOOKS_EVERY)


def _told(erp: Object) -> str:
    return f"{_phase(erp).value}: {dig(erp, 'status', 'message') or 'not looked at yet'}"


def seconds_of(asked: str) -> float:
    """How many seconds a time span is that a person wrote."""
    if not _SPAN.fullmatch(asked):
        raise PluginError(f"{asked!r} is no time span; write it as 10m or 1h")
    return span(asked).total_seconds()


# --- the words of the command line ------------------------------------------------------------------------------------


def add_acts(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """The six commands."""
    for name, what, run in (
        ("promote", "let the verified release go live", acting(lambda _, erp: promote(erp))),
        ("abort", "end the rollout before users reach it", acting(lambda _, erp: abort(erp))),
        ("retry", "begin a rollout anew that ended without success", acting(lambda _, erp: retry(erp, _now()))),
        ("rollback", "go back to the release before; data is never touched", _rollback),
        ("hold", "hold forward movement; abort and rollback still work", acting(lambda _, erp: hold(erp))),
        ("resume", "end the hold", acting(lambda _, erp: resume(erp))),
    ):
        made = command(commands, name, what, run)
        made.add_argument("--wait", action="store_true", help="wait for the end; the exit status tells how it was")
        made.add_argument("--timeout", default="30m", help="how long to wait, as 10m or 1h (30m)")
        if name == "rollback":
            made.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")


def _now() -> datetime:
    return datetime.now(UTC)
