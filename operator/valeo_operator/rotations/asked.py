"""When a credential is to be replaced: somebody asks by annotation, or it is old. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.rotation import CredentialStatus, RotationInterval
from valeo_operator.golive.catalogue import span
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import ROTATE_ANNOTATION

# `database`, `keys,emergency`; after @ anything that tells one time from the next.
_VALUE: Final = re.compile(r"(?P<what>database|keys|all)(?P<emergency>,emergency)?(@.{1,64})?")
PATIENCE: Final = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """What a person asks for. `value`: of the annotation; `problem`: why it can't be taken up."""

    value: str
    emergency: bool = False
    problem: str = ""
    of: frozenset[str] = frozenset()


def wish(facts: Facts) -> Wish | None:
    """What the annotation asks for, unless it was taken up already."""
    value = facts.erp.metadata.annotations.get(ROTATE_ANNOTATION) or ""
    if not value or value == facts.erp.status.acts.rotate:
        return None
    read = _VALUE.fullmatch(value)
    if read is None:
        return Wish(value, problem=f"{value!r} is not known; write database, keys or all, or database,emergency")
    of = frozenset({"database", "keys"}) if read["what"] == "all" else frozenset({read["what"]})
    if facts.erp.spec.embedded_database is None and "keys" not in of:
        return Wish(
            value, problem="the logins at an external database are yours: change the Secret that the spec names"
        )
    return Wish(value, emergency=read["emergency"] is not None, of=of)


def due_at(told: CredentialStatus, interval: RotationInterval | None) -> datetime | None:
    """When a credential is replaced by schedule; None where it is not, or where its age is not known."""
    if interval is None or interval.suspend or told.since is None:
        return None
    return told.since + span(interval.every)


def oldest_at(told: CredentialStatus | None, interval: RotationInterval | None) -> datetime | None:
    """When it is too old: its time is over, and so is the day in which its replacement is expected to begin."""
    if interval is None or told is None or told.since is None:
        return None
    return told.since + span(interval.every) + PATIENCE
