"""An ERP that people sign in to at a real provider."""

from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI
from tests.support.sign_in import Browser, browser, identity_provider, signed_in_settings

from valeo_erp.app import create_app
from valeo_erp.kernel.settings import Settings


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's public address."""
    with identity_provider(tmp_path_factory.mktemp("identity")) as address:
        yield address


@pytest.fixture
async def real_app(settings: Settings, issuer: str) -> AsyncIterator[FastAPI]:
    """The application as `valeo-erp serve` makes it."""
    made = create_app(signed_in_settings(settings, issuer))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def olga(real_app: FastAPI) -> AsyncIterator[Browser]:
    """Olga's browser, signed in."""
    async with browser(real_app) as made:
        await made.signs_in("olga")
        yield made
