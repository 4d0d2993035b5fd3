"""The channel on which listeners are woken, and what the loss of its connection looks like."""

from collections.abc import Awaitable, Callable

import asyncpg

from valeo_erp.kernel.settings import CredentialsMissingError

CHANNEL = "valeo_outbox"

Connect = Callable[[], Awaitable[asyncpg.Connection]]
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, CredentialsMissingError)
"""What opening or using the connection raises when the database is away."""
