"""What the service counts. No label carries an id, a name or anything else that a person typed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_REQUEST_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Metrics:
    """The counters of one process, in a registry of their own.

    Attributes:
        requests: by route template, method and status.
        request_seconds: how long answers took, without event streams.
        open_requests: requests that are being answered, event streams among them, probes not.
        log_records: by level.
        streams: event streams open now.
        streams_cut: event streams that this side ended, by reason.
        events_delivered: events written to streams.
        outbox_lag: age of the oldest committed event that is not told yet, in seconds.
        listener_up: 1 while this process hears of new events.
        listener_reconnects: how often the listening connection was lost.
        pool_in_use: connections of the pool that requests hold now.
        prints: PDFs made, by outcome.
        print_seconds: how long a PDF took.
        trace_spans: spans by what became of them, where traces are sent: `sent` or `lost`.
    """

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self.build = Info("valeo_build", "Version, release and colour of this process", registry=registry)
        self.requests = Counter(
            "valeo_http_requests", "Requests answered", ["route", "method", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "valeo_http_request_seconds",
            "Time to answer, without event streams",
            ["route", "method"],
            buckets=_REQUEST_BUCKETS,
            registry=registry,
        )
        self.open_requests = Gauge(
            "valeo_open_requests", "Requests being answered, event streams among them", registry=registry
        )
        self.log_records = Counter("valeo_log_records", "Records logged", ["level"], registry=registry)
        for level in LOG_LEVELS:
            self.log_records.labels(level)
        self.streams = Gauge("valeo_event_streams", "Event streams open", registry=registry)
        self.streams_cut = Counter(
            "valeo_event_streams_cut", "Event streams that the service ended", ["reason"], registry=registry
        )
        self.events_delivered = Counter("valeo_events_delivered", "Events written to streams", registry=registry)
        self.outbox_lag = Gauge(
            "valeo_outbox_lag_seconds", "Age of the oldest committed event not told yet", registry=registry
        )
        self.listener_up = Gauge("valeo_listener_up", "1 while new events are heard of", registry=registry)
        self.listener_reconnects = Counter(
            "valeo_listener_reconnects", "Times the listening connection was lost", registry=registry
        )
        self.pool_in_use = Gauge(
            "valeo_database_pool_in_use", "Database connections held by requests", registry=registry
        )
        self.pool_size = Gauge(
            "valeo_database_pool_size", "Database connections that requests may hold", registry=registry
        )
        self.trace_spans = Counter("valeo_trace_spans", "Spans, by what became of them", ["outcome"], registry=registry)
        self.prints = Counter("valeo_prints", "PDFs made", ["outcome"], registry=registry)
        self.print_seconds = Histogram(
            "valeo_print_seconds",
            "Time to make a PDF",
            buckets=(0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0),
            registry=registry,
        )


class LogCounter(logging.Handler):
    """Counts what is logged, whatever becomes of it."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._records = metrics.log_records

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record; levels of our own making count as the next lower known one."""
        known = [level for level in LOG_LEVELS if record.levelno >= logging.getLevelNamesMapping()[level]]
        self._records.labels(known[-1] if known else LOG_LEVELS[0]).inc()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Until the block ends."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)
