"""What a sample of the ERP's logs tells: counts only, never a line of it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

_BAD: Final = frozenset({"ERROR", "CRITICAL", "FATAL"})
_UNSTRUCTURED: Final = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|^Traceback \(most recent call last\)")
_REQUESTS: Final = "valeo_erp.request"
_PERSONAL: Final = {
    "mail address": re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    "IBAN": re.compile(r"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?\b"),
    "token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\."),
    "password": re.compile(r"\bpostgres(?:ql)?(?:\+[a-z]+)?://[^\s:/@]+:[^\s@*]+@"),
}


@dataclass(frozen=True)
class LogFacts:
    """Counts of a sample. `restarts`: so often a container began anew; what was logged before is not in the sample."""

    pods: int = 0
    lines: int = 0
    errors: int = 0
    personal: tuple[str, ...] = ()
    requests: int = 0
    uncorrelated: int = 0
    restarts: int = 0


def read_log(text: str, restarts: int = 0) -> LogFacts:
    """Count what is in the log of one pod."""
    lines = [line for line in text.splitlines() if line.strip()]
    records = [_record(line) for line in lines]
    requests = [each for each in records if each.get("logger") == _REQUESTS]
    return LogFacts(
        pods=1,
        lines=len(lines),
        errors=sum(_is_bad(record, line) for record, line in zip(records, lines, strict=True)),
        personal=tuple(sorted(word for word, pattern in _PERSONAL.items() if pattern.search(text))),
        requests=len(requests),
        uncorrelated=sum(not each.get("correlation_id") for each in requests),
        restarts=restarts,
    )


def together(parts: Iterable[LogFacts]) -> LogFacts:
    """The counts of several pods."""
    all_of_them = list(parts)
    return LogFacts(
        pods=sum(each.pods for each in all_of_them),
        lines=sum(each.lines for each in all_of_them),
        errors=sum(each.errors for each in all_of_them),
        personal=tuple(sorted({word for each in all_of_them for word in each.personal})),
        requests=sum(each.requests for each in all_of_them),
        uncorrelated=sum(each.uncorrelated for each in all_of_them),
        restarts=sum(each.restarts for each in all_of_them),
    )


def _record(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_bad(record: dict[str, Any], line: str) -> bool:
    """Which words a message holds does not matter, where the record says its level."""
    if "level" in record:
        return str(record["level"]).upper() in _BAD
    return bool(_UNSTRUCTURED.search(line))
