"""spec.backup and status.backups: when, where to and for how long backups are made, and how they stand."""

from typing import Annotated, ClassVar

from pydantic import Field

from valeo_operator.api.model import Model, Refusal, Rule
from valeo_operator.api.values import Message, Moment, ObjectName, Quantity, SecretKey, ShortText

CronText = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S+( \S+){4}$")]
ZoneName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z][-+_A-Za-z0-9]*(/[-+_A-Za-z0-9]+)*$")]
DestinationName = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]


class BackupVolume(Model):
    """A volume of the cluster that backups are written to. It stays when the ValeoERP is deleted."""

    size: Quantity = "5Gi"
    """Size of the volume. It may grow where the storage class can, it never shrinks."""
    storage_class_name: ObjectName | None = None
    """Storage class; absent, the cluster's default one. It can't be changed later."""


class BackupBucket(Model):
    """A bucket of an S3-compatible store that backups are written to."""

    endpoint: Annotated[str, Field(min_length=8, max_length=512, pattern=r"^https?://[^\s/?#]+$")]
    """Address of the store: scheme, host and port, as `https://s3.eu-central-1.amazonaws.com`."""
    bucket: Annotated[str, Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][-.a-z0-9]*[a-z0-9]$")]
    """Name of the bucket. It must be there."""
    prefix: Annotated[str, Field(max_length=200, pattern=r"^([-_.A-Za-z0-9]+(/[-_.A-Za-z0-9]+)*)?$")] = ""
    """Folder in the bucket; absent, the top. The name of the installation follows it."""
    region: Annotated[str, Field(max_length=64, pattern=r"^[-a-z0-9]+$")] = "us-east-1"
    """Region that requests are signed for; stores of one's own take any."""
    credentials_secret: ObjectName
    """Secret with `access-key-id` and `secret-access-key`."""


class BackupDestination(Model):
    """One place that backups are written to. Each has backups and a state of its own."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "name exactly one of volume and s3",
            "has(self.volume) != has(self.s3)",
            ".volume",
            Refusal.REQUIRED,
        ),
    )

    name: DestinationName
    """Name of the destination; ValeoBackups name it."""
    volume: BackupVolume | None = None
    """A volume of the cluster."""
    s3: BackupBucket | None = None
    """A bucket of an S3-compatible store."""


class BackupRetention(Model):
    """How long backups are kept. The newest good ones always stay, whatever stands here."""

    daily: Annotated[int, Field(ge=1, le=366)] = 30
    """Of how many of the newest days the newest good backup is kept."""
    monthly: Annotated[int, Field(ge=0, le=120)] = 12
    """Of how many of the newest months the first good backup is kept."""


class BackupEncryption(Model):
    """The key that backups are encrypted with before they leave the pod."""

    secret_name: ObjectName
    """Secret that holds the keys. Keys of older backups stay in it as long as these shall be readable."""
    key: SecretKey
    """Entry of the Secret with the key for new backups; its name is the key's id in the manifest of the backup."""


class BackupDrill(Model):
    """The restore that proves a backup: into a scratch database, with exact comparison."""

    schedule: CronText = "0 4 * * 0"
    """When the newest good backup is restored, as five-field cron in the time zone of the backups."""
    target_seconds: Annotated[int, Field(ge=1, le=604800)] = 3600
    """Recovery-time target in seconds. A drill that takes longer is told and alarmed; it still proves the backup."""
    suspend: bool = False
    """No drill begins by schedule."""


class Backup(Model):
    """When, where to and for how long backups are made."""

    schedule: CronText = "0 2 * * *"
    """When a backup is made, as five-field cron."""
    time_zone: ZoneName = "Etc/UTC"
    """Time zone of the schedules and of the days that retention counts, as `Europe/Berlin`."""
    starting_deadline_seconds: Annotated[int, Field(ge=60, le=604800)] = 21600
    """How late a missed backup may still begin, in seconds. Older missed ones are recorded only."""
    suspend: bool = False
    """No backup begins by schedule. Those that persons ask for, or a migration needs, are made all the same."""
    retention: BackupRetention = BackupRetention()
    """How long backups are kept."""
    destinations: Annotated[
        tuple[BackupDestination, ...],
        Field(
            min_length=1,
            max_length=4,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
        ),
    ] = (BackupDestination(name="volume", volume=BackupVolume()),)
    """Where backups are written to. Every scheduled backup is made for each of them."""
    encryption: BackupEncryption | None = None
    """Encrypt backups; absent, they are written in the clear."""
    drill: BackupDrill = BackupDrill()
    """The restore that proves a backup."""
    verify_days: Annotated[int, Field(ge=0, le=366)] = 30
    """Every good backup is read and decoded again when its last proof is so many days old; 0 switches that off."""
    keep_replaced_days: Annotated[int, Field(ge=1, le=366)] = 7
    """After a restore in place, for how many days the database from before is kept beside the live one."""

    def destination(self, name: str) -> BackupDestination | None:
        """The destination of this name; the first one for an empty name."""
        if not name:
            return self.destinations[0]
        return next((each for each in self.destinations if each.name == name), None)


class BackupListing(Model):
    """What the store of one destination was seen to hold."""

    destination: DestinationName
    """The destination."""
    listed_at: Moment
    """When its store was last listed to the end."""
    good: Annotated[int, Field(ge=0)] = 0
    """Good backups in it."""
    corrupt: Annotated[int, Field(ge=0)] = 0
    """Broken backups in it."""
    bytes: Annotated[int, Field(ge=0)] = 0
    """Bytes of all of them."""


class BackupsStatus(Model):
    """How backups and drills stand."""

    last_good: Moment | None = None
    """When the newest good backup was made."""
    last_good_name: ShortText | None = None
    """ValeoBackup that it is."""
    last_attempt: Moment | None = None
    """When a backup was last begun."""
    last_failure: Moment | None = None
    """When a backup last failed."""
    good: Annotated[int, Field(ge=0)] = 0
    """How many good backups there are."""
    corrupt: Annotated[int, Field(ge=0)] = 0
    """How many backups are broken or lost."""
    oldest_proof: Moment | None = None
    """Of all good backups, the oldest time at which one was last read and decoded to its end."""
    handled_slot: Moment | None = None
    """Newest slot of the schedule that was begun or recorded as missed."""
    next_slot: Moment | None = None
    """When the next backup is due."""
    missed_slots: Annotated[int, Field(ge=0)] = 0
    """How many slots passed without a backup since this ValeoERP was made."""
    last_missed: Moment | None = None
    """The newest slot that passed without a backup."""
    last_drill: Moment | None = None
    """When a drill last restored a backup exactly."""
    last_drill_seconds: Annotated[int, Field(ge=0)] | None = None
    """How long that drill took: the measured recovery time."""
    last_drill_failure: Moment | None = None
    """When a drill last failed."""
    handled_drill: Moment | None = None
    """Newest slot of the drill's schedule that was begun or recorded."""
    next_drill: Moment | None = None
    """When the next drill is due."""
    deletes_next: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    """The backups that retention deletes next, the oldest first."""
    retention_held: Message | None = None
    """Why retention deletes nothing now; absent where it may."""
    listings: Annotated[
        tuple[BackupListing, ...],
        Field(
            max_length=4,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["destination"]},
        ),
    ] = ()
    """What each store was seen to hold."""
    operation: ShortText | None = None
    """The data operation that is under way; others wait for its end."""
