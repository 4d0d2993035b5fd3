"""A development identity provider in its own process, and browsers that sign in at it."""

import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from valeo_erp.demo.local import running, wait_until_answers
from valeo_erp.kernel.settings import Settings

ERP = "http://erp.test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def identity_provider(folder: Path) -> Iterator[str]:
    """Its issuer, while it runs."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    arguments = ("identity", "--host", "127.0.0.1", "--port", str(port), "--public-url", issuer)
    log = folder / "identity.log"
    with running(dict(os.environ), log, *arguments) as process:
        wait_until_answers(f"{issuer}/.well-known/openid-configuration", process, log)
        yield issuer


def signed_in_settings(settings: Settings, issuer: str, **more: object) -> Settings:
    """The settings of an installation that trusts the provider."""
    wanted = {"oidc_issuer": issuer, "public_url": ERP, "development_provider": True} | more
    return settings.model_copy(update=wanted)


@dataclass
class Browser:
    """Keeps cookies, follows the provider's form, and sends what a browser sends along."""

    erp: httpx.AsyncClient

    async def to_the_provider(self, path: str = "/invoices") -> str:
        """Ask for a page without being signed in; the provider's address that it leads to."""
        to_login = await self.erp.get(path, headers={"Accept": "text/html"})
        assert to_login.status_code == 303, to_login.text
        return (await self.erp.get(to_login.headers["location"])).headers["location"]

    async def chooses(self, provider: str, person: str) -> str:
        """Choose a person at the provider; the address that it sends the browser back to."""
        async with httpx.AsyncClient() as http:
            back = await http.post(provider, data={"sub": person})
        return back.headers["location"]

    async def signs_in(self, person: str, path: str = "/invoices") -> httpx.Response:
        """The whole way; the answer that starts the session."""
        return await self.erp.get(await self.chooses(await self.to_the_provider(path), person))

    async def page(self, path: str) -> httpx.Response:
        return await self.erp.get(path, headers={"Accept": "text/html"})

    async def sends(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form as htmx does."""
        sent = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.erp.post(path, data=form, headers=sent | more)


@asynccontextmanager
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ERP) as erp:
        yield Browser(erp)
