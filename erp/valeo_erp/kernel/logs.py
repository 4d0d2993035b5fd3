"""JSON logs, one object a line, with the correlation id and without personal data."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from valeo_erp.kernel.correlation import current_correlation_id

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


_MADE_BY_PROGRAMMERS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
)
"""Errors whose message names parts of the program. Others may quote what a person typed, or a row of the database."""


def without_data(error: BaseException | None) -> str:
    """An error and its causes with their stacks, but without messages that may hold personal data."""
    told: list[str] = []
    while error is not None:
        message = f": {error}" if isinstance(error, _MADE_BY_PROGRAMMERS) else ""
        state = f" (sqlstate {code})" if (code := getattr(error, "sqlstate", None)) else ""
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        told.append("".join(traceback.format_tb(error.__traceback__)) + kind + state + message)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\ncaused:\n\n".join(reversed(told))


class JsonFormatter(logging.Formatter):
    """Renders a record; what was given as `extra` becomes members of the object."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "correlation_id": current_correlation_id(),
        }
        entry.update({name: value for name, value in record.__dict__.items() if name not in _STANDARD})
        if record.exc_info:
            entry["exception"] = without_data(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure_logs(level: str) -> None:
    """Send every logger's records to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "httpx", "httpcore", "fontTools", "weasyprint"):
        logging.getLogger(noisy).setLevel("WARNING")
    for own in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(own)
        logger.handlers[:] = []
        logger.propagate = True
