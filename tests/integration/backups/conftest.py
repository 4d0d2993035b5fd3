"""A store in a folder, a key, and the commands on the test's own database."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.databases import administrator

from valeo_erp.backups.making import Place
from valeo_erp.backups.settings import BackupSettings
from valeo_erp.backups.store import FolderStore
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.settings import Settings

NAME = "20260102-030405"
KEY = "key-2026"


@pytest.fixture
def said() -> list[dict[str, Any]]:
    """What a command told on its way."""
    return []


@pytest.fixture
def place(settings: Settings, said: list[dict[str, Any]], tmp_path: Path) -> Place:
    """Encrypted backups in a folder."""
    keys, work = tmp_path / "keys", tmp_path / "work"
    keys.mkdir()
    work.mkdir()
    (keys / KEY).write_text(secrets.token_hex(32))
    backup = BackupSettings(installation="valeo/production", keys_dir=keys, key_id=KEY, work_dir=work)
    return Place(settings=settings, backup=backup, store=FolderStore(tmp_path / "store"), say=said.append)


@pytest.fixture
def plain(place: Place) -> Place:
    """The same without encryption."""
    return replace(place, backup=place.backup.model_copy(update={"key_id": None}))


@pytest.fixture
async def server_admin(server: LocalServer) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the server."""
    connection = await administrator(server)
    yield connection
    await connection.close()


@pytest.fixture
async def invoice(client: httpx.AsyncClient, as_: Any) -> str:
    """The number of a posted invoice, so that books, chains and series hold something."""
    parties = (await client.get("/api/v1/parties", headers=as_("olga"))).json()["items"]
    items = (await client.get("/api/v1/items", headers=as_("olga"))).json()["items"]
    line = {"item_id": items[0]["id"], "quantity": "2", "unit": items[0]["unit"], "unit_price": "10.00"}
    body = {"party_id": parties[0]["id"], "lines": [line]}
    made = await client.post("/api/v1/invoices", json=body, headers=as_("olga"))
    assert made.status_code == 201, made.text
    for action, person in (("submit", "olga"), ("approve", "max"), ("post", "anna")):
        made = await client.post(
            f"/api/v1/invoices/{made.json()['id']}/actions/{action}",
            json={},
            headers=as_(person) | {"If-Match": made.headers["etag"]},
        )
        assert made.status_code == 200, made.text
    number: str = made.json()["number"]
    return number
