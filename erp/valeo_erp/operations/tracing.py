"""Traces over OTLP, where an address is configured: one span for each request, below it one for each statement.

A span says route template, method, status and correlation id, and of a statement its first word: no path, no query, no
value, no name. The libraries are imported only when the address is given.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import event

from valeo_erp import __version__
from valeo_erp.kernel.correlation import current_correlation_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg
    from sqlalchemy.engine import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from valeo_erp.kernel.settings import Settings
    from valeo_erp.operations.metrics import Metrics

_BEGUN = "valeo_statement_begun"
_EXPORT_SECONDS = 5
_DELAY_MILLISECONDS = 2000
_FAULT = 500


class CountingExporter(SpanExporter):
    """Sends spans, and counts those that arrived and those that did not."""

    def __init__(self, exporter: SpanExporter, metrics: Metrics) -> None:
        self._exporter = exporter
        self._spans = metrics.trace_spans

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them; what does not arrive is lost, and no request waits for it."""
        result = self._exporter.export(spans)
        self._spans.labels("sent" if result is SpanExportResult.SUCCESS else "lost").inc(len(spans))
        return result

    def shutdown(self) -> None:
        """End."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing is held back here."""
        return self._exporter.force_flush(timeout_millis)


class Tracing:
    """Makes the spans of one process."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        about = {
            "service.name": "valeo-erp",
            "service.version": __version__,
            "service.instance.id": settings.release_id,
            "valeo.colour": settings.colour,
        }
        sampler = ParentBased(TraceIdRatioBased(settings.trace_share))
        self._provider = TracerProvider(resource=Resource(about), sampler=sampler, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_url}/v1/traces", timeout=_EXPORT_SECONDS)
        counting = CountingExporter(exporter, metrics)
        self._provider.add_span_processor(BatchSpanProcessor(counting, schedule_delay_millis=_DELAY_MILLISECONDS))
        self._tracer = self._provider.get_tracer("valeo_erp")

    def begin(self, method: str, headers: Mapping[str, str]) -> tuple[trace.Span, object]:
        """The span of a request, current from now on; a caller's `traceparent` is its parent."""
        parent = extract(headers)
        attributes = {"http.request.method": method, "valeo.correlation_id": current_correlation_id()}
        span = self._tracer.start_span(method, context=parent, kind=SpanKind.SERVER, attributes=attributes)
        return span, context.attach(trace.set_span_in_context(span, parent))

    def end(self, begun: tuple[trace.Span, Any], method: str, route: str, status: int) -> None:
        """The request was answered."""
        span, token = begun
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= _FAULT:
            span.set_status(StatusCode.ERROR)
        span.end()
        context.detach(token)

    def watch(self, engine: AsyncEngine) -> None:
        """Make a span of every statement of a request, whether SQLAlchemy or the driver was asked."""

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def begin(connection: Connection, *_: object) -> None:
            connection.info[_BEGUN] = time.time_ns()

        @event.listens_for(engine.sync_engine, "after_cursor_execute")
        def end(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            self._statement(statement, connection.info.pop(_BEGUN, time.time_ns()), time.time_ns())

        @event.listens_for(engine.sync_engine, "connect")
        def connected(connection: Any, _: object) -> None:
            connection.driver_connection.add_query_logger(self._by_driver)

    def _by_driver(self, told: asyncpg.connection.LoggedQuery) -> None:
        end = time.time_ns()
        self._statement(told.query, end - int(told.elapsed * 1e9), end)

    def _statement(self, statement: str, begun: int, ended: int) -> None:
        if not trace.get_current_span().get_span_context().is_valid:
            return  # work in the background belongs to no request
        words = statement.split(maxsplit=1)
        word = words[0].lower() if words and words[0].isalpha() else "other"
        attributes = {"db.system.name": "postgresql", "db.operation.name": word}
        span = self._tracer.start_span(word, kind=SpanKind.CLIENT, attributes=attributes, start_time=begun)
        span.end(ended)

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.shutdown()
