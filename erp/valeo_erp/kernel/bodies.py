"""Bodies of answers, written from facts in one go: decimals as text, instants in UTC."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from pydantic_core import to_json


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that FastAPI passes on as it is: the facts were typed already, nothing validates them again."""
    return Response(to_json(value), status, headers, "application/json")
