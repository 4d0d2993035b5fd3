"""The actions of a document as buttons: what the API offers, and why one is blocked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from valeo_erp.documents.document import Document
from valeo_erp.documents.lifecycle import Action, action_scope, offered_actions, permitted
from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.problems import Failure


@dataclass(frozen=True)
class Offer:
    """One button.

    Attributes:
        blocked_by: everything that stands against it; empty if the person may do it now.
    """

    action: Action
    needs_reason: bool
    blocked_by: Sequence[Failure]


def offers(document: Document, principal: Principal, today: date) -> list[Offer]:
    """The buttons that lead on from here, possible ones first."""
    made = [
        Offer(offered.action, offered.needs_reason, _against(document, offered.action, principal, today))
        for offered in offered_actions(document, principal, today)
    ]
    return sorted(made, key=lambda offer: bool(offer.blocked_by))


def _against(document: Document, action: Action, principal: Principal, today: date) -> list[Failure]:
    scope = action_scope(document.kind, action)
    if scope not in principal.scopes:
        return [Failure("scope_missing", f"This needs the scope {scope}.")]
    return permitted(document, action, principal.subject, today)
