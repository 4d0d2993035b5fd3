"""One look at the numbers of one pod: what `/metrics` says of requests. Pure."""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from valeo_operator.analysis.window import Scrape

PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_REQUESTS: Final = "valeo_http_requests_total"
_BUCKETS: Final = "valeo_http_request_seconds_bucket"
_STREAMS: Final = "valeo_event_streams"
_LOGS: Final = "valeo_log_records_total"
_MEMORY: Final = "process_resident_memory_bytes"
_BROKEN: Final = 500
_BAD_LEVELS: Final = frozenset({"ERROR", "CRITICAL"})


def read(text: str, at: datetime) -> Scrape | None:
    """What a page of numbers says; None where it is none, or counts nothing that can be compared."""
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:
        return None
    samples = [sample for family in families for sample in family.samples]
    requests = [each for each in samples if each.name == _REQUESTS]
    if not requests or any(not math.isfinite(each.value) for each in requests):
        return None
    users = [each for each in requests if not _is_probe(each)]
    probes = [each for each in requests if _is_probe(each)]
    return Scrape(
        at=at,
        requests=_sum(users),
        failed=_sum([each for each in users if _is_broken(each)]),
        probes=_sum(probes),
        failed_probes=_sum([each for each in probes if _is_broken(each)]),
        buckets=_buckets(samples),
        streams=next((int(each.value) for each in samples if each.name == _STREAMS), None),
        error_logs=_sum([each for each in samples if each.name == _LOGS and each.labels.get("level") in _BAD_LEVELS]),
        memory=next((each.value for each in samples if each.name == _MEMORY), None),
    )


def _is_probe(sample: Sample) -> bool:
    return sample.labels.get("route") in PROBES


def _is_broken(sample: Sample) -> bool:
    status = sample.labels.get("status", "")
    return status.isdigit() and int(status) >= _BROKEN


def _sum(samples: list[Sample]) -> float:
    return sum(each.value for each in samples)


def _buckets(samples: list[Sample]) -> Mapping[float, float]:
    found: Counter[float] = Counter()
    for each in samples:
        if each.name == _BUCKETS and not _is_probe(each):
            found[float(each.labels["le"])] += int(each.value)
    return dict(found)
