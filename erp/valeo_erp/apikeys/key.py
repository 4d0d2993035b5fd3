"""What a key is, and whether it holds. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.problems import Failure

PREFIX = "valeo_"
"""By which a key is told from a token of the identity provider, and found by scanners of leaked secrets."""

LONGEST_LIFE = timedelta(days=366)
LONGEST_OVERLAP = timedelta(days=30)

NOT_FOR_MACHINES = frozenset({Scope.USERS_ADMIN, Scope.POLICY_WRITE, Scope.GDPR_ERASE, Scope.OPS_RESTORE})
"""What a person must do, so that a person answers for it."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it is stored, without its secret."""

    id: UUID
    tenant_id: UUID
    name: str
    scopes: frozenset[Scope]
    expires_at: datetime
    revoked_at: datetime | None

    def refusal(self, now: datetime) -> str | None:
        """Why it holds no more, None while it does."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "This API key was revoked."
        if self.expires_at <= now:
            return "This API key has expired."
        return None

    def principal(self) -> Principal:
        """The machine that holds it."""
        return Principal(f"key:{self.id}", self.name, self.tenant_id, frozenset(), self.expires_at, self.scopes)


def digest_of(secret: str) -> bytes:
    """What is stored of a secret. Secrets have 256 random bits: a fast hash can not be guessed backwards."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def faults(asked: Iterable[Scope], giver: Principal, now: datetime, expires_at: datetime) -> list[Failure]:
    """Everything that stands against giving such a key."""
    scopes = frozenset(asked)
    found = []
    if missing := scopes - giver.scopes:
        found.append(Failure("scope_not_held", f"Nobody gives what he has not: {_listed(missing)}.", "scopes"))
    if personal := scopes & NOT_FOR_MACHINES:
        found.append(Failure("scope_personal", f"A person must do this: {_listed(personal)}.", "scopes"))
    if not now < expires_at <= now + LONGEST_LIFE:
        latest = (now + LONGEST_LIFE).date()
        found.append(Failure("expiry", f"A key expires in the future, by {latest} at the latest.", "expires_at"))
    return found


def _listed(scopes: Iterable[Scope]) -> str:
    return ", ".join(sorted(scopes))
