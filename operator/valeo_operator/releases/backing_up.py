"""BackingUp: before the schema is changed, a fresh and verified backup of the live data is there. Pure."""

from datetime import datetime

from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.backups.before_migration import cover
from valeo_operator.installations.facts import Facts
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.verdict import Verdict


def backing_up(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """One look. A backup that fails ends the rollout with nothing touched."""
    found = cover(current, facts, now)
    if found.fails is not None:
        return Verdict(Outcome.FAILS, found.fails)
    if found.waits is not None:
        return Verdict(Outcome.STAYS, found.waits, found.effects)
    return Verdict(Outcome.DONE)
