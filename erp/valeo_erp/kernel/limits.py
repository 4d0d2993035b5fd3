"""Bodies over the limit get 413 before anything reads them whole."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.kernel.problems import Problem, problem_response


class BodyTooLargeError(Problem):
    """The request's body is larger than this service accepts."""


class BodyLimitMiddleware:
    """Counts the bytes of every body, announced or streamed."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit = limit_bytes

    def _problem(self) -> BodyTooLargeError:
        return BodyTooLargeError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"The body is larger than {self._limit} bytes. Send less at once.",
            headers={"Connection": "close"},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > self._limit:
            await problem_response(self._problem())(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise self._problem()
            return message

        await self._app(scope, counted, send)
