"""The tokens of the smoke tests: a person of each role, one tenant, minutes."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from valeo_erp.identity.claims import CLOCK_SKEW
from valeo_erp.identity.scopes import Principal, Role, Scope
from valeo_erp.identity.smoke import LASTS, TENANT_ID, Person, asker, opened, sealed
from valeo_erp.kernel.problems import Problem
from valeo_erp.ratelimits.allowance import Asker

KEY = bytes(range(32))
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def refusal(token: str, key: bytes = KEY, at: datetime = NOON) -> str:
    with pytest.raises(Problem) as refused:
        opened(token, key, at)
    assert refused.value.status == 401
    return refused.value.code


@pytest.mark.parametrize("person", Person)
def test_a_token_gives_its_person_in_the_tenant_of_the_tests(person: Person) -> None:
    principal = opened(sealed(person, KEY, NOON), KEY, NOON)
    assert (principal.subject, principal.tenant_id) == (person, TENANT_ID)
    assert principal.expires_at == NOON + LASTS


def test_who_tests_one_role_has_no_right_of_another() -> None:
    writer = opened(sealed(Person.WRITER, KEY, NOON), KEY, NOON).scopes
    assert not writer & {Scope.SALES_APPROVE, Scope.SALES_POST, Scope.USERS_ADMIN, Scope.GDPR_ERASE}
    assert {role for person in Person for role in opened(sealed(person, KEY, NOON), KEY, NOON).roles} == set(Role)


def test_only_the_one_who_asks_too_often_has_limits_of_his_own() -> None:
    askers = {each: asker(opened(sealed(each, KEY, NOON), KEY, NOON)) for each in Person}
    assert askers.pop(Person.HURRIED) is Asker.LIMIT_TEST
    assert set(askers.values()) == {Asker.SMOKE_TEST}
    elsewhere = Principal(Person.HURRIED.value, "", UUID(int=7), frozenset({Role.MANAGER}), NOON)
    assert asker(elsewhere) is Asker.ANYBODY


def test_the_role_stands_in_the_code_and_not_in_the_token() -> None:
    assert opened(sealed(Person.WRITER, KEY, NOON), KEY, NOON).roles == {Role.OPERATOR}


def test_the_key_of_another_installation_opens_nothing() -> None:
    assert refusal(sealed(Person.WRITER, KEY, NOON), key=bytes(32)) == "smoke_token_signature"


@given(st.text(max_size=60))
def test_no_word_that_somebody_makes_up_is_a_token(word: str) -> None:
    assert refusal(word) == "smoke_token_signature"


@given(st.integers(-3600, 3600))
def test_a_token_holds_for_minutes(seconds: int) -> None:
    at, token = NOON + timedelta(seconds=seconds), sealed(Person.WRITER, KEY, NOON)
    if at >= NOON + LASTS + CLOCK_SKEW:
        assert refusal(token, at=at) == "smoke_token_expired"
    elif at < NOON - CLOCK_SKEW:
        assert refusal(token, at=at) == "smoke_token_too_long"
    else:
        assert opened(token, KEY, at).subject == "smoke-writer"


@pytest.mark.parametrize("payload", [None, [], {}, {"person": "adam", "expires": 1}, {"person": "smoke-writer"}])
def test_what_is_signed_but_says_nobody_is_refused(payload: object) -> None:
    assert refusal(sealed_anything(payload)) == "smoke_token_signature"


@pytest.mark.parametrize("expires", [None, "soon", True, float("inf")])
def test_a_token_that_does_not_say_when_it_ends_is_refused(expires: object) -> None:
    token = sealed_anything({"person": "smoke-writer", "expires": expires})
    assert refusal(token) in {"smoke_token_expired", "smoke_token_signature"}


def sealed_anything(payload: object) -> str:

    digest = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return str(URLSafeSerializer(KEY, salt="valeo smoke test", signer_kwargs=digest).dumps(payload))
