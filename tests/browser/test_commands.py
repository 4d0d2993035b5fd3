"""What the command line does with a running installation."""

import subprocess

import httpx
import pytest

from valeo_erp.demo.local import Ports, command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, check=False)


def test_the_token_command_gives_what_the_api_takes(erp: str, ports: Ports) -> None:
    token = run("token", "--person", "anna", "--issuer", ports.identity_url).stdout.strip()
    answer = httpx.get(f"{erp}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["name"] == "Anna Accountant"


@pytest.mark.usefixtures("erp")
def test_the_token_command_says_why_there_is_none(ports: Ports) -> None:
    done = run("token", "--person", "anna", "--issuer", f"{ports.identity_url}/nowhere")
    assert done.returncode == 1
    assert "answered 404" in done.stderr


@pytest.mark.usefixtures("erp")
def test_a_port_in_use_is_told_before_anything_starts(ports: Ports) -> None:
    done = run("demo", "--port", str(ports.erp), "--identity-port", "1")
    assert done.returncode == 1
    assert f"Port {ports.erp} on 127.0.0.1 is in use" in done.stderr
