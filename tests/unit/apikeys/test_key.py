"""What a key may be given, and when it holds."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from valeo_erp.apikeys.key import NOT_FOR_MACHINES, StoredKey, faults
from valeo_erp.identity.scopes import Principal, Role, Scope

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADAM = Principal("adam", "Adam", UUID(int=1), frozenset({Role.ADMIN}))
LATER = NOW + timedelta(days=30)


def key(expires_at: datetime = LATER, revoked_at: datetime | None = None) -> StoredKey:
    return StoredKey(UUID(int=2), UUID(int=1), "Waage", frozenset({Scope.SALES_READ}), expires_at, revoked_at)


def test_a_key_may_do_what_it_was_given_and_who_it_is_and_nothing_else() -> None:
    assert key().principal().scopes == {Scope.SALES_READ, Scope.ME_READ}
    assert key().principal().subject == f"key:{UUID(int=2)}"


@pytest.mark.parametrize("personal", sorted(NOT_FOR_MACHINES))
def test_what_a_person_must_answer_for_is_never_given_to_a_machine(personal: Scope) -> None:
    assert [failure.code for failure in faults([personal], ADAM, NOW, LATER)] == ["scope_personal"]


def test_nobody_gives_what_he_has_not() -> None:
    olga = Principal("olga", "Olga", UUID(int=1), frozenset({Role.OPERATOR}))
    assert [failure.code for failure in faults([Scope.SALES_POST], olga, NOW, LATER)] == ["scope_not_held"]


@pytest.mark.parametrize("expires_at", [NOW, NOW - timedelta(1), NOW + timedelta(days=367)])
def test_a_key_expires_within_a_year(expires_at: datetime) -> None:
    assert [failure.code for failure in faults([Scope.SALES_READ], ADAM, NOW, expires_at)] == ["expiry"]


def test_a_key_ends_at_its_expiry_or_when_it_is_revoked() -> None:
    assert key().refusal(NOW) is None
    assert key(expires_at=NOW).refusal(NOW) == "This API key has expired."
    assert key(revoked_at=NOW).refusal(NOW) == "This API key was revoked."
