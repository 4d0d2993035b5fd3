"""Removes what nobody needs any more and no law keeps: remembered answers, and people who were not here for long."""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.idempotency.models import idempotency_result
from valeo_erp.kernel.answers import DATABASE_AWAY, database_problem
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.tenancy import EVERY, acting_for
from valeo_erp.tenants.models import tenant
from valeo_erp.users.models import app_user

EVERY_SECONDS = 3600.0
ANSWERS_KEPT = timedelta(days=30)
PEOPLE_KEPT = timedelta(days=2 * 365)

logger = logging.getLogger(__name__)


async def keep_retention(engine: AsyncEngine, clock: Clock) -> None:
    """Remove every hour, until cancelled. Several replicas may do so side by side."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            removed = await remove_once(engine, clock())
        except DATABASE_AWAY as error:
            logger.warning("Removing what is not kept waits", extra={"cause": database_problem(error).code})
        else:
            logger.info("What is not kept was removed", extra=removed)


async def remove_once(engine: AsyncEngine, now: datetime) -> dict[str, int]:
    """Remove now, and tell how many rows went. Who was deactivated stays known: waiting lets nobody in again."""
    with acting_for(EVERY):
        async with engine.connect() as connection:
            tenants = list(await connection.scalars(select(tenant.c.id)))
    answers = people = 0
    for tenant_id in tenants:
        with acting_for(tenant_id):
            async with engine.begin() as connection:
                old = delete(idempotency_result).where(idempotency_result.c.created_at < now - ANSWERS_KEPT)
                answers += (await connection.execute(old)).rowcount
                gone = delete(app_user).where(
                    app_user.c.last_seen_at < now - PEOPLE_KEPT, app_user.c.deactivated_at.is_(None)
                )
                people += (await connection.execute(gone)).rowcount
    return {"answers": answers, "people": people}
