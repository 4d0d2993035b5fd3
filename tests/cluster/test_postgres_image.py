"""The image of the embedded PostgreSQL, as the cluster runs it: an ordinary user, a read-only root."""
# ruff: noqa: S108 - these folders are inside the containers

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

IMAGE = "valeo-postgres:17"
PASSWORD = "a quoted ' and \" word"


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done


@dataclass(frozen=True)
class Server:
    """A container of the image and the volume of its data."""

    name: str
    secret: Path

    def start(self) -> None:
        docker(
            *("run", "--detach", "--name", self.name, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),
            *("--security-opt", "no-new-privileges", "--volume", f"{self.name}:/var/lib/postgresql/data"),
            *("--volume", f"{self.secret}:/etc/valeo/admin:ro", IMAGE),
        )
        for _ in range(150):
            # Over the network: during initdb nobody listens there.
            if docker("exec", self.name, "pg_isready", "-q", "-h", "127.0.0.1", check=False).returncode == 0:
                return
            time.sleep(0.2)
        raise AssertionError(docker("logs", self.name).stderr)

    def stop(self) -> float:
        begun = time.monotonic()
        docker("stop", self.name)
        return time.monotonic() - begun

    def remove(self) -> None:
        docker("rm", "--force", self.name)

    def query(
        self, statement: str, password: str = PASSWORD, host: str = "127.0.0.1"
    ) -> subprocess.CompletedProcess[str]:
        words = ["psql", "-h", host, "-U", "postgres", "-w", "-Atc", statement]
        return docker("exec", "--env", f"PGPASSWORD={password}", self.name, *words, check=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    tmp_path.chmod(0o755)
    secret = tmp_path / "admin"
    secret.mkdir(mode=0o755)
    (secret / "username").write_text("postgres")
    (secret / "password").write_text(PASSWORD)
    made = Server(f"valeo-test-{uuid4().hex[:8]}", secret)
    docker("volume", "create", made.name)
    yield made
    made.remove()
    docker("volume", "rm", made.name)


def test_a_restarted_server_has_kept_its_data(server: Server) -> None:
    server.start()
    server.query("create table kept as select 7 as number")
    server.stop()
    server.remove()

    server.start()

    assert server.query("select number from kept").stdout.strip() == "7"


def test_stopping_cuts_sessions_and_leaves_a_clean_shutdown(server: Server) -> None:
    server.start()
    busy = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "select pg_sleep(60)"]
    docker("exec", "--detach", "--env", f"PGPASSWORD={PASSWORD}", server.name, *busy)

    assert server.stop() < 5
    assert "database system is shut down" in docker("logs", server.name).stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "/tmp"])
def test_nobody_comes_in_without_the_password(server: Server, host: str) -> None:
    server.start()

    assert server.query("select 1", password="wrong", host=host).returncode != 0
    assert server.query("select 1", host=host).stdout.strip() == "1"


def test_pages_have_checksums_and_order_does_not_hang_on_the_c_library(server: Server) -> None:
    server.start()

    asked = "select current_setting('data_checksums'), datlocprovider, datlocale from pg_database"
    assert server.query(f"{asked} where datname = 'postgres'").stdout.strip() == "on|b|C.UTF-8"


def test_a_cut_initialisation_is_begun_anew(server: Server) -> None:
    half = "mkdir /data/pgdata.new && echo 17 > /data/pgdata.new/PG_VERSION && chmod 700 /data/pgdata.new"
    volume = ["--volume", f"{server.name}:/data"]
    docker(
        "run",
        "--rm",
        "--user",
        "0",
        *volume,
        "--entrypoint",
        "sh",
        IMAGE,
        "-c",
        f"{half} && chown -R 10002:10002 /data",
    )

    server.start()

    assert server.query("select 1").stdout.strip() == "1"


def test_an_empty_volume_without_a_secret_is_refused_with_its_reason() -> None:
    refused = docker("run", "--rm", "--read-only", "--tmpfs", "/tmp", IMAGE, check=False)

    assert refused.returncode == 1
    assert "/etc/valeo/admin/username is missing" in refused.stderr
