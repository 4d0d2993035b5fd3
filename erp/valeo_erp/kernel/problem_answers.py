"""The one form in which a refusal leaves: RFC 9457 problem+json."""

import json
from typing import Any

from fastapi.responses import JSONResponse

from valeo_erp.kernel.correlation import current_correlation_id
from valeo_erp.kernel.problems import Problem

MEDIA_TYPE = "application/problem+json"


class ProblemResponse(JSONResponse):
    """A refusal may quote what the client sent, also text that UTF-8 cannot carry, such as a lone surrogate."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def problem_response(problem: Problem) -> JSONResponse:
    """The answer for a refusal."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "code": problem.code,
        "detail": problem.detail,
        "correlation_id": current_correlation_id(),
        "failures": [failure.as_json() for failure in problem.failures],
    }
    body.update(problem.facts)
    return ProblemResponse(body, problem.status.value, dict(problem.headers))
