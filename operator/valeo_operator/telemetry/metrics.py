"""The numbers of the operator, for Prometheus."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """All numbers, in a registry of their own.

    No label ever holds the name of an object: their number must stay small.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.durations = Histogram(
            "valeo_operator_reconcile_seconds", "Time of one pass.", buckets=_SECONDS, registry=self.registry
        )
        self.reconciles = Counter(
            "valeo_operator_reconciles",
            "Passes that ended, by the phase they came to.",
            ["phase"],
            registry=self.registry,
        )
        self.errors = Counter(
            "valeo_operator_reconcile_errors", "Passes that could not be ended.", ["error"], registry=self.registry
        )
        self.calls = Counter(
            "valeo_operator_api_calls",
            "Calls of the Kubernetes API by verb and resource.",
            ["verb", "resource"],
            registry=self.registry,
        )
        self.installations = Gauge(
            "valeo_operator_installations", "Installations that are driven.", registry=self.registry
        )
        self.leader = Gauge("valeo_operator_leader", "1 while this process leads.", registry=self.registry)

    def passed(self, seconds: float, phase: str) -> None:
        """A pass ended."""
        self.durations.observe(seconds)
        self.reconciles.labels(phase or "none").inc()

    def called(self, verb: str, resource: str) -> None:
        """A call of the Kubernetes API was allowed and answered."""
        self.calls.labels(verb, resource).inc()
