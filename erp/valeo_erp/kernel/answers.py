"""The one place that turns whatever a request ran into into an answer: always problem+json, never a stack trace."""

import logging
from http import HTTPStatus

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.kernel.correlation import HEADER as CORRELATION_HEADER
from valeo_erp.kernel.correlation import current_correlation_id
from valeo_erp.kernel.problem_answers import MEDIA_TYPE, problem_response
from valeo_erp.kernel.problems import Failure, Problem, unavailable
from valeo_erp.kernel.settings import CredentialsMissingError
from valeo_erp.kernel.unit_of_work import sqlstate

logger = logging.getLogger(__name__)

_BUSY = {
    "55P03": ("locked", "Another request holds a lock on the same rows."),
    "57014": ("too_slow", "The database stopped the statement because it took too long."),
    "53300": ("too_many_connections", "The database has no free connection."),
    "57P01": ("database_restarting", "The database ended the connection."),
    "57P03": ("database_starting", "The database is starting."),
    "25006": ("database_read_only", "The database takes no writes at the moment."),
}


_AWAY = {"08", "28", "3D"}
"""SQLSTATE classes: no connection, no valid login, no such database."""

DATABASE_AWAY = (
    DBAPIError,
    PoolTimeoutError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    CredentialsMissingError,
)
"""What statements, the pool and new connections raise when the database is away. `DBAPIError` may also be a bug."""


class FailureBody(BaseModel):
    """One failing guard."""

    code: str
    message: str
    field: str | None = None
    facts: dict[str, str] | None = None


class ProblemBody(BaseModel):
    """RFC 9457 problem+json with a stable `code`, every failing guard, and the correlation id."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str
    failures: list[FailureBody]


def problem_answers(*statuses: HTTPStatus) -> dict[int | str, dict[str, object]]:
    """The OpenAPI entries for refusals, always the same body."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
    return {status.value: {"description": status.phrase, "content": {MEDIA_TYPE: schema}} for status in statuses}


EVERY_ANSWER = problem_answers(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.PRECONDITION_REQUIRED,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What any route under `/api` may refuse with."""


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> JSONResponse:
        return problem_response(problem)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(_invalid_request(error))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        headers = dict(error.headers or {})
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(app, request.url.path))
        return problem_response(Problem(status, status.name.lower(), str(error.detail), headers=headers))

    async def on_database(_: Request, error: Exception) -> JSONResponse:
        return problem_response(database_problem(error))

    for away in DATABASE_AWAY:
        app.add_exception_handler(away, on_database)

    @app.exception_handler(Exception)
    async def on_bug(_: Request, error: Exception) -> JSONResponse:
        answer = _fault(error)
        answer.headers[CORRELATION_HEADER] = current_correlation_id()
        return answer


class FaultMiddleware:
    """Answers a fault of this program inside of what wraps every answer, so that it gets a page and its headers too.

    Starlette's own place for that is outside of all middlewares. What fails out there is still answered there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            await _fault(error)(scope, receive, send)


def _fault(error: Exception) -> JSONResponse:
    logger.error("A request failed by a fault of this program", exc_info=error)
    return problem_response(
        Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal_error",
            "This is a fault of the program. Tell your administrator the correlation id.",
        )
    )


def _methods(app: FastAPI, path: str) -> list[str]:
    """What may be done at an address. Starlette names only the methods of the first route that has it."""
    matching = (route for route in iter_route_contexts(app.routes) if getattr(route, "path_regex", None))
    return sorted({method for route in matching if route.path_regex.match(path) for method in route.methods or ()})


def database_problem(error: Exception) -> Problem:
    """503 for what passes, the error itself for a bug.

    Args:
        error: one of `DATABASE_AWAY`: from a statement, from the pool, or from opening a connection.

    Raises:
        Exception: the statement was wrong; that is a fault of the program.
    """
    if isinstance(error, PoolTimeoutError):
        return unavailable("busy", "All connections to the database are in use. Try again.")
    code = sqlstate(error) if isinstance(error, DBAPIError) else getattr(error, "sqlstate", None) or ""
    if code in _BUSY:
        return unavailable(*_BUSY[code])
    if not _is_away(error, code):
        raise error
    logger.warning("The database cannot be reached", extra={"cause": type(error).__name__, "sqlstate": code})
    return unavailable("database_unreachable", "The database cannot be reached. Try again.")


def _is_away(error: Exception, code: str) -> bool:
    if isinstance(error, OSError):
        return error.filename is None  # a missing file is a fault of the program, a refused connection is not
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return not code or code[:2] in _AWAY


def _invalid_request(error: RequestValidationError) -> Problem:
    failures = [
        Failure(detail["type"], detail["msg"], ".".join(str(part) for part in detail["loc"]))
        for detail in error.errors()[:50]
    ]
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid_request",
        "The request does not have the form that this service documents; see the failures.",
        failures,
    )
