"""The GDPR desk: a party's data is given out, erased with a certificate, and stays erased after a restore."""

import hashlib
import json
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from tests.integration.audit.test_trail import sealed
from tests.support.invoices import PARTY, moved, posted, written

from valeo_erp.gdpr.service import reapply, tombstones
from valeo_erp.kernel.settings import Settings

ADAM = {"Authorization": "Bearer adam"}
DESK = "/api/v1/gdpr/parties"


async def party(client: httpx.AsyncClient, name: str = "Gertrud Grün") -> dict[str, Any]:
    """A new party, edited once, so that the audit knows names."""
    seeded = (await client.get(f"/api/v1/parties/{PARTY}", headers=ADAM)).json()
    schema = (await client.get("/openapi.json")).json()["components"]["schemas"]["PartyBody"]["properties"]
    body = {field: value for field, value in seeded.items() if field in schema} | {"number": "19999", "name": name}
    made = await client.post("/api/v1/parties", json=body, headers=ADAM)
    assert made.status_code == 201, made.text
    edited = body | {"street": "Am Wiesengrund 7", "tax_number": "162/299/77001"}
    answer = await client.put(f"/api/v1/parties/{made.json()['id']}", json=edited, headers=ADAM | {"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def erased(client: httpx.AsyncClient, party_id: str) -> httpx.Response:
    return await client.post(f"{DESK}/{party_id}/erasure", json={"reason": "Art. 17 request"}, headers=ADAM)


async def everything(administration: asyncpg.Connection) -> str:
    """All rows of all tables that may name somebody, as one text."""
    tables = ("party", "document", "audit_entry", "outbox", "idempotency_result", "tombstone")
    rows = [await administration.fetch(f"select t::text from valeo.{table} t") for table in tables]  # noqa: S608
    return "\n".join(row["t"] for found in rows for row in found)


async def test_a_party_gets_everything_that_is_stored_of_it(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    bundle = (await client.get(f"{DESK}/{PARTY}/bundle", headers=ADAM)).json()
    assert bundle["party"]["id"] == str(PARTY)
    assert [document["number"] for document in bundle["documents"]] == [invoice["number"]]
    assert len(bundle["documents"][0]["lines"]) == 3
    assert (await client.get(f"{DESK}/{PARTY}/bundle", headers={"Authorization": "Bearer anna"})).status_code == 403


async def test_after_an_erasure_nothing_names_the_party_and_the_audit_still_verifies(
    app: FastAPI, client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    one = await party(client)
    draft = await written(client, party_id=one["id"], note="Frau Grün ruft an")
    await moved(client, draft, "cancel", "olga")
    await sealed(app)
    assert "Grün" in await everything(administration)
    seen = (await client.get(f"{DESK}/{one['id']}/erasure", headers=ADAM)).json()
    assert {row["category"]: row["outcome"] for row in seen["categories"]} == {
        "master_data": "erased",
        "cancelled_documents": "erased",
        "audit_of_master_data": "erased",
    }
    answer = await erased(client, one["id"])
    assert answer.status_code == 200, answer.text
    after = await everything(administration)
    assert "Grün" not in after
    assert "Wiesengrund" not in after
    assert "162/299/77001" not in after
    await sealed(app)
    verified = (await client.get("/api/v1/audit/verify", headers=ADAM)).json()
    assert (verified["verified"], verified["unsealed"]) == (True, 0)
    kept = (await client.get(f"{DESK}/{one['id']}/certificate", headers=ADAM)).json()
    assert kept == answer.json()
    canonical = json.dumps(kept["certificate"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(canonical).hexdigest() == kept["sha256"]
    assert [f["code"] for f in (await erased(client, one["id"])).json()["failures"]] == ["already_erased"]


async def test_what_was_posted_is_kept_until_its_day_and_open_items_stop_an_erasure(client: httpx.AsyncClient) -> None:
    await posted(client)
    seen = (await client.get(f"{DESK}/{PARTY}/erasure", headers=ADAM)).json()
    kept = {row["category"]: row for row in seen["categories"]}["posted_documents"]
    assert (kept["outcome"], kept["until"][4:]) == ("restricted", "-12-31")
    assert [failure["code"] for failure in (await erased(client, str(PARTY))).json()["failures"]] == ["open_items"]


async def test_a_legal_hold_stops_an_erasure_until_it_is_released(client: httpx.AsyncClient) -> None:
    one = await party(client)
    held = await client.post(f"{DESK}/{one['id']}/holds", json={"reason": "Tax audit"}, headers=ADAM)
    assert held.status_code == 201, held.text
    refused = await erased(client, one["id"])
    assert [failure["code"] for failure in refused.json()["failures"]] == ["legal_hold"]
    released = await client.post(f"/api/v1/gdpr/holds/{held.json()['id']}/release", headers=ADAM)
    assert released.json()["released_by"] == "adam"
    assert (await erased(client, one["id"])).status_code == 200


async def test_what_a_restored_backup_brings_back_is_erased_again(
    client: httpx.AsyncClient, settings: Settings, administration: asyncpg.Connection
) -> None:
    one = await party(client)
    await erased(client, one["id"])
    carried = await tombstones(settings)
    assert "Grün" not in json.dumps(carried, ensure_ascii=False)
    await administration.execute("set session_replication_role = replica; set search_path = valeo")
    await administration.execute("delete from tombstone")
    await administration.execute("update party set name = 'Gertrud Grün' where id = $1", one["id"])
    assert await reapply(settings, carried) == 1
    name = await administration.fetchval("select name from party where id = $1", one["id"])
    assert name == "gelöscht / erased"
    assert await reapply(settings) == 1


@pytest.mark.parametrize("change", ["update audit_entry set reason = null", "update tombstone set erased_by = 'x'"])
async def test_the_application_itself_can_change_nothing(
    settings: Settings, client: httpx.AsyncClient, change: str
) -> None:
    from valeo_erp.kernel.database import connector  # noqa: PLC0415 - of this test alone

    connection = await connector(settings, settings.application_credentials, "test")()
    await connection.execute("set valeo.erasing = 'on'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(change)
    await connection.close()
