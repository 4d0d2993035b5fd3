"""A smoke test of the rights: on every route that the service describes, each side of the border between the roles."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from valeo_erp.identity.scopes import ROLE_SCOPES, Role, Scope, scopes_of
from valeo_erp.identity.smoke import ROLES, Person
from valeo_erp.operations.smoke_course import Course, FailedError, expect
from valeo_erp.ratelimits.allowance import LimitKind, kind_of

_NOBODY = UUID(int=0)
_MOST_TOLD = 3
_AT_ONE_TIME = 8
_PERSON_OF = {role: person for person, role in ROLES.items() if person is not Person.HURRIED}
_WEAKEST_FIRST = sorted(ROLE_SCOPES, key=lambda role: len(ROLE_SCOPES[role]))


@dataclass(frozen=True)
class Trial:
    """One request of one role. `scope` is the one that it lacks; None where it must be let in."""

    method: str
    path: str
    role: Role
    scope: Scope | None


async def roles(course: Course) -> str:
    """Every guarded route refuses the strongest role that lacks its scope; those that can be read let the weakest in.

    The roles of the matrix contain each other, so that the two sides of the border stand for all four.
    """
    described = expect(await course.http.get("/openapi.json"), httpx.codes.OK).json()
    trials = list(trials_of(described["paths"]))
    if not any(trial.scope for trial in trials):
        raise FailedError("no route that is described says which scope it needs")
    places = asyncio.Semaphore(_AT_ONE_TIME)
    wrong = [seen for seen in await asyncio.gather(*(_try(course, each, places) for each in trials)) if seen]
    if wrong:
        raise FailedError(f"{len(wrong)} of {len(trials)} wrong: {'; '.join(wrong[:_MOST_TOLD])}")
    refused = sum(trial.scope is not None for trial in trials)
    return f"{refused} refused with 403, {len(trials) - refused} let in"


def trials_of(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[Trial]:
    """Both sides of the border for each route that names its scope. Pure.

    What counts as an export is not asked for by who may have it: the tests of the exports do that.
    """
    for path, operations in paths.items():
        for method, operation in operations.items():
            for scope in map(Scope, operation.get("x-required-scope", ())):
                without = [role for role in _WEAKEST_FIRST if scope not in scopes_of({role})]
                having = [role for role in _WEAKEST_FIRST if scope in scopes_of({role})]
                if without:
                    yield Trial(method, path, without[-1], scope)
                if having and method == "get" and "{" not in path and kind_of(scope) is LimitKind.REQUESTS:
                    yield Trial(method, path, having[0], None)


async def _try(course: Course, trial: Trial, places: asyncio.Semaphore) -> str | None:
    """What was wrong with the answer; its body is not read, for a stream would not end."""
    address = "/".join(str(_NOBODY) if part.startswith("{") else part for part in trial.path.split("/"))
    headers = course.header(_PERSON_OF[trial.role])
    async with places, course.http.stream(trial.method.upper(), address, headers=headers) as answer:
        if trial.scope is None:
            good = answer.is_success
        else:
            told = (await answer.aread(), answer.json()) if answer.status_code == httpx.codes.FORBIDDEN else None
            good = told is not None and told[1].get("scope") == trial.scope
    return None if good else f"{trial.role} {trial.method.upper()} {trial.path}: {answer.status_code}"
