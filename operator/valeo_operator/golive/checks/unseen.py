"""Checks whose subject nothing shows to the operator yet. Each says what is missing; none can pass."""

from collections.abc import Callable, Mapping
from typing import Final

from valeo_operator.api.golive import Check
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, unknown

_API_KEYS: Final = "the ERP of this version tells the ages of its API keys to its own administrators only"
_RESTORES: Final = "the ERP of this version has no route that restores; restores are ValeoRestore objects"

_MISSING: Final[Mapping[Check, str]] = {
    Check.API_KEYS_ROTATED: _API_KEYS,
    Check.RATE_LIMIT_RESTORES: _RESTORES,
}


def _unseen(why: str) -> Callable[[Facts], Outcome]:
    def look(_: Facts) -> Outcome:
        return unknown(
            f"No check can see this yet: {why}.",
            "A newer version of the operator may see it; until then waive it with a reason, where that is allowed.",
            reason="NotSeenYet",
        )

    return look


CHECKS: Final[Mapping[Check, Callable[[Facts], Outcome]]] = {check: _unseen(why) for check, why in _MISSING.items()}
