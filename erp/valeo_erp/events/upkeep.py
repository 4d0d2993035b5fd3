"""Clears the outbox of events that nobody can ask for any more, and tickets that nobody used."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.events.repository import RETENTION_HOURS, clear
from valeo_erp.events.tickets import clear_tickets
from valeo_erp.kernel.answers import DATABASE_AWAY, database_problem
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.tenancy import EVERY, acting_for

EVERY_SECONDS = 600.0

logger = logging.getLogger(__name__)


async def keep_outbox_short(engine: AsyncEngine, clock: Clock) -> None:
    """Clear every ten minutes, until cancelled. Several replicas may do so side by side."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            cleared = await clear_once(engine, clock)
        except DATABASE_AWAY as error:
            logger.warning("Clearing the outbox waits", extra={"cause": database_problem(error).code})
        else:
            logger.info("Old events were cleared", extra={"events": cleared})


async def clear_once(engine: AsyncEngine, clock: Clock) -> int:
    """Clear now, and tell how many events are gone."""
    at = clock()
    with acting_for(EVERY):
        async with engine.begin() as connection:
            await clear_tickets(connection, at)
            return await clear(connection, at - timedelta(hours=RETENTION_HOURS))
