"""What `valeo-erp smoke` calls good."""

import json
from pathlib import Path

import httpx
import pytest

from valeo_erp.operations.smoke import smoke

GOOD = {
    "/healthz": httpx.Response(200, json={"status": "alive"}),
    "/readyz": httpx.Response(
        200, json={"ready": True, "release": "r1", "version": "0.1.0", "schema_revision": "0001"}
    ),
    "/metrics": httpx.Response(200, text="# HELP x\nx 1\n"),
    "/openapi.json": httpx.Response(200, json={"paths": {"/api/v1/me": {}}}),
    "/docs": httpx.Response(200, html="<title>docs</title>"),
    "/api/v1/me": httpx.Response(401, json={"code": "credentials_missing"}),
}


def run(answers: dict[str, httpx.Response]) -> int:
    return smoke("http://erp.test", httpx.MockTransport(lambda request: answers[request.url.path]))


def test_a_good_service_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(GOOD) == 0
    told = capsys.readouterr().out
    assert "ready: release r1, version 0.1.0, schema 0001" in told
    assert "6 of 6 checks passed" in told


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/healthz", httpx.Response(500)),
        ("/readyz", httpx.Response(503, json={"ready": False})),
        ("/readyz", httpx.Response(200, text="ok")),
        ("/readyz", httpx.Response(200, json=[])),
        ("/metrics", httpx.Response(200, text="# nothing\n")),
        ("/openapi.json", httpx.Response(200, json={})),
        ("/docs", httpx.Response(200, json={})),
        ("/api/v1/me", httpx.Response(200, json={"subject": "anybody"})),
    ],
)
def test_one_bad_answer_fails_the_whole(path: str, answer: httpx.Response, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(GOOD | {path: answer}) == 1
    assert f"FAILED {path}" in capsys.readouterr().out


def test_a_service_that_does_not_answer_fails_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    assert smoke("http://erp.test", httpx.MockTransport(refuse)) == 1
    assert "ConnectError: refused" in capsys.readouterr().out


def test_the_results_are_told_as_json_too(tmp_path: Path) -> None:
    answers = {**GOOD, "/readyz": httpx.Response(503, json={"ready": False})}
    result = tmp_path / "told"
    status = smoke("http://erp.test", httpx.MockTransport(lambda request: answers[request.url.path]), result)
    told = json.loads(result.read_text())
    assert status == 1
    assert told["total"] == len(told["passed"]) + len(told["failed"]) == 6
    assert [each["name"] for each in told["failed"]] == ["/readyz"]
    assert "503" in told["failed"][0]["reason"]
