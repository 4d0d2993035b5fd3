"""Checks of credentials: how old they are, as the operator saw it."""

from typing import Final

from valeo_operator.api.rotation import RotationInterval
from valeo_operator.golive.catalogue import span
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.installations.status import stamp

_INTERVAL: Final = RotationInterval().every


def rotated(facts: Facts) -> Outcome:
    """The login at the database is younger than its interval; the default one where the spec names none."""
    settings, told = facts.erp.spec.rotation, facts.erp.status.rotation
    if facts.erp.spec.embedded_database is None:
        step = "Replace it as docs/runbooks/ROTATION.md says, and waive this gate with that as the reason."
        return unknown("The login at an external database is not the operator's to know.", step, reason="NotOurs")
    since = None if told is None or told.database is None else told.database.since
    if since is None:
        return unknown("The age of the login was not observed yet.", "Look again in a minute.")
    every = _INTERVAL if settings is None else settings.database.every
    seen = {"since": stamp(since), "every": every}
    days = (facts.now - since).days
    if facts.now >= since + span(every):
        return failed(
            f"The login at the database is {days} days old, more than {every}.",
            "Run kubectl valeo rotate --wait.",
            **seen,
        )
    return passed(f"The login at the database is {days} days old, less than {every}.", **seen)
