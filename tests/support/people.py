"""The people of the tests, and an authenticator that knows them by a plain bearer word."""

from http import HTTPStatus
from uuid import UUID

from fastapi import Request

from valeo_erp.identity.scopes import Principal, Role
from valeo_erp.kernel.problems import Problem

HOFMANN = UUID("01980000-0000-7000-8000-000000000001")
BRANDT = UUID("01980000-0000-7000-8000-000000000002")

PEOPLE = {
    "olga": Principal("olga", "Olga Operator", HOFMANN, frozenset({Role.OPERATOR})),
    "max": Principal("max", "Max Manager", HOFMANN, frozenset({Role.MANAGER})),
    "mia": Principal("mia", "Mia Manager", HOFMANN, frozenset({Role.MANAGER})),
    "anna": Principal("anna", "Anna Accountant", HOFMANN, frozenset({Role.ACCOUNTANT})),
    "adam": Principal("adam", "Adam Admin", HOFMANN, frozenset({Role.ADMIN})),
    "bruno": Principal("bruno", "Bruno Brandt", BRANDT, frozenset({Role.ADMIN})),
    "nobody": Principal("nobody", "No Role", HOFMANN, frozenset()),
}


class KnownPeople:
    """A fake at the `Authenticator` protocol: `Authorization: Bearer olga` is Olga."""

    async def authenticate(self, request: Request) -> Principal:
        word = request.headers.get("authorization", "").removeprefix("Bearer ")
        if word not in PEOPLE:
            raise Problem(HTTPStatus.UNAUTHORIZED, "unauthenticated", "Nobody goes by that word.")
        return PEOPLE[word]
