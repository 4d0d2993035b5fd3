"""Traces come to an OTLP receiver, without anything that a person typed; where nobody wants them nothing is loaded."""

import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.support.databases import settings_for
from tests.support.people import KnownPeople

from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.settings import Settings

ADAM = {"Authorization": "Bearer adam"}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRET = "Lindner-Landhandel"


@dataclass
class Receiver:
    """An OTLP receiver: what it was sent, in OTLP's own words."""

    url: str
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    status: int = 200

    def spans(self) -> list[Any]:
        """Every span that came."""
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip" or self.path != "/v1/traces":
                self.send_error(415)
                return
            if found.status == 200:
                found.requests.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(server: LocalServer, database: str, receiver: Receiver) -> Settings:
    return settings_for(server, database, VALEO_OTLP_URL=receiver.url, VALEO_RELEASE_ID="hofmann-3")


@pytest.fixture
async def traced(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Requests to an ERP that is ended before the spans are looked at: what is left is sent then."""
    app = create_app(settings, KnownPeople())
    async with app.router.lifespan_context(app), speaking(app) as client:
        yield client


def speaking(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://erp.test", headers=ADAM)


def arrived(receiver: Receiver, name: str) -> Any:
    """The span with this name, when it came."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        for span in receiver.spans():
            if span.name == name:
                return span
        time.sleep(0.2)
    raise AssertionError(f"no span {name}: {[span.name for span in receiver.spans()]}")


def said(span: Any) -> dict[str, Any]:
    return {
        each.key: each.value.string_value or each.value.int_value or each.value.bool_value for each in span.attributes
    }


async def test_a_request_is_a_span_with_its_correlation_id_and_its_statements_below_it(
    traced: httpx.AsyncClient, receiver: Receiver
) -> None:
    answer = await traced.get(
        "/api/v1/parties?limit=1", headers={"X-Correlation-ID": "trace-me-1", "traceparent": PARENT}
    )
    assert answer.status_code == 200, answer.text
    span = arrived(receiver, "GET /api/v1/parties")

    assert said(span) == {
        "http.request.method": "GET",
        "http.route": "/api/v1/parties",
        "http.response.status_code": 200,
        "valeo.correlation_id": "trace-me-1",
    }
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    statements = [each for each in receiver.spans() if each.parent_span_id == span.span_id]
    assert statements
    assert {each.name for each in statements} <= {
        "select",
        "insert",
        "update",
        "begin",
        "commit",
        "set",
        "with",
        "other",
    }
    assert all(each.start_time_unix_nano <= each.end_time_unix_nano for each in statements)


async def test_no_span_holds_what_a_person_typed(traced: httpx.AsyncClient, receiver: Receiver) -> None:
    await traced.get(f"/api/v1/parties?text={SECRET}")
    await traced.get(f"/nothing/{SECRET}")
    await traced.post("/api/v1/parties", json={"name": SECRET}, headers={"Idempotency-Key": "k-12345678"})
    arrived(receiver, "GET unmatched")
    arrived(receiver, "POST /api/v1/parties")

    assert SECRET not in "".join(str(request) for request in receiver.requests)


async def test_the_spans_name_the_release(traced: httpx.AsyncClient, receiver: Receiver) -> None:
    await traced.get("/api/v1/parties")
    arrived(receiver, "GET /api/v1/parties")
    resource = {
        each.key: each.value.string_value for each in receiver.requests[0].resource_spans[0].resource.attributes
    }

    assert resource["service.name"] == "valeo-erp"
    assert resource["service.instance.id"] == "hofmann-3"


async def test_probes_are_no_traces_and_what_is_sent_is_counted(traced: httpx.AsyncClient, receiver: Receiver) -> None:
    await traced.get("/healthz")
    await traced.get("/api/v1/parties")
    arrived(receiver, "GET /api/v1/parties")
    numbers = (await traced.get("/metrics")).text

    assert "GET /healthz" not in {span.name for span in receiver.spans()}
    assert 'valeo_trace_spans_total{outcome="sent"}' in numbers


async def test_a_receiver_that_refuses_disturbs_no_request_and_is_counted(
    traced: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.status = 400
    assert (await traced.get("/api/v1/parties")).status_code == 200
    ends = time.monotonic() + 20
    while 'outcome="lost"' not in (told := (await traced.get("/metrics")).text) and time.monotonic() < ends:
        time.sleep(0.2)  # noqa: ASYNC251 - nothing else runs here

    assert 'valeo_trace_spans_total{outcome="lost"}' in told


def test_where_nobody_wants_traces_nothing_of_them_is_loaded() -> None:
    loaded = "[each for each in sys.modules if each.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))]"
    program = f"import sys, valeo_erp.serving; print({loaded})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
