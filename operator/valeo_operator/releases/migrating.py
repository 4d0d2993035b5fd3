"""Migrating: roles and schema are brought to what the release needs, if everything that runs can work on it. Pure."""

from datetime import datetime

from valeo_operator.api.conditions import Reason
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.backups.before_migration import turn_of_migration
from valeo_operator.colours.desired import image_of
from valeo_operator.credentials.in_use import first_logins
from valeo_operator.credentials.plan import required_keys
from valeo_operator.databases.plan import database_waits
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import Progress, is_under_way, progress, was_begun
from valeo_operator.installations.decisions import Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import CONTRACT_ANNOTATION
from valeo_operator.releases.acts import may_contract
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.schema import contractions, range_of, tolerates
from valeo_operator.releases.verdict import Verdict, is_active, stays


def migrating(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """One look. The revision is believed when it was read back."""
    waits = database_waits(facts, now)
    if waits is not None:
        return stays(waits)
    if _runs_on_it(current, facts):
        return Verdict(Outcome.DONE)
    refused = None if was_begun(migrate_order(current, facts), facts) else refusal(current, facts)
    if refused is not None:
        return Verdict(Outcome.FAILS, refused)
    turn = turn_of_migration(current, facts, now)
    if turn.waits is not None:
        return Verdict(Outcome.STAYS, turn.waits, turn.effects)
    if facts.erp.spec.embedded_database is not None:
        provided = progress(_provision_order(current, facts), facts, now)
        if provided.result is None:
            return unfinished(provided)
    return _migrated(current, progress(migrate_order(current, facts), facts, now))


def unfinished(sent: Progress) -> Verdict:
    """A Job is waited for."""
    return Verdict(Outcome.STAYS, sent.finding, sent.effects, sent.wake_at)


def _runs_on_it(current: ValeoRelease, facts: Facts) -> bool:
    """Whether this very release already answers as ready: then the schema is what it needs."""
    answer = facts.active_answer
    answers = answer is not None and answer.ready and answer.release == current.metadata.name
    return answers and is_active(current, facts)


def is_migrated_now(current: ValeoRelease, facts: Facts) -> bool:
    """Whether the migration runs: it is never left half way."""
    return is_under_way(migrate_order(current, facts), facts)


def refusal(current: ValeoRelease, facts: Facts) -> Finding | None:
    """Why the schema must not be migrated for this release; decided before anything is touched."""
    live = facts.live_revision
    checks = (_behind_the_schema, _active_suffers, _contracts)
    return next((found for check in checks if (found := check(current, live, facts)) is not None), None)


def _knows(current: ValeoRelease, live: str) -> bool:
    return live in {"", current.spec.schema_revision, *current.spec.schema_chain}


def _behind_the_schema(current: ValeoRelease, live: str, facts: Facts) -> Finding | None:
    """The database is ahead of the release: that is fine if every step ahead only added."""
    if _knows(current, live):
        return None
    can = tolerates(current, live, facts.releases.values())
    if can.holds:
        return None
    return _refused(
        current,
        f"the live schema is at revision {live}, and {can.why}",
        f"a revision of {range_of(current.spec)}",
        "name an image in spec.image that was made for this schema or a later one",
    )


def _active_suffers(current: ValeoRelease, live: str, facts: Facts) -> Finding | None:
    """The active colour works on while the schema changes under it."""
    active = facts.proven_release
    if active is None or not _knows(current, live) or live == current.spec.schema_revision:
        return None
    can = tolerates(active, current.spec.schema_revision, [current])
    if can.holds:
        return None
    return _refused(
        current,
        f"the active release {active.metadata.name} can't work on revision {current.spec.schema_revision}: {can.why}",
        f"a revision of {range_of(active.spec)}",
        "bring a release first that needs no longer what is taken away, then this one",
    )


def _contracts(current: ValeoRelease, live: str, facts: Facts) -> Finding | None:
    steps = contractions(current.spec, live) if live and _knows(current, live) else ()
    if not steps or may_contract(current.metadata.name, facts):
        return None
    told = ", ".join(f"{each.revision} ({each.kind.value})" for each in steps)
    return _refused(
        current,
        f"its migration does more than add: {told}; after it there is no rollback to releases that need what it takes",
        "an approval of its own for taking something away",
        f"set the annotation {CONTRACT_ANNOTATION}: {current.metadata.name} when no such rollback is needed any more",
    )


def _refused(current: ValeoRelease, observed: str, expected: str, next_step: str) -> Finding:
    subject = f"ValeoRelease/{current.metadata.name}"
    return Finding(Reason.MIGRATION_REFUSED, subject, observed, expected, next_step, blocking=True)


def _migrated(current: ValeoRelease, sent: Progress) -> Verdict:
    if sent.result is None:
        return _dirty(current, sent) or unfinished(sent)
    revision, before = str(sent.result.told.get("revision") or ""), sent.result.told.get("before")
    if revision in {current.spec.schema_revision, before}:  # the same as before: the database is ahead of the code
        return Verdict(Outcome.DONE, schema_revision=revision)
    return Verdict(Outcome.DIRTY, _dirty_schema(current, revision), schema_revision=revision)


def _dirty(current: ValeoRelease, sent: Progress) -> Verdict | None:
    told = sent.failed_with or {}
    before, revision = told.get("before"), told.get("revision")
    if revision is None or revision in {before, current.spec.schema_revision}:
        return None
    return Verdict(Outcome.DIRTY, _dirty_schema(current, str(revision)), schema_revision=str(revision))


def _dirty_schema(current: ValeoRelease, revision: str) -> Finding:
    return Finding(
        Reason.SCHEMA_DIRTY,
        "the schema of the database",
        f"the migration left it at revision {revision or 'none'}",
        f"revision {current.spec.schema_revision}",
        "read the log of the migration Job, put the schema right, then ask anew with the annotation valeoerp.io/retry",
        blocking=True,
    )


def _provision_order(current: ValeoRelease, facts: Facts) -> errands.Order:
    return errands.provision(
        facts.erp.spec, facts.names, image_of(current), _salt(current, facts), first_logins(facts.erp, facts.names)
    )


def migrate_order(current: ValeoRelease, facts: Facts) -> errands.Order:
    """The migration of this release, with the logins of this moment."""
    return errands.migrate(facts.erp.spec, facts.names, image_of(current), _salt(current, facts))


def _salt(current: ValeoRelease, facts: Facts) -> str:
    """Release and login versions: a corrected Secret is a new errand, sent at once."""
    versions = [
        f"{name}={facts.secrets[name].version}" for name in sorted(required_keys(facts)) if name in facts.secrets
    ]
    return " ".join([current.metadata.name, *versions])
