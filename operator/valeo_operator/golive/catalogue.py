"""The shipped checklist, and the hash by which approvals are bound to a checklist."""

import hashlib
import json
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from valeo_operator.api.golivechecklist import ChecklistEntry, GoLiveChecklistSpec

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
WAIVERS: Final = "go-live-waivers"


@cache
def shipped() -> GoLiveChecklistSpec:
    """The checklist that holds where an installation names none."""
    text = files(__package__).joinpath("checklist.yaml").read_text(encoding="utf-8")
    return GoLiveChecklistSpec.model_validate(yaml.safe_load(text))


def checklist_hash(checklist: GoLiveChecklistSpec) -> str:
    """The digest of everything that the checklist says: a changed line or role makes another one."""
    text = json.dumps(checklist.to_object(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def span(duration: str) -> timedelta:
    """The time span that a duration like `24h` says."""
    return timedelta(**{_UNITS[duration[-1]]: int(duration[:-1])})


def groups_of(checklist: GoLiveChecklistSpec, role: str) -> frozenset[str]:
    """The groups whose members have a role; none where the checklist does not know it."""
    return frozenset(group for each in checklist.roles if each.role == role for group in each.groups)


def entry_of(checklist: GoLiveChecklistSpec, gate: str) -> ChecklistEntry | None:
    """The entry with this id."""
    return next((entry for entry in checklist.entries if entry.id == gate), None)
