"""The images as they are built: what runs in them, as whom, and what is not in them."""
# ruff: noqa: S108 - these folders are inside the containers

import json
import subprocess
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Image:
    """One of our images.

    Attributes:
        needs, foreign: Python distributions that must and must not be there.
        limit: megabytes; a library that crept in shows up here.
    """

    name: str
    user: str
    limit: int
    needs: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


ERP_LIBRARIES = frozenset({"fastapi", "sqlalchemy", "asyncpg", "weasyprint", "alembic", "authlib"})
OPERATOR_LIBRARIES = frozenset({"kopf", "aiohttp"})
TOOLS = frozenset({"pytest", "mypy", "ruff", "hypothesis", "kubernetes", "uv", "pip"})

ERP = Image("valeo-erp:0.1.0", "10001:10001", 420, ERP_LIBRARIES, OPERATOR_LIBRARIES | TOOLS)
OPERATOR = Image("valeo-operator:0.1.0", "10001:10001", 200, OPERATOR_LIBRARIES, ERP_LIBRARIES | TOOLS)
POSTGRES = Image("valeo-postgres:17", "10002:10002", 300)
IMAGES = [ERP, OPERATOR, POSTGRES]
PYTHON_IMAGES = [ERP, OPERATOR]

DISTRIBUTIONS = (
    "import json, importlib.metadata as m; print(json.dumps([d.metadata['Name'].lower() for d in m.distributions()]))"
)


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


def inside(image: Image, program: str, *arguments: str) -> str:
    """What a program prints in the image as it runs in the cluster: read-only, without rights, without a network."""
    hardening = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    return docker("run", "--rm", "--network", "none", *hardening, "--entrypoint", program, image.name, *arguments)


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_an_image_runs_as_an_ordinary_user(image: Image) -> None:
    assert docker("image", "inspect", "-f", "{{.Config.User}}", image.name) == image.user
    assert inside(image, "id", "-u") == image.user.split(":")[0]


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_an_image_names_its_version_and_revision(image: Image) -> None:
    labels = json.loads(docker("image", "inspect", "-f", "{{json .Config.Labels}}", image.name))

    assert labels["org.opencontainers.image.version"] == "0.1.0"
    assert labels["org.opencontainers.image.revision"]


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_an_image_is_small(image: Image) -> None:
    assert int(docker("image", "inspect", "-f", "{{.Size}}", image.name)) / 1e6 < image.limit


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_the_authorities_of_the_builder_are_not_in_the_image(image: Image) -> None:
    assert inside(image, "sh", "-c", "find / -xdev -name bundle.crt -not -path '/proc/*' 2>/dev/null || true") == ""


@pytest.mark.parametrize("image", PYTHON_IMAGES, ids=lambda image: image.name)
def test_an_image_has_the_libraries_of_its_own_program_only(image: Image) -> None:
    there = frozenset(json.loads(inside(image, "/opt/valeo/bin/python", "-c", DISTRIBUTIONS)))

    assert image.needs <= there
    assert not image.foreign & there


@pytest.mark.parametrize(
    ("image", "other"), [(ERP, "valeo_operator"), (OPERATOR, "valeo_erp")], ids=["erp", "operator"]
)
def test_an_image_has_the_code_of_its_own_program_only(image: Image, other: str) -> None:
    finding = f"import importlib.util as u; print(u.find_spec('{other}'))"

    assert inside(image, "/opt/valeo/bin/python", "-c", finding) == "None"


@pytest.mark.parametrize(
    ("image", "program"), [(ERP, "valeo-erp"), (OPERATOR, "valeo-operator")], ids=["erp", "operator"]
)
def test_an_image_has_no_other_program_of_ours(image: Image, program: str) -> None:
    assert inside(image, "sh", "-c", "ls /opt/valeo/bin | grep valeo") == program


@pytest.mark.parametrize("image", PYTHON_IMAGES, ids=lambda image: image.name)
def test_a_program_starts_on_a_read_only_file_system(image: Image) -> None:
    assert "usage" in inside(image, image.name.split(":")[0], "--help").lower()


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_the_erp_brings_what_backups_need(program: str) -> None:
    told = inside(ERP, f"/usr/lib/postgresql/17/bin/{program}", "--version")

    assert told.startswith(f"{program} (PostgreSQL) 17.")


def test_the_erp_tells_what_it_is_without_a_database() -> None:
    told = json.loads(inside(ERP, "valeo-erp", "describe"))

    assert told["version"] == "0.1.0"
    assert {"head_revision", "oldest_revision", "smoke_tests"} <= set(told)
