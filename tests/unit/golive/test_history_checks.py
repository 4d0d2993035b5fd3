"""Memory and requests over time, as Prometheus tells them; too short, empty and NaN are never a pass."""

from datetime import datetime
from typing import Any

import pytest
from tests.unit.golive.test_monitoring_checks import facts, hearing, json  # noqa: F401 - a fixture

from valeo_operator.api.golive import Check, Result
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts, Reply

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN
BEGIN = datetime.fromisoformat("2026-01-05T07:00:00Z").timestamp()


def memory(*megabytes: float | str, minutes: float = 60) -> Reply:
    step = 60 * minutes / max(1, len(megabytes) - 1)
    values = [
        [BEGIN + step * at, str(each if isinstance(each, str) else each * 1e6)] for at, each in enumerate(megabytes)
    ]
    series = [{"metric": {"pod": "production-blue-1-x"}, "values": values}] if megabytes else []
    return json({"status": "success", "data": {"resultType": "matrix", "result": series}})


def rates(**told: float | str) -> Reply:
    series: list[Any] = [{"metric": {"what": what}, "value": [BEGIN, str(value)]} for what, value in told.items()]
    return json({"status": "success", "data": {"resultType": "vector", "result": series}})


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (memory(200, 201, 200, 202), PASS),
        (memory(300, 280, 260, 240), PASS),
        (memory(200, 220, 240, 260), FAIL),
        (memory(200, 201, 200, 202, minutes=20), UNKNOWN),
        (memory(200), UNKNOWN),
        (memory(), UNKNOWN),
        (memory(200, "NaN", 200, 200), UNKNOWN),
        (rates(now=1), UNKNOWN),
        (json({"status": "error"}), UNKNOWN),
        (Reply(problem="no answer within 5 seconds"), UNKNOWN),
    ],
)
def test_memory_is_steady_when_no_pod_grows_by_a_tenth_an_hour(facts: Facts, reply: Reply, result: Result) -> None:  # noqa: F811
    assert look(Check.MEMORY_STEADY, hearing(facts, memory=reply)).result is result


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (rates(now=10, before=9), PASS),
        (rates(now=45, before=9), PASS),
        (rates(now=46, before=9), FAIL),
        (rates(now=0, before=9), FAIL),
        (rates(now=10), UNKNOWN),
        (rates(before=10), UNKNOWN),
        (rates(now=10, before=0), UNKNOWN),
        (rates(now="NaN", before=9), UNKNOWN),
        (memory(200, 201), UNKNOWN),
        (Reply(problem="no answer within 5 seconds"), UNKNOWN),
    ],
)
def test_the_rate_is_normal_beside_the_day_before(facts: Facts, reply: Reply, result: Result) -> None:  # noqa: F811
    assert look(Check.REQUEST_RATE, hearing(facts, rates=reply)).result is result
