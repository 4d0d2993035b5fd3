"""The documents of a release are in it, and nothing else of the disk is."""

from pathlib import Path

import httpx
import pytest

from valeo_erp import __version__
from valeo_erp.app import create_app
from valeo_erp.handbook.pages import pages_in
from valeo_erp.kernel.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"


async def ask(settings: Settings, folder: Path, path: str) -> httpx.Response:
    """What an application over this folder answers."""
    app = create_app(settings.model_copy(update={"handbook_dir": folder}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://erp.test") as client:
            return await client.get(path)


async def test_the_handbook_lists_the_documents_of_this_version(settings: Settings) -> None:
    told = (await ask(settings, DOCS, "/handbook")).json()

    paths = {each["path"]: each for each in told["documents"]}
    assert told["version"] == __version__
    assert paths["guides/PRINT.md"]["sha256"] == pages_in(DOCS)["guides/PRINT.md"].sha256
    assert paths["guides/PRINT.md"]["title"]


async def test_a_document_is_given_as_it_is(settings: Settings) -> None:
    answer = await ask(settings, DOCS, "/handbook/guides/PRINT.md")

    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text == (DOCS / "guides/PRINT.md").read_text()


@pytest.mark.parametrize(
    "path", ["guides/NOTHING.md", "../pyproject.toml", "..%2fpyproject.toml", "%2fetc%2fpasswd", ""]
)
async def test_nothing_else_is_given(settings: Settings, path: str) -> None:
    assert (await ask(settings, DOCS, f"/handbook/{path}")).status_code in {404, 307}


async def test_an_installation_without_documents_has_an_empty_handbook(settings: Settings, tmp_path: Path) -> None:
    assert (await ask(settings, tmp_path / "nowhere", "/handbook")).json()["documents"] == []
