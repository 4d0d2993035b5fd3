"""A request that gets no answer is ended in time; an answer that has begun is not."""

import asyncio
import json

import pytest
from starlette.types import Message, Receive, Scope, Send

from valeo_erp.kernel.limits import DeadlineMiddleware

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"done"}


async def answer_of(path: str, *, seconds: float, begin_first: bool = False) -> list[Message]:
    """What comes from an application that works for 0.2 seconds."""
    sent: list[Message] = []

    async def slow(_: Scope, __: Receive, send: Send) -> None:
        if begin_first:
            await send(START)
        await asyncio.sleep(0.2)
        if not begin_first:
            await send(START)
        await send(END)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    limited = DeadlineMiddleware(slow, seconds=seconds, longer={"/exports/": 5})
    await limited({"type": "http", "path": path, "method": "GET", "headers": []}, receive, send)
    return sent


async def test_a_request_without_an_answer_in_time_is_503_with_a_hint_to_come_back() -> None:
    start, body = await answer_of("/invoices", seconds=0.05)
    assert start["status"] == 503
    assert (b"retry-after", b"2") in start["headers"]
    assert json.loads(body["body"])["code"] == "too_slow"


@pytest.mark.parametrize(
    ("path", "seconds", "begin_first"), [("/invoices", 5, False), ("/exports/all", 0.05, False), ("/live", 0.05, True)]
)
async def test_what_is_in_time_is_long_by_nature_or_has_begun_is_left_alone(
    path: str, seconds: float, *, begin_first: bool
) -> None:
    assert await answer_of(path, seconds=seconds, begin_first=begin_first) == [START, END]
