"""What the claims of a believed token say."""

from typing import Any

import pytest

from valeo_erp.identity.claims import RoleMapInvalidError, at_path, bearer_of, read_role_map
from valeo_erp.identity.scopes import ROLE_SCOPES, Role, Scope, scopes_of

CLAIMS: dict[str, Any] = {"sub": "1f3c", "name": "Olga Operator", "exp": 2_000_000_000}


@pytest.mark.parametrize(
    ("claims", "path"),
    [
        ({"roles": ["operator", "uma_authorization"]}, "roles"),
        ({"realm_access": {"roles": ["operator"]}}, "realm_access.roles"),
        ({"resource_access": {"valeo-erp": {"roles": ["operator"]}}}, "resource_access.valeo-erp.roles"),
        ({"https://valeo.example/roles": ["operator"]}, "https://valeo.example/roles"),
        ({"roles": "operator other"}, "roles"),
    ],
    ids=["entra", "keycloak realm", "keycloak client", "a claim with dots", "words"],
)
def test_roles_are_found_where_the_usual_providers_put_them(claims: dict[str, Any], path: str) -> None:
    assert bearer_of(CLAIMS | claims, path, "tenant").roles == {Role.OPERATOR}


@pytest.mark.parametrize("value", [None, 7, {"operator": True}, [], ["Operator", 7, None], ""])
def test_without_known_roles_a_bearer_may_do_nothing_but_ask_who_they_are(value: object) -> None:
    bearer = bearer_of(CLAIMS | {"roles": value}, "roles", "tenant")
    assert bearer.roles == frozenset()
    assert scopes_of(bearer.roles) == {Scope.ME_READ}


@pytest.mark.parametrize("value", [None, "", 7, ["hofmann"]])
def test_a_tenant_claim_that_is_no_word_is_no_tenant(value: object) -> None:
    assert bearer_of(CLAIMS | {"tenant": value}, "roles", "tenant").tenant is None


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Olga"}, "Olga"),
        ({"name": None, "preferred_username": "olga"}, "olga"),
        ({"name": " ", "email": "olga@example.de"}, "olga@example.de"),
        ({"name": None}, "1f3c"),
        ({"name": "\x00\x01"}, "1f3c"),
        ({"name": "O" * 300}, "O" * 200),
    ],
)
def test_a_bearer_always_has_a_name_that_can_be_shown(claims: dict[str, Any], name: str) -> None:
    assert bearer_of(CLAIMS | claims, "roles", "tenant").name == name


def test_a_path_through_something_else_ends_nowhere() -> None:
    assert at_path({"a": "text"}, "a.b.c") is None


def test_every_role_reads_and_prints_and_none_but_accountant_and_admin_post() -> None:
    assert all({Scope.SALES_READ, Scope.DOCS_PRINT} <= scopes for scopes in ROLE_SCOPES.values())
    posting = {role for role, scopes in ROLE_SCOPES.items() if Scope.SALES_POST in scopes}
    assert posting == {Role.ACCOUNTANT, Role.ADMIN}


@pytest.mark.parametrize(
    ("claims", "claim"),
    [
        ({"groups": ["Valeo Leitung", "Everybody"]}, "groups"),
        ({"groups": ["7f3c2b10-0000-4000-8000-000000000000"]}, "groups"),
        (
            {"realm_access": {"roles": ["offline_access"]}, "resource_access": {"erp": {"roles": ["mgr"]}}},
            "realm_access.roles, resource_access.erp.roles",
        ),
        ({"roles": ["manager"]}, "groups, roles"),
    ],
    ids=["names of groups", "Entra ID group ids", "Keycloak, realm and client", "the trade's own name"],
)
def test_what_a_provider_calls_a_role_is_a_matter_of_configuration(claims: dict[str, Any], claim: str) -> None:
    called = read_role_map("Valeo Leitung=manager, 7f3c2b10-0000-4000-8000-000000000000=manager, mgr = manager")
    assert bearer_of(CLAIMS | claims, claim, "tenant", called).roles == {Role.MANAGER}


@pytest.mark.parametrize("text", ["Leitung", "Leitung=boss", "=manager"])
def test_a_role_map_that_can_not_be_read_says_what_is_expected(text: str) -> None:
    with pytest.raises(RoleMapInvalidError, match="expected NAME=ROLE"):
        read_role_map(text)
