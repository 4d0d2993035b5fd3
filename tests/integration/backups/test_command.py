"""`valeo-erp backup …` as the operator's Jobs run it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integration.backups.conftest import KEY, NAME

from valeo_erp.backups.making import Place
from valeo_erp.demo.postgres import LocalServer


class Command:
    """Runs one command and reads its result as the operator does."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder

    def __call__(self, *words: str) -> tuple[int, dict[str, Any], str]:
        result = self._folder / "result"
        result.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "valeo_erp", "backup", *words, "--result", str(result)],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.is_file(), done.stderr
        return done.returncode, json.loads(result.read_text()), done.stdout


@pytest.fixture
def command(server: LocalServer, place: Place, tmp_path: Path) -> Command:
    """With the environment of a Job."""
    own = {
        "VALEO_BACKUP_INSTALLATION": "valeo/production",
        "VALEO_BACKUP_KEYS_DIR": str(place.backup.keys_dir),
        "VALEO_BACKUP_KEY_ID": KEY,
        "VALEO_BACKUP_WORK_DIR": str(place.backup.work_dir),
    }
    return Command({**os.environ, **server.environment(place.settings.database_name), **own}, tmp_path)


def test_a_job_makes_lists_and_deletes_and_tells_it_in_json(command: Command, tmp_path: Path) -> None:
    store = ("--store", f"file://{tmp_path / 'store'}")
    status, made, said = command("make", *store, "--name", NAME)
    assert (status, made["name"], made["verified"]) == (0, NAME, True)
    assert [json.loads(line)["step"] for line in said.splitlines() if "step" in line][:1] == ["dumping"]
    status, listed, said = command("list", *store)
    assert (status, listed["backups"][0]["fingerprint"]) == (0, made["fingerprint"])
    assert json.loads(said.splitlines()[-1]) == listed
    assert command("verify", *store, "--name", NAME)[1]["verified"] is True
    assert command("delete", *store, "--name", NAME)[1] == {"name": NAME, "deleted": True}
    assert command("list", *store)[1] == {"backups": []}


def test_a_job_that_can_not_tells_what_was_seen_and_what_to_do(command: Command, tmp_path: Path) -> None:
    status, told, _ = command("make", "--store", "ftp://store", "--name", NAME)
    assert (status, told["error"]) == (1, "store_unknown")
    status, told, _ = command("verify", "--store", f"file://{tmp_path / 'store'}", "--name", NAME)
    assert (status, told["error"]) == (1, "broken")
    assert told["message"] == f"{NAME} has no manifest: it was never finished."


def test_no_key_and_no_password_stands_in_what_a_job_says(command: Command, place: Place, tmp_path: Path) -> None:
    _, made, said = command("make", "--store", f"file://{tmp_path / 'store'}", "--name", NAME)
    keys = place.backup.keys_dir
    assert keys is not None
    for secret in ((keys / KEY).read_text(), place.owner.password):
        assert secret not in said + json.dumps(made)
