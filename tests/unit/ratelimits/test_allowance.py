"""Limits: how they are read, and that leases of any number of processes never give more than the limit."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItem, parse

from valeo_erp.identity.scopes import Scope
from valeo_erp.ratelimits.allowance import (
    Asker,
    LimitKind,
    RateLimitsInvalidError,
    granted,
    kind_of,
    limits_of,
    read_limits,
    share_of,
)
from valeo_erp.ratelimits.leases import Leases

MINUTE = parse("100/minute")


class Sums:
    """What the database does, in memory: it adds, and says how many are taken then."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, float]] = Counter()
        self.asked = 0

    async def __call__(self, key: str, starts_at: float, amount: int, wanted: int) -> int:
        self.asked += 1
        self.taken[key, starts_at] = min(self.taken[key, starts_at], amount) + wanted
        return self.taken[key, starts_at]


async def spend(leases: Leases, item: RateLimitItem, now: float, who: str = "olga") -> bool:
    lease = await leases.provide(item, who, now)
    if lease.left == 0:
        return False
    lease.left -= 1
    return True


def test_the_customers_limits_hold_unless_others_are_configured() -> None:
    limits = read_limits("")
    assert {kind: (item.amount, item.get_expiry()) for kind, item in limits.items()} == {
        LimitKind.REQUESTS: (100, 60),
        LimitKind.EXPORTS: (10, 60),
        LimitKind.RESTORE: (5, 60),
        LimitKind.OPEN: (600, 60),
    }
    assert read_limits("exports=3/hour")[LimitKind.EXPORTS] == parse("3/hour")


@pytest.mark.parametrize("text", ["requests", "requests=many", "guests=1/minute", "requests=0/minute", "open=1/year"])
def test_a_limit_that_cannot_be_read_says_what_is_expected(text: str) -> None:
    with pytest.raises(RateLimitsInvalidError, match="expected"):
        read_limits(text)


def test_exports_and_restores_are_counted_by_themselves() -> None:
    assert kind_of(Scope.DOCS_EXPORT) is kind_of(Scope.LEDGER_EXPORT) is LimitKind.EXPORTS
    assert kind_of(Scope.OPS_RESTORE) is LimitKind.RESTORE
    assert kind_of(Scope.SALES_WRITE) is LimitKind.REQUESTS


@given(st.integers(1, 1000), st.lists(st.integers(1, 50), max_size=60))
def test_grants_together_are_never_more_than_the_limit(amount: int, wishes: list[int]) -> None:
    taken = given_away = 0
    for wanted in wishes:
        taken = min(taken, amount) + wanted
        given_away += granted(amount, taken, wanted)
    assert given_away == min(amount, sum(wishes))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=400), st.integers(1, 120))
def test_processes_together_pass_at_most_the_limit_and_leave_at_most_a_tenth_unused_in_each(
    turns: list[int], amount: int
) -> None:
    item = parse(f"{amount}/minute")
    sums = Sums()
    processes = [Leases(sums) for _ in range(3)]

    async def run() -> tuple[int, bool]:
        passed, refused = 0, False
        for turn in turns:
            if await spend(processes[turn], item, 60.0):
                passed += 1
            else:
                refused = True
        return passed, refused

    passed, refused = asyncio.run(run())
    assert passed <= amount
    if refused:
        assert passed >= amount - 2 * (share_of(amount) - 1)


async def test_a_process_alone_may_use_the_whole_limit_and_asks_the_database_no_more_when_it_is_spent() -> None:
    sums = Sums()
    leases = Leases(sums)
    assert [await spend(leases, MINUTE, 61.0) for _ in range(100)] == [True] * 100
    asked = sums.asked
    assert [await spend(leases, MINUTE, 119.9) for _ in range(50)] == [False] * 50
    assert sums.asked == asked < 45


async def test_a_new_window_begins_anew_and_others_are_not_touched() -> None:
    leases = Leases(Sums())
    for _ in range(101):
        await spend(leases, MINUTE, 59.0)
    assert not await spend(leases, MINUTE, 59.9)
    assert await spend(leases, MINUTE, 59.9, "max")
    assert await spend(leases, MINUTE, 60.0)


def test_who_tries_the_limits_has_narrow_ones_and_never_wider_ones_than_others() -> None:
    wide = limits_of(Asker.LIMIT_TEST, read_limits("requests=1000000/minute, exports=10000/minute"))
    narrow = limits_of(Asker.LIMIT_TEST, read_limits("requests=3/minute, exports=60/hour"))
    assert {str(wide[LimitKind.REQUESTS]), str(wide[LimitKind.EXPORTS])} == {"20 per 1 minute", "5 per 1 minute"}
    assert {str(narrow[LimitKind.REQUESTS]), str(narrow[LimitKind.EXPORTS])} == {"3 per 1 minute", "60 per 1 hour"}


def test_smoke_tests_are_not_held_up_by_narrow_limits_and_everybody_else_is() -> None:
    configured = read_limits("")
    assert str(limits_of(Asker.SMOKE_TEST, configured)[LimitKind.REQUESTS]) == "1200 per 1 minute"
    assert limits_of(Asker.ANYBODY, configured) == configured
