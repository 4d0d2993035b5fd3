"""The provider as one installation sees it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.support.provider import ISSUER, FakeProvider, Time

from valeo_erp.identity.provider import IdentityProvider
from valeo_erp.kernel.settings import Settings


@pytest.fixture
def fake() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def provider_with(fake: FakeProvider, time: Time) -> Callable[..., IdentityProvider]:
    """Makes the provider as an installation with these settings sees it."""

    def make(**settings: Any) -> IdentityProvider:
        return IdentityProvider(
            Settings(oidc_issuer=ISSUER, **settings), time, transport=httpx.MockTransport(fake.answer)
        )

    return make


@pytest.fixture
def provider(provider_with: Callable[..., IdentityProvider]) -> IdentityProvider:
    return provider_with()
