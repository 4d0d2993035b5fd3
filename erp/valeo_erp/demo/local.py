"""`valeo-erp demo`: the ERP alone on one machine, on a PostgreSQL of its own. Ctrl-C ends everything."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from valeo_erp.demo.postgres import LocalServer, local_server

DATABASE = "valeo"
START_SECONDS = 60
END_SECONDS = 35


class DemoError(RuntimeError):
    """The demo cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Ports:
    """Where the demo listens on 127.0.0.1."""

    erp: int
    identity: int

    @property
    def erp_url(self) -> str:
        """Where users reach the ERP."""
        return f"http://127.0.0.1:{self.erp}"

    @property
    def identity_url(self) -> str:
        """Where users reach the development identity provider: the issuer."""
        return f"http://127.0.0.1:{self.identity}"


def state_folder() -> Path:
    """Where the demo keeps its database between runs. The server's own user must be able to reach it."""
    if os.geteuid() == 0:
        return Path("/var/lib/valeo-erp/demo")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "valeo-erp" / "demo"


def environment(server: LocalServer, ports: Ports) -> dict[str, str]:
    """The variables of every command of the demo."""
    return {
        **os.environ,
        **server.environment(DATABASE),
        "VALEO_RELEASE_ID": "demo-local",
        "VALEO_PUBLIC_URL": ports.erp_url,
        "VALEO_OIDC_ISSUER": ports.identity_url,
        "VALEO_DEVELOPMENT_PROVIDER": "true",
    }


def command(*arguments: str) -> list[str]:
    """A command of this very program, run by this very Python."""
    return [sys.executable, "-m", "valeo_erp", *arguments]


def prepare(variables: dict[str, str], tell: Callable[[str], None]) -> None:
    """Provision, migrate, seed: each a process of its own, as in an installation.

    Raises:
        DemoError: a step failed; the message carries what it said.
    """
    for words, step in (
        ("Roles, database and grants", "provision"),
        ("Schema", "migrate"),
        ("Traders, parties, items, tax codes, series", "seed"),
    ):
        tell(words)
        done = subprocess.run(command(step), env=variables, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise DemoError(f"valeo-erp {step} failed:\n{done.stderr[-2000:]}")


@contextmanager
def running(variables: dict[str, str], log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs until the block ends. Its own session: a Ctrl-C of the terminal reaches only the demo."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            command(*arguments), env=variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a 200.

    Raises:
        DemoError: it ended, or did not answer in time; the message carries the end of its log.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.1)
    raise DemoError(f"{url} does not answer. The end of {log}:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def installation(server: LocalServer, ports: Ports, logs: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """A whole ERP with its identity provider on a running server, until the block ends."""
    variables = environment(server, ports)
    prepare(variables, tell)
    with ExitStack() as stack:
        tell(f"Development identity provider on {ports.identity_url}")
        identity_log, erp_log = logs / "identity.log", logs / "erp.log"
        identity = stack.enter_context(
            running(
                variables,
                identity_log,
                *("identity", "--host", "127.0.0.1", "--port", str(ports.identity), "--public-url", ports.identity_url),
            )
        )
        tell(f"ERP on {ports.erp_url}")
        erp = stack.enter_context(running(variables, erp_log, "serve", "--host", "127.0.0.1", "--port", str(ports.erp)))
        wait_until_answers(f"{ports.identity_url}/.well-known/openid-configuration", identity, identity_log)
        wait_until_answers(f"{ports.erp_url}/readyz", erp, erp_log)
        yield


def run(ports: Ports) -> int:
    """Run the demo until Ctrl-C or SIGTERM.

    Raises:
        DemoError: it cannot run.
    """
    started = time.monotonic()

    def tell(words: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - started:4.0f}s] {words}\n")
        sys.stdout.flush()

    for port in (ports.erp, ports.identity):
        _must_be_free(port)
    folder = state_folder()
    signal.signal(signal.SIGTERM, _end)
    try:
        tell(f"PostgreSQL with its data in {folder}")
        with local_server(folder) as server, installation(server, ports, folder, tell):
            sys.stdout.write(_welcome(ports))
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        tell("Stopped. The data stay; run the demo again to go on.")
    return 0


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} on 127.0.0.1 is in use. Stop what listens there, or choose another: --port, "
            raise DemoError(message + "--identity-port.") from error


def _end(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _welcome(ports: Ports) -> str:
    return f"""
ValeoERP runs: {ports.erp_url}

Sign in with the development identity provider (no passwords): choose
  olga (operator), max or mia (manager), anna (accountant), adam or eve (admin); bruno is another trader's admin.

Three things to try:
  TOKEN=$(valeo-erp token --person olga --issuer {ports.identity_url})
  curl -H "Authorization: Bearer $TOKEN" {ports.erp_url}/api/v1/invoices
  curl -N -H "Authorization: Bearer $TOKEN" {ports.erp_url}/api/v1/events     # then work on the page

Compared with `make demo` this lacks Kubernetes: no operator, no second replica, no releases by colours, no rollback,
no network policies. The ERP, its database roles and its sign-in are the same.

Ctrl-C stops everything.
"""
