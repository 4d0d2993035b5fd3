"""`valeo-erp look` tells how the inside of the database is, and leaves no trace in it."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.support.databases import settings_for
from tests.support.people import PEOPLE

from valeo_erp.demo.postgres import local_server
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations.migrate import head_revision, migrate
from valeo_erp.migrations.provision import connect, provision
from valeo_erp.operations.look import NUMBERED, look


@pytest.fixture
async def owner(administration: asyncpg.Connection) -> asyncpg.Connection:
    await administration.execute("set search_path = valeo")
    return administration


async def test_it_tells_the_schema_the_books_the_series_and_the_demo(settings: Settings) -> None:
    told = await look(settings)

    assert told["schema"] == {"revision": head_revision(), "head": head_revision()}
    assert told["counts"]["tenants"] == 2
    assert told["integrity"] == {"broken": [], "unproven_constraints": []}
    assert (told["indexes"]["invalid"], told["indexes"]["missing"]) == ([], [])
    assert told["indexes"]["all"] > 50
    assert told["series"] == {"kinds": len(NUMBERED), "missing": []}
    assert told["test_data"] == {"tenants": ["brandt", "hofmann"]}
    assert told["connections"]["places"] > told["connections"]["taken"] > 0


async def test_it_fits_into_a_termination_message_also_when_everything_is_wrong(
    settings: Settings, owner: asyncpg.Connection
) -> None:
    await owner.execute("alter table number_counter disable trigger all; delete from number_series")

    told = await look(settings)

    assert len(told["series"]["missing"]) == 6
    assert told["series"]["missing"][-1] == f"and {2 * len(NUMBERED) - 5} more"
    assert len(json.dumps(told)) < 3000


async def test_an_index_that_is_gone_or_broken_is_named(settings: Settings, owner: asyncpg.Connection) -> None:
    names = [
        row["indexname"]
        for row in await owner.fetch(
            "select indexname from pg_indexes where schemaname = 'valeo' and indexname like 'ix\\_%' order by 1 limit 2"
        )
    ]
    await owner.execute(f"drop index {names[0]}")
    await owner.execute("update pg_index set indisvalid = false where indexrelid = $1::regclass", names[1])

    told = (await look(settings))["indexes"]

    assert (told["missing"], told["invalid"]) == ([names[0]], [names[1]])


async def test_a_person_who_was_kept_out_counts_for_no_role(settings: Settings, owner: asyncpg.Connection) -> None:
    tenant = PEOPLE["olga"].tenant_id
    note = (
        "insert into app_user (tenant_id, subject, name, roles, first_seen_at, last_seen_at, deactivated_at)"
        " values ($1, $2, $2, $3, now(), now(), $4)"
    )
    gone = await owner.fetchval("select now()")
    await owner.execute(note, tenant, "olga", '["operator"]', None)
    await owner.execute(note, tenant, "adam", '["admin", "manager"]', gone)

    assert (await look(settings))["people"] == {"operator": 1, "manager": 0, "accountant": 0, "admin": 0}


async def test_a_server_that_keeps_no_account_of_statements_says_so(settings: Settings) -> None:
    assert (await look(settings))["statements"] == {"kept": False}


async def test_it_changes_nothing(settings: Settings, owner: asyncpg.Connection) -> None:
    counted = "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables"
    await owner.execute("select pg_stat_force_next_flush()")
    before = await owner.fetchval(counted)
    await look(settings)
    await owner.execute("select pg_stat_clear_snapshot()")
    assert await owner.fetchval(counted) == before


def test_the_command_writes_one_json_object(settings: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    from valeo_erp.cli import _look  # noqa: PLC0415

    class Options:
        result = tmp_path / "told"

    assert _look(settings, Options()) == 0  # type: ignore[arg-type]
    assert json.loads((tmp_path / "told").read_text())["schema"]["head"] == head_revision()


async def test_an_extension_that_the_server_was_not_started_with_counts_as_none(
    settings: Settings, owner: asyncpg.Connection
) -> None:
    await owner.execute("create extension pg_stat_statements schema public")

    told = (await look(settings))["statements"]

    assert told["kept"] is False
    assert "shared_preload_libraries" in told["why"]


async def test_where_statements_are_counted_the_slowest_of_the_application_is_told() -> None:
    with local_server(shared_preload_libraries="pg_stat_statements") as server:
        settings = settings_for(server, "valeo")
        await provision(settings)
        await migrate(settings)
        admin = await connect(settings, Credentials(settings.admin_credentials_dir), "valeo")
        await admin.execute("create extension pg_stat_statements schema public")
        await admin.close()
        erp = await connect(settings, settings.application_credentials, "valeo")
        await erp.execute("select pg_sleep(1.05)")
        await erp.close()

        told = (await look(settings))["statements"]

    assert (told["kept"], told["slow"]) == (True, 1)
    assert told["slowest_ms"] > 1000
