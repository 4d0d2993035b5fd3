"""The workflow of documents: which action leads where, who may do it, and what stands against it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from valeo_erp.documents.document import ISSUED, Document, Kind, State
from valeo_erp.documents.kinds import Workflow, rules_of
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.problems import Failure

__all__ = [
    "AFTER_EDIT",
    "ISSUED",
    "NEEDS_REASON",
    "WORKFLOWS",
    "Action",
    "Kind",
    "OfferedAction",
    "State",
    "action_scope",
    "actions_of",
    "editable",
    "offered_actions",
    "permitted",
    "transitions_of",
]


class Action(StrEnum):
    """What people do with a document, besides writing it."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    REWORK = "rework"
    REVOKE = "revoke"
    CANCEL = "cancel"
    POST = "post"
    REVERSE = "reverse"


_APPROVED: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.SUBMITTED, Action.APPROVE): State.APPROVED,
    (State.SUBMITTED, Action.REJECT): State.REJECTED,
    (State.SUBMITTED, Action.WITHDRAW): State.DRAFT,
    (State.SUBMITTED, Action.CANCEL): State.CANCELLED,
    (State.REJECTED, Action.REWORK): State.DRAFT,
    (State.REJECTED, Action.CANCEL): State.CANCELLED,
    (State.APPROVED, Action.POST): State.POSTED,
    (State.APPROVED, Action.REVOKE): State.SUBMITTED,
    (State.APPROVED, Action.CANCEL): State.CANCELLED,
    (State.POSTED, Action.REVERSE): State.REVERSED,
}
_DISPATCHED: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.POST): State.POSTED,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.POSTED, Action.REVERSE): State.REVERSED,
}
WORKFLOWS = {Workflow.APPROVED: _APPROVED, Workflow.DISPATCHED: _DISPATCHED}
"""The whole workflow of every kind. A move that is not here is refused with a reason."""

AFTER_EDIT: dict[State, State] = {
    State.DRAFT: State.DRAFT,
    State.SUBMITTED: State.DRAFT,
    State.APPROVED: State.DRAFT,
}
"""Where a document stands after its content was changed: whatever was submitted or approved was another content."""

NEEDS_REASON = frozenset({Action.REJECT, Action.REVERSE})


def transitions_of(kind: Kind) -> dict[tuple[State, Action], State]:
    """The workflow of a kind."""
    return WORKFLOWS[rules_of(kind).workflow]


def actions_of(kind: Kind) -> list[Action]:
    """What can be done with a kind at all, in the order of `Action`."""
    possible = {action for _, action in transitions_of(kind)}
    return [action for action in Action if action in possible]


def action_scope(kind: Kind, action: Action) -> Scope:
    """What one must be allowed for this. What is dispatched is posted by whoever works at the ramp."""
    rules = rules_of(kind)
    match action:
        case Action.SUBMIT | Action.WITHDRAW:
            return rules.scopes.submit
        case Action.REWORK | Action.CANCEL:
            return rules.scopes.write
        case Action.APPROVE | Action.REJECT | Action.REVOKE:
            return rules.scopes.approve
        case Action.POST:
            return rules.scopes.submit if rules.workflow is Workflow.DISPATCHED else rules.scopes.post
        case Action.REVERSE:
            return Scope.LEDGER_REVERSE if rules.booking is not None else rules.scopes.approve


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """An action that leads on from where a document stands.

    Attributes:
        allowed: whether this person may do it now.
        reason: why not, in words, when it is not allowed.
        needs_reason: whether a reason must be given with it.
    """

    action: Action
    allowed: bool
    reason: str | None
    needs_reason: bool


def permitted(document: Document, action: Action, subject: str, today: date) -> list[Failure]:
    """Everything that stands against this person doing this now; empty if nothing does.

    Args:
        document: as it is stored.
        action: what is tried.
        subject: who tries, by the `sub` of the token. The scope was checked by the route.
        today: the business date.
    """
    if (document.state, action) not in transitions_of(document.kind):
        return [_no_such_move(document, action)]
    return [failure for guard in _GUARDS.get(action, ()) if (failure := guard(document, subject, today)) is not None]


def editable(document: Document) -> list[Failure]:
    """Everything that stands against changing the content."""
    if document.state in AFTER_EDIT:
        return []
    hint = {
        State.REJECTED: "Rework it first.",
        State.CANCELLED: "Write a new one.",
        State.POSTED: "Reverse it and write a new one.",
        State.REVERSED: "Write a new one.",
    }[document.state]
    return [Failure("not_editable", f"A {document.state} {called(document)} can not be changed. {hint}")]


def offered_actions(document: Document, principal: Principal, today: date) -> list[OfferedAction]:
    """The actions that lead on from here, each with the reason when this person may not do it."""
    possible = [action for state, action in transitions_of(document.kind) if state is document.state]
    return [_offer(document, action, principal, today) for action in possible]


def _offer(document: Document, action: Action, principal: Principal, today: date) -> OfferedAction:
    scope = action_scope(document.kind, action)
    missing = [] if scope in principal.scopes else [Failure("scope_missing", f"This needs the scope {scope}.")]
    failures = missing + permitted(document, action, principal.subject, today)
    reason = " ".join(failure.message for failure in failures) or None
    return OfferedAction(action, not failures, reason, action in NEEDS_REASON)


def called(document: Document) -> str:
    """What people call this kind."""
    return rules_of(document.kind).english


def _no_such_move(document: Document, action: Action) -> Failure:
    state = document.state
    possible = ", ".join(other for start, other in transitions_of(document.kind) if start is state) or "nothing more"
    return Failure("transition", f"From {state} there is no {action}; possible: {possible}.")


def _four_eyes(document: Document, subject: str, _: date) -> Failure | None:
    """For everybody, whatever their role."""
    part = {document.edited_by: "last changed", document.submitted_by: "submitted"}.get(subject)
    if part is None:
        return None
    return Failure("four_eyes", f"You {part} this {called(document)}; somebody else must approve it.")


def _something_to_pay(document: Document, _: str, __: date) -> Failure | None:
    if document.gross_total > 0 or rules_of(document.kind).workflow is Workflow.DISPATCHED:
        return None
    return Failure("nothing_to_pay", f"The gross total is {document.gross_total}; it must be more than zero.")


def _approval_fits(document: Document, _: str, __: date) -> Failure | None:
    if document.approved_hash == document.content_hash or rules_of(document.kind).workflow is Workflow.DISPATCHED:
        return None
    return Failure("approval_stale", "What was approved is not what stands here now; it must be approved again.")


def _not_in_the_future(document: Document, _: str, today: date) -> Failure | None:
    """A date ahead would keep every other document of the series waiting until then."""
    if document.document_date <= today:
        return None
    return Failure(
        "date_in_future", f"The document date {document.document_date} is after today, {today}.", "document_date"
    )


def _weighed_twice(document: Document, _: str, __: date) -> Failure | None:
    if document.kind is not Kind.WEIGHING_TICKET:
        return None
    missing = [str(line.position) for line in document.lines if line.quantity == 0]
    if not missing:
        return None
    return Failure("not_weighed", f"Line {', '.join(missing)} has no net weight yet; weigh the vehicle again.", "lines")


def _not_a_reversal(document: Document, _: str, __: date) -> Failure | None:
    if document.reverses_id is None:
        return None
    return Failure("is_reversal", "A reversal is final. Write a new document instead.")


_Guard = Callable[[Document, str, date], Failure | None]
_GUARDS: dict[Action, tuple[_Guard, ...]] = {
    Action.SUBMIT: (_something_to_pay,),
    Action.APPROVE: (_four_eyes,),
    Action.POST: (_approval_fits, _something_to_pay, _weighed_twice, _not_in_the_future),
    Action.REVERSE: (_not_a_reversal,),
}
