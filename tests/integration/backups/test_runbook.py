"""The commands of the runbook, run as they stand there."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.backups.conftest import KEY, NAME
from tests.support.databases import administrator

from valeo_erp.backups.making import Place, make
from valeo_erp.backups.restoring import drop
from valeo_erp.demo.postgres import LocalServer

RUNBOOK = Path(__file__).parents[3] / "docs/runbooks/DISASTER-RECOVERY.md"
RECOVERED = "valeo_recovered"


@pytest.fixture
async def recovered(place: Place) -> AsyncIterator[str]:
    """The database of the runbook, gone at the end."""
    yield RECOVERED
    for database in (RECOVERED, f"{RECOVERED}_replaced"):
        await drop(place, database)


def commands() -> list[str]:
    """The blocks that a person copies, in their order."""
    return re.findall(r"^```sh\n(.*?)^```$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(300)  # eight programs, one after the other: half a minute of processor time
async def test_the_runbook_brings_lost_invoices_back_and_the_way_back_leads_to_what_was_there(
    place: Place, invoice: str, recovered: str, server: LocalServer, tmp_path: Path
) -> None:
    await make(place, NAME)
    live = place.settings.database_name

    async def invoices(lose: str | None = None) -> list[str]:
        connection = await administrator(server, live)
        try:
            if lose is not None:
                await connection.execute(lose)
            found = await connection.fetch("select number from valeo.document where number is not null")
        finally:
            await connection.close()
        return [row["number"] for row in found]

    lost = "set session_replication_role = replica; update valeo.document set number = 'LOST' where number is not null"
    assert await invoices(lose=lost) == ["LOST"]
    environment = {
        **os.environ,
        **server.environment(live),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "STORE": f"file://{tmp_path / 'store'}",
        "NAME": NAME,
        "VALEO_BACKUP_INSTALLATION": "valeo/production",
        "VALEO_BACKUP_KEYS_DIR": str(place.backup.keys_dir),
        "VALEO_BACKUP_KEY_ID": KEY,
        "VALEO_BACKUP_WORK_DIR": str(place.backup.work_dir),
    }

    def run(block: str) -> None:
        strictly = ["bash", "-euo", "pipefail", "-c", block]
        done = subprocess.run(strictly, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    forward, back = commands()
    assert recovered in forward
    run(forward)
    assert await invoices() == [invoice]
    run(back)
    assert await invoices() == ["LOST"]
