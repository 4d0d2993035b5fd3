"""Where a job stands, and what may happen to it. Pure."""

from datetime import timedelta
from enum import StrEnum

ATTEMPTS = 3
"""A job whose worker died is begun anew by another; after so many it is the job's fault."""
LEASE = timedelta(seconds=30)
RENEW_SECONDS = 5.0
KEPT = timedelta(hours=24)
LINK_LIFETIME = timedelta(minutes=5)


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class JobAction(StrEnum):
    """What happens to a job."""

    CLAIM = "claim"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[JobState, JobAction], JobState] = {
    (JobState.WAITING, JobAction.CLAIM): JobState.RUNNING,
    (JobState.RUNNING, JobAction.CLAIM): JobState.RUNNING,  # its worker died: the lease has ended
    (JobState.RUNNING, JobAction.FINISH): JobState.DONE,
    (JobState.RUNNING, JobAction.FAIL): JobState.FAILED,
    (JobState.WAITING, JobAction.CANCEL): JobState.CANCELLED,
    (JobState.RUNNING, JobAction.CANCEL): JobState.CANCELLED,
    (JobState.DONE, JobAction.EXPIRE): JobState.EXPIRED,
}


def reason_against(state: JobState, action: JobAction) -> str | None:
    """Why something can not happen to a job, None when it can."""
    if (state, action) in TRANSITIONS:
        return None
    return f"A job that is {state.value} takes no {action.value}."
