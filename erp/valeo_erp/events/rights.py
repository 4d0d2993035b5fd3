"""Which events a listener gets: by tenant, by scope, by what it asked for. Decided at delivery. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from valeo_erp.documents.kinds import KINDS
from valeo_erp.identity.scopes import Principal, Scope

EVENT_SCOPES: dict[str, Scope] = {
    **{kind.value: rules.scopes.read for kind, rules in KINDS.items()},
    "party": Scope.MASTER_READ,
    "item": Scope.MASTER_READ,
    "price": Scope.MASTER_READ,
    "tax_code": Scope.MASTER_READ,
    "number_series": Scope.NUMBERING_READ,
    "period": Scope.MASTER_READ,
    "policy": Scope.POLICY_READ,
    "journal": Scope.LEDGER_READ,
    "export_job": Scope.DOCS_PRINT,
    "payment": Scope.LEDGER_READ,
}
"""What one must be allowed to read to hear of it, by the noun before the dot of an event's kind."""


def scope_of(kind: str) -> Scope | None:
    """The scope that hears events of this kind; None means nobody, until a scope is named above."""
    return EVENT_SCOPES.get(kind.partition(".")[0])


@dataclass(frozen=True)
class Wanted:
    """What a listener asked for; empty sets ask for everything.

    Attributes:
        kinds: `invoice.posted`, or `invoice` for every event of invoices.
        object_ids: such as the ids of the documents on the screen.
    """

    kinds: frozenset[str] = frozenset()
    object_ids: frozenset[UUID] = frozenset()

    def covers(self, kind: str, object_id: UUID) -> bool:
        """Whether an event is one of those asked for."""
        if self.object_ids and object_id not in self.object_ids:
            return False
        return not self.kinds or kind in self.kinds or kind.partition(".")[0] in self.kinds


def has_expired(principal: Principal, now: datetime) -> bool:
    """Whether the token or session behind a principal has ended."""
    return principal.expires_at is not None and principal.expires_at <= now
