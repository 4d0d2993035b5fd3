"""A second administrator, for whatever needs four eyes."""

from fastapi import Request
from tests.support.people import HOFMANN, KnownPeople

from valeo_erp.identity.scopes import Principal, Role

EVE = Principal("eve", "Eve Admin", HOFMANN, frozenset({Role.ADMIN}))
UMA = Principal("uma", "Uma Admin", HOFMANN, frozenset({Role.ADMIN}))
_MORE = {f"Bearer {each.subject}": each for each in (EVE, UMA)}


class TwoAdmins(KnownPeople):
    """The people of the tests, and two more who may do everything."""

    async def authenticate(self, request: Request) -> Principal:
        """The caller by a plain bearer word."""
        return _MORE.get(request.headers.get("authorization", "")) or await super().authenticate(request)
