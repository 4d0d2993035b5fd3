"""`valeo-erp smoke`: does a running service do its work? One line for each test, in the order of `TESTS`.

The tests walk one invoice of a tenant of their own to where it could be posted, and then cancel it. Nothing is posted:
what is in the journal stays there for ever, also that of a test. Then each role is tried on every route, a person who
does not exist is exported and erased, and one who asks too often is told to come back later.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import httpx

from valeo_erp.kernel.clock import Clock, system_clock
from valeo_erp.operations import smoke_limits, smoke_open, smoke_person, smoke_rights, smoke_work
from valeo_erp.operations.smoke_course import Course, FailedError, Told

TIMEOUT_SECONDS = 20.0
_LONGEST_REASON = 160
"""All together must fit into the 4 KiB of a termination message."""


@dataclass(frozen=True)
class Test:
    """One test.

    Attributes:
        run: gives what was seen.
        needs: the test without which this one can not be made.
    """

    name: str
    run: Callable[[Course], Awaitable[str]]
    needs: str | None = None


TESTS = (
    Test("healthz", smoke_open.healthz),
    Test("readyz", smoke_open.readyz),
    Test("metrics", smoke_open.metrics),
    Test("openapi", smoke_open.openapi),
    Test("docs", smoke_open.docs),
    Test("stranger", smoke_open.stranger),
    Test("login", smoke_work.login),
    Test("listen", smoke_work.listen, "login"),
    Test("create", smoke_work.create, "login"),
    Test("submit", smoke_work.submit, "create"),
    Test("refuse", smoke_work.refuse, "submit"),
    Test("approve", smoke_work.approve, "submit"),
    Test("print", smoke_work.print_pdf, "create"),
    Test("export", smoke_work.export, "create"),
    Test("cancel", smoke_work.cancel, "create"),
    Test("events", smoke_work.events, "listen"),
    Test("roles", smoke_rights.roles, "login"),
    Test("party", smoke_person.party, "login"),
    Test("bundle", smoke_person.bundle, "party"),
    Test("erase", smoke_person.erase, "bundle"),
    Test("limit-exports", smoke_limits.exports, "login"),
    Test("limit-requests", smoke_limits.requests, "login"),
)
SMOKE_TESTS = tuple(test.name for test in TESTS)


@dataclass(frozen=True)
class Target:
    """What is tested.

    Attributes:
        url: of the service.
        key: with which the persons sign in, None if there is none.
        release: which must answer, None if any may.
    """

    url: str
    key: bytes | None
    release: str | None = None


def smoke(
    target: Target,
    result: Path | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock = system_clock,
) -> int:
    """Run all tests, tell each result, and give the exit status: 0 if all are good.

    `result` is a file that is told the same as one JSON object: passed, failed with reasons, total.
    """
    told = asyncio.run(walk(target, transport, clock))
    passed = [name for name, good, _ in told if good]
    failed = [{"name": name, "reason": seen[:_LONGEST_REASON]} for name, good, seen in told if not good]
    for name, good, seen in told:
        sys.stdout.write(f"{'ok    ' if good else 'FAILED'} {name:<14} {seen}\n")
    sys.stdout.write(f"{len(passed)} of {len(TESTS)} tests passed at {target.url}\n")
    if result is not None:
        answer = {"passed": passed, "failed": failed, "total": len(TESTS)}
        result.write_text(f"{json.dumps(answer)}\n", encoding="utf-8")
    return 1 if failed else 0


async def walk(
    target: Target, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = system_clock
) -> list[Told]:
    """Every test with what was seen; one whose ground is missing is failed too, and says what it lacked."""
    told: list[Told] = []
    async with (
        httpx.AsyncClient(base_url=target.url, timeout=TIMEOUT_SECONDS, transport=transport) as http,
        aclosing(Course(http, target.key, target.release, clock)) as course,
    ):
        for test in TESTS:
            told.append(await _outcome(test, course, told))
    return told


async def _outcome(test: Test, course: Course, told: list[Told]) -> Told:
    if test.needs and not any(good for name, good, _ in told if name == test.needs):
        return test.name, False, f"not tried, because {test.needs} failed"
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return test.name, True, await test.run(course)
    except FailedError as failed:
        return test.name, False, str(failed)
    except TimeoutError:
        return test.name, False, f"no answer within {TIMEOUT_SECONDS:g} s"
    except (httpx.HTTPError, ValueError, KeyError, AttributeError, TypeError) as error:
        return test.name, False, f"{type(error).__name__}: {error}"
