"""Versions of stored things as ETags: whoever changes something says which version was seen."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Header

from valeo_erp.kernel.problems import Problem

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=100, description='The ETag of the version you saw, such as "3"')
]

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int:
    """The version that the client saw, from its `If-Match`.

    Raises:
        Problem: 428 without the header, 400 when it is not an ETag of this service.
    """
    if if_match is None:
        raise Problem(
            HTTPStatus.PRECONDITION_REQUIRED,
            "if_match_missing",
            'Say which version you saw: send the ETag of your last read as If-Match, such as "3".',
        )
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "if_match_invalid", 'If-Match must be one ETag of this service, such as "3".'
        )
    return int(found[1])


def require_version(expected: int, current: int) -> None:
    """Refuse a change of something that another change came before.

    Raises:
        Problem: 412 with the current version.
    """
    if expected != current:
        raise Problem(
            HTTPStatus.PRECONDITION_FAILED,
            "version_conflict",
            f"You saw version {expected}, now it is version {current}: somebody else changed it. Read it again.",
            headers={"ETag": etag(current)},
            facts={"current_version": current},
        )
