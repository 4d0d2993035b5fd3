"""Backups that are proven, restores that are exact, drills that leave nothing, and damage that never counts."""

import asyncio
import json
import subprocess
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.integration.backups.conftest import KEY, NAME
from tests.support.databases import administrator

from valeo_erp.backups.catalogue import listing
from valeo_erp.backups.drilling import drill
from valeo_erp.backups.erasures import carry_erasures
from valeo_erp.backups.exporting import export
from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.fingerprints import fingerprint
from valeo_erp.backups.invariants import broken_invariants
from valeo_erp.backups.making import Place, make
from valeo_erp.backups.manifest import MANIFEST, Form, read
from valeo_erp.backups.programs import program
from valeo_erp.backups.restoring import UNDER_WAY, compared, drop, restore
from valeo_erp.backups.store import FolderStore
from valeo_erp.backups.swapping import drop_replaced, swap, swap_back
from valeo_erp.backups.verifying import verify
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.events.repository import read_horizon, read_newer
from valeo_erp.gdpr.service import tombstones

BESIDE = "valeo_restored_1"


@pytest.fixture
async def beside(place: Place) -> AsyncIterator[str]:
    """The name of a database that a test restores into, gone at the end."""
    yield BESIDE
    for database in (BESIDE, f"{BESIDE}_replaced"):
        await drop(place, database)


def largest(place: Place, store: Path) -> Path:
    """The largest file of the backup."""
    return max((store / NAME).iterdir(), key=lambda file: file.stat().st_size)


async def owner_of(server: LocalServer, database: str) -> asyncpg.Connection:
    """A connection as the owner of the tables."""
    connection = await administrator(server, database)
    await connection.execute("set role valeo_owner")
    return connection


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The folder of the store."""
    return tmp_path / "store"


async def test_a_backup_restores_exactly_with_whole_books_chains_and_series(
    place: Place, invoice: str, beside: str, server: LocalServer, said: list[dict[str, Any]]
) -> None:
    made = await make(place, NAME)
    assert made["verified"] is True
    assert (made["revision"], made["encrypted_with"]) == (made["revision"], KEY)
    assert made["rows"] > 100
    assert len(json.dumps(made)) < 4000
    restored = await restore(place, NAME, beside)
    assert (restored.differences, restored.invariants) == ([], [])
    connection = await administrator(server, beside)
    try:
        assert await connection.fetchval("select number from valeo.document where number is not null") == invoice
    finally:
        await connection.close()
    assert next(words["step"] for words in said if "step" in words) == "dumping"


async def test_a_restored_database_tells_new_events_also_in_a_cluster_with_younger_transactions(
    place: Place, invoice: str, beside: str, server: LocalServer, administration: asyncpg.Connection
) -> None:
    await administration.execute("update valeo.outbox set xid = '900000000000'")
    await administration.execute("update valeo.outbox_floor set xid = '900000000000'")
    await administration.execute(
        "insert into valeo.web_session values ('\\x01', '{}', now(), now() + interval '1 day')"
    )
    before = await administration.fetchval("select epoch from valeo.installation")
    await make(place, NAME)
    assert (await restore(place, NAME, beside)).differences == []
    connection = await administrator(server, beside)
    try:
        await connection.execute("set search_path = valeo")
        begun = await read_horizon(connection)
        assert begun.epoch != before
        await connection.execute(
            "insert into outbox (tenant_id, kind, object_kind, object_id, data)"
            " select id, 'party.created', 'party', id, '{}' from tenant limit 1"
        )
        batch = await read_newer(connection, begun.position)
        assert len(batch.frames) == 1
        assert batch.waiting_since is None
        floor = await connection.fetchval("select xid::text::bigint from outbox_floor")
        assert floor <= begun.position.xid
        assert await connection.fetchval("select count(*) from web_session") == 0
    finally:
        await connection.close()


async def test_nothing_readable_lies_in_an_encrypted_store(place: Place, store: Path) -> None:
    await make(place, NAME)
    for file in (store / NAME).iterdir():
        assert file.name == MANIFEST or file.read_bytes().startswith(b"VALEOBK1")
    content = (store / NAME / MANIFEST).read_text()
    assert KEY in content
    assert (place.backup.keys_dir / KEY).read_text() not in content  # type: ignore[operator]


async def test_the_fingerprint_is_that_of_the_snapshot_while_others_write(
    place: Place, invoice: str, client: httpx.AsyncClient, as_: Any, beside: str
) -> None:
    ends = asyncio.Event()

    async def write() -> int:
        written = 0
        while not ends.is_set():
            body = {"number": f"9{written:04d}", "name": "N", "street": "S", "postal_code": "10115", "city": "C"}
            answer = await client.post("/api/v1/parties", json=body, headers=as_("max"))
            assert answer.status_code == 201, answer.text
            written += 1
        return written

    writing = asyncio.create_task(write())
    await make(place, NAME)
    ends.set()
    assert await writing > 3
    assert (await restore(place, NAME, beside)).differences == []


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "swapped"])
async def test_a_damaged_backup_never_counts_and_is_told(
    place: Place, plain: Place, store: Path, damage: str, *, encrypted: bool
) -> None:
    used = place if encrypted else plain
    await make(used, NAME)
    victim = largest(used, store)
    content = bytearray(victim.read_bytes())
    match damage:
        case "flipped":
            content[len(content) // 2] ^= 1
            victim.write_bytes(content)
        case "cut":
            victim.write_bytes(content[:-1])
        case "gone":
            victim.unlink()
        case "swapped":
            victim.write_bytes(bytes(len(content)))
    with pytest.raises(BrokenBackupError, match=victim.name.replace(".", r"\.")):
        await verify(used.store, used.keys, NAME, used.backup.work_dir)
    with pytest.raises(BrokenBackupError):
        await restore(used, NAME, BESIDE)
    if damage in {"cut", "gone"}:  # sizes tell; for the others every byte must be read
        [listed] = listing(used.store)
        assert listed["good"] is False
        assert victim.name in listed["reason"]
    assert list(used.backup.work_dir.iterdir()) == []


async def test_a_backup_that_was_never_finished_never_counts(place: Place, store: Path) -> None:
    await make(place, NAME)
    (store / NAME / MANIFEST).unlink()
    [listed] = listing(place.store)
    assert (listed["good"], listed["reason"]) == (False, f"{NAME} has no manifest: it was never finished.")


async def test_a_second_attempt_takes_away_what_the_first_left(place: Place, store: Path) -> None:
    (store / NAME).mkdir(parents=True)
    (store / NAME / "left.dat.gz").write_bytes(b"half")
    await make(place, NAME)
    assert "left.dat.gz" not in {file.name for file in (store / NAME).iterdir()}


async def test_an_old_key_still_reads_and_a_missing_one_is_named(place: Place) -> None:
    await make(place, NAME)
    keys = place.backup.keys_dir
    assert keys is not None
    (keys / "key-2027").write_text("ab" * 32)
    rotated = replace(place, backup=place.backup.model_copy(update={"key_id": "key-2027"}))
    assert (await verify(rotated.store, rotated.keys, NAME, place.backup.work_dir)).encrypted_with == KEY
    (keys / KEY).unlink()
    with pytest.raises(BackupError, match="The key 'key-2026' is not mounted"):
        await verify(rotated.store, rotated.keys, NAME, place.backup.work_dir)


async def test_a_foreign_or_newer_backup_is_refused_before_anything_is_touched(
    place: Place, store: Path, server_admin: asyncpg.Connection
) -> None:
    await make(place, NAME)
    foreign = replace(place, backup=place.backup.model_copy(update={"installation": "valeo/other"}))
    with pytest.raises(BackupError, match=r"backup of valeo/production, this is valeo/other\. Nothing was touched"):
        await restore(foreign, NAME, BESIDE)
    manifest = store / NAME / MANIFEST
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"revision": "9999"}))
    with pytest.raises(BackupError, match="revision 9999, which this version does not know"):
        await restore(place, NAME, BESIDE)
    assert not await server_admin.fetchval("select 1 from pg_database where datname = $1", BESIDE)


async def test_a_database_that_is_there_is_never_overwritten_but_a_half_restored_one_is(
    place: Place, beside: str, server_admin: asyncpg.Connection
) -> None:
    await make(place, NAME)
    await server_admin.execute(f"create database {beside}")
    with pytest.raises(BackupError, match="is there already"):
        await restore(place, NAME, beside)
    await server_admin.execute(f"comment on database {beside} is '{UNDER_WAY}'")
    assert (await restore(place, NAME, beside)).differences == []


async def test_a_changed_row_is_found_by_the_comparison(place: Place, store: Path, beside: str) -> None:
    await make(place, NAME)
    manifest = store / NAME / MANIFEST
    told = json.loads(manifest.read_text())
    told["fingerprint"]["tables"]["party"]["sum"] = "1"
    told["fingerprint"]["tables"]["item"]["rows"] += 1
    manifest.write_text(json.dumps(told))
    found = (await restore(place, NAME, beside)).differences
    assert [words.split(":")[0] for words in found] == ["table item", "table party"]
    assert "not the same ones" in found[1]


async def test_a_digit_that_counts_for_nothing_is_compared_and_types_of_our_own_are_too(
    place: Place, server: LocalServer, beside: str
) -> None:
    live, restored = await owner_of(server, place.settings.database_name), None
    try:
        await live.execute("""create domain valeo.tonnes as numeric; create table valeo.probe (id int, value numeric);
            create table valeo.load (weight valeo.tonnes); insert into valeo.probe values (1, 24.5), (2, 24.50);
            insert into valeo.load values (24.5)""")
        await make(place, NAME)
        assert (await restore(place, NAME, beside)).differences == []
        restored = await owner_of(server, beside)
        await restored.execute("update valeo.probe set value = 24.50; update valeo.load set weight = 24.50")
        manifest = read(place.store.manifest(NAME), NAME)
        found = (await compared(place, manifest, beside)).differences
        assert {"table load: 1 rows, but not the same ones", "table probe: 2 rows, but not the same ones"} <= {*found}
    finally:
        await live.close()
        if restored is not None:
            await restored.close()


async def test_a_backup_from_before_rows_were_hashed_in_binary_is_still_compared_exactly(
    place: Place, store: Path, beside: str, server: LocalServer
) -> None:
    await make(place, NAME)
    owner = await owner_of(server, place.settings.database_name)
    async with owner.transaction():
        old = await fingerprint(owner, {}, Form.TEXT)
    await owner.close()
    manifest = store / NAME / MANIFEST
    told = json.loads(manifest.read_text())
    assert {name: mark["sum"] for name, mark in told["fingerprint"]["tables"].items() if mark["rows"]} != {
        name: mark.sum for name, mark in old.tables.items() if mark.rows
    }
    del told["fingerprint"]["form"]
    told["fingerprint"]["tables"] = {name: {"rows": m.rows, "sum": m.sum} for name, m in old.tables.items()}
    manifest.write_text(json.dumps(told))
    assert (await restore(place, NAME, beside)).differences == []


async def test_a_drill_is_exact_lets_the_application_answer_and_leaves_nothing(
    place: Place, invoice: str, server_admin: asyncpg.Connection
) -> None:
    await make(place, NAME)
    told = await drill(place, NAME)
    assert (told["exact"], told["differences"], told["invariants"]) == (True, [], [])
    assert told["seconds"] > 0
    left = await server_admin.fetch("select datname from pg_database where datname like '%drill%'")
    assert left == []
    assert list(place.backup.work_dir.iterdir()) == []


async def test_a_drill_takes_away_what_a_killed_one_left_and_nothing_else(
    place: Place, server: LocalServer, server_admin: asyncpg.Connection
) -> None:
    live = place.settings.database_name
    killed, under_way, kept = f"{live}_drill_20260101_000000", f"{live}_drill_20260101_000001", f"{live}_drill_mine"
    for database in (killed, under_way, kept):
        await server_admin.execute(f"create database {database}")
    other = await administrator(server, under_way)
    try:
        await make(place, NAME)
        await drill(place, NAME)
        found = await server_admin.fetch("select datname from pg_database where datname like '%drill%'")
        assert {row["datname"] for row in found} == {under_way, kept}
    finally:
        await other.close()
        for database in (under_way, kept):
            await drop(place, database)


async def test_a_drill_says_which_book_is_broken(
    place: Place, invoice: str, administration: asyncpg.Connection, server_admin: asyncpg.Connection
) -> None:
    await administration.execute("set session_replication_role = replica")
    await administration.execute("update valeo.journal_line set text = 'another' where position = 1")
    await make(place, NAME)
    told = await drill(place, NAME)
    assert told["exact"] is True
    assert "the journal is broken after 0 entries" in told["invariants"][0]


async def test_databases_are_swapped_and_swapped_back_however_often_it_is_asked(
    place: Place, invoice: str, beside: str, server: LocalServer, app: Any
) -> None:
    await make(place, NAME)
    await restore(place, NAME, beside)
    live = place.settings.database_name

    async def mark(database: str) -> None:
        connection = await administrator(server, database)
        await connection.execute(f"comment on schema valeo is 'from {database}'")
        await connection.close()

    async def origin() -> str:
        connection = await administrator(server, live)
        try:
            return str(await connection.fetchval("select obj_description('valeo'::regnamespace)"))
        finally:
            await connection.close()

    await mark(live)
    await mark(beside)
    for _ in range(2):
        assert await swap(place, beside) == {"live": live, "kept": f"{beside}_replaced", "swapped": True, "erased": 0}
    assert await origin() == f"from {beside}"
    for _ in range(2):
        assert (await swap_back(place, beside))["swapped"] is False
    assert await origin() == f"from {live}"
    await swap(place, beside)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://erp.test") as client:
        for _ in range(50):
            if (await client.get("/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.1)
        answer = await client.get("/api/v1/invoices", headers={"Authorization": "Bearer olga"})
    assert [row["number"] for row in answer.json()["items"]] == [invoice]
    await swap_back(place, beside)


@pytest.fixture
async def gertrud(client: httpx.AsyncClient, as_: Any) -> str:
    """The id of a party that a backup holds."""
    body = {"number": "70001", "name": "Gertrud", "street": "S", "postal_code": "10115", "city": "C"}
    made = await client.post("/api/v1/parties", json=body, headers=as_("max"))
    assert made.status_code == 201, made.text
    party_id: str = made.json()["id"]
    return party_id


async def erase(client: httpx.AsyncClient, as_: Any, party_id: str) -> None:
    body = {"reason": "asked for it"}
    done = await client.post(f"/api/v1/gdpr/parties/{party_id}/erasure", json=body, headers=as_("adam"))
    assert done.status_code == 200, done.text


async def names(server: LocalServer, database: str) -> set[str]:
    connection = await administrator(server, database)
    try:
        return {row["name"] for row in await connection.fetch("select name from valeo.party")}
    finally:
        await connection.close()


@pytest.mark.parametrize("carried_before", [True, False])
async def test_who_was_erased_after_the_backup_stays_erased_after_the_restore_in_place(
    place: Place,
    client: httpx.AsyncClient,
    as_: Any,
    gertrud: str,
    beside: str,
    server: LocalServer,
    *,
    carried_before: bool,
) -> None:
    await make(place, NAME)
    await erase(client, as_, gertrud)
    await restore(place, NAME, beside)
    assert "Gertrud" in await names(server, beside)
    if carried_before:
        assert [await carry_erasures(place, beside) for _ in range(2)] == [1, 0]
    assert (await swap(place, beside))["erased"] == (0 if carried_before else 1)
    assert "Gertrud" not in await names(server, place.settings.database_name)
    assert len(await tombstones(place.settings)) == 1
    assert await broken_invariants(place.settings, place.owner) == []
    await swap_back(place, beside)


async def test_an_erasure_during_the_swap_is_not_committed_behind_its_back(
    place: Place, gertrud: str, beside: str, server: LocalServer
) -> None:
    await make(place, NAME)
    await restore(place, NAME, beside)
    late = await administrator(server, place.settings.database_name)
    change = late.transaction()
    await change.start()
    await late.execute("update valeo.party set name = 'half erased' where id = $1", gertrud)
    await swap(place, beside)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await change.commit()
    await swap_back(place, beside)
    assert "half erased" not in await names(server, place.settings.database_name)


async def test_an_interrupted_swap_that_left_the_fence_up_is_made_again(
    place: Place, beside: str, server_admin: asyncpg.Connection
) -> None:
    await make(place, NAME)
    await restore(place, NAME, beside)
    for database in (place.settings.database_name, beside):
        await server_admin.execute(f"alter database {database} with allow_connections false")
    assert (await swap(place, beside))["swapped"] is True
    await swap_back(place, beside)


async def test_erasures_are_not_carried_into_another_schema_and_nothing_is_swapped(
    place: Place, beside: str, server: LocalServer, server_admin: asyncpg.Connection
) -> None:
    await make(place, NAME)
    await restore(place, NAME, beside)
    connection = await administrator(server, beside)
    await connection.execute("update valeo.alembic_version set version_num = '0001'")
    await connection.close()
    with pytest.raises(BackupError, match=f"valeo-erp migrate with VALEO_DATABASE_NAME={beside}"):
        await swap(place, beside)
    assert await server_admin.fetchval("select 1 from pg_database where datname = $1", beside)
    assert (await swap(place, beside, erasures=False))["swapped"] is True
    await swap_back(place, beside)


async def test_the_replaced_database_is_dropped_only_while_the_swap_stands(
    place: Place, beside: str, server_admin: asyncpg.Connection
) -> None:
    async def databases() -> set[str]:
        return {row["datname"] for row in await server_admin.fetch("select datname from pg_database")}

    await make(place, NAME)
    await restore(place, NAME, beside)
    kept = f"{beside}_replaced"
    assert (await drop_replaced(place, beside))["dropped"] is False
    await swap(place, beside)
    await server_admin.execute(f"create database {beside}")
    with pytest.raises(BackupError, match="Nothing was touched"):
        await drop_replaced(place, beside)
    await drop(place, beside)
    assert kept in await databases()
    assert (await drop_replaced(place, beside))["dropped"] is True
    assert (await drop_replaced(place, beside))["dropped"] is False
    assert kept not in await databases()
    assert place.settings.database_name in await databases()


async def test_nothing_is_swapped_with_a_database_that_is_not_there_or_not_complete(
    place: Place, beside: str, server_admin: asyncpg.Connection
) -> None:
    with pytest.raises(BackupError, match="Nothing was touched"):
        await swap(place, beside)
    await server_admin.execute(f"create database {beside}")
    await server_admin.execute(f"comment on database {beside} is '{UNDER_WAY}'")
    with pytest.raises(BackupError, match="complete"):
        await swap(place, beside)


async def test_one_file_for_people_is_restored_by_stock_pg_restore(
    place: Place, tmp_path: Path, server: LocalServer, server_admin: asyncpg.Connection
) -> None:
    await make(place, NAME)
    told = await export(place, NAME, tmp_path)
    file = tmp_path / "valeo_erp_backup_20260102_030405.tar"
    assert told["file"] == str(file)
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert "pg_restore" in (tmp_path / "out" / file.stem / "README.txt").read_text()
    await server_admin.execute("create database exported_copy")
    try:
        password = (server.secrets / "postgres" / "password").read_text()
        command = [program("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error"]
        address = ["--host=127.0.0.1", f"--port={server.port}", "--username=postgres", "--dbname=exported_copy"]
        await asyncio.to_thread(
            subprocess.run,
            [*command, *address, str(tmp_path / "out" / file.stem / "dump")],
            env={"PGPASSWORD": password},
            check=True,
        )
        copy = await administrator(server, "exported_copy")
        assert await copy.fetchval("select count(*) from valeo.party") > 0
        await copy.close()
    finally:
        await server_admin.execute("drop database exported_copy with (force)")
    with pytest.raises(BackupError, match="is there already"):
        await export(place, NAME, tmp_path)


async def test_a_store_that_takes_nothing_is_told_in_words(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    full = replace(place, store=FolderStore(tmp_path / "file" / "store"))
    with pytest.raises(BackupError, match="The store does not take"):
        await make(full, NAME)


async def test_deleting_takes_the_manifest_first_and_a_second_time_is_no_error(place: Place, store: Path) -> None:
    await make(place, NAME)
    content = (store / NAME / MANIFEST).read_bytes()
    assert read(content, NAME).name == NAME
    place.store.delete(NAME)
    place.store.delete(NAME)
    assert listing(place.store) == []
