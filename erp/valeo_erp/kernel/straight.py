"""The server's own `send`, for streams: none of the middlewares looks at the many blocks that follow the first."""

from starlette.types import ASGIApp, Receive, Scope, Send

_SEND = "valeo.send"


def straight(scope: Scope, send: Send) -> Send:
    """What sends the blocks of an answer that has begun; the given `send` where nothing outside offers better."""
    found: Send = scope.get(_SEND, send)
    return found


class StraightMiddleware:
    """The outermost one: notes what the server gave."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope[_SEND] = send
        await self._app(scope, receive, send)
