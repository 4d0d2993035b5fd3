"""Roles, scopes and the matrix between them, as data. Nothing here reads a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID


class Role(StrEnum):
    """The four roles of the trade."""

    OPERATOR = "operator"
    MANAGER = "manager"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a route may ask for. A route that declares none is refused by a test."""

    ME_READ = "me:read"
    SALES_READ = "sales:read"
    SALES_WRITE = "sales:write"
    SALES_SUBMIT = "sales:submit"
    SALES_APPROVE = "sales:approve"
    SALES_POST = "sales:post"
    PURCHASE_READ = "purchase:read"
    PURCHASE_WRITE = "purchase:write"
    PURCHASE_SUBMIT = "purchase:submit"
    PURCHASE_APPROVE = "purchase:approve"
    PURCHASE_POST = "purchase:post"
    DOCS_PRINT = "docs:print"
    DOCS_EXPORT = "docs:export"
    LEDGER_READ = "ledger:read"
    LEDGER_POST = "ledger:post"
    LEDGER_REVERSE = "ledger:reverse"
    LEDGER_CLOSE = "ledger:close"
    LEDGER_EXPORT = "ledger:export"
    MASTER_READ = "master:read"
    MASTER_WRITE = "master:write"
    NUMBERING_READ = "numbering:read"
    NUMBERING_WRITE = "numbering:write"
    POLICY_READ = "policy:read"
    POLICY_WRITE = "policy:write"
    BRANDING_READ = "branding:read"
    BRANDING_WRITE = "branding:write"
    AUDIT_READ = "audit:read"
    GDPR_EXPORT = "gdpr:export"
    GDPR_ERASE = "gdpr:erase"
    OPS_RESTORE = "ops:restore"
    USERS_ADMIN = "users:admin"


_EVERYBODY = frozenset(
    {
        Scope.SALES_READ,
        Scope.SALES_WRITE,
        Scope.SALES_SUBMIT,
        Scope.PURCHASE_READ,
        Scope.PURCHASE_WRITE,
        Scope.PURCHASE_SUBMIT,
        Scope.DOCS_PRINT,
        Scope.MASTER_READ,
    }
)
_MANAGER = _EVERYBODY | {
    Scope.SALES_APPROVE,
    Scope.PURCHASE_APPROVE,
    Scope.DOCS_EXPORT,
    Scope.MASTER_WRITE,
    Scope.NUMBERING_READ,
    Scope.POLICY_READ,
    Scope.BRANDING_READ,
}
_ACCOUNTANT = _MANAGER | {
    Scope.SALES_POST,
    Scope.PURCHASE_POST,
    Scope.LEDGER_READ,
    Scope.LEDGER_POST,
    Scope.LEDGER_REVERSE,
    Scope.LEDGER_CLOSE,
    Scope.LEDGER_EXPORT,
    Scope.AUDIT_READ,
}

_ADMIN = _ACCOUNTANT | {
    Scope.NUMBERING_WRITE,
    Scope.POLICY_WRITE,
    Scope.BRANDING_WRITE,
    Scope.GDPR_EXPORT,
    Scope.GDPR_ERASE,
    Scope.OPS_RESTORE,
    Scope.USERS_ADMIN,
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OPERATOR: _EVERYBODY,
    Role.MANAGER: _MANAGER,
    Role.ACCOUNTANT: _ACCOUNTANT,
    Role.ADMIN: _ADMIN,
}


def scopes_of(roles: Iterable[Role]) -> frozenset[Scope]:
    """All scopes that the roles give together. Who they are may be asked by everybody, also without a role."""
    return frozenset({Scope.ME_READ}).union(*(ROLE_SCOPES[role] for role in roles))


@dataclass(frozen=True)
class Principal:
    """A verified person or machine.

    Attributes:
        subject: the `sub` claim; stable, unique at its issuer.
        name: what colleagues call this person; shown in the audit.
        tenant_id: the only tenant whose data this principal can reach.
        roles: from the verified token only.
        expires_at: until when the token or session behind this principal holds; streams end then.
        granted: scopes beside those of the roles; API keys have them and no roles.
    """

    subject: str
    name: str
    tenant_id: UUID
    roles: frozenset[Role]
    expires_at: datetime | None = None
    granted: frozenset[Scope] = frozenset()

    @cached_property
    def scopes(self) -> frozenset[Scope]:
        """What this principal may do."""
        return scopes_of(self.roles) | self.granted
