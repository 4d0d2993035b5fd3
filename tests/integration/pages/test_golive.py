"""The page of the go-live gates: for those who run the installation, honest about what is not known."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.support.sign_in import Browser, browser, signed_in_settings

from valeo_erp.app import create_app
from valeo_erp.golive.board import FILE, FORM
from valeo_erp.kernel.settings import Settings


def gate(name: str, result: str, section: str = "Security", **more: Any) -> dict[str, Any]:
    return {
        "gate": name,
        "line": f"Line of {name}",
        "phase": "preDeployment",
        "section": section,
        "severity": "blocker",
        "result": result,
        "message": "<b>seen</b>",
        "nextStep": "Mend it.",
        "inTheWay": result != "Pass",
        **more,
    }


GATES = [gate("tls", "Pass"), gate("zap", "Fail"), gate("drill", "Unknown", "Backup")]


def write(folder: Path, **changed: Any) -> None:
    """As the operator does."""
    shown = {
        "form": FORM,
        "at": datetime.now(UTC).isoformat(),
        "environment": "production",
        "release": "production-1a2b",
        "digest": "",
        "ready": False,
        "emergency": False,
        "gates": GATES,
        **changed,
    }
    (folder / FILE).write_text(json.dumps(shown))


@pytest.fixture
async def shop(settings: Settings, issuer: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The ERP with a folder that the operator may write to."""
    made = create_app(signed_in_settings(settings, issuer, golive_dir=tmp_path))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def adam(shop: FastAPI) -> AsyncIterator[Browser]:
    async with browser(shop) as made:
        await made.signs_in("adam")
        yield made


async def test_without_a_word_of_the_operator_the_page_says_that_nothing_is_shown(adam: Browser) -> None:
    text = (await adam.page("/go-live")).text
    assert "Der Operator zeigt hier nichts" in text
    assert "Freigegeben" not in text


async def test_every_section_is_drawn_and_told_in_words(adam: Browser, tmp_path: Path) -> None:
    write(tmp_path)
    text = (await adam.page("/go-live")).text
    assert "Nicht freigegeben" in text
    assert "1 Erfüllt, 1 Nicht erfüllt" in text
    assert '<rect class="pass" x="0.0" y="0" width="120.0"' in text
    assert "1 Unbekannt" in text
    assert "Line of zap" in text
    assert "Line of tls" not in text  # it stands in nobody's way
    assert "&lt;b&gt;seen&lt;/b&gt;" in text


async def test_what_was_known_long_ago_is_unknown(adam: Browser, tmp_path: Path) -> None:
    write(tmp_path, ready=True, gates=GATES[:1], at=(datetime.now(UTC) - timedelta(hours=2)).isoformat())
    text = (await adam.page("/go-live")).text
    assert "Seit über 30 Minuten hat niemand nachgesehen." in text
    assert "Nicht freigegeben" in text
    assert "1 Erfüllt" not in text


async def test_a_file_that_can_not_be_read_is_told_and_breaks_nothing(adam: Browser, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"form": "of tomorrow"}')
    answer = await adam.page("/go-live")
    assert answer.status_code == 200
    assert "nicht lesbar" in answer.text


async def test_it_is_for_those_who_run_the_installation(shop: FastAPI, adam: Browser, tmp_path: Path) -> None:
    write(tmp_path)
    assert 'href="/go-live"' in (await adam.page("/invoices")).text
    async with browser(shop) as olga:
        await olga.signs_in("olga")
        assert 'href="/go-live"' not in (await olga.page("/invoices")).text
        assert (await olga.erp.get("/go-live")).status_code == 403


async def test_it_is_there_in_english(adam: Browser, tmp_path: Path) -> None:
    write(tmp_path, ready=True, emergency=True)
    await adam.erp.get("/language/en")
    text = (await adam.page("/go-live")).text
    assert '<h2 class="card-title" id="answer">Go</h2>' in text
    assert "Somebody took the responsibility for all open gates" in text
