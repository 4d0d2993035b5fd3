"""Notes who is here, and knows who may not be. Looked up anew for each person every ten seconds in each process."""

from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.statements import Statement, json_text
from valeo_erp.kernel.tenancy import acting_for

REMEMBERED_FOR = timedelta(seconds=10)
NOTED_EVERY = timedelta(minutes=5)
REMEMBERED_PEOPLE = 10_000

_NOTE = Statement("""
with seen as (
  insert into app_user as u (tenant_id, subject, name, roles, first_seen_at, last_seen_at)
  select :tenant_id::uuid, :subject::text, :name::text, :roles::jsonb, :now::timestamptz, :now::timestamptz
  where not exists (
    select from app_user k where k.tenant_id = :tenant_id::uuid and k.subject = :subject::text
      and k.last_seen_at > :since::timestamptz and k.name = :name::text and k.roles = :roles::jsonb)
  on conflict (tenant_id, subject) do update
    set name = excluded.name, roles = excluded.roles, last_seen_at = excluded.last_seen_at
)
select deactivated_at from app_user where tenant_id = :tenant_id::uuid and subject = :subject::text
""")


class Mirror:
    """What one process knows of people."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bool, datetime]] = {}

    async def require_active(self, engine: AsyncEngine, principal: Principal, now: datetime) -> None:
        """Note that somebody is here.

        Raises:
            Problem: 403 for somebody who was deactivated here.
        """
        key = _key(principal)
        active, until = self._known.get(key, (True, now))
        if until <= now:
            active = await self._look(engine, principal, now)
        if not active:
            raise Problem(
                HTTPStatus.FORBIDDEN, "user_deactivated", "An administrator has deactivated you in this installation."
            )

    async def _look(self, engine: AsyncEngine, principal: Principal, now: datetime) -> bool:
        values = {
            "tenant_id": principal.tenant_id,
            "subject": principal.subject,
            "name": principal.name,
            "roles": json_text(sorted(principal.roles)),
            "now": now,
            "since": now - NOTED_EVERY,
        }
        with acting_for(principal.tenant_id):
            async with engine.connect() as connection:
                row = await _NOTE.row(connection, values)
        active = row is None or row["deactivated_at"] is None
        if len(self._known) >= REMEMBERED_PEOPLE:
            self._known.clear()
        self._known[_key(principal)] = (active, now + REMEMBERED_FOR)
        return active


def _key(principal: Principal) -> str:
    return f"{principal.tenant_id}/{principal.subject}"
