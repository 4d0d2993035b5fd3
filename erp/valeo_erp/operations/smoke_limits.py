"""Smoke tests of the limits: one person asks until the service says, in the form that clients know, to come back later.

He has small limits of his own, so that it takes few requests wherever the limits of all others stand.

Each sends at most what two windows let through and one more: the window may end while it is being filled.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from valeo_erp.identity.smoke import Person
from valeo_erp.operations.smoke_course import Course, FailedError
from valeo_erp.ratelimits.allowance import LimitKind

_OF_A_DAY_WITHOUT_ANY = {"dialect": "machine", "from": "2000-01-01", "to": "2000-01-01"}
_AT_ONE_TIME = 8
_LONGEST_WAIT_SECONDS = 60


async def exports(course: Course) -> str:
    """Exports have a small limit of their own."""
    ask = partial(course.get, "/exports/invoices.csv", Person.HURRIED, **_OF_A_DAY_WITHOUT_ANY)
    return await _until_refused(ask, LimitKind.EXPORTS)


async def requests(course: Course) -> str:
    """All other requests have a larger one."""
    return await _until_refused(partial(course.get, "/me", Person.HURRIED), LimitKind.REQUESTS)


async def _until_refused(ask: Callable[[], Awaitable[httpx.Response]], kind: LimitKind) -> str:
    first = await ask()
    limit = int(first.headers.get("RateLimit-Limit", 0))
    if not limit:
        raise FailedError(f"answered {first.status_code} without saying how many {kind} may come")
    sent, refused = 1, _refusal(first)
    while refused is None and sent <= 2 * limit:
        answers = await asyncio.gather(*(ask() for _ in range(_AT_ONE_TIME)))
        sent += len(answers)
        refused = next((answer for each in answers if (answer := _refusal(each))), None)
    if refused is None:
        raise FailedError(f"{sent} {kind} passed, and the limit is {limit} a minute")
    _said_in_form(refused, kind)
    return f"429 after at most {sent} of {limit} a minute, to come back in {refused.headers['Retry-After']} s"


def _refusal(answer: httpx.Response) -> httpx.Response | None:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return answer
    if not answer.is_success:
        raise FailedError(f"answered {answer.status_code} instead of 200 or 429: {answer.text[:120]!r}")
    return None


def _said_in_form(refused: httpx.Response, kind: LimitKind) -> None:
    """As problem+json, with the limit that was reached, and when to come back."""
    form, after = refused.headers.get("Content-Type", ""), refused.headers.get("Retry-After", "")
    if not form.startswith("application/problem+json"):
        raise FailedError(f"429 comes as {form or 'nothing'} instead of application/problem+json")
    told = refused.json()
    if told.get("code") != "rate_limited" or told.get("limit") != kind:
        raise FailedError(f"429 says {told.get('code')} of {told.get('limit')} instead of rate_limited of {kind}")
    if not after.isdigit() or not 1 <= int(after) <= _LONGEST_WAIT_SECONDS:
        raise FailedError(f"429 says to come back after {after or 'nothing'} instead of 1 to 60 s")
