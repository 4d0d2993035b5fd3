"""Log lines are JSON and hold no personal data, also when something goes wrong."""

import json
import logging
import sys

import pytest

from valeo_erp.kernel.logs import JsonFormatter, without_data
from valeo_erp.operations.metrics import LogCounter, Metrics


def line_of(error: Exception) -> dict[str, str]:
    """The line that logs an error."""
    try:
        raise error
    except type(error):
        record = logging.LogRecord("test", logging.ERROR, "file", 1, "It failed", None, sys.exc_info())
    made: dict[str, str] = json.loads(JsonFormatter().format(record))
    return made


class DatabaseError(Exception):
    sqlstate = "23505"


@pytest.mark.parametrize(
    "error", [ValueError("Hof Lindner"), KeyError("Hof Lindner"), DatabaseError("Key (name)=(Hof Lindner) exists")]
)
def test_an_error_that_may_quote_what_people_typed_is_logged_without_its_message(error: Exception) -> None:
    line = line_of(error)
    assert "Lindner" not in json.dumps(line)
    assert type(error).__qualname__ in line["exception"]
    assert "line_of" in line["exception"]


def test_the_state_of_a_database_error_is_kept() -> None:
    assert "sqlstate 23505" in line_of(DatabaseError("Hof Lindner"))["exception"]


def test_a_mistake_of_the_program_is_logged_in_full() -> None:
    assert "NoneType has no attribute x" in line_of(AttributeError("NoneType has no attribute x"))["exception"]


def test_the_causes_of_an_error_are_logged_too_first_cause_first() -> None:
    first, second = ValueError("Hof Lindner"), TypeError("wrong")
    second.__cause__ = first
    told = without_data(second)
    assert told.index("ValueError") < told.index("TypeError: wrong")
    assert "Lindner" not in told


def test_what_is_given_as_extra_becomes_a_member() -> None:
    record = logging.makeLogRecord({"msg": "Answered", "route": "/api/v1/invoices", "milliseconds": 1.5})
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["route"], line["milliseconds"]) == ("Answered", "/api/v1/invoices", 1.5)


def test_records_are_counted_by_level_whatever_becomes_of_them() -> None:
    metrics = Metrics()
    log = logging.getLogger("test.counted")
    with LogCounter(metrics).counting():
        log.error("one")
        log.critical("two")
        log.log(45, "between error and critical")
    log.error("not counted any more")
    assert metrics.registry.get_sample_value("valeo_log_records_total", {"level": "ERROR"}) == 2
    assert metrics.registry.get_sample_value("valeo_log_records_total", {"level": "CRITICAL"}) == 1
    assert metrics.registry.get_sample_value("valeo_log_records_total", {"level": "INFO"}) == 0
