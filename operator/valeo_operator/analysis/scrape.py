"""One look at the numbers of one pod: what `/metrics` says of requests. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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
_CUT: Final = "valeo_event_streams_cut_total"
NUMBERS: Final = frozenset({_REQUESTS, _BUCKETS, _STREAMS, _LOGS, _MEMORY, _CUT})
# A stream that ends with its release, or with the sign-in of its person, resumes elsewhere or rightly ends.
PLANNED: Final = frozenset({"service_ending", "credentials_expired", "session_ended"})
_BROKEN: Final = 500
_BAD_LEVELS: Final = frozenset({"ERROR", "CRITICAL"})


def read(text: str, at: datetime) -> Scrape | None:
    """What a page of numbers says; None where it is none, or counts nothing that can be compared."""
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:
        return None
    return look([sample for family in families for sample in family.samples], at)


def look(samples: Sequence[Sample], at: datetime) -> Scrape | None:
    """What samples of one moment say; None where they count nothing that can be compared."""
    requests = [each for each in samples if each.name == _REQUESTS]
    counted = [each.value for each in samples if each.name in {_REQUESTS, _BUCKETS, _STREAMS, _CUT}]
    if not requests or not all(math.isfinite(each) for each in counted):
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
        cut=_sum([each for each in samples if each.name == _CUT and each.labels.get("reason") not in PLANNED]),
    )


def _is_probe(sample: Sample) -> bool:
    return sample.labels.get("route") in PROBES


def _is_broken(sample: Sample) -> bool:
    status = sample.labels.get("status", "")
    return status.isdigit() and int(status) >= _BROKEN


def _sum(samples: Sequence[Sample]) -> float:
    return sum(each.value for each in samples)


def _buckets(samples: Sequence[Sample]) -> Mapping[float, float]:
    found: Counter[float] = Counter()
    for each in samples:
        if each.name == _BUCKETS and not _is_probe(each):
            found[float(each.labels["le"])] += int(each.value)
    return dict(found)
