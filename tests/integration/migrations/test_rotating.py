"""Changing the application's login at a real server: every step has its proof, and every step may be repeated."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.support.databases import administrator, settings_for

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.migrations import rotate
from valeo_erp.migrations.provision import connect

LOGIN = "valeo_app_rotated"


def secret(folder: Path, password: str, username: str = LOGIN) -> Path:
    """A mounted Secret."""
    folder.mkdir()
    for name, value in {"username": username, "password": password, "version": "2", "kind": "application"}.items():
        (folder / name).write_text(value)
    return folder


@pytest.fixture
async def admin(server: LocalServer) -> AsyncIterator[asyncpg.Connection]:
    """A superuser; the login of these tests is gone afterwards."""
    connection = await administrator(server)
    yield connection
    await connection.execute(f"drop role if exists {LOGIN}")
    await connection.close()


@pytest.fixture
def rotating(server: LocalServer, database: str, admin: asyncpg.Connection, tmp_path: Path) -> Settings:
    """What the errand's pod is given: the administrator, and the Secret of the new login."""
    folder = secret(tmp_path / "new", "a-new-password")
    return settings_for(server, database, VALEO_LOGIN_CREDENTIALS_DIRS=str(folder))


def new_login(settings: Settings) -> Credentials:
    return Credentials(Path(settings.login_credentials_dirs))


async def test_a_new_login_works_as_the_application_and_never_stands_in_a_statement(
    rotating: Settings, admin: asyncpg.Connection
) -> None:
    assert await rotate.admit(rotating) == {"login": LOGIN, "version": "2"}
    connection = await connect(rotating, new_login(rotating), rotating.database_name)
    assert await connection.fetchval("select count(*) from valeo.document where false") == 0
    await connection.close()
    stored = await admin.fetchval("select rolpassword from pg_authid where rolname = $1", LOGIN)
    assert stored.startswith("SCRAM-SHA-256$")


async def test_a_login_that_has_its_password_is_not_given_it_again(
    rotating: Settings, admin: asyncpg.Connection
) -> None:
    await rotate.admit(rotating)
    stored = "select rolpassword from pg_authid where rolname = $1"
    before = await admin.fetchval(stored, LOGIN)
    await rotate.admit(rotating)
    assert await admin.fetchval(stored, LOGIN) == before


async def test_a_login_that_somebody_uses_is_given_no_other_password(
    rotating: Settings, server: LocalServer, tmp_path: Path
) -> None:
    await rotate.admit(rotating)
    connection = await connect(rotating, new_login(rotating), rotating.database_name)
    folder = secret(tmp_path / "newer", "a-newer-password")
    another = settings_for(server, rotating.database_name, VALEO_LOGIN_CREDENTIALS_DIRS=str(folder))
    with pytest.raises(rotate.RotationRefusedError, match=f"1 sessions of {LOGIN} are open"):
        await rotate.admit(another)
    await connection.close()
    await (await connect(rotating, new_login(rotating), rotating.database_name)).close()


async def test_a_login_with_more_rights_than_the_application_is_refused(
    rotating: Settings, admin: asyncpg.Connection
) -> None:
    await admin.execute(f"create role {LOGIN} login in role valeo_owner")
    with pytest.raises(rotate.RotationRefusedError, match="it can become the owner"):
        await rotate.admit(rotating)


async def test_who_is_connected_is_seen_and_a_login_in_use_is_not_closed(rotating: Settings) -> None:
    await rotate.admit(rotating)
    connection = await connect(rotating, new_login(rotating), rotating.database_name)
    with pytest.raises(rotate.RotationRefusedError, match="1 sessions"):
        await rotate.unused(rotating, LOGIN)
    with pytest.raises(rotate.RotationRefusedError, match="a login that is in use is not closed"):
        await rotate.retire(rotating, LOGIN, at_once=False)
    assert await connection.fetchval("select 1") == 1
    await connection.close()


async def test_a_retired_login_is_closed_and_is_opened_by_its_next_turn(rotating: Settings) -> None:
    await rotate.admit(rotating)
    assert await rotate.unused(rotating, LOGIN) == {"login": LOGIN, "sessions": 0}
    for _ in range(2):  # repeated, it changes nothing
        assert await rotate.retire(rotating, LOGIN, at_once=False) == {"login": LOGIN, "sessions_ended": 0}
    with pytest.raises(asyncpg.PostgresError):
        await connect(rotating, new_login(rotating), rotating.database_name)
    await rotate.admit(rotating)
    await (await connect(rotating, new_login(rotating), rotating.database_name)).close()


async def test_in_an_emergency_the_sessions_of_the_retired_login_are_ended(rotating: Settings) -> None:
    await rotate.admit(rotating)
    connection = await connect(rotating, new_login(rotating), rotating.database_name)
    assert await rotate.retire(rotating, LOGIN, at_once=True) == {"login": LOGIN, "sessions_ended": 1}
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.fetchval("select 1")


async def test_the_command_tells_its_result_as_json_and_a_refusal_by_its_exit_status(
    rotating: Settings, server: LocalServer, tmp_path: Path
) -> None:
    result = tmp_path / "result"
    environment = os.environ | server.environment(rotating.database_name)
    environment |= {"VALEO_LOGIN_CREDENTIALS_DIRS": rotating.login_credentials_dirs}

    def run(*words: str) -> tuple[int, dict[str, object]]:
        command = [sys.executable, "-m", "valeo_erp", "rotate", *words, "--result", str(result)]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert b"a-new-password" not in done.stdout + done.stderr
        return done.returncode, json.loads(result.read_text())

    assert run("admit") == (0, {"login": LOGIN, "version": "2"})
    connection = await connect(rotating, new_login(rotating), rotating.database_name)
    status, told = run("unused", "--login", LOGIN)
    assert (status, "1 sessions" in str(told["error"])) == (1, True)
    await connection.close()
