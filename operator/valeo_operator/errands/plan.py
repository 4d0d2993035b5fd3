"""Where an errand stands.

Send it, wait for it, take its result, or say why it failed and when it is sent again. Pure.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from valeo_operator.api.conditions import Reason
from valeo_operator.cluster.kinds import JOBS
from valeo_operator.cluster.objects import Object, born, condition, dig, holds, label, moment, name_of
from valeo_operator.errands.desired import Errand, Order, job
from valeo_operator.installations.decisions import Create, Finding
from valeo_operator.installations.facts import Facts, remembered
from valeo_operator.installations.names import ATTEMPT_LABEL, ERRAND_LABEL, Component
from valeo_operator.upkeep.troubles import lack_of_pods, last_words, pod_trouble

_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(seconds=60)

# What PostgreSQL and its drivers say, and the reason that it stands for. The first that fits counts.
_DATABASE_SAYINGS: Final = (
    (
        re.compile(
            r"password authentication failed|no password supplied|no pg_hba\.conf entry"
            r"|role \"[^\"]*\" (does not exist|is not permitted to log in)",
            re.IGNORECASE,
        ),
        Reason.DATABASE_REFUSED_LOGIN,
    ),
    (
        re.compile(
            r"connect call failed|connection refused|connection reset|name or service not known"
            r"|temporary failure in name resolution|no address associated|network is unreachable|no route to host"
            r"|TimeoutError|timed out|rejected SSL upgrade|certificate verify failed"
            r"|database \"[^\"]*\" does not exist",
            re.IGNORECASE,
        ),
        Reason.DATABASE_UNREACHABLE,
    ),
)
_FAILURES: Final = {
    Errand.DESCRIBE: Reason.IMAGE_UNSUITABLE,
    Errand.PROVISION: Reason.PROVISION_FAILED,
    Errand.MIGRATE: Reason.MIGRATION_FAILED,
    Errand.SMOKE: Reason.SMOKE_TESTS_BROKEN,
    Errand.ROTATE: Reason.ROTATION_FAILED,
}
_UNDER_WAY: Final = {
    Errand.DESCRIBE: Reason.DESCRIBING_IMAGE,
    Errand.PROVISION: Reason.PROVISIONING_DATABASE,
    Errand.MIGRATE: Reason.MIGRATING_SCHEMA,
    Errand.SMOKE: Reason.SMOKE_TESTING,
    Errand.ROTATE: Reason.ROTATING_CREDENTIAL,
}
_OF_ANY_POD: Final = {Reason.IMAGE_UNAVAILABLE, Reason.PODS_FAILING}
_OF_DATABASE: Final = {Reason.DATABASE_REFUSED_LOGIN, Reason.DATABASE_UNREACHABLE}
_REASONS: Final = {
    Errand.DESCRIBE: {Reason.IMAGE_UNSUITABLE} | _OF_ANY_POD,
    Errand.PROVISION: {Reason.PROVISION_FAILED} | _OF_ANY_POD | _OF_DATABASE,
    Errand.MIGRATE: {Reason.MIGRATION_FAILED} | _OF_ANY_POD | _OF_DATABASE,
    Errand.SMOKE: {Reason.SMOKE_TESTS_BROKEN} | _OF_ANY_POD,
    Errand.ROTATE: {Reason.ROTATION_FAILED},
}
_NEXT_STEPS: Final = {
    Reason.DATABASE_REFUSED_LOGIN: "correct username and password in the Secret of this login",
    Reason.DATABASE_UNREACHABLE: "check host, port, name and sslMode of the database, and the way from pods to it",
    Reason.IMAGE_UNSUITABLE: "name an image of the ERP in spec.image",
}


@dataclass(frozen=True)
class Result:
    """What an errand told. `image_id` is what the node really ran: repository@digest."""

    told: Mapping[str, Any]
    image_id: str


@dataclass(frozen=True)
class Progress:
    """Where an errand stands: a result, or a finding; and the attempt to start now, if any."""

    result: Result | None = None
    finding: Finding | None = None
    effects: tuple[Create, ...] = ()
    failed_with: Mapping[str, Any] | None = None
    wake_at: datetime | None = None


def progress(order: Order, facts: Facts, now: datetime) -> Progress:
    """Where the errand stands now."""
    attempts = sorted((each for each in facts.all(JOBS) if label(each, ERRAND_LABEL) == order.key), key=_attempt)
    if not attempts:
        return _send(order, 1, facts)
    last = attempts[-1]
    if holds(last, "Complete") or holds(last, "SuccessCriteriaMet"):
        return _ended(order, last, facts, now)
    if holds(last, "Failed") or holds(last, "FailureTarget"):
        return _failed(order, last, facts, now)
    return _running(order, last, facts, now)


def is_under_way(order: Order, facts: Facts) -> bool:
    """Whether a Job of this errand was sent and has not ended."""
    mine = [each for each in facts.all(JOBS) if label(each, ERRAND_LABEL) == order.key]
    return any(not holds(each, "Complete") and not holds(each, "Failed") for each in mine)


def was_begun(order: Order, facts: Facts) -> bool:
    """Whether a Job of this errand is there, ended or not."""
    return any(label(each, ERRAND_LABEL) == order.key for each in facts.all(JOBS))


def _attempt(found: Object) -> int:
    return int(label(found, ATTEMPT_LABEL) or 0)


def _send(order: Order, attempt: int, facts: Facts, because: Finding | None = None) -> Progress:
    sent = Create(JOBS, job(order, attempt, facts.names))
    return Progress(finding=because or _waiting(order, order.job_name(facts.names, attempt), attempt), effects=(sent,))


def _waiting(order: Order, job_name: str, attempt: int) -> Finding:
    observed = f"attempt {attempt} runs"
    return Finding(_UNDER_WAY[order.errand], f"Job/{job_name}", observed, "it ends well", "none; it is under way")


def _running(order: Order, last: Object, facts: Facts, now: datetime) -> Progress:
    attempt = _attempt(last)
    pods = _pods(last, facts)
    trouble = pod_trouble(pods, now) or lack_of_pods(JOBS, last, pods, now)
    if trouble is None and attempt > 1:
        trouble = _remembered(order, facts)
    return Progress(finding=trouble or _waiting(order, name_of(last), attempt))


def _remembered(order: Order, facts: Facts) -> Finding | None:
    """What the attempt before failed of. It stays said until an attempt ends well: a new try alone heals nothing."""
    before = remembered(facts)
    return before if before is not None and before.reason in _REASONS[order.errand] else None


def _pods(of: Object, facts: Facts) -> list[Object]:
    mine = [pod for pod in facts.pods(Component.JOB) if label(pod, "batch.kubernetes.io/job-name") == name_of(of)]
    return sorted(mine, key=lambda pod: str(dig(pod, "metadata", "creationTimestamp")), reverse=True)


def _terminated(of: Object, facts: Facts) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    for pod in _pods(of, facts):
        for container in dig(pod, "status", "containerStatuses") or ():
            ended = dig(container, "state", "terminated")
            if ended:
                return container, ended
    return None


def _ended(order: Order, last: Object, facts: Facts, now: datetime) -> Progress:
    seen = _terminated(last, facts)
    if order.errand is Errand.PROVISION:
        return Progress(result=Result({}, ""))  # it tells nothing that is needed further on
    told = None if seen is None else parse_result(str(seen[1].get("message") or ""))
    if seen is None:
        return _send(order, _attempt(last) + 1, facts)  # its pod was removed before its words were read
    if told is None:
        return _again(order, last, facts, now, "it ended well but did not tell its result as JSON", None)
    return Progress(result=Result(told, str(seen[0].get("imageID") or "")))


def parse_result(message: str) -> Mapping[str, Any] | None:
    """The JSON object that an errand wrote as its termination message; the last line that is one."""
    for line in reversed(message.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            return told
    return None


def _failed(order: Order, last: Object, facts: Facts, now: datetime) -> Progress:
    seen = _terminated(last, facts)
    if seen is None:  # its time was over before it ran: it has waited long enough already
        return _send(order, _attempt(last) + 1, facts, _remembered(order, facts))
    told = parse_result(str(seen[1].get("message") or ""))
    words = str(told["error"]) if told and "error" in told else _telling_words(seen[1])
    observed = f"it ended with exit code {seen[1].get('exitCode')}: {words}"
    return _again(order, last, facts, now, observed, told)


def _telling_words(terminated: Mapping[str, Any]) -> str:
    """The line that tells most: what the database said, else the last one."""
    lines = str(terminated.get("message") or "").splitlines()
    said = (line.strip() for line in reversed(lines) if any(words.search(line) for words, _ in _DATABASE_SAYINGS))
    return next(said, last_words(terminated))[:500]


def _again(
    order: Order, last: Object, facts: Facts, now: datetime, observed: str, told: Mapping[str, Any] | None
) -> Progress:
    attempt = _attempt(last)
    at = _ended_at(last, now) + min(_FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE)
    finding = _failure(order, name_of(last), f"attempt {attempt}: {observed}")
    if now < at:
        return Progress(finding=finding, failed_with=told, wake_at=at)
    again = Create(JOBS, job(order, attempt + 1, facts.names))
    return Progress(finding=finding, effects=(again,), failed_with=told)


def _ended_at(last: Object, now: datetime) -> datetime:
    ends = [condition(last, kind) for kind in ("Failed", "Complete")]
    times = [moment(each.get("lastTransitionTime")) for each in ends if each]
    return next((time for time in times if time), born(last) or now)


def _failure(order: Order, job_name: str, observed: str) -> Finding:
    reason = _FAILURES[order.errand]
    if order.errand in {Errand.PROVISION, Errand.MIGRATE}:
        reason = next((meaning for words, meaning in _DATABASE_SAYINGS if words.search(observed)), reason)
    next_step = _NEXT_STEPS.get(reason, f"read kubectl logs job/{job_name}")
    return Finding(
        reason, f"Job/{job_name}", observed, "it ends well", f"{next_step}; it is tried again by itself", blocking=True
    )
