"""The composition root: everything a process needs, made once, ended in reverse order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.identity.access import Authenticator
from valeo_erp.identity.oidc import OidcAuthenticator
from valeo_erp.identity.provider import IdentityProvider
from valeo_erp.kernel.clock import Clock, system_clock
from valeo_erp.kernel.database import create_engine
from valeo_erp.kernel.settings import Settings


@dataclass(frozen=True)
class Services:
    """What routes reach as `request.app.state.services`.

    Attributes:
        engine: for writes, one transaction each.
        read_engine: the same pool in autocommit, for reads of one statement.
        authenticator: what routes ask; `oidc`, unless a test knows its people itself.
        oidc: the provider's tokens and the page's sessions.
    """

    settings: Settings
    clock: Clock
    engine: AsyncEngine
    read_engine: AsyncEngine
    authenticator: Authenticator
    oidc: OidcAuthenticator


@asynccontextmanager
async def services(
    settings: Settings, authenticator: Authenticator | None = None, clock: Clock = system_clock
) -> AsyncIterator[Services]:
    """Everything that one process needs, until the block ends."""
    engine = create_engine(settings)
    oidc = OidcAuthenticator(settings, IdentityProvider(settings, clock))
    try:
        yield Services(
            settings=settings,
            clock=clock,
            engine=engine,
            read_engine=engine.execution_options(isolation_level="AUTOCOMMIT"),
            authenticator=authenticator or oidc,
            oidc=oidc,
        )
    finally:
        await engine.dispose()
