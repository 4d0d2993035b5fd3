"""The example of the guide, as somebody runs it, and what it makes of a cut connection."""

import asyncio
import hashlib
import importlib.util
import os
import socket
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

from tests.support.databases import UNHINDERED
from tests.support.listening import replica

from valeo_erp.demo.postgres import LocalServer

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "export.py"
WHOLE = b"number;state\r\n" * 1000


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_of_exports", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def serving(sent: bytes) -> Iterator[str]:
    """A server that promises the whole file and sends this much of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(WHOLE)))
            self.send_header("Repr-Digest", f"sha-256=:{b64encode(hashlib.sha256(WHOLE).digest()).decode()}:")
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_cut_download_never_becomes_a_file(tmp_path: Path) -> None:
    for sent in (b"", WHOLE[:-1], WHOLE[:100], WHOLE[:-1] + b"x"):
        with serving(sent) as address:
            assert not example().download(address, tmp_path / "list.csv")
        assert list(tmp_path.iterdir()) == []


def test_a_whole_download_becomes_a_file(tmp_path: Path) -> None:
    with serving(WHOLE) as address:
        assert example().download(address, tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_bytes() == WHOLE


async def test_the_example_fetches_a_list(server: LocalServer, database: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = server.environment(database) | UNHINDERED | {"VALEO_PUBLIC_URL": address}
    async with replica(environment, port, tmp_path / "replica.log"):
        target = tmp_path / "list.csv"
        command = (sys.executable, str(EXAMPLE), address, "exports/jobs?format=csv&dialect=machine", str(target))
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "TOKEN": "max"})
        assert await asyncio.wait_for(process.wait(), 60) == 0
    assert target.read_text().startswith("number,state,document_date")
