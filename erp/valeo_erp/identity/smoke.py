"""Who the smoke tests are: persons of a tenant of their own, known by a key that opens nothing else. Pure.

The real identity provider is somebody else's and gives the operator no token. So the tests of a release sign their own,
with a key that only this installation has. Such a token is no JSON Web Token and no bearer: it has a scheme of its own,
so neither can be taken for the other. See docs/decisions/smoke-tests.md.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from valeo_erp.identity.claims import CLOCK_SKEW, instant
from valeo_erp.identity.scopes import Principal, Role
from valeo_erp.kernel.problems import Problem
from valeo_erp.ratelimits.allowance import Asker

SCHEME = "Smoke"
"""`Authorization: Smoke <token>`."""

TENANT = "smoke"
"""The slug of the tests' tenant. No token of an identity provider opens it, so that no customer can be it."""

TENANT_ID = UUID("01980000-0000-7000-8fff-000000000001")

LASTS = timedelta(minutes=5)
"""A smoke test is over in seconds. A token that would hold for longer is refused."""


class Person(StrEnum):
    """One for each role: what one submits, another approves. And one who asks too often, with limits of his own."""

    WRITER = "smoke-writer"
    APPROVER = "smoke-approver"
    BOOKKEEPER = "smoke-bookkeeper"
    ADMINISTRATOR = "smoke-administrator"
    HURRIED = "smoke-hurried"


ROLES = {
    Person.WRITER: Role.OPERATOR,
    Person.APPROVER: Role.MANAGER,
    Person.BOOKKEEPER: Role.ACCOUNTANT,
    Person.ADMINISTRATOR: Role.ADMIN,
    Person.HURRIED: Role.MANAGER,
}
"""What they may do stands here, never in a token."""


def sealed(person: Person, key: bytes, now: datetime) -> str:
    """A token for one person."""
    expires = int((now + LASTS).timestamp())
    return str(_serializer(key).dumps({"person": person.value, "expires": expires}))


def opened(token: str, key: bytes, now: datetime) -> Principal:
    """Whom a token speaks of.

    Raises:
        Problem: 401 if it was not made with this key, has expired, or would hold for longer than it may.
    """
    try:
        told: Any = _serializer(key).loads(token)
        person, expires = Person(told["person"]), instant(told["expires"])
    except (BadData, KeyError, TypeError, ValueError) as error:
        raise _refused("smoke_token_signature", "The token is not one of this installation's smoke tests.") from error
    if expires is None or expires + CLOCK_SKEW <= now:
        raise _refused("smoke_token_expired", "The token of the smoke test has expired.")
    if expires > now + LASTS + CLOCK_SKEW:
        raise _refused("smoke_token_too_long", f"A token of a smoke test may hold for {LASTS} at most.")
    return Principal(person.value, person.value, TENANT_ID, frozenset({ROLES[person]}), expires.astimezone(UTC))


def asker(principal: Principal) -> Asker:
    """Whose limits hold for somebody."""
    if principal.tenant_id != TENANT_ID:
        return Asker.ANYBODY
    return Asker.LIMIT_TEST if principal.subject == Person.HURRIED else Asker.SMOKE_TEST


def _refused(code: str, detail: str) -> Problem:
    headers = {"WWW-Authenticate": f'{SCHEME} realm="valeo-erp", error="{code}"'}
    return Problem(HTTPStatus.UNAUTHORIZED, code, detail, headers=headers)


def _serializer(key: bytes) -> URLSafeSerializer:
    digest = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(key, salt="valeo smoke test", signer_kwargs=digest)
