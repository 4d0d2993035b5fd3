"""The numbers of a release as a Prometheus keeps them: its raw samples become the same looks as an own scrape. Pure.

No rate and no quantile is asked of Prometheus: they would hide gaps, restarts and NaN, which are judged here.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from prometheus_client.samples import Sample

from valeo_operator.analysis.scrape import NUMBERS, look
from valeo_operator.analysis.window import Scrape, Window
from valeo_operator.cluster.objects import dig

STALE: Final = timedelta(seconds=90)
"""Prometheus asks the pods every half minute, perhaps every minute."""


def query(namespace: str, pods: str, since: timedelta) -> str:
    """Every sample of the pods whose names match, in the time until now."""
    names = "|".join(sorted(NUMBERS))
    seconds = max(1, int(since.total_seconds()))
    return f'{{__name__=~"{names}",namespace="{namespace}",pod=~"{pods}"}}[{seconds}s]'


def window(answer: Any) -> Window | str:
    """What an answer of `/api/v1/query` tells; a sentence where it tells nothing."""
    if dig(answer, "status") != "success" or dig(answer, "data", "resultType") != "matrix":
        return f"Prometheus answers: {dig(answer, 'error') or 'something else than samples'}"[:300]
    try:
        return Window(_looks(dig(answer, "data", "result")), STALE)
    except (TypeError, ValueError, KeyError) as broken:
        return f"what Prometheus answers are no samples: {type(broken).__name__}"


def _looks(series: Any) -> Mapping[str, tuple[Scrape, ...]]:
    """By pod; all samples of one scrape carry one time."""
    found: dict[str, dict[float, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for each in series:
        labels = dict(each["metric"])
        name, pod = labels.pop("__name__"), labels["pod"]
        for at, value in each["values"]:
            found[pod][float(at)].append(Sample(name, labels, float(value)))
    return {pod: tuple(_of_pod(times)) for pod, times in found.items()}


def _of_pod(times: Mapping[float, list[Sample]]) -> list[Scrape]:
    looks = [look(samples, datetime.fromtimestamp(at, UTC)) for at, samples in sorted(times.items())]
    return [each for each in looks if each is not None]
