"""The Job that looks into the database for the gates, and what the newest one told. Pure.

Its name holds the release and the slot of time, so that every operator means the same Job. A slot is shorter than the
hour for which an ended Job is kept: the next one has told before the last one is gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import JOBS, PODS, RELEASES
from valeo_operator.cluster.objects import Object, dig, holds, label, moment, name_of
from valeo_operator.colours.desired import image_of
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import parse_result
from valeo_operator.golive.facts import Facts
from valeo_operator.installations.names import ERRAND_LABEL, RELEASE_LABEL
from valeo_operator.upkeep.troubles import last_words

EVERY_SECONDS: Final = 50 * 60
_QUIET: Final = frozenset({Phase.COMPLETE, Phase.WATCHING})
_JOB_NAME: Final = "batch.kubernetes.io/job-name"


@dataclass(frozen=True)
class Inside:
    """What a look into the database told, and when. `problem` says why nothing is known; then the rest is empty."""

    told: Mapping[str, Any] | None = None
    seen_at: datetime | None = None
    problem: str = ""


def job_to_send(facts: Facts) -> Object | None:
    """The Job of this slot, if it is to be sent: between rollouts, by the image of the active release."""
    release = _active(facts)
    if release is None or facts.erp.status.phase not in _QUIET or facts.unseen(JOBS):
        return None
    slot = int(facts.now.timestamp()) // EVERY_SECONDS
    order = errands.look(facts.erp.spec, facts.names, image_of(release), f"{release.metadata.name}/{slot}")
    wanted = errands.job(order, 1, facts.names)
    wanted["metadata"]["labels"][RELEASE_LABEL] = release.metadata.name
    there = {name_of(each) for each in facts.owned(JOBS)}
    return None if name_of(wanted) in there else wanted


def inside(facts: Facts) -> Inside:
    """What the newest look that ended told of the active release's database."""
    if hidden := facts.unseen(JOBS):
        return Inside(problem=f"jobs could not be listed: {hidden.why}")
    if facts.erp.status.active_release is None:
        return Inside(problem="there is no active release")
    ended = [each for each in _looks(facts) if holds(each, "Complete") or holds(each, "Failed")]
    if not ended:
        return Inside(problem="no look into the database has ended yet")
    return _told(max(ended, key=lambda each: str(dig(each, "metadata", "creationTimestamp"))), facts)


def _looks(facts: Facts) -> Iterable[Object]:
    """Looks of the active release."""
    beginning = f"{errands.Errand.LOOK.value}-"
    return (
        each
        for each in facts.owned(JOBS)
        if str(label(each, ERRAND_LABEL) or "").startswith(beginning)
        and label(each, RELEASE_LABEL) == facts.erp.status.active_release
    )


def _told(job: Object, facts: Facts) -> Inside:
    pods = [pod for pod in facts.owned(PODS) if label(pod, _JOB_NAME) == name_of(job)]
    containers = [each for pod in pods for each in dig(pod, "status", "containerStatuses") or ()]
    ended = next((state for each in containers if (state := dig(each, "state", "terminated"))), None)
    if ended is None:
        return Inside(problem=f"Job/{name_of(job)} left no word")
    told = parse_result(str(ended.get("message") or "")) if holds(job, "Complete") else None
    if told is None:
        return Inside(problem=f"Job/{name_of(job)} failed: {last_words(ended)}"[:500])
    at = moment(ended.get("finishedAt")) or moment(dig(job, "metadata", "creationTimestamp"))
    return Inside(told, min(at, facts.now) if at else facts.now)  # the clock of the node may be ahead


def _active(facts: Facts) -> ValeoRelease | None:
    wanted = facts.erp.status.active_release
    found = next((each for each in facts.owned(RELEASES) if name_of(each) == wanted), None)
    return None if found is None else ValeoRelease.model_validate(found)
