"""What the operator tells of itself: health, numbers, logs; and how it reads what an ERP answers."""

import json
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from valeo_operator.cli import main
from valeo_operator.installations.asking import parse
from valeo_operator.installations.facts import Answer
from valeo_operator.telemetry.health import LONGEST_SILENCE, build
from valeo_operator.telemetry.logs import JsonFormatter
from valeo_operator.telemetry.metrics import Metrics


async def answer(app: web.Application, path: str) -> tuple[int, str]:
    async with TestClient(TestServer(app)) as client:
        response = await client.get(path)
        return response.status, await response.text()


@pytest.mark.parametrize(("silence", "status"), [(0.0, 200), (LONGEST_SILENCE, 200), (LONGEST_SILENCE + 1, 503)])
async def test_health_fails_when_nothing_was_looked_at_for_too_long(silence: float, status: int) -> None:
    got, _ = await answer(build(Metrics(), lambda: silence), "/healthz")
    assert got == status


async def test_the_numbers_tell_passes_errors_and_calls() -> None:
    metrics = Metrics()
    metrics.passed(0.2, "Complete")
    metrics.called("patch", "deployments.apps")
    status, text = await answer(build(metrics, lambda: 0.0), "/metrics")
    assert status == 200
    assert 'valeo_operator_reconciles_total{phase="Complete"} 1.0' in text
    assert 'valeo_operator_api_calls_total{resource="deployments.apps",verb="patch"} 1.0' in text
    assert "process_resident_memory_bytes" in text


def test_a_line_of_the_log_is_one_json_object() -> None:
    record = logging.makeLogRecord({"msg": "put %s\nback", "args": ("it",), "levelname": "INFO", "name": "x"})
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "put it\nback"


def test_an_error_in_the_log_has_its_traceback() -> None:
    with pytest.raises(ValueError, match="invalid literal") as seen:
        int("x")
    error = seen.value
    record = logging.makeLogRecord({"msg": "oh", "exc_info": (type(error), error, error.__traceback__)})
    assert "ValueError: invalid literal" in json.loads(JsonFormatter().format(record))["error"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            200,
            b'{"ready": true, "release": "r", "version": "1", "schema_revision": "0001"}',
            Answer(ready=True, release="r", version="1", schema_revision="0001"),
        ),
        (503, b'{"ready": false, "release": "r"}', Answer(release="r")),
        (200, b'{"ready": "yes"}', Answer()),
        (502, b"<html>Bad Gateway</html>", Answer(problem="HTTP 502 without JSON")),
        (200, b"[]", Answer(problem="HTTP 200 with JSON that is no object")),
    ],
)
def test_only_the_json_object_of_an_erp_is_an_answer(status: int, body: bytes, expected: Answer) -> None:
    assert parse(status, body) == expected


def test_the_command_line_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.strip()
