"""A PostgreSQL server of one's own with the archivist beside it, as the embedded database's pod has them."""

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from valeo_erp.demo.postgres import server_programs
from valeo_operator.api.point_in_time import PointInTime
from valeo_operator.recovery import desired
from valeo_operator.recovery.desired import server_arguments

PACKAGE = Path(__file__).parents[2] / "manifests/postgres/valeo_archivist"
PYTHON = "/usr/bin/python3"  # what the server's user can run, too
PASSWORD = secrets.token_hex(8)


@dataclass
class Archived:
    """A server in a folder. Everything runs as an ordinary user."""

    home: Path
    become: Sequence[str]
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.home / "data/pgdata"

    @property
    def repository(self) -> Path:
        return self.home / "archive"

    @property
    def log(self) -> Path:
        """What the archivist writes."""
        return self.home / "archivist.log"

    def environment(self) -> dict[str, str]:
        """As in the image, with the folders of this test; the rest as the operator sets it."""
        asked = {each["name"]: each["value"] for each in desired.environment(PointInTime())}
        sockets = str(self.home / "tmp")
        return {
            **os.environ,
            **asked,
            "PATH": f"{server_programs()}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "PGHOST": sockets,
            "PYTHONPATH": str(self.home / "code"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PGBACKREST_CONFIG": "/dev/null",
            "PGBACKREST_STANZA": "valeo",
            "PGBACKREST_PG1_PATH": str(self.data),
            "PGBACKREST_PG1_SOCKET_PATH": sockets,
            "PGBACKREST_LOCK_PATH": str(self.home / "tmp/pgbackrest"),
            "PGBACKREST_SPOOL_PATH": str(self.home / "tmp/pgbackrest-spool"),
            "PGBACKREST_LOG_LEVEL_FILE": "off",
            "PGBACKREST_LOG_LEVEL_CONSOLE": "off",
            "PGBACKREST_LOG_LEVEL_STDERR": "warn",
            "PGBACKREST_COMPRESS_TYPE": "zst",
            "PGBACKREST_START_FAST": "y",
            "PGBACKREST_REPO1_PATH": str(self.repository),
        }

    def run(self, *command: str, code: int = 0, seconds: float = 60) -> str:
        """What a command prints, as the server's user."""
        environment = {**self.environment(), "PGUSER": "postgres", "PGPASSWORD": PASSWORD}
        done = subprocess.run(
            [*self.become, *command],
            env=environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == code, f"{' '.join(command)}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *command: str, log: Path) -> subprocess.Popen[str]:
        """A program that goes on."""
        with log.open("a") as written:
            begun = subprocess.Popen(
                [*self.become, *command],
                env=self.environment(),
                cwd=self.home,
                stdout=written,
                stderr=written,
                text=True,
                start_new_session=True,
            )
        self.running.append(begun)
        return begun

    def query(self, statement: str) -> str:
        """What a statement gives."""
        return self.run("psql", "-XAtqw", "-d", "postgres", "-c", statement).strip()

    def told(self) -> dict[str, Any]:
        """The newest line of the archivist; empty before the first."""
        lines = [json.loads(each) for each in self.log.read_text().splitlines() if each.startswith("{")]
        told = [each for each in lines if each.get("archivist") == 1]
        return told[-1] if told else {}

    def until(self, met: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """The first line of the archivist that is as it should be."""
        ends = time.monotonic() + seconds
        while not met(told := self.told()):
            assert time.monotonic() < ends, f"not within {seconds:.0f} s: {self.log.read_text()[-3000:]}"
            time.sleep(0.2)
        return told

    def recover(self, *target: str, code: int = 0) -> dict[str, Any]:
        """What the recovery of a copy told."""
        copy = ("--data", str(self.home / "copy/pgdata"), "--sockets", str(self.home / "tmp2"))
        told: dict[str, Any] = json.loads(
            self.run(PYTHON, "-m", "valeo_archivist", "recover", *copy, *target, code=code).splitlines()[-1]
        )
        return told

    @contextmanager
    def copy(self) -> Iterator[Callable[[str], str]]:
        """The recovered copy is served; gives how to ask it."""
        copy = ("--data", str(self.home / "copy/pgdata"), "--sockets", str(self.home / "tmp2"))
        port = "5439"
        server = self.start(PYTHON, "-m", "valeo_archivist", "serve", *copy, "--port", port, log=self.home / "copy.log")
        ask = ("psql", "-XAtqw", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "postgres", "-c")
        try:
            wait_for(lambda: self.run("pg_isready", "-q", "-h", "127.0.0.1", "-p", port) == "")
            yield lambda statement: self.run(*ask, statement).strip()
        finally:
            ended(server)


def wait_for(tried: Callable[[], bool], seconds: float = 30) -> None:
    """Until it no longer fails."""
    ends = time.monotonic() + seconds
    while True:
        try:
            if tried():
                return
        except AssertionError:
            if time.monotonic() > ends:
                raise
        time.sleep(0.2)


def ended(program: subprocess.Popen[str]) -> None:
    """PostgreSQL's fast shutdown, and Python's interrupt."""
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
        program.wait(30)


def _as_whom(home: Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    for each in (home, *home.rglob("*")):
        os.chown(each, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@contextmanager
def archived(home: Path, *arguments: str) -> Iterator[Archived]:
    """A new server that archives, and its archivist. `arguments`: more words for `keep`."""
    for folder in ("data", "archive", "tmp", "tmp2", "copy", "login"):
        (home / folder).mkdir(parents=True)
    shutil.copytree(PACKAGE, home / "code/valeo_archivist", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "login/username").write_text("postgres")
    (home / "login/password").write_text(PASSWORD)
    place = Archived(home, _as_whom(home))
    initdb = ("initdb", "-D", str(place.data), "-U", "postgres", "-A", "scram-sha-256", "--data-checksums")
    place.run(*initdb, "--pwfile", str(home / "login/password"), "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    try:
        options = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={home / 'tmp'}", *server_arguments())
        place.start("postgres", "-D", str(place.data), *options, log=home / "postgres.log")
        wait_for(lambda: place.query("select 1") == "1")
        keep = (PYTHON, "-m", "valeo_archivist", "keep", "--login", str(home / "login"), *arguments)
        place.start(*keep, log=place.log)
        yield place
    finally:
        for each in reversed(place.running):
            ended(each)
