"""`python -m tests.bench.bare PORT`: FastAPI with nothing behind it, on the same server and with the same options."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI(openapi_url=None)


class Voice:
    """Says the same to every stream."""

    def __init__(self) -> None:
        self.said = b""
        self.rung = asyncio.Event()

    def say(self) -> None:
        """One event; its id is the time."""
        now = time.time()
        self.said = f'id: {now!r}\ndata: {{"kind":"bare","filler":"{"x" * 200}"}}\n\n'.encode()
        rung, self.rung = self.rung, asyncio.Event()
        rung.set()

    async def heard(self) -> AsyncIterator[bytes]:
        """A stream."""
        yield b"id: 0\n\n"
        while True:
            await self.rung.wait()
            yield self.said


voice = Voice()


@app.get("/echo")
async def read() -> dict[str, str]:
    """A small answer."""
    return {"said": "nothing"}


@app.post("/echo")
async def echo(body: dict[str, Any]) -> dict[str, Any]:
    """The body, parsed and written again."""
    return body


@app.post("/say")
async def say() -> None:
    """One event to all."""
    voice.say()


@app.get("/events")
async def events() -> StreamingResponse:
    """A stream."""
    return StreamingResponse(voice.heard(), media_type="text/event-stream")


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
