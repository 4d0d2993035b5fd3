"""What is done when a ValeoERP is deleted.

What stays is listed, what shall go goes, and it always ends in time. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.valeoerp import DeletionPolicy, Kept
from valeo_operator.cluster.kinds import CLAIMS, ERPS, SECRETS, STATEFUL_SETS, Kind
from valeo_operator.cluster.objects import name_of, uid_of
from valeo_operator.credentials.in_use import rotating_keys, rotating_secrets
from valeo_operator.credentials.plan import required_keys
from valeo_operator.installations.decisions import Apply, Delete, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import Names
from valeo_operator.installations.plan import with_finalizer

# After this the resource goes even if something that should go could not be deleted; that is then listed as kept.
DEADLINE: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Farewell:
    """What stays behind, what is deleted now, and whether the resource may go after that."""

    kept: tuple[Kept, ...]
    effects: tuple[Effect, ...]
    release: Apply | None


def farewell(facts: Facts, now: datetime) -> Farewell:
    """The next pass over a resource that is being deleted. All else goes by garbage collection. Backups always stay."""
    data, backups = tuple(_data(facts)), tuple(_backups(facts))
    kept = tuple(_kept(kind, name, _BACKUPS) for kind, name in backups)
    if facts.erp.spec.deletion_policy is DeletionPolicy.RETAIN or not data:
        kept = (*(_kept(kind, name, _RETAINED) for kind, name in data), *kept)
        return Farewell(kept, (), _release(facts))
    effects = tuple(_deletions(facts, data))
    if _is_late(facts, now):
        kept = (*(_kept(kind, name, _COULD_NOT) for kind, name in data), *kept)
        return Farewell(kept, effects, _release(facts))
    return Farewell((), effects, None)


_RETAINED: Final = (
    "deletionPolicy is Retain: a ValeoERP of the same name takes it up again; remove it with kubectl delete"
)
_BACKUPS: Final = "backups stay in every case; remove their volume with kubectl delete when nobody needs them any more"
_COULD_NOT: Final = "it could not be deleted in time; remove it with kubectl delete"


def _data(facts: Facts) -> Iterable[tuple[Kind, str]]:
    """Volumes and Secrets of this installation that are there. Secrets that the user made are never ours.

    The archive is the same data: an empty volume of the database is filled from it.
    """
    names = facts.names
    volumes = (names.database_volume, names.archive_volume)
    yield from ((CLAIMS, name) for name in volumes if facts.find(CLAIMS, name) is not None)
    rotating = rotating_secrets(facts.erp, names) | rotating_keys(facts.erp, names)
    made = own_secrets(names) & set(required_keys(facts)) | rotating
    yield from ((SECRETS, name) for name in sorted(made) if name in facts.secrets)


def _backups(facts: Facts) -> Iterable[tuple[Kind, str]]:
    """The volumes of backups. What is in a bucket is not ours to list."""
    mine = (name_of(each) for each in facts.all(CLAIMS))
    yield from ((CLAIMS, name) for name in mine if name.startswith(facts.names.backups_prefix))


def own_secrets(names: Names) -> frozenset[str]:
    """The Secrets that the operator makes for an installation."""
    return frozenset({names.admin_secret, names.migrator_secret, *names.application_secrets, names.keys_secret})


def _deletions(facts: Facts, data: tuple[tuple[Kind, str], ...]) -> Iterable[Delete]:
    server = facts.find(STATEFUL_SETS, facts.names.database)
    if server is not None:  # first, so that the volume is let go of
        yield Delete(STATEFUL_SETS, facts.names.namespace, name_of(server), uid_of(server), "deletionPolicy is Delete")
    for kind, name in data:
        yield Delete(kind, facts.names.namespace, name, "", "deletionPolicy is Delete")


def _kept(kind: Kind, name: str, why: str) -> Kept:
    return Kept(kind=kind.name, name=name, why=why)


def _is_late(facts: Facts, now: datetime) -> bool:
    asked = facts.erp.metadata.deletion_timestamp
    return asked is not None and now - asked >= DEADLINE


def _release(facts: Facts) -> Apply:
    return Apply(ERPS, with_finalizer(facts, present=False))
