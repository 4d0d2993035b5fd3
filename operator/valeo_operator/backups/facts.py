"""What was seen of the data operations of one installation in one pass: live reads, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from valeo_operator.api.backup_settings import Backup, BackupDestination, BackupsStatus
from valeo_operator.api.point_in_time import PointInTimeStatus
from valeo_operator.api.valeobackup import BackupPhase, ValeoBackup
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.api.valeorestore import RestorePhase, ValeoRestore
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.installations.facts import Answer
from valeo_operator.installations.names import ERRAND_LABEL, Names

FINAL_RESTORES = frozenset({RestorePhase.COMPLETE, RestorePhase.FAILED, RestorePhase.CANCELLED})
JOB_NAME_LABEL = "batch.kubernetes.io/job-name"


@dataclass(frozen=True)
class DataFacts:
    """One installation as it is. `logs`: the end of what the pod of a Job wrote, by the Job's name, where needed.

    `archive`: how far the archive of the embedded database reaches; None where none is asked for.
    """

    erp: ValeoERP
    settings: Backup
    backups: tuple[ValeoBackup, ...] = ()
    restores: tuple[ValeoRestore, ...] = ()
    releases: Mapping[str, ValeoRelease] = field(default_factory=dict)
    jobs: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    claims: Mapping[str, Object] = field(default_factory=dict)
    lock: Object | None = None
    logs: Mapping[str, str] = field(default_factory=dict)
    answer: Answer | None = None
    archive: PointInTimeStatus | None = None

    @cached_property
    def names(self) -> Names:
        """The names of everything that belongs to it."""
        return Names.of(self.erp.metadata)

    @property
    def told(self) -> BackupsStatus:
        """What was last told of the backups."""
        return self.erp.status.backups or BackupsStatus()

    @property
    def active_release(self) -> ValeoRelease | None:
        """The release whose image makes and restores the backups."""
        return self.releases.get(self.erp.status.active_release or "")

    def destination_of(self, backup: ValeoBackup) -> BackupDestination | None:
        """Where a backup is or goes; None where the spec knows that place no longer."""
        return self.settings.destination(backup.spec.destination or "")

    def backup(self, name: str) -> ValeoBackup | None:
        """One of the backups."""
        return next((each for each in self.backups if each.metadata.name == name), None)

    def restore(self, name: str) -> ValeoRestore | None:
        """One of the restores."""
        return next((each for each in self.restores if each.metadata.name == name), None)

    @cached_property
    def good(self) -> tuple[ValeoBackup, ...]:
        """The good backups, newest first."""
        good = [each for each in self.backups if each.status.phase is BackupPhase.GOOD and each.status.began]
        return tuple(sorted(good, key=lambda each: (each.status.began, each.metadata.name), reverse=True))

    def jobs_of(self, key: str) -> list[Object]:
        """The Jobs of one errand, in the order in which they were sent."""
        mine = [each for each in self.jobs if label(each, ERRAND_LABEL) == key]
        return sorted(mine, key=lambda each: (str(dig(each, "metadata", "creationTimestamp")), name_of(each)))

    def pods_of(self, job: Object) -> list[Object]:
        """The pods of a Job."""
        return [pod for pod in self.pods if label(pod, JOB_NAME_LABEL) == name_of(job)]
