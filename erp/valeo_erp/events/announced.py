"""`Event-Cursor` on every GET of the API: load, then listen from this cursor, and nothing falls between."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from valeo_erp.composition import services_of

HEADER = "Event-Cursor"
PREFIX = "/api/"


class EventCursorMiddleware:
    """Notes the cursor before the request reads anything.

    Every event up to that cursor was committed before, so the read sees its effect; every later one is told to whoever
    listens from the cursor on. An event in between may be both seen and told: clients fetch the object again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        cursor = services_of(scope["app"]).events.cursor()

        async def send_with_cursor(message: Message) -> None:
            if message["type"] == "http.response.start" and cursor is not None:
                MutableHeaders(scope=message)[HEADER] = cursor
            await send(message)

        await self._app(scope, receive, send_with_cursor)
