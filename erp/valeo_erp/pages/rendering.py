"""From values to HTML: one environment of templates, and what every page knows of its reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from valeo_erp import __version__
from valeo_erp.composition import services_of
from valeo_erp.documents.kinds import KINDS
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.clock import BERLIN
from valeo_erp.pages.languages import language_of
from valeo_erp.pages.words import did, problem_words, word
from valeo_erp.printing import formats
from valeo_erp.printing.formats import Language

STATIC = Path(__file__).parent / "static"

_templates = Environment(
    loader=PackageLoader("valeo_erp.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


@dataclass(frozen=True)
class Reader:
    """Who looks at a page.

    Attributes:
        principal: None before signing in.
        path: where this page is, to come back to it.
        development: whether anybody may sign in as anybody here.
    """

    language: Language
    principal: Principal | None
    path: str
    development: bool

    def may(self, scope: str) -> bool:
        """Whether this person has a scope."""
        return self.principal is not None and Scope(scope) in self.principal.scopes


def reader_of(request: Request, principal: Principal | None) -> Reader:
    """Who looks, from what the browser sent."""
    query = f"?{request.url.query}" if request.url.query else ""
    at_sign_in = request.url.path.startswith("/auth/")  # nothing to come back to, and its query is a secret
    return Reader(
        language=language_of(request.cookies, request.headers.get("accept-language", "")),
        principal=principal,
        path="/" if at_sign_in else request.url.path + query,
        development=services_of(request.app).settings.development_provider,
    )


def asset(name: str) -> str:
    """The address of a file under `static`. The address changes with the content, so browsers may keep it for ever."""
    return f"/static/{name}?v={_digest(name)}"


_digests: dict[str, str] = {}


def _digest(name: str) -> str:
    if name not in _digests:
        _digests[name] = sha256((STATIC / name).read_bytes()).hexdigest()[:16]
    return _digests[name]


def render(template: str, reader: Reader, values: Mapping[str, Any]) -> str:
    """The text of a page or of a part of one."""
    language = reader.language
    return _templates.get_template(template).render(
        reader=reader,
        language=language,
        version=__version__,
        asset=asset,
        t=partial(word, language=language),
        problem_words=partial(problem_words, language=language),
        money=partial(formats.money, language=language),
        amount=partial(formats.amount, language=language),
        number=partial(formats.number, language=language),
        per_cent=partial(formats.per_cent, language=language),
        day=partial(formats.day, language=language),
        instant=partial(instant, language=language),
        plain=partial(plain, language=language),
        did=partial(did, language=language),
        kinds=KINDS,
        **values,
    )


def page(
    template: str, request: Request, principal: Principal | None, values: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """The answer that shows a page or a part of one."""
    return HTMLResponse(render(template, reader_of(request, principal), values), status)


def instant(at: datetime, language: Language) -> str:
    """An instant as the clock in Berlin shows it."""
    local = at.astimezone(BERLIN)
    return f"{formats.day(local.date(), language)}, {local:%H:%M}"


def plain(value: Decimal | date | None, language: Language) -> str:
    """A value as people type it into a field: no thousands separators, dates in ISO form for the date picker."""
    match value:
        case None:
            return ""
        case Decimal():
            text = f"{value:f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
            return text.replace(".", ",") if language is Language.GERMAN else text
        case date():
            return value.isoformat()
