"""ValeoBackup: one backup of an installation in one destination. The store is the truth; these objects show it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from valeo_operator.api.backup_settings import DestinationName
from valeo_operator.api.model import Described, Model, ObjectMeta, Refusal, Rule
from valeo_operator.api.values import Message, Moment, ShortText

InstallationName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
StoredName = Annotated[str, Field(max_length=63, pattern=r"^[0-9]{8}-[0-9]{6}(-[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")]


class BackupReason(Described):
    """Why a backup is made."""

    MANUAL = "Manual", "Somebody asked for it."
    SCHEDULED = "Scheduled", "A slot of the schedule came."
    BEFORE_MIGRATION = "BeforeMigration", "The schema is about to be changed."
    BEFORE_RESTORE = "BeforeRestore", "The database is about to be replaced by a restored one."
    REPLACEMENT = "Replacement", "Another one was found to be broken or lost."
    FOUND = "Found", "It was found in the store."


class BackupPhase(Described):
    """How far a backup has come."""

    PENDING = "Pending", "It waits for its turn: one data operation at a time."
    RUNNING = "Running", "A Job makes it, writes it to the store and reads it back."
    GOOD = "Good", "It is in the store and was decoded to its end."
    FAILED = "Failed", "It could not be made. The store holds nothing of it."
    CORRUPT = "Corrupt", "It is in the store and broken. It never counts as good."
    LOST = "Lost", "It was good, and the store does not hold it any more."
    DELETING = "Deleting", "A Job takes it out of the store, as retention says."


class ValeoBackupSpec(Model):
    """Which backup."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule("a backup is immutable: make another one", "self == oldSelf"),
        Rule(
            "reason Scheduled needs slot, and only that",
            "(self.reason == 'Scheduled') == has(self.slot)",
            ".slot",
            Refusal.REQUIRED,
        ),
        Rule(
            "reason Found needs storedName: which backup of the store it is",
            "self.reason != 'Found' || has(self.storedName)",
            ".storedName",
            Refusal.REQUIRED,
        ),
    )

    installation: InstallationName
    """ValeoERP in the same namespace that is backed up."""
    destination: DestinationName | None = None
    """Destination of spec.backup that it is written to; absent, the first one."""
    reason: BackupReason = BackupReason.MANUAL
    """Why it is made."""
    slot: Moment | None = None
    """The slot of the schedule that it is made for."""
    release: ShortText | None = None
    """ValeoRelease whose migration it is made for; it is kept as long as this one is recorded."""
    stored_name: StoredName | None = None
    """Name in the store; absent, it is made from the time of creation."""


class ValeoBackupStatus(Model):
    """How far it came, and what it holds."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation that this status speaks of."""
    phase: BackupPhase | None = None
    """How far it has come."""
    message: Message | None = None
    """What it is doing or waiting for, or why it failed, in a sentence."""
    stored_name: StoredName | None = None
    """Name in the store."""
    destination: DestinationName | None = None
    """Destination that holds it."""
    attempt: Annotated[int, Field(ge=0)] = 0
    """How many Jobs were sent for it."""
    progress: ShortText | None = None
    """What the Job last told of its progress."""
    began: Moment | None = None
    """When the snapshot was taken that it holds."""
    ended: Moment | None = None
    """When it was good, or failed."""
    deadline: Moment | None = None
    """When the present phase must have ended; absent in a final phase."""
    revision: ShortText | None = None
    """Schema revision of the data."""
    bytes: Annotated[int, Field(ge=0)] | None = None
    """Size in the store."""
    files: Annotated[int, Field(ge=0)] | None = None
    """Files in the store."""
    tables: Annotated[int, Field(ge=0)] | None = None
    """Tables that it holds."""
    rows: Annotated[int, Field(ge=0)] | None = None
    """Rows of all tables."""
    manifest_sha256: ShortText | None = None
    """Hash of its manifest."""
    fingerprint: ShortText | None = None
    """Fingerprint of the data: equal data has an equal one."""
    encrypted_with: ShortText | None = None
    """Id of the key that it is encrypted with; absent, it is in the clear."""
    verified_at: Moment | None = None
    """When it was last read and decoded to its end."""
    broken_at: Moment | None = None
    """When it was read and found broken. It never counts again, however whole a listing shows it."""
    drilled_at: Moment | None = None
    """When a drill last restored it exactly."""
    drill_seconds: Annotated[int, Field(ge=0)] | None = None
    """How long that took."""
    kept_because: Annotated[tuple[ShortText, ...], Field(max_length=10)] = ()
    """Why retention keeps it; empty, it goes next."""


class ValeoBackup(Model):
    """One backup of an installation. Keep one for ever with the annotation `valeoerp.io/keep: "true"`."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "metadata.name must have at most 63 characters: it is a label value of Jobs",
            "self.metadata.name.size() <= 63",
            ".metadata.name",
        ),
    )

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["ValeoBackup"] = "ValeoBackup"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: ValeoBackupSpec
    """Which backup. Written once, never changed."""
    status: ValeoBackupStatus = ValeoBackupStatus()
    """How far it came, and what it holds."""
