"""Brandings over HTTP, with a second administrator."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.support.admins import TwoAdmins
from tests.support.brands import BODY

from valeo_erp.app import create_app
from valeo_erp.kernel.settings import Settings

BRANDING = "/api/v1/branding"


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The running application, which knows two administrators more."""
    made = create_app(settings, TwoAdmins())
    async with made.router.lifespan_context(made):
        yield made


def by(person: str, seen: dict[str, Any] | None = None) -> dict[str, str]:
    """The headers of a person, who saw a version."""
    own = {"Authorization": f"Bearer {person}"}
    return own if seen is None else own | {"If-Match": f'"{seen["revision"]}"'}


async def drafted(client: httpx.AsyncClient, person: str = "adam", **look: Any) -> dict[str, Any]:
    """A new draft."""
    answer = await client.post(BRANDING, json={"look": BODY | look, "note": "Neue Bank"}, headers=by(person))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{made["revision"]}"'
    return made


async def steps(client: httpx.AsyncClient, version: dict[str, Any], step: str, person: str) -> dict[str, Any]:
    """The version after a step."""
    answer = await client.post(f"{BRANDING}/{version['version']}/{step}", headers=by(person, version))
    assert answer.status_code == 200, answer.text
    after: dict[str, Any] = answer.json()
    return after


async def in_force(client: httpx.AsyncClient, logo: bytes | None = None, **look: Any) -> dict[str, Any]:
    """A version that Adam wrote and Eve put in force."""
    version = await drafted(client, **look)
    if logo is not None:
        answer = await client.put(f"{BRANDING}/{version['version']}/logo", content=logo, headers=by("adam", version))
        assert answer.status_code == 200, answer.text
        version = answer.json()
    return await steps(client, await steps(client, version, "propose", "adam"), "activate", "eve")
