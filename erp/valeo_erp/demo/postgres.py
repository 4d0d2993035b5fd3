"""A private PostgreSQL server in a folder: made with `initdb`, reached over loopback, stopped with its caller."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOGINS = {"valeo_migrator": "migrator", "valeo_app_a": "application", "valeo_app_b": "application"}


class ServerMissingError(RuntimeError):
    """No PostgreSQL server program was found."""


@dataclass(frozen=True)
class LocalServer:
    """A running server and the folder with its credentials.

    Attributes:
        port: on 127.0.0.1.
        secrets: one folder for each login, laid out like the mounted Secrets of an installation.
    """

    port: int
    secrets: Path

    def environment(self, database: str) -> dict[str, str]:
        """The `VALEO_*` variables with which the ERP's commands use this server."""
        return {
            "VALEO_DATABASE_HOST": "127.0.0.1",
            "VALEO_DATABASE_PORT": str(self.port),
            "VALEO_DATABASE_NAME": database,
            "VALEO_DATABASE_SSLMODE": "disable",
            "VALEO_DATABASE_CREDENTIALS_DIR": str(self.secrets / "valeo_app_a"),
            "VALEO_ADMIN_CREDENTIALS_DIR": str(self.secrets / "postgres"),
            "VALEO_OWNER_CREDENTIALS_DIR": str(self.secrets / "valeo_migrator"),
            "VALEO_LOGIN_CREDENTIALS_DIRS": ":".join(str(self.secrets / login) for login in LOGINS),
            "VALEO_KEYS_DIR": str(self.secrets / "keys"),
            "VALEO_SMOKE_DIR": str(self.secrets / "smoke"),
        }


def server_programs() -> Path:
    """The folder with `initdb` and `postgres`, the newest version first.

    Raises:
        ServerMissingError: no server is installed; the message says how to get one.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: -float(found.parts[-3]))
    on_path = shutil.which("initdb")
    if debian:
        return debian[0].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise ServerMissingError("No PostgreSQL server found. On Debian: apt-get install postgresql")


@contextmanager
def local_server(folder: Path | None = None, port: int = 0, **settings: str) -> Iterator[LocalServer]:
    """Run a server until the block ends.

    Args:
        folder: where its data and credentials are kept; a temporary folder, removed at the end, if None.
        port: on 127.0.0.1; a free one if 0.
        settings: further lines of `postgresql.conf`.
    """
    temporary = folder is None
    home = Path(tempfile.mkdtemp(prefix="valeo-postgres-")) if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    programs = server_programs()
    secrets_folder = _write_secrets(home / "secrets")
    data = home / "data"
    become = _unprivileged(home)
    if not (data / "PG_VERSION").exists():
        password = home / "secrets" / "postgres" / "password"
        subprocess.run(  # noqa: S603 - fixed programs
            [
                *become,
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "scram-sha-256",
                "--pwfile",
                password,
                "-E",
                "UTF8",
                "--locale",
                "C.UTF-8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
        )
    chosen = port or _free_port()
    lines = {"listen_addresses": "127.0.0.1", "port": str(chosen), "unix_socket_directories": "", **settings}
    options = [argument for name, value in lines.items() for argument in ("-c", f"{name}={value}")]
    log = (home / "postgres.log").open("ab")
    server = subprocess.Popen(  # noqa: S603
        [*become, programs / "postgres", "-D", data, *options], stdout=log, stderr=log, start_new_session=True
    )  # its own session: a Ctrl-C of the terminal must not stop the server before its clients
    try:
        _wait_until_ready(programs, chosen, server, home / "postgres.log")
        yield LocalServer(chosen, secrets_folder)
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, nothing is lost
        server.wait(30)
        log.close()
        if temporary:
            shutil.rmtree(home)


def _wait_until_ready(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        ready = subprocess.run(  # noqa: S603
            [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
        )
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            break
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"PostgreSQL did not start; its log is {log}:\n{log.read_text(errors='replace')[-2000:]}")


def _write_secrets(folder: Path) -> Path:
    """Passwords are made once and kept, so that the folder can be used again."""
    for login, kind in {"postgres": "administrator", **LOGINS}.items():
        secret = folder / login
        secret.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (secret / "password").exists():
            values = {"username": login, "password": secrets.token_hex(24), "version": "1", "kind": kind}
            for name, value in values.items():
                (secret / name).write_text(value)
    for name, key in (("keys", "session"), ("keys", "verification"), ("smoke", "key")):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
        if not (folder / name / key).exists():
            (folder / name / key).write_text(secrets.token_hex(32))
    return folder


def _unprivileged(home: Path) -> list[str]:
    """PostgreSQL refuses to run as root: become the package's own user, who then owns the folder."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    for path in [home, *home.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
