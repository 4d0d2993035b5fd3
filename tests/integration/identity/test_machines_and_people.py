"""API keys from their giving to their end, and people who may not come in again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.support.sign_in import ERP, Browser, browser, signed_in_settings

from valeo_erp.app import create_app
from valeo_erp.kernel.clock import system_clock
from valeo_erp.kernel.settings import Settings

SAME = {"Sec-Fetch-Site": "same-origin"}


class Time:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> Any:
        return system_clock() + self.ahead


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def erp(settings: Settings, issuer: str, time: Time) -> AsyncIterator[FastAPI]:
    """The application as `valeo-erp serve` makes it, with a clock of the test."""
    made = create_app(signed_in_settings(settings, issuer), None, time)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def adam(erp: FastAPI) -> AsyncIterator[Browser]:
    """The administrator, signed in."""
    async with browser(erp) as made:
        await made.signs_in("adam")
        yield made


async def given(adam: Browser, *scopes: str) -> dict[str, Any]:
    expires_at = (system_clock() + timedelta(days=30)).isoformat()
    body = {"name": "Waage Nord", "scopes": scopes or ["sales:read"], "expires_at": expires_at}
    answer = await adam.erp.post("/api/v1/api-keys", json=body, headers=SAME)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def asks(erp: FastAPI, secret: str, path: str = "/api/v1/invoices") -> httpx.Response:
    """What a machine with this secret is answered."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(erp), base_url=ERP) as machine:
        return await machine.get(path, headers={"Authorization": f"Bearer {secret}"})


async def test_a_key_does_what_it_was_given_for_and_nothing_else(erp: FastAPI, adam: Browser) -> None:
    key = await given(adam, "sales:read")
    assert (await asks(erp, key["secret"])).status_code == 200
    refused = await asks(erp, key["secret"], "/api/v1/parties")
    assert (refused.status_code, refused.json()["scope"]) == (403, "master:read")
    told = (await asks(erp, key["secret"], "/api/v1/me")).json()
    assert (told["subject"], told["name"], told["roles"]) == (f"key:{key['id']}", "Waage Nord", [])
    assert (await asks(erp, "valeo_somethingelse")).json()["code"] == "api_key_unknown"


async def test_only_a_hash_of_the_secret_is_stored_and_lists_show_the_last_use(
    erp: FastAPI, adam: Browser, administration: asyncpg.Connection
) -> None:
    key = await given(adam)
    await asks(erp, key["secret"])
    row = await administration.fetchrow("select k::text as whole, last_used_at from valeo.api_key k")
    assert key["secret"] not in row["whole"]
    assert row["last_used_at"] is not None
    (listed,) = (await adam.erp.get("/api/v1/api-keys")).json()["items"]
    assert "secret" not in listed
    assert listed["last_used_at"] is not None
    trail = await administration.fetch("select after::text from valeo.audit_entry where object_kind = 'api_key'")
    assert [key["secret"] in entry["after"] for entry in trail] == [False]


async def test_a_rotated_key_holds_until_the_overlap_ends(erp: FastAPI, adam: Browser, time: Time) -> None:
    old = await given(adam)
    body = {"expires_at": (system_clock() + timedelta(days=90)).isoformat(), "overlap_hours": 2}
    new = (await adam.erp.post(f"/api/v1/api-keys/{old['id']}/rotate", json=body, headers=SAME)).json()
    assert (new["name"], new["scopes"], new["replaces_id"]) == (old["name"], old["scopes"], old["id"])
    both = [(await asks(erp, key["secret"])).status_code for key in (old, new)]
    time.ahead = timedelta(hours=2, seconds=1)
    after = [(await asks(erp, key["secret"])).status_code for key in (old, new)]
    assert (both, after) == ([200, 200], [401, 200])


async def test_a_revoked_key_ends_within_ten_seconds(erp: FastAPI, adam: Browser, time: Time) -> None:
    key = await given(adam)
    assert (await asks(erp, key["secret"])).status_code == 200
    assert (await adam.erp.post(f"/api/v1/api-keys/{key['id']}/revoke", headers=SAME)).status_code == 200
    time.ahead = timedelta(seconds=10)
    assert (await asks(erp, key["secret"])).status_code == 401


async def test_keys_are_given_by_admins_only_and_not_for_what_a_person_must_do(adam: Browser, olga: Browser) -> None:
    body = {"name": "x", "scopes": ["gdpr:erase"], "expires_at": (system_clock() + timedelta(days=1)).isoformat()}
    refused = await adam.erp.post("/api/v1/api-keys", json=body, headers=SAME)
    assert (refused.status_code, refused.json()["failures"][0]["code"]) == (422, "scope_personal")
    assert (await olga.erp.get("/api/v1/api-keys")).status_code == 403


async def test_who_is_deactivated_here_does_not_come_in_whatever_the_provider_says(
    erp: FastAPI, adam: Browser, time: Time
) -> None:
    async with browser(erp) as max_:
        await max_.signs_in("max")
        assert (await max_.erp.get("/api/v1/invoices")).status_code == 200
        seen = {user["subject"]: user for user in (await adam.erp.get("/api/v1/users")).json()["items"]}
        assert (seen["max"]["name"], seen["max"]["roles"]) == ("Max Manager", ["manager"])
        answer = await adam.erp.post("/api/v1/users/max/deactivate", headers=SAME)
        assert answer.json()["deactivated_by"] == "adam"
        time.ahead = timedelta(seconds=10)
        refused = await max_.erp.get("/api/v1/invoices")
        assert (refused.status_code, refused.json()["code"]) == (403, "user_deactivated")
        await adam.erp.post("/api/v1/users/max/reactivate", headers=SAME)
        time.ahead = timedelta(seconds=20)
        assert (await max_.erp.get("/api/v1/invoices")).status_code == 200
    assert (await adam.erp.post("/api/v1/users/adam/deactivate", headers=SAME)).json()["code"] == "own_user"
    assert (await adam.erp.post("/api/v1/users/unknown/deactivate", headers=SAME)).status_code == 404
    trail = (await adam.erp.get("/api/v1/audit?object_kind=user")).json()["items"]
    assert [(entry["action"], entry["outcome"]) for entry in trail if entry["outcome"] == "done"] == [
        ("reactivate", "done"),
        ("deactivate", "done"),
    ]
