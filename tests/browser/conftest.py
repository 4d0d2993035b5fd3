"""A whole installation on free ports, and people in front of Debian's Chromium."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.support.sign_in import free_port

from valeo_erp.demo.local import Ports, installation
from valeo_erp.demo.postgres import local_server

CHROMIUM = Path("/usr/bin/chromium")
SETTLED_MILLISECONDS = 10_000

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def ports() -> Ports:
    """Free ones."""
    return Ports(free_port(), free_port())


@pytest.fixture(scope="session")
def shown_gates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the operator writes how the go-live gates stand."""
    return tmp_path_factory.mktemp("golive")


@pytest.fixture(scope="session")
def erp(ports: Ports, tmp_path_factory: pytest.TempPathFactory, shown_gates: Path) -> Iterator[str]:
    """The address of a seeded installation with its own identity provider and database."""
    logs = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VALEO_GOLIVE_DIR", str(shown_gates))
        with local_server(fsync="off") as server, installation(server, ports, logs, print):
            yield ports.erp_url
    faults = [line for line in (logs / "erp.log").read_text().splitlines() if '"level": "ERROR"' in line]
    assert not faults, faults


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium; its own sandbox needs rights that a container does not give."""
    return {
        "executable_path": str(CHROMIUM),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=de-DE"],
    }


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of those who signed in before, so that each person walks through the provider once in a run."""
    return {}


@pytest.fixture
def visit(browser: Browser, erp: str, sessions: dict[str, Any]) -> Iterator[Visit]:
    """Opens a browser of its own for a person, who signs in at the provider; a fault in its console fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_for(person: str, path: str = "/invoices", language: str = "de-DE") -> Page:
        context = browser.new_context(base_url=erp, locale=language, storage_state=sessions.get(person))
        context.set_default_timeout(SETTLED_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(path)
        if person not in sessions:
            page.get_by_role("button", name=person, exact=True).click()
            page.wait_for_url(erp + path)
            sessions[person] = context.storage_state()
        return page

    expect.set_options(timeout=SETTLED_MILLISECONDS)
    yield open_for
    for context in contexts:
        context.close()
    assert not faults, faults


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A missing browser is a failure with its remedy, never a skip."""
    if any("tests/browser" in item.nodeid for item in items) and not CHROMIUM.exists():
        sys.stderr.write("Chromium is missing: manifests/machine/install browser\n")
        raise pytest.UsageError("Chromium is missing")
