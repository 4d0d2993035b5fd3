"""Whose key a request brings. What was found is remembered for a moment: a revoked key ends within that."""

import json
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.apikeys.key import StoredKey, digest_of
from valeo_erp.identity.provider import unauthenticated
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.statements import Statement
from valeo_erp.kernel.tenancy import EVERY, acting_for

REMEMBERED_FOR = timedelta(seconds=10)
REMEMBERED_KEYS = 10_000

_FIND = Statement("""
select id, tenant_id, name, scopes::text as scopes, expires_at, revoked_at from api_key where digest = :digest
""")
_USED = Statement("""
update api_key set last_used_at = date_trunc('minute', :now::timestamptz)
where tenant_id = :tenant_id and id = :id
  and (last_used_at is null or last_used_at < date_trunc('minute', :now::timestamptz))
""")


class KeyRing:
    """The keys that one process has seen lately."""

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[StoredKey, datetime]] = {}

    async def principal(self, engine: AsyncEngine, secret: str, now: datetime) -> Principal:
        """The machine that holds a key.

        Raises:
            Problem: 401, the key is unknown, revoked or expired.
        """
        digest = digest_of(secret)
        key, until = self._seen.get(digest, (None, now))
        if key is None or until <= now:
            key = await self._look(engine, digest, now)
        if (refusal := key.refusal(now)) is not None:
            raise unauthenticated("api_key_over", refusal)
        return key.principal()

    async def _look(self, engine: AsyncEngine, digest: bytes, now: datetime) -> StoredKey:
        with acting_for(EVERY):
            async with engine.connect() as connection:
                row = await _FIND.row(connection, {"digest": digest})
        if row is None:
            raise unauthenticated("api_key_unknown", "There is no such API key.")
        known = set(Scope)
        scopes = frozenset(Scope(scope) for scope in json.loads(row["scopes"]) if scope in known)
        key = StoredKey(row["id"], row["tenant_id"], row["name"], scopes, row["expires_at"], row["revoked_at"])
        with acting_for(key.tenant_id):
            async with engine.connect() as connection:
                await _USED.rows(connection, {"tenant_id": key.tenant_id, "id": key.id, "now": now})
        if len(self._seen) >= REMEMBERED_KEYS:
            self._seen.clear()
        self._seen[digest] = (key, now + REMEMBERED_FOR)
        return key
