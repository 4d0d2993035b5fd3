"""`/handbook`: the documents that this release carries, for people and for whoever checks that they are complete."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from valeo_erp import __version__
from valeo_erp.handbook.pages import Page, pages_in
from valeo_erp.kernel.problems import Problem


class Document(BaseModel):
    """One document: its path below `/handbook/`, its first heading, and the digest of its text."""

    path: str
    title: str
    sha256: str


class Handbook(BaseModel):
    """Every document of this version."""

    version: str
    documents: list[Document]


def handbook(folder: Path) -> APIRouter:
    """The routes over the documents in a folder, which are read now."""
    pages = pages_in(folder)
    index = Handbook(
        version=__version__,
        documents=[Document(path=path, title=page.title, sha256=page.sha256) for path, page in pages.items()],
    )
    router = APIRouter(include_in_schema=False)

    @router.get("/handbook")
    async def contents() -> Handbook:
        """Which documents there are."""
        return index

    @router.get("/handbook/{path:path}")
    async def document(path: str) -> PlainTextResponse:
        """One of them, in Markdown."""
        return PlainTextResponse(_page(pages, path).text, media_type="text/markdown")

    return router


def _page(pages: Mapping[str, Page], path: str) -> Page:
    found = pages.get(path)
    if found is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "document_missing",
            f"This release carries no document {path!r}; /handbook lists those that it has.",
        )
    return found
