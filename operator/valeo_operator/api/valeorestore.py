"""ValeoRestore: one restore of a backup: a drill, a new database beside the live one, or in place of it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from valeo_operator.api.model import Described, Model, ObjectMeta, Refusal, Rule
from valeo_operator.api.point_in_time import Point
from valeo_operator.api.valeobackup import InstallationName
from valeo_operator.api.values import DatabaseName, Message, Moment, ObjectName, ShortText


class RestoreMode(Described):
    """What a restore is for."""

    DRILL = "Drill", "Into a scratch database that is compared exactly, tried out and taken away again."
    NEW_DATABASE = "NewDatabase", "Into a new database beside the live one, which is not touched."
    IN_PLACE = (
        "InPlace",
        "In place of the live database, which is kept beside it for spec.backup.keepReplacedDays.",
    )


class RestorePhase(Described):
    """How far a restore has come."""

    PENDING = "Pending", "It waits for its turn: one data operation at a time."
    PREPARING = "Preparing", "A fresh backup of the live database is made first."
    RESTORING = "Restoring", "A Job restores the backup beside the live database and compares it exactly."
    ERASING = "Erasing", "What was erased in the live database since the backup is erased in the restored one too."
    SWAPPING = "Swapping", "The live database is closed to the application, and the two databases change names."
    PROVING = "Proving", "The application is asked through its Service whether it runs on the restored database."
    SWAPPING_BACK = "SwappingBack", "It was not proven: the databases change names again."
    COMPLETE = "Complete", "It is done and was proven."
    FAILED = "Failed", "It could not be done. The live database is the one from before."
    CANCELLED = "Cancelled", "Somebody cancelled it before the swap. Nothing was changed."


class ValeoRestoreSpec(Model):
    """Which backup is restored, and where to."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule("a restore is immutable: make another one", "self == oldSelf"),
        Rule(
            "mode NewDatabase needs into: the name of the new database",
            "self.mode != 'NewDatabase' || has(self.into)",
            ".into",
            Refusal.REQUIRED,
        ),
        Rule(
            "into belongs to mode NewDatabase",
            "self.mode == 'NewDatabase' || !has(self.into)",
            ".into",
            Refusal.FORBIDDEN,
        ),
        Rule(
            "name a backup or a pointInTime, not both",
            "!has(self.backup) || !has(self.pointInTime)",
            ".pointInTime",
            Refusal.FORBIDDEN,
        ),
        Rule(
            "mode InPlace takes away what was written since the backup: say so with acknowledgeDataLoss: true",
            "self.mode != 'InPlace' || self.acknowledgeDataLoss",
            ".acknowledgeDataLoss",
            Refusal.REQUIRED,
        ),
        Rule(
            "acknowledgeDataLoss belongs to mode InPlace",
            "self.mode == 'InPlace' || !self.acknowledgeDataLoss",
            ".acknowledgeDataLoss",
            Refusal.FORBIDDEN,
        ),
    )

    installation: InstallationName
    """ValeoERP in the same namespace whose backup is restored."""
    mode: RestoreMode
    """A drill, a new database beside the live one, or in place of it."""
    backup: ObjectName | None = None
    """ValeoBackup that is restored; absent, the newest good one, unless `pointInTime` is given."""
    point_in_time: Point | None = None
    """A point in the life of the embedded database, recovered from its archive instead of a backup."""
    into: DatabaseName | None = None
    """Name of the new database, with mode NewDatabase. It must not be there yet."""
    acknowledge_data_loss: bool = False
    """With mode InPlace: what was written since the backup is gone afterwards from the live database."""


class ReplacedDatabase(Model):
    """The database whose place a restored one took. Nobody can connect to it."""

    name: DatabaseName
    """What it is called now."""
    drops_at: Moment | None = None
    """When it is dropped; absent while it may still be swapped back, or is kept by annotation."""
    dropped_at: Moment | None = None
    """When it was dropped."""
    message: Message | None = None
    """Why it stays, or what its dropping waits for, in a sentence."""


class ValeoRestoreStatus(Model):
    """How far it came, and what was compared."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation that this status speaks of."""
    phase: RestorePhase | None = None
    """How far it has come."""
    message: Message | None = None
    """What it is doing or waiting for, or why it failed, in a sentence."""
    backup: ObjectName | None = None
    """ValeoBackup that is restored."""
    database: DatabaseName | None = None
    """Database that it is restored into."""
    fresh_backup: ObjectName | None = None
    """ValeoBackup that was made of the live database before."""
    progress: ShortText | None = None
    """What the Job last told of its progress."""
    started_at: Moment | None = None
    """When it began."""
    phase_since: Moment | None = None
    """When the present phase began."""
    deadline: Moment | None = None
    """When the present phase must have ended; absent in a final phase."""
    completed_at: Moment | None = None
    """When it ended, well or not."""
    exact: bool | None = None
    """Whether the restored data has the very fingerprint of the backup."""
    differences: Annotated[tuple[Message, ...], Field(max_length=20)] = ()
    """Where it differs."""
    invariants: Annotated[tuple[Message, ...], Field(max_length=20)] = ()
    """Rules of the trade that the restored data breaks, as a journal that does not balance; empty where all hold."""
    seconds: Annotated[int, Field(ge=0)] | None = None
    """How long the restore took: the measured recovery time."""
    target_met: bool | None = None
    """Whether that is within the target of spec.backup.drill."""
    erased_again: Annotated[int, Field(ge=0)] | None = None
    """With mode InPlace: parties whose data the backup still held and that were erased since; they stay erased."""
    replaced: ReplacedDatabase | None = None
    """The database from before, with mode InPlace, once another one took its place."""


class ValeoRestore(Model):
    """One restore. The annotation `valeoerp.io/cancel: "true"` cancels it, until the databases are swapped.

    With `valeoerp.io/keep: "true"` the database from before is never dropped.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "metadata.name must have at most 63 characters: it is a label value of Jobs",
            "self.metadata.name.size() <= 63",
            ".metadata.name",
        ),
    )

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["ValeoRestore"] = "ValeoRestore"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: ValeoRestoreSpec
    """Which backup is restored, and where to. Written once, never changed."""
    status: ValeoRestoreStatus = ValeoRestoreStatus()
    """How far it came, and what was compared."""
