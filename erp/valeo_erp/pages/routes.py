"""The web page as a whole: the start, the language, the static files."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from valeo_erp.composition import services_of
from valeo_erp.identity.origin import local_path
from valeo_erp.pages.languages import COOKIE
from valeo_erp.pages.rendering import STATIC
from valeo_erp.pages.sign_in import router as sign_in_router
from valeo_erp.printing.formats import Language

router = APIRouter(include_in_schema=False)
router.include_router(sign_in_router)

_YEAR_SECONDS = 31_536_000


class KeptFiles(StaticFiles):
    """Static files that browsers keep: an address with `?v=` changes whenever the content does."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        answer = await super().get_response(path, scope)
        kept = f"public, max-age={_YEAR_SECONDS}, immutable" if b"v=" in scope["query_string"] else "no-cache"
        answer.headers["Cache-Control"] = kept
        return answer


static_files = KeptFiles(directory=STATIC)


@router.get("/")
async def start() -> Response:
    """Work begins with the list of invoices."""
    return RedirectResponse("/invoices", HTTPStatus.SEE_OTHER)


@router.get("/language/{language}")
async def choose_language(
    request: Request, language: Language, next_path: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """Remember the language in this browser."""
    answer = RedirectResponse(local_path(next_path), HTTPStatus.SEE_OTHER)
    secure = services_of(request.app).settings.secure_cookies
    answer.set_cookie(COOKIE, language, max_age=_YEAR_SECONDS, secure=secure, httponly=True, samesite="lax")
    return answer
