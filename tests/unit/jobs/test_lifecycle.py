"""What may happen to a job."""

from itertools import product

from valeo_erp.jobs.lifecycle import TRANSITIONS, JobAction, JobState, reason_against

OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED)


def test_every_move_that_is_not_in_the_table_is_refused_with_a_reason() -> None:
    for state, action in product(JobState, JobAction):
        reason = reason_against(state, action)
        assert (reason is None) == ((state, action) in TRANSITIONS)
        assert reason is None or (state.value in reason and action.value in reason)


def test_a_job_that_is_over_is_never_worked_on_again() -> None:
    for state in OVER:
        assert all(TRANSITIONS.get((state, action)) in {None, JobState.EXPIRED} for action in JobAction)
