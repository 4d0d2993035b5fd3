"""Checks of a course of time, which only Prometheus keeps: memory over an hour, requests beside those of the day."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from valeo_operator.analysis.judging import growth
from valeo_operator.analysis.window import Scrape
from valeo_operator.cluster.objects import dig
from valeo_operator.golive.facts import Facts, Reply
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

LONG_ENOUGH: Final = timedelta(minutes=30)
MOST_GROWTH: Final = 0.1
"""Share of its memory by which a pod may grow within an hour; caches fill in the first one."""
FACTOR: Final = 5.0
"""So many times more, or fewer, requests than on the day before are not normal."""
_OK: Final = 200
_NOT_NAMED: Final = "Nobody says where Prometheus is, and one look shows no course of time."
_LOOK: Final = "Look at spec.monitoring.prometheusURL, and whether it scrapes the pods."


def memory_steady(facts: Facts) -> Outcome:
    """No pod of the active colour grows by more than a tenth within an hour."""
    if facts.erp.spec.monitoring.prometheus_url is None:
        return unknown(_NOT_NAMED, "Set spec.monitoring.prometheusURL.", "NotConfigured")
    series = _result(facts.watched.memory, "matrix")
    if not series:
        return unknown("Prometheus has no samples of the memory of the active pods.", _LOOK)
    shares: dict[str, float] = {}
    for each in series:
        pod, scrapes = str(dig(each, "metric", "pod")), _scrapes(each)
        slope = growth(scrapes) if scrapes else None
        if slope is None or scrapes[-1].at - scrapes[0].at < LONG_ENOUGH:
            return unknown(f"The memory of the pod {pod} is not known for half an hour yet.", "Wait, under load.")
        level = sum(scrape.memory or 0 for scrape in scrapes) / len(scrapes)
        shares[pod] = round(60 * slope / level, 3)
    worst = max(shares, key=lambda pod: shares[pod])
    if shares[worst] > MOST_GROWTH:
        message = f"The memory of the pod {worst} grows by {shares[worst]:.0%} an hour."
        return failed(message, "Look whether it goes on growing under the same load.", growth_an_hour=shares)
    return passed("No active pod grows by more than a tenth of its memory an hour.", growth_an_hour=shares)


def request_rate(facts: Facts) -> Outcome:
    """Neither far fewer requests than on the day before, nor far more."""
    if facts.erp.spec.monitoring.prometheus_url is None:
        return unknown(_NOT_NAMED, "Set spec.monitoring.prometheusURL.", "NotConfigured")
    told = {str(dig(each, "metric", "what")): _value(each) for each in _result(facts.watched.rates, "vector") or ()}
    now, before = told.get("now"), told.get("before")
    if now is None or before is None or before <= 0:
        return unknown("Prometheus does not know how many requests are usual.", "Wait until users have worked a day.")
    seen = {"a_second": round(now, 3), "a_second_before": round(before, 3)}
    message = f"{now:.3g} requests a second, {before:.3g} on average of the day before."
    if not before / FACTOR <= now <= before * FACTOR:
        return failed(message, "Look whether users can work, and who asks so much.", **seen)
    return passed(message, **seen)


def _result(reply: Reply, kind: str) -> list[Any] | None:
    data = dig(reply.json, "data")
    good = reply.status == _OK and dig(data, "resultType") == kind and isinstance(dig(data, "result"), list)
    return list(dig(data, "result")) if good else None


def _scrapes(series: Any) -> list[Scrape]:
    """None of them where one is no number."""
    try:
        looks = [Scrape(datetime.fromtimestamp(float(at), UTC), memory=float(value)) for at, value in series["values"]]
    except (KeyError, TypeError, ValueError):
        return []
    return looks if all(math.isfinite(each.memory or math.nan) for each in looks) else []


def _value(series: Any) -> float | None:
    try:
        value = float(series["value"][1])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None
