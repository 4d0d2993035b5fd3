"""Limits of every request: how large its body may be, and how long its answer may take."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.kernel.problem_answers import problem_response
from valeo_erp.kernel.problems import Problem, unavailable


class BodyLimitMiddleware:
    """Counts the bytes of every body, announced or streamed, and answers 413 before anything reads them whole."""

    def __init__(self, app: ASGIApp, limit_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        """Args: `larger` gives what ends with these paths another limit, because files come there."""
        self._app = app
        self._limit_bytes = limit_bytes
        self._larger = dict(larger or {})

    def _limit(self, path: str) -> int:
        return next((limit for ending, limit in self._larger.items() if path.endswith(ending)), self._limit_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > limit:
            await problem_response(_too_large(limit))(scope, receive, send)
            return
        seen, answered = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
            return message

        async def send_or_refuse(message: Message) -> None:
            # Whoever reads the body may turn the problem into an answer of its own: this one is the right one.
            nonlocal answered
            if seen <= limit:
                await send(message)
            elif not answered:
                answered = True
                await problem_response(_too_large(limit))(scope, receive, send)

        await self._app(scope, counted, send_or_refuse)


def _too_large(limit: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"The body is larger than {limit} bytes. Send less at once.",
        headers={"Connection": "close"},
    )


class DeadlineMiddleware:
    """Ends a request that has no answer after some time, such as one that waits for a database that hangs.

    What it wrote is rolled back. An answer that has begun, such as a stream, may take as long as it likes.
    """

    def __init__(self, app: ASGIApp, seconds: float, longer: Mapping[str, float] | None = None) -> None:
        """Args: `longer` gives what begins with these paths more time, because it looks at very much."""
        self._app = app
        self._seconds = seconds
        self._longer = dict(longer or {})

    def _allowed(self, path: str) -> float:
        return next((seconds for prefix, seconds in self._longer.items() if path.startswith(prefix)), self._seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False
        seconds = self._allowed(scope["path"])
        deadline = asyncio.timeout(seconds)

        async def send_in_time(message: Message) -> None:
            nonlocal began
            if not began:
                began = True
                deadline.reschedule(None)
            await send(message)

        try:
            async with deadline:
                await self._app(scope, receive, send_in_time)
        except TimeoutError:
            if began or not deadline.expired():
                raise
            refusal = unavailable("too_slow", f"There was no answer within {seconds:g} s. Try again.")
            await problem_response(refusal)(scope, receive, send)
