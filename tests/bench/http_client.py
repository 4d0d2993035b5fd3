"""HTTP/1.1 over one connection that is kept, as cheap as Python can: on two cores a heavy client measures itself."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Self, cast

import httptools


@dataclass(frozen=True)
class Address:
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        body: JSON as text, empty for none.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: str = ""

    def encoded(self, address: Address) -> bytes:
        """The bytes of the request."""
        body = self.body.encode()
        headers = {"Host": f"{address.host}:{address.port}", **self.headers}
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass(frozen=True)
class Answer:
    """One answer. Of a large body only the beginning is kept."""

    status: int
    headers: dict[str, str]
    beginning: bytes
    length: int
    seconds: float


KEPT_BYTES = 4_000

PartHeard = Callable[[bytes], None]


class Connection(asyncio.Protocol):
    """Sends one request at a time.

    Attributes:
        on_part: hears of every part of a body as it comes, for streams.
        on_end: hears when the other side closes.
    """

    def __init__(self) -> None:
        self.on_part: PartHeard | None = None
        self.on_end: Callable[[], None] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[Answer] | None = None
        self._headers: dict[str, str] = {}
        self._beginning = b""
        self._length = 0
        self._sent_at = 0.0

    @classmethod
    async def open(cls, address: Address) -> Self:
        """Connect."""
        _, made = await asyncio.get_running_loop().create_connection(cls, address.host, address.port)
        return made

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Send; the future is done with the last byte of the answer."""
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._sent_at = perf_counter()
        self._transport.write(request)
        return self._answered

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.on_end is not None:
            self.on_end()
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionError("the server closed the connection"))
            self._answered.exception()  # a stream's answer is never awaited

    # --- called by the parser ---
    def on_message_begin(self) -> None:
        self._headers, self._beginning, self._length = {}, b"", 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode().lower()] = value.decode()

    def on_body(self, part: bytes) -> None:
        self._length += len(part)
        if self.on_part is not None:
            self.on_part(part)
        elif len(self._beginning) < KEPT_BYTES:
            self._beginning += part

    def on_message_complete(self) -> None:
        assert self._answered is not None
        seconds = perf_counter() - self._sent_at
        status = self._parser.get_status_code()
        self._answered.set_result(Answer(status, self._headers, self._beginning, self._length, seconds))


def failed(answer: Answer) -> str:
    """An answer that is not a success, in words."""
    try:
        told = json.loads(answer.beginning)
    except ValueError:
        told = answer.beginning[:300].decode(errors="replace")
    return f"{answer.status}: {told}"
