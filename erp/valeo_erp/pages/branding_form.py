"""From what was typed into the form of a branding to what the API would get, and back. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from valeo_erp.branding.look import Look
from valeo_erp.branding.schemas import BrandingBody
from valeo_erp.kernel.problems import Failure, Problem, invalid

ACCOUNTS = 2
FOOTER_LINES = 2
_OF_AN_ACCOUNT = ("bank_name", "iban", "bic")


def branding_body(fields: Mapping[str, str]) -> BrandingBody:
    """The body of a write.

    Raises:
        Problem: 422 with every fault, by the names of the form's fields.
    """
    first, *others = [_typed_account(fields, at) for at in range(ACCOUNTS)]
    look: dict[str, Any] = {
        "letterhead_name": fields.get("letterhead_name", ""),
        "register_entry": fields.get("register_entry", ""),
        "footer_lines": [line for line in fields.get("footer_lines", "").splitlines() if line.strip()],
        "bank_accounts": [first, *(each for each in others if any(map(str.strip, each.values())))],
        "colours": {name: fields.get(f"colours.{name}", "") for name in ("primary", "tint")},
    }
    try:
        return BrandingBody.model_validate({"look": look, "note": fields.get("note", "")})
    except ValidationError as error:
        failures = [
            Failure(fault["type"], fault["msg"], _form_field(".".join(map(str, fault["loc"]))))
            for fault in error.errors(include_url=False)
        ]
        raise invalid("faulty_branding", "The branding was not kept; see the failures.", failures) from error


def _typed_account(fields: Mapping[str, str], at: int) -> dict[str, str]:
    return {name: fields.get(f"bank_accounts.{at}.{name}", "") for name in _OF_AN_ACCOUNT}


def at_form_fields(problem: Problem) -> Problem:
    """The same refusal, its failures named after the fields of the form."""
    failures = [replace(failure, field=failure.field and _form_field(failure.field)) for failure in problem.failures]
    return replace(problem, failures=failures)


def typed(look: Look) -> dict[str, str]:
    """What stands in the fields of a look."""
    fields = {
        "letterhead_name": look.letterhead_name,
        "register_entry": look.register_entry,
        "footer_lines": "\n".join(look.footer_lines),
        "colours.primary": look.colours.primary,
        "colours.tint": look.colours.tint,
    }
    for at in range(ACCOUNTS):
        account = look.bank_accounts[at] if at < len(look.bank_accounts) else None
        for name in _OF_AN_ACCOUNT:
            fields[f"bank_accounts.{at}.{name}"] = "" if account is None else getattr(account, name)
    return fields


def _form_field(path: str) -> str:
    return re.sub(r"^(?:look\.)?(footer_lines)(?:\.\d+)?$", r"\1", path).removeprefix("look.")
