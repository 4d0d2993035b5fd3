"""What a check came to: what was seen, with the reason in one word and in a sentence."""

import hashlib
import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from valeo_operator.api.golive import Result

_LONGEST_SUMMARY: Final = 1000


@dataclass(frozen=True)
class Outcome:
    """Pass, Fail or Unknown; nothing else can come out of a check. `evidence` is what was seen, as JSON values.

    `seen_at` is when, where that was not at this look: a pass holds from then on.
    """

    result: Result
    reason: str
    message: str
    next_step: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    seen_at: datetime | None = None

    def __post_init__(self) -> None:
        """A pass shows what it rests on."""
        if self.result not in {Result.PASS, Result.FAIL, Result.UNKNOWN}:
            raise ValueError(f"a check can't come to {self.result}")
        if self.result is Result.PASS and not self.evidence:
            raise ValueError(f"a pass without evidence: {self.message}")

    @property
    def digest(self) -> str:
        """The digest of what was seen."""
        text = json.dumps(self.evidence, sort_keys=True, separators=(",", ":"), default=str)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @property
    def summary(self) -> str:
        """What was seen, in short."""
        return json.dumps(self.evidence, sort_keys=True, ensure_ascii=False, default=str)[:_LONGEST_SUMMARY]


def passed(message: str, **evidence: Any) -> Outcome:
    """It was seen to hold."""
    return Outcome(Result.PASS, "Holds", message, evidence=evidence)


def failed(message: str, next_step: str, **evidence: Any) -> Outcome:
    """It was seen not to hold."""
    return Outcome(Result.FAIL, "DoesNotHold", message, next_step, evidence)


def unknown(message: str, next_step: str, reason: str = "NotSeen") -> Outcome:
    """It could not be seen."""
    return Outcome(Result.UNKNOWN, reason, message, next_step)


def is_number(value: float | None) -> bool:
    """Whether this is a number that can be compared: not absent, not NaN, not infinite."""
    return value is not None and math.isfinite(value)
