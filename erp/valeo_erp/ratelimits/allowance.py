"""Which limit a request counts against, and how the configured limits are read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItem, parse

from valeo_erp.identity.scopes import Scope


class LimitKind(StrEnum):
    """What is counted separately."""

    REQUESTS = "requests"
    EXPORTS = "exports"
    RESTORE = "restore"
    OPEN = "open"


class Asker(StrEnum):
    """Who asks, as far as the limits differ."""

    ANYBODY = "anybody"
    SMOKE_TEST = "smoke test"
    LIMIT_TEST = "limit test"
    """The one person of the smoke tests who asks until he is refused."""


KIND_OF: Mapping[Scope, LimitKind] = {
    Scope.DOCS_EXPORT: LimitKind.EXPORTS,
    Scope.LEDGER_EXPORT: LimitKind.EXPORTS,
    Scope.GDPR_EXPORT: LimitKind.EXPORTS,
    Scope.OPS_RESTORE: LimitKind.RESTORE,
}
"""Scopes whose routes are dear. All others count as ordinary requests."""

DEFAULTS = "requests=100/minute, exports=10/minute, restore=5/minute, open=600/minute"
DEVELOPMENT = "requests=1200/minute, exports=120/minute, restore=5/minute, open=6000/minute"
"""Beside the development provider, where demos and tests share few names; and for smoke tests at least."""

TRIED = "requests=20/minute, exports=5/minute"
"""For the one person of the smoke tests who asks until he is refused: few requests, however wide the limits are."""

SHARES = 10
"""A process leases a tenth of what is free, so that little is left unused in it when another one needs it."""

LONGEST_WINDOW_SECONDS = 86_400


class RateLimitsInvalidError(ValueError):
    """`VALEO_RATE_LIMITS` does not say what it should."""


@dataclass(frozen=True)
class Standing:
    """How somebody stands against a limit after a request.

    Attributes:
        amount: of requests in a window.
        remaining: how many more are sure to pass in this window, as far as this process knows.
        reset_seconds: until the window ends.
    """

    amount: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """As clients read it (draft-ietf-httpapi-ratelimit-headers-07)."""
        return {
            "RateLimit-Limit": str(self.amount),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


def kind_of(scope: Scope) -> LimitKind:
    """The limit that a route with this scope counts against."""
    return KIND_OF.get(scope, LimitKind.REQUESTS)


def read_limits(text: str) -> dict[LimitKind, RateLimitItem]:
    """The limits of a text such as `requests=100/minute, exports=10/minute`; what it leaves out is as by default.

    Raises:
        RateLimitsInvalidError: it says what was seen and what is expected.
    """
    return _read(DEFAULTS) | _read(text)


def limits_of(asker: Asker, configured: Mapping[LimitKind, RateLimitItem]) -> dict[LimitKind, RateLimitItem]:
    """Whoever tries the limits has never wider ones than everybody else, the other smoke tests never narrower ones."""
    own, choose = {Asker.SMOKE_TEST: (DEVELOPMENT, max), Asker.LIMIT_TEST: (TRIED, min)}.get(asker, ("", max))
    return {
        **configured,
        **{kind: choose(item, configured[kind], key=_per_second) for kind, item in _read(own).items()},
    }


def _per_second(item: RateLimitItem) -> float:
    return float(item.amount / item.get_expiry())


def _read(text: str) -> dict[LimitKind, RateLimitItem]:
    return dict(_read_one(part.strip()) for part in text.split(",") if part.strip())


def _read_one(part: str) -> tuple[LimitKind, RateLimitItem]:
    name, _, rate = part.partition("=")
    try:
        kind, item = LimitKind(name.strip()), parse(rate.strip())
    except ValueError as error:
        known = ", ".join(LimitKind)
        raise RateLimitsInvalidError(
            f"VALEO_RATE_LIMITS has {part!r}; expected NAME=COUNT/minute with a name of: {known}"
        ) from error
    if item.amount < 1 or item.get_expiry() > LONGEST_WINDOW_SECONDS:
        raise RateLimitsInvalidError(f"VALEO_RATE_LIMITS has {part!r}; expected at least 1, within a day at most")
    return kind, item


def share_of(free: int) -> int:
    """How many requests a process leases at once, when so many are free."""
    return max(1, free // SHARES)


def granted(amount: int, taken: int, wanted: int) -> int:
    """How many of the wanted ones a process got, when `taken` is the count after it asked for them."""
    return max(0, min(wanted, amount - (taken - wanted)))
