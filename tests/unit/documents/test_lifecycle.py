"""The workflow: the whole product of states and actions, and every guard."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from uuid import uuid4

import pytest
from tests.support.papers import INVOICE
from tests.support.people import PEOPLE

from valeo_erp.documents.document import ISSUED, Document, State
from valeo_erp.documents.lifecycle import (
    ACTION_SCOPES,
    AFTER_EDIT,
    NEEDS_REASON,
    TRANSITIONS,
    Action,
    editable,
    offered_actions,
    permitted,
)

TODAY = INVOICE.document_date
SOMEBODY_ELSE = "mia"

EXPECTED = {
    State.DRAFT: {Action.SUBMIT: State.SUBMITTED, Action.CANCEL: State.CANCELLED},
    State.SUBMITTED: {
        Action.APPROVE: State.APPROVED,
        Action.REJECT: State.REJECTED,
        Action.WITHDRAW: State.DRAFT,
        Action.CANCEL: State.CANCELLED,
    },
    State.REJECTED: {Action.REWORK: State.DRAFT, Action.CANCEL: State.CANCELLED},
    State.APPROVED: {Action.POST: State.POSTED, Action.REVOKE: State.SUBMITTED, Action.CANCEL: State.CANCELLED},
    State.POSTED: {Action.REVERSE: State.REVERSED},
    State.REVERSED: {},
    State.CANCELLED: {},
}


def in_state(state: State) -> Document:
    return replace(INVOICE, state=state, number=INVOICE.number if state in ISSUED else None)


def codes(document: Document, action: Action, subject: str = SOMEBODY_ELSE, today: date = TODAY) -> list[str]:
    return [failure.code for failure in permitted(document, action, subject, today)]


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_every_move_is_in_the_table_or_refused_with_what_is_possible(state: State, action: Action) -> None:
    failures = permitted(in_state(state), action, SOMEBODY_ELSE, TODAY)
    if action in EXPECTED[state]:
        assert TRANSITIONS[state, action] is EXPECTED[state][action]
        assert failures == []
        return
    assert [failure.code for failure in failures] == ["transition"]
    assert f"From {state} there is no {action}" in failures[0].message
    assert all(possible in failures[0].message for possible in EXPECTED[state] or ["nothing more"])


def test_no_move_leads_back_from_what_was_issued() -> None:
    assert {after for (before, _), after in TRANSITIONS.items() if before in ISSUED} == {State.REVERSED}


def test_every_action_has_a_scope_and_every_state_a_way_or_an_end() -> None:
    assert set(ACTION_SCOPES) == set(Action)
    assert {before for before, _ in TRANSITIONS} == set(State) - {State.REVERSED, State.CANCELLED}


def test_the_submitter_does_not_approve() -> None:
    assert codes(replace(in_state(State.SUBMITTED), edited_by="olga", submitted_by="max"), Action.APPROVE, "max") == [
        "four_eyes"
    ]


def test_the_last_editor_does_not_approve() -> None:
    assert codes(replace(in_state(State.SUBMITTED), edited_by="max", submitted_by="olga"), Action.APPROVE, "max") == [
        "four_eyes"
    ]


def test_four_eyes_hold_for_admins_too() -> None:
    own = replace(in_state(State.SUBMITTED), edited_by="adam", submitted_by="adam")
    approve = next(offer for offer in offered_actions(own, PEOPLE["adam"], TODAY) if offer.action is Action.APPROVE)
    assert not approve.allowed
    assert approve.reason == "You submitted this invoice; somebody else must approve it."


def test_an_approval_of_another_content_does_not_post() -> None:
    assert codes(replace(in_state(State.APPROVED), approved_hash=b"other"), Action.POST) == ["approval_stale"]


def test_a_document_of_tomorrow_is_not_posted_today() -> None:
    assert codes(in_state(State.APPROVED), Action.POST, today=TODAY - timedelta(days=1)) == ["date_in_future"]


def test_all_guards_that_fail_are_told_at_once() -> None:
    bad = replace(in_state(State.APPROVED), approved_hash=None, gross_total=Decimal("0.00"))
    assert codes(bad, Action.POST, today=TODAY - timedelta(days=1)) == [
        "approval_stale",
        "nothing_to_pay",
        "date_in_future",
    ]


@pytest.mark.parametrize("gross", ["0.00", "-1.00"])
def test_nothing_to_pay_is_not_submitted(gross: str) -> None:
    assert codes(replace(in_state(State.DRAFT), gross_total=Decimal(gross)), Action.SUBMIT) == ["nothing_to_pay"]


def test_a_reversal_is_not_reversed() -> None:
    assert codes(replace(in_state(State.POSTED), reverses_id=uuid4()), Action.REVERSE) == ["is_reversal"]


def test_only_what_was_not_decided_yet_is_edited_and_then_begins_anew() -> None:
    assert {state: editable(in_state(state)) == [] for state in State} == {
        state: state in AFTER_EDIT for state in State
    }
    assert set(AFTER_EDIT.values()) == {State.DRAFT}


@pytest.mark.parametrize("state", [state for state in State if state not in AFTER_EDIT])
def test_a_refused_edit_says_what_to_do_instead(state: State) -> None:
    [failure] = editable(in_state(state))
    assert failure.code == "not_editable"
    assert failure.message.endswith(("first.", "one."))


@pytest.mark.parametrize(("state", "person"), list(product(State, PEOPLE)))
def test_the_offered_actions_are_those_of_the_table_with_a_reason_for_each_blocked_one(
    state: State, person: str
) -> None:
    offers = offered_actions(in_state(state), PEOPLE[person], TODAY)
    assert {offer.action for offer in offers} == set(EXPECTED[state])
    for offer in offers:
        assert offer.allowed == (offer.reason is None)
        assert offer.needs_reason == (offer.action in NEEDS_REASON)
        if ACTION_SCOPES[offer.action] not in PEOPLE[person].scopes:
            assert offer.reason is not None
            assert ACTION_SCOPES[offer.action] in offer.reason
