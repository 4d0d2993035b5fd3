"""Schemathesis, over the whole OpenAPI, on a real process with a real database: no 5xx, nothing undocumented."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from tests.support.databases import UNHINDERED, cloned_database
from tests.support.listening import replica

from valeo_erp.demo.postgres import LocalServer

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.timeout(400)
async def test_whatever_the_openapi_allows_or_forbids_is_answered_as_it_documents(
    server: LocalServer, template: str, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    patient = {"VALEO_REQUEST_TIMEOUT_SECONDS": "100"}  # the first print loads the renderer, and machines differ
    async with (
        cloned_database(server, template, "valeo_schemathesis") as database,
        replica(server.environment(database) | UNHINDERED | patient, port, tmp_path / "replica.log") as erp,
    ):
        told = await _run(f"{erp.url}/openapi.json", tmp_path)
    log = _text(tmp_path / "replica.log")
    assert told.endswith("exit 0"), told
    assert '"level": "ERROR"' not in log, log
    assert '"status": 500' not in log, log


async def _run(address: str, folder: Path) -> str:
    """What Schemathesis told, with its exit status."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", address]
    process = await asyncio.create_subprocess_exec(
        *command,
        "--header",
        "Authorization: Bearer adam",
        "--no-color",
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return f"{told.decode(errors='replace')}\nexit {process.returncode}"


def _text(log: Path) -> str:
    return log.read_text(errors="replace")
