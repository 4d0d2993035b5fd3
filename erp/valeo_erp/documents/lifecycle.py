"""The workflow of documents: which action leads where, who may do it, and what stands against it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from valeo_erp.documents.document import ISSUED, Document, Kind, State
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.problems import Failure

__all__ = [
    "ACTION_SCOPES",
    "AFTER_EDIT",
    "ISSUED",
    "NEEDS_REASON",
    "TRANSITIONS",
    "Action",
    "Kind",
    "OfferedAction",
    "State",
    "editable",
    "offered_actions",
    "permitted",
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


TRANSITIONS: dict[tuple[State, Action], State] = {
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
"""The whole workflow. A move that is not here is refused with a reason."""

AFTER_EDIT: dict[State, State] = {
    State.DRAFT: State.DRAFT,
    State.SUBMITTED: State.DRAFT,
    State.APPROVED: State.DRAFT,
}
"""Where a document stands after its content was changed: whatever was submitted or approved was another content."""

ACTION_SCOPES: dict[Action, Scope] = {
    Action.SUBMIT: Scope.SALES_SUBMIT,
    Action.WITHDRAW: Scope.SALES_SUBMIT,
    Action.APPROVE: Scope.SALES_APPROVE,
    Action.REJECT: Scope.SALES_APPROVE,
    Action.REWORK: Scope.SALES_WRITE,
    Action.REVOKE: Scope.SALES_APPROVE,
    Action.CANCEL: Scope.SALES_WRITE,
    Action.POST: Scope.SALES_POST,
    Action.REVERSE: Scope.LEDGER_REVERSE,
}

NEEDS_REASON = frozenset({Action.REJECT, Action.REVERSE})


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
    if (document.state, action) not in TRANSITIONS:
        return [_no_such_move(document.state, action)]
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
    return [Failure("not_editable", f"A {document.state} {document.kind} can not be changed. {hint}")]


def offered_actions(document: Document, principal: Principal, today: date) -> list[OfferedAction]:
    """The actions that lead on from here, each with the reason when this person may not do it."""
    return [_offer(document, action, principal, today) for state, action in TRANSITIONS if state is document.state]


def _offer(document: Document, action: Action, principal: Principal, today: date) -> OfferedAction:
    scope = ACTION_SCOPES[action]
    missing = [] if scope in principal.scopes else [Failure("scope_missing", f"This needs the scope {scope}.")]
    failures = missing + permitted(document, action, principal.subject, today)
    reason = " ".join(failure.message for failure in failures) or None
    return OfferedAction(action, not failures, reason, action in NEEDS_REASON)


def _no_such_move(state: State, action: Action) -> Failure:
    possible = ", ".join(other for start, other in TRANSITIONS if start is state) or "nothing more"
    return Failure("transition", f"From {state} there is no {action}; possible: {possible}.")


def _four_eyes(document: Document, subject: str, _: date) -> Failure | None:
    """For everybody, whatever their role."""
    part = {document.edited_by: "last changed", document.submitted_by: "submitted"}.get(subject)
    if part is None:
        return None
    return Failure("four_eyes", f"You {part} this {document.kind}; somebody else must approve it.")


def _something_to_pay(document: Document, _: str, __: date) -> Failure | None:
    if document.gross_total > 0:
        return None
    return Failure("nothing_to_pay", f"The gross total is {document.gross_total}; it must be more than zero.")


def _approval_fits(document: Document, _: str, __: date) -> Failure | None:
    if document.approved_hash == document.content_hash:
        return None
    return Failure("approval_stale", "What was approved is not what stands here now; it must be approved again.")


def _not_in_the_future(document: Document, _: str, today: date) -> Failure | None:
    """A date ahead would keep every other document of the series waiting until then."""
    if document.document_date <= today:
        return None
    return Failure(
        "date_in_future", f"The document date {document.document_date} is after today, {today}.", "document_date"
    )


def _not_a_reversal(document: Document, _: str, __: date) -> Failure | None:
    if document.reverses_id is None:
        return None
    return Failure("is_reversal", "A reversal is final. Write a new document instead.")


_Guard = Callable[[Document, str, date], Failure | None]
_GUARDS: dict[Action, tuple[_Guard, ...]] = {
    Action.SUBMIT: (_something_to_pay,),
    Action.APPROVE: (_four_eyes,),
    Action.POST: (_approval_fits, _something_to_pay, _not_in_the_future),
    Action.REVERSE: (_not_a_reversal,),
}
