"""Checks of the numbers that the pods of the active colour tell at /metrics. All pods, or it is not known."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from valeo_operator.analysis.scrape import PLANNED
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, is_number, passed, unknown
from valeo_operator.installations.names import Component

FEWEST: Final = 100
_OK: Final = 200
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_ASK: Final = "Use the ERP for a while, or run a load test, and look again."
_MOST_ERRORS: Final = 0.01
_SHARE: Final = 0.95
_SECONDS: Final = 0.5
_TIMEOUTS: Final = frozenset({"408", "504"})


@dataclass(frozen=True)
class _Numbers:
    pods: dict[str, list[Sample]]

    def each(self, name: str) -> Iterable[Sample]:
        return (sample for samples in self.pods.values() for sample in samples if sample.name == name)


def _numbers(facts: Facts) -> _Numbers | str:
    """The numbers of every active pod; a text says why they are not known."""
    wanted = (
        {str(pod["metadata"]["name"]) for pod in facts.pods(Component.ERP, facts.colour)} if facts.colour else set()
    )
    if not wanted:
        return "there is no pod of an active colour"
    pods: dict[str, list[Sample]] = {}
    for name in sorted(wanted):
        reply = facts.scrapes.get(name)
        if reply is None or reply.problem or reply.status != _OK:
            why = "nobody asked" if reply is None else reply.problem or f"HTTP {reply.status}"
            return f"the numbers of the pod {name} could not be read: {why}"
        try:
            pods[name] = [sample for family in text_string_to_metric_families(reply.text) for sample in family.samples]
        except ValueError:
            return f"what the pod {name} tells are no numbers"
    return _Numbers(pods)


def _requests(numbers: _Numbers) -> dict[str, float]:
    """Answered requests by status, without probes."""
    by_status: dict[str, float] = {}
    for sample in numbers.each("valeo_http_requests_total"):
        if sample.labels.get("route") not in _PROBES:
            status = sample.labels.get("status", "")
            by_status[status] = by_status.get(status, 0.0) + sample.value
    return by_status


def _counted(facts: Facts) -> dict[str, float] | Outcome:
    numbers = _numbers(facts)
    if isinstance(numbers, str):
        return unknown(f"Requests can't be counted: {numbers}.", _ASK)
    by_status = _requests(numbers)
    total = sum(by_status.values())
    if not is_number(total) or total < FEWEST:
        return unknown(f"{total:g} answered requests are too few to judge by; {FEWEST} are needed.", _ASK)
    return by_status


def error_rate(facts: Facts) -> Outcome:
    """Less than 1 % 5xx."""
    counted = _counted(facts)
    if isinstance(counted, Outcome):
        return counted
    total = sum(counted.values())
    errors = sum(count for status, count in counted.items() if status.startswith("5"))
    seen = {"requests": total, "errors": errors}
    if errors / total >= _MOST_ERRORS:
        message = f"{errors:g} of {total:g} requests were answered with 5xx."
        return failed(message, "Read the logs of the active pods.", **seen)
    return passed(f"{errors:g} of {total:g} requests were answered with 5xx.", **seen)


def no_timeouts(facts: Facts) -> Outcome:
    """No 408 and no 504."""
    counted = _counted(facts)
    if isinstance(counted, Outcome):
        return counted
    total = sum(counted.values())
    late = sum(count for status, count in counted.items() if status in _TIMEOUTS)
    seen = {"requests": total, "timeouts": late}
    if late:
        message = f"{late:g} of {total:g} requests ran into a time limit."
        return failed(message, "Look which routes are slow: valeo_http_request_seconds.", **seen)
    return passed(f"None of {total:g} requests ran into a time limit.", **seen)


def latency_p95(facts: Facts) -> Outcome:
    """95 % in less than half a second; told by the histogram, whose buckets hold that limit."""
    numbers = _numbers(facts)
    if isinstance(numbers, str):
        return unknown(f"Times can't be read: {numbers}.", _ASK)
    within = total = 0.0
    for sample in numbers.each("valeo_http_request_seconds_bucket"):
        if sample.labels.get("route") in _PROBES:
            continue
        limit = float(sample.labels.get("le", "nan"))
        within += sample.value if limit == _SECONDS else 0.0
        total += sample.value if math.isinf(limit) else 0.0
    if not is_number(total) or not is_number(within) or total < FEWEST:
        return unknown(f"{total:g} timed requests are too few to judge by; {FEWEST} are needed.", _ASK)
    share = within / total
    seen = {"requests": total, "within_500_ms": within}
    message = f"{share:.1%} of {total:g} requests were answered within 500 ms."
    if share < _SHARE:
        return failed(message, "Look which routes are slow: valeo_http_request_seconds.", **seen)
    return passed(message, **seen)


def connection_pool(facts: Facts) -> Outcome:
    """Every pod has connections to spare."""
    numbers = _numbers(facts)
    if isinstance(numbers, str):
        return unknown(f"The pool can't be seen: {numbers}.", _ASK)
    seen: dict[str, str] = {}
    for pod, samples in numbers.pods.items():
        values = {sample.name: sample.value for sample in samples}
        used, size = values.get("valeo_database_pool_in_use"), values.get("valeo_database_pool_size")
        if used is None or size is None or not is_number(used) or not is_number(size) or size <= 0:
            return unknown(f"The pod {pod} does not tell its pool.", "Look at /metrics of the pod.")
        if used >= size:
            message = f"The pod {pod} uses all {size:g} connections of its pool."
            return failed(message, "Look for long transactions, or give it more connections.", used=used, size=size)
        seen[pod] = f"{used:g}/{size:g}"
    return passed("Every pod has free connections.", pools=seen)


def streams_stable(facts: Facts) -> Outcome:
    """Streams are open, and since the pods began the service ended none for a reason that is no plan."""
    numbers = _numbers(facts)
    if isinstance(numbers, str):
        return unknown(f"Event streams can't be counted: {numbers}.", _ASK)
    open_now = sum(sample.value for sample in numbers.each("valeo_event_streams"))
    if not is_number(open_now) or open_now < 1:
        return unknown("No event stream is open: nothing shows whether one would stay open.", _ASK)
    broken: dict[str, float] = {}
    for sample in numbers.each("valeo_event_streams_cut_total"):
        reason = sample.labels.get("reason", "")
        if reason not in PLANNED and sample.value:
            broken[reason] = broken.get(reason, 0.0) + sample.value
    if broken:
        told = ", ".join(f"{reason} {count:g}" for reason, count in sorted(broken.items()))
        message = f"Streams were ended by the service: {told}; {open_now:g} are open."
        return failed(message, "Look at the network of slow clients, and at the database.", open=open_now, cut=broken)
    return passed(f"{open_now:g} event streams are open, and none was broken off.", open=open_now)


def tracing(facts: Facts) -> Outcome:
    """Traces are asked for, and their receiver takes what the active pods send."""
    if facts.erp.spec.tracing is None:
        return unknown("No traces are asked for.", "Set spec.tracing.otlpURL.", "NotConfigured")
    numbers = _numbers(facts)
    if isinstance(numbers, str):
        return unknown(f"Whether traces arrive can't be seen: {numbers}.", _ASK)
    spans = {"sent": 0.0, "lost": 0.0}
    for sample in numbers.each("valeo_trace_spans_total"):
        spans[sample.labels.get("outcome", "")] = spans.get(sample.labels.get("outcome", ""), 0.0) + sample.value
    if spans["lost"]:
        message = f"{spans['lost']:g} spans were lost, {spans['sent']:g} arrived."
        return failed(message, "Look at the receiver of spec.tracing.otlpURL, and the way to it.", **spans)
    if not is_number(spans["sent"]) or spans["sent"] < 1:
        return unknown("The active pods have sent no span yet.", _ASK)
    return passed(f"{spans['sent']:g} spans arrived at the receiver, and none was lost.", **spans)
