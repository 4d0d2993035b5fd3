"""Readiness as a window, not a sample: every pod of the staged colour ready without a break for a while. Pure."""

from datetime import datetime

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Colour
from valeo_operator.api.rollout_settings import Course
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.objects import condition, moment
from valeo_operator.colours.plan import staged_waits
from valeo_operator.installations.decisions import Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import Component
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.verdict import Verdict, stays


def steady(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """Done when the staged colour was ready for the whole window. Since when it is, outlives the operator."""
    waits = staged_waits(facts, current, now)
    course = facts.erp.status.course
    if waits is not None:
        return stays(waits, course=_lost(course))
    course = _still_ready(course, _last_change(facts, current.spec.colour), now)
    since = course.ready_since or now
    window = facts.erp.spec.rollout.stability
    if now - since >= window:
        return Verdict(Outcome.DONE, course=course)
    return stays(_stabilising(current, course, facts), wake_at=since + window, course=course)


def _lost(course: Course) -> Course:
    if course.ready_since is None:
        return course
    return course.model_copy(update={"ready_since": None, "flaps": course.flaps + 1})


def _still_ready(course: Course, changed: datetime | None, now: datetime) -> Course:
    """A pod whose readiness changed between two looks was not ready in between."""
    if course.ready_since is None:
        return course.model_copy(update={"ready_since": now})
    if changed is not None and changed > course.ready_since:
        return course.model_copy(update={"ready_since": changed, "flaps": course.flaps + 1})
    return course


def _last_change(facts: Facts, colour: Colour) -> datetime | None:
    seen = (condition(pod, "Ready") for pod in facts.pods(Component.ERP, colour=colour.value))
    times = [moment(each.get("lastTransitionTime")) for each in seen if each is not None]
    return max((each for each in times if each is not None), default=None)


def _stabilising(current: ValeoRelease, course: Course, facts: Facts) -> Finding:
    flaps = f" (it was lost {course.flaps} times)" if course.flaps else ""
    return Finding(
        Reason.STABILISING,
        f"Deployment/{facts.names.colour(current.spec.colour)}",
        f"all pods are ready since {course.ready_since:%H:%M:%S}{flaps}",
        f"readiness without a break for {facts.erp.spec.rollout.stability_seconds} seconds",
        "none; it is looked at again",
    )
