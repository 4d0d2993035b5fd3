"""Refusals in words, with a stable `code` and every failing guard. Pure; `problem_answers` makes HTTP of them."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Failure:
    """One failing guard.

    Attributes:
        code: stable and machine-readable, e.g. `four_eyes`.
        message: what was seen, what was expected, what to do.
        field: dotted path of the input that caused it, if one did.
        facts: what was seen and what is expected, for whoever says it in other words.
    """

    code: str
    message: str
    field: str | None = None
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """The failure as it stands in the answer."""
        more = {"field": self.field, "facts": dict(self.facts)}
        return {"code": self.code, "message": self.message} | {name: value for name, value in more.items() if value}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refused request. Everything that failed is told at once.

    Attributes:
        status: HTTP status.
        code: stable code of the whole refusal.
        detail: one sentence for the person who asked.
        failures: all failing guards.
        headers: extra headers, e.g. `Retry-After`.
        facts: extra members of the answer, e.g. the current version after a conflict.
    """

    status: HTTPStatus
    code: str
    detail: str
    failures: Sequence[Failure] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status.value} {self.code}: {self.detail}"


def not_found(what: str) -> Problem:
    """The answer for an unknown id and for one of another tenant: nobody can tell which."""
    return Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no such {what}.")


def refused(code: str, detail: str, failures: Sequence[Failure] = (), **facts: Any) -> Problem:
    """409: the request is well-formed, but the state of things does not allow it."""
    return Problem(HTTPStatus.CONFLICT, code, detail, failures, facts=facts)


def invalid(code: str, detail: str, failures: Sequence[Failure] = ()) -> Problem:
    """422: a value that can be read but not accepted."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, code, detail, failures)


def unavailable(code: str, detail: str, retry_after_seconds: int = 2) -> Problem:
    """503: come back later; nothing was changed."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, headers={"Retry-After": str(retry_after_seconds)})
