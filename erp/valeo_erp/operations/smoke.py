"""`valeo-erp smoke`: does a running service answer as it should? One line for each check."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

TIMEOUT_SECONDS = 10.0
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Check:
    """One request and what its answer must be.

    Attributes:
        finds: what was seen in a good answer, None if the answer is not good.
    """

    path: str
    finds: Callable[[httpx.Response], str | None]


def _status(answer: httpx.Response) -> str | None:
    return "alive" if answer.is_success else None


def _readiness(answer: httpx.Response) -> str | None:
    if not answer.is_success or answer.json().get("ready") is not True:
        return None
    told = answer.json()
    return f"ready: release {told.get('release')}, version {told.get('version')}, schema {told.get('schema_revision')}"


def _metrics(answer: httpx.Response) -> str | None:
    count = sum(1 for line in answer.text.splitlines() if line and not line.startswith("#"))
    return f"{count} samples" if answer.is_success and count else None


def _openapi(answer: httpx.Response) -> str | None:
    paths = answer.json().get("paths", {}) if answer.is_success else {}
    return f"{len(paths)} paths described" if paths else None


def _documentation(answer: httpx.Response) -> str | None:
    return "documentation" if answer.is_success and "html" in answer.headers.get("content-type", "") else None


def _api_guarded(answer: httpx.Response) -> str | None:
    """Without credentials the API must answer 401, as problem+json."""
    if answer.status_code != httpx.codes.UNAUTHORIZED:
        return None
    return "refuses strangers" if answer.json().get("code") == "credentials_missing" else None


CHECKS = (
    Check("/healthz", _status),
    Check("/readyz", _readiness),
    Check("/metrics", _metrics),
    Check("/openapi.json", _openapi),
    Check("/docs", _documentation),
    Check("/api/v1/me", _api_guarded),
)


def smoke(url: str, transport: httpx.BaseTransport | None = None, result: Path | None = None) -> int:
    """Run all checks, tell each result, and give the exit status: 0 if all are good.

    `result` is a file that is told the same as one JSON object: passed, failed with reasons, total.
    """
    passed, failed = [], []
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, transport=transport) as http:
        for check in CHECKS:
            good, seen = _result(http, check)
            if good:
                passed.append(check.path)
            else:
                failed.append({"name": check.path, "reason": seen[:_LONGEST_REASON]})
            sys.stdout.write(f"{'ok    ' if good else 'FAILED'} {check.path:<14} {seen}\n")
    sys.stdout.write(f"{len(passed)} of {len(CHECKS)} checks passed at {url}\n")
    if result is not None:
        told = {"passed": passed, "failed": failed, "total": len(CHECKS)}
        result.write_text(f"{json.dumps(told)}\n", encoding="utf-8")
    return 1 if failed else 0


def _result(http: httpx.Client, check: Check) -> tuple[bool, str]:
    try:
        answer = http.get(check.path)
        seen = check.finds(answer)
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        return False, f"{type(error).__name__}: {error}"
    return (True, seen) if seen is not None else (False, f"answered {answer.status_code}: {answer.text[:120]!r}")
