"""The workflow: the whole product of states and actions, and every guard."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from uuid import uuid4

import pytest
from tests.support.papers import INVOICE
from tests.support.people import PEOPLE

from valeo_erp.documents.document import ISSUED, Document, Kind, State
from valeo_erp.documents.kinds import KINDS, Workflow, rules_of
from valeo_erp.documents.lifecycle import (
    AFTER_EDIT,
    NEEDS_REASON,
    WORKFLOWS,
    Action,
    action_scope,
    actions_of,
    editable,
    offered_actions,
    permitted,
    transitions_of,
)
from valeo_erp.identity.scopes import Scope

TODAY = INVOICE.document_date
SOMEBODY_ELSE = "mia"

APPROVED: dict[State, dict[Action, State]] = {
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
DISPATCHED: dict[State, dict[Action, State]] = {
    **{state: {} for state in State},
    State.DRAFT: {Action.POST: State.POSTED, Action.CANCEL: State.CANCELLED},
    State.POSTED: {Action.REVERSE: State.REVERSED},
}
EXPECTED = {
    kind: DISPATCHED if kind in {Kind.DELIVERY_NOTE, Kind.WEIGHING_TICKET, Kind.GOODS_RECEIPT} else APPROVED
    for kind in Kind
}
"""The workflow of every kind, written down a second time."""

CUSTOMERS = {Kind.QUOTATION, Kind.SALES_ORDER, Kind.DELIVERY_NOTE, Kind.INVOICE, Kind.CREDIT_NOTE}
BOOKED = {Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPLIER_INVOICE, Kind.SELF_BILLED_CREDIT}


def in_state(state: State, kind: Kind = Kind.INVOICE) -> Document:
    return replace(INVOICE, kind=kind, state=state, number=INVOICE.number if state in ISSUED else None)


def expected_scope(kind: Kind, action: Action) -> str:
    side = "sales" if kind in CUSTOMERS else "purchase"
    if action is Action.REVERSE and kind in BOOKED:
        return "ledger:reverse"
    if action is Action.POST and EXPECTED[kind] is DISPATCHED:
        return f"{side}:submit"
    part = {
        "submit": "submit",
        "withdraw": "submit",
        "rework": "write",
        "cancel": "write",
        "approve": "approve",
        "reject": "approve",
        "revoke": "approve",
        "post": "post",
        "reverse": "approve",
    }[action]
    return f"{side}:{part}"


def codes(document: Document, action: Action, subject: str = SOMEBODY_ELSE, today: date = TODAY) -> list[str]:
    return [failure.code for failure in permitted(document, action, subject, today)]


@pytest.mark.parametrize(("kind", "state", "action"), list(product(Kind, State, Action)))
def test_every_move_is_in_the_table_or_refused_with_what_is_possible(kind: Kind, state: State, action: Action) -> None:
    failures = permitted(in_state(state, kind), action, SOMEBODY_ELSE, TODAY)
    possible_moves = EXPECTED[kind][state]
    if action in possible_moves:
        assert transitions_of(kind)[state, action] is possible_moves[action]
        assert failures == []
        return
    assert [failure.code for failure in failures] == ["transition"]
    assert f"From {state} there is no {action}" in failures[0].message
    assert all(possible in failures[0].message for possible in possible_moves or ["nothing more"])


@pytest.mark.parametrize("workflow", WORKFLOWS.values())
def test_no_move_leads_back_from_what_was_issued(workflow: dict[tuple[State, Action], State]) -> None:
    assert {after for (before, _), after in workflow.items() if before in ISSUED} == {State.REVERSED}


@pytest.mark.parametrize("kind", Kind)
def test_every_state_that_a_kind_can_reach_has_a_way_or_is_an_end(kind: Kind) -> None:
    moves = transitions_of(kind)
    reached = {State.DRAFT} | set(moves.values())
    assert reached - {before for before, _ in moves} == {State.REVERSED, State.CANCELLED}
    assert set(actions_of(kind)) == {action for _, action in moves}


@pytest.mark.parametrize(("kind", "action"), list(product(Kind, Action)))
def test_every_action_of_every_kind_asks_for_the_scope_of_its_side(kind: Kind, action: Action) -> None:
    assert action_scope(kind, action) == expected_scope(kind, action)


def test_nobody_posts_without_approval_what_goes_into_the_book() -> None:
    assert {kind for kind, rules in KINDS.items() if rules.booking is not None} == BOOKED
    assert all(rules_of(kind).workflow is Workflow.APPROVED for kind in BOOKED)


def test_every_kind_has_its_own_collection_and_number_series() -> None:
    assert set(KINDS) == set(Kind)
    assert len({rules.collection for rules in KINDS.values()}) == len({r.prefix for r in KINDS.values()}) == len(Kind)


def test_documents_follow_each_other_without_a_circle() -> None:
    def ancestors(kind: Kind) -> set[Kind]:
        return set(rules_of(kind).follows).union(*(ancestors(before) for before in rules_of(kind).follows))

    assert all(kind not in ancestors(kind) for kind in Kind)


def test_a_vehicle_that_was_weighed_once_is_not_posted() -> None:
    ticket = in_state(State.DRAFT, Kind.WEIGHING_TICKET)
    once = replace(ticket, lines=(replace(ticket.lines[0], quantity=Decimal(0)), *ticket.lines[1:]))
    assert codes(once, Action.POST) == ["not_weighed"]


@pytest.mark.parametrize("kind", [kind for kind in Kind if EXPECTED[kind] is DISPATCHED])
def test_what_is_dispatched_needs_no_amount_and_no_approval(kind: Kind) -> None:
    free = replace(in_state(State.DRAFT, kind), gross_total=Decimal("0.00"), approved_hash=None)
    assert codes(free, Action.POST) == []


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


@pytest.mark.parametrize(("kind", "state", "person"), list(product(Kind, State, PEOPLE)))
def test_the_offered_actions_are_those_of_the_table_with_a_reason_for_each_blocked_one(
    kind: Kind, state: State, person: str
) -> None:
    offers = offered_actions(in_state(state, kind), PEOPLE[person], TODAY)
    assert {offer.action for offer in offers} == set(EXPECTED[kind][state])
    for offer in offers:
        scope = Scope(expected_scope(kind, offer.action))
        assert offer.allowed == (offer.reason is None)
        assert offer.needs_reason == (offer.action in NEEDS_REASON)
        assert offer.allowed or scope in PEOPLE[person].scopes or (offer.reason is not None and scope in offer.reason)
        assert scope in PEOPLE[person].scopes or not offer.allowed
