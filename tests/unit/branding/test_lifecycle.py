"""Every state and every step: what leads on, and who may not take it."""

from itertools import product

import pytest

from valeo_erp.branding.lifecycle import TRANSITIONS, Standing, State, Step, against, not_editable

HANDS = frozenset({"adam"})


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_a_step_is_taken_exactly_where_the_table_has_it(state: State, step: Step) -> None:
    failures = against(Standing(state, HANDS), step, "eve")
    assert [failure.code for failure in failures] == ([] if (state, step) in TRANSITIONS else ["branding_step"])


@pytest.mark.parametrize("state", [State.PROPOSED, State.RETIRED])
def test_nobody_puts_in_force_what_went_through_the_own_hands(state: State) -> None:
    (failure,) = against(Standing(state, HANDS), Step.ACTIVATE, "adam")
    assert failure.code == "four_eyes"
    assert "somebody else must put it in force" in failure.message


def test_whoever_wrote_it_may_propose_and_withdraw_it() -> None:
    assert against(Standing(State.DRAFT, HANDS), Step.PROPOSE, "adam") == []
    assert against(Standing(State.PROPOSED, HANDS), Step.WITHDRAW, "adam") == []


@pytest.mark.parametrize("state", State)
def test_only_drafts_are_changed(state: State) -> None:
    assert (not_editable(state) == []) == (state is State.DRAFT)
