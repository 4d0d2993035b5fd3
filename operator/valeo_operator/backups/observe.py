"""Live reads for the data operations of one installation, and the few logs that are needed."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from valeo_operator.api.backup_settings import Backup
from valeo_operator.api.point_in_time import PointInTimeStatus
from valeo_operator.api.valeobackup import ValeoBackup
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.api.valeorestore import RestorePhase, ValeoRestore
from valeo_operator.backups.catalogue import work_of_listing
from valeo_operator.backups.client import DataCluster
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.lock import lock_name
from valeo_operator.cluster.kinds import BACKUPS, CLAIMS, JOBS, LEASES, PODS, RELEASES, RESTORES, SERVICES
from valeo_operator.cluster.objects import Object, dig, holds, label, name_of
from valeo_operator.cluster.protocol import RefusedError
from valeo_operator.installations.facts import Answer
from valeo_operator.installations.names import COMPONENT_LABEL, ERRAND_LABEL, Component, Names
from valeo_operator.installations.observe import Asker
from valeo_operator.recovery.desired import CONTAINER, archiving
from valeo_operator.recovery.told import archive_told

_PROGRESS_LINES: Final = 20
_LISTING_LINES: Final = 20_000


async def observe(erp: ValeoERP, settings: Backup, cluster: DataCluster, asker: Asker) -> DataFacts:
    """Everything that a plan may depend on, read now."""
    names = Names.of(erp.metadata)
    jobs_labels = {**names.selector, COMPONENT_LABEL: Component.JOB.value}
    lock, (backups, restores, releases, jobs, pods, claims) = await asyncio.gather(
        cluster.get(LEASES, names.namespace, lock_name(names)),
        asyncio.gather(
            cluster.list(BACKUPS, names.namespace, {}),
            cluster.list(RESTORES, names.namespace, {}),
            cluster.list(RELEASES, names.namespace, names.selector),
            cluster.list(JOBS, names.namespace, jobs_labels),
            cluster.list(PODS, names.namespace, jobs_labels),
            cluster.list(CLAIMS, names.namespace, names.selector),
        ),
    )
    facts = DataFacts(
        erp=erp,
        settings=settings,
        backups=tuple(ValeoBackup.model_validate(each) for each in _of(backups, names)),
        restores=tuple(ValeoRestore.model_validate(each) for each in _of(restores, names)),
        releases={name_of(each): ValeoRelease.model_validate(each) for each in releases},
        jobs=tuple(each for each in jobs if (label(each, ERRAND_LABEL) or "").startswith("data-")),
        pods=tuple(pods),
        claims={name_of(each): each for each in claims},
        lock=lock,
    )
    logs = dict(await asyncio.gather(*(_log(job, lines, facts, cluster) for job, lines in _logs_wanted(facts))))
    archive, answer = await asyncio.gather(_archive(facts, cluster), _answer(facts, cluster, asker))
    return replace(facts, logs=logs, answer=answer, archive=archive)


def _of(found: Iterable[Object], names: Names) -> Iterable[Object]:
    """Those of this installation. Persons make them too, so labels tell nothing."""
    return (
        each
        for each in sorted(found, key=name_of)
        if dig(each, "spec", "installation") == names.name and not dig(each, "metadata", "deletionTimestamp")
    )


def _logs_wanted(facts: DataFacts) -> list[tuple[Object, int]]:
    """The progress of what runs, and the listing that came to its end."""
    listings = {work_of_listing(each, facts).key for each in facts.settings.destinations}
    wanted: list[tuple[Object, int]] = []
    for job in facts.jobs:
        complete, ended = holds(job, "Complete"), holds(job, "Complete") or holds(job, "Failed")
        if complete and label(job, ERRAND_LABEL) in listings:
            wanted.append((job, _LISTING_LINES))
        elif not ended:
            wanted.append((job, _PROGRESS_LINES))
    return wanted


async def _log(job: Object, lines: int, facts: DataFacts, cluster: DataCluster) -> tuple[str, str]:
    """A pod that has not begun, or is gone, has no log; that is a fact and no error."""
    for pod in facts.pods_of(job):
        try:
            return name_of(job), await cluster.log(facts.names.namespace, name_of(pod), lines, _working(pod))
        except RefusedError:
            continue
    return name_of(job), ""


def _working(pod: Object) -> str:
    """The container that does the work of a Job; others may have prepared it."""
    containers = dig(pod, "spec", "containers") or ()
    return str(containers[0]["name"]) if containers else ""


async def _archive(facts: DataFacts, cluster: DataCluster) -> PointInTimeStatus | None:
    """What the archivist beside the embedded database tells. A pod that has not begun has told nothing."""
    embedded = facts.erp.spec.embedded_database
    if embedded is None or archiving(embedded) is None:
        return None
    namespace, labels = facts.names.namespace, facts.names.pods_of(Component.DATABASE)
    for pod in await cluster.list(PODS, namespace, labels):
        try:
            return archive_told(await cluster.log(namespace, name_of(pod), _PROGRESS_LINES, CONTAINER))
        except RefusedError:
            continue
    return PointInTimeStatus()


async def _answer(facts: DataFacts, cluster: DataCluster, asker: Asker) -> Answer | None:
    """Asked only while a restore is to be proven."""
    if not any(each.status.phase is RestorePhase.PROVING for each in facts.restores):
        return None
    services = await cluster.list(SERVICES, facts.names.namespace, facts.names.selector)
    active = next((each for each in services if name_of(each) == facts.names.active_service), None)
    return None if active is None else await asker.ask(active)
