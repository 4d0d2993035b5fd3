"""From the fields of a small form to the body that the API takes, or to a refusal that names the fields."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar

from fastapi import Response
from pydantic import BaseModel, ValidationError

from valeo_erp.kernel.problems import Failure, invalid

Body = TypeVar("Body", bound=BaseModel)

_LONGEST_WHOLE_NUMBER = 9


def body_of(model: type[Body], fields: Mapping[str, object]) -> Body:
    """What the API would be sent; empty fields are left out.

    Raises:
        Problem: 422 with every field that is wrong.
    """
    try:
        return model.model_validate({name: value for name, value in fields.items() if value != ""})
    except ValidationError as error:
        failures = [
            Failure(fault["type"], fault["msg"], ".".join(str(part) for part in fault["loc"]) or None)
            for fault in error.errors(include_url=False)
        ]
        raise invalid("faulty_form", "What was typed can not be read; see the failures.", failures) from error


def whole(text: str) -> int | str:
    """A whole number that was typed; anything else stays as it is, for the model to refuse."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_WHOLE_NUMBER else text


def decimal(text: str) -> str:
    """A number with a comma or a point, as the API reads it."""
    return text.strip().replace(",", ".")


def seen_version(fields: Mapping[str, str]) -> int:
    """The version that the person saw.

    Raises:
        Problem: 422 when the form was tampered with.
    """
    found = whole(fields.get("version", ""))
    if isinstance(found, str):
        raise invalid("version_missing", "The form does not say which version was seen. Load it again.")
    return found


def done() -> Response:
    """The page then loads what changed: it is there with the commit, after this answer was made."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": "valeo:done"})
