"""Conditions of a resource: which there are, and the closed list of reasons that they may give."""

from typing import Annotated

from pydantic import Field

from valeo_operator.api.model import Described, Model
from valeo_operator.api.values import Message, Moment


class ConditionType(Described):
    """What a condition speaks of."""

    READY = "Ready", "The active release answers through the Service and matches the spec of this generation."
    RECONCILING = "Reconciling", "The operator is bringing the installation to what the spec asks for."
    STALLED = "Stalled", "The operator can't go on until somebody changes something; the message says what."
    AVAILABLE = "Available", "The active colour has at least one ready pod behind the Service."
    DATABASE_READY = "DatabaseReady", "The database answers."
    SCHEMA_COMPATIBLE = "SchemaCompatible", "The live schema revision lies in the range of the active release."
    BACKUP_HEALTHY = "BackupHealthy", "The last backup is fresh and verified."
    RESTORE_VERIFIED = "RestoreVerified", "A drill restored the last backup and compared it exactly."
    RECOVERY_POINT_FRESH = "RecoveryPointFresh", "Every point in time up to less than a minute ago can be recovered."
    CREDENTIALS_FRESH = "CredentialsFresh", "Every credential is younger than its rotation interval."
    ROLLOUT_COMPLETE = "RolloutComplete", "The release that the spec asks for is the active one and its rollout ended."
    ROLLBACK_POSSIBLE = "RollbackPossible", "The release before can be made active again without touching data."
    GO_LIVE_READY = "GoLiveReady", "Every required gate passes or is waived."
    HELD = "Held", "Forward movement is held by the spec."


class ConditionStatus(Described):
    """What the operator saw."""

    TRUE = "True", "It was observed to hold."
    FALSE = "False", "It was observed not to hold."
    UNKNOWN = "Unknown", "It was not observed. Never counts as a pass."


class Reason(Described):
    """Why a condition is as it is. The same word stands in the log, the event and the status."""

    # First sight, and what is not looked at
    NOT_OBSERVED = "NotObserved", "The operator has not looked yet."
    NOT_CONFIGURED = "NotConfigured", "The spec asks for nothing that this condition could speak of."
    # Going forward
    ROLLOUT_PENDING = "RolloutPending", "Another release is asked for and not yet recorded."
    WAITING_FOR_DATABASE = "WaitingForDatabase", "The database does not answer yet."
    DESCRIBING_IMAGE = "DescribingImage", "A Job asks the image for its version and schema revisions."
    PROVISIONING_DATABASE = "ProvisioningDatabase", "A Job creates roles, database and grants."
    MIGRATING_SCHEMA = "MigratingSchema", "A Job brings the schema to the revision of the release."
    WAITING_FOR_GATES = "WaitingForGates", "Gates that must pass before a deployment are open."
    STABILISING = "Stabilising", "Every pod of the new colour is ready; it must last."
    SMOKE_TESTING = "SmokeTesting", "A Job runs the smoke tests of the release through the preview Service."
    AWAITING_PROMOTION = "AwaitingPromotion", "A person must promote the verified release."
    ROTATING_CREDENTIAL = "RotatingCredential", "A Job changes a login of the application at the database."
    DRAINING_COLOUR = "DrainingColour", "Connections to the old colour come to their end."
    WATCHING_RELEASE = "WatchingRelease", "The new release serves and is watched."
    ROLLING_BACK = "RollingBack", "The Service is led back to the release before."
    PLAN_ONLY = "PlanOnly", "spec.mode is Plan: what would be done is told, and nothing is touched."
    STAGING_COLOUR = "StagingColour", "The pods of the new colour start beside the active ones."
    SWITCHING_COLOUR = "SwitchingColour", "The Service is led to the new colour and a request through it is checked."
    SCALING = "Scaling", "The number of ready pods differs from the wanted one."
    DELETING = "Deleting", "The resource is being deleted; what is kept is listed in the status."
    # It holds
    RUNNING = "Running", "The active release was reached through the Service."
    PODS_READY = "PodsReady", "All wanted pods of the active colour are ready."
    DATABASE_ANSWERS = "DatabaseAnswers", "The database was reached."
    SCHEMA_IN_RANGE = "SchemaInRange", "The live revision is one that the active release can run on."
    ROLLOUT_COMPLETE = "RolloutComplete", "The release is active and was reached through the Service."
    UP_TO_DATE = "UpToDate", "Nothing is left to do for this generation of the spec."
    PROGRESSING = "Progressing", "Nothing stands in the way; the operator goes on."
    NEVER_BACKED_UP = "NeverBackedUp", "No backup of this installation was ever made."
    NEVER_RESTORED = "NeverRestored", "No restore of a backup was ever verified."
    CREDENTIALS_YOUNG = (
        "CredentialsYoung",
        "Every credential is younger than its interval, or is being replaced in time.",
    )
    BACKUP_FRESH = "BackupFresh", "The newest backup is good and young enough."
    DRILL_EXACT = "DrillExact", "The last drill restored a backup exactly."
    RECOVERY_POINT_FRESH = "RecoveryPointFresh", "Less than a minute would be lost, and the archive is whole."
    PREVIOUS_IN_RANGE = "PreviousInRange", "The release before can run on the live schema."
    NO_PREVIOUS_RELEASE = "NoPreviousRelease", "There is no release before this one."
    SUSPENDED = "Suspended", "spec.suspend is true: nothing moves forward, nothing that runs is stopped."
    NOT_SUSPENDED = "NotSuspended", "spec.suspend is false."
    GATES_PASSED = "GatesPassed", "Every go-live gate that must pass passes or is waived."
    # It does not hold, and why
    BACKUP_STALE = "BackupStale", "The newest good backup is older than the schedule allows."
    BACKUP_FAILED = "BackupFailed", "The last backup could not be made."
    BACKUP_CORRUPT = "BackupCorrupt", "A backup in the store is broken or lost."
    NEVER_ARCHIVED = "NeverArchived", "No point in time can be recovered yet."
    RECOVERY_POINT_STALE = "RecoveryPointStale", "More than a minute would be lost: the archive lies behind."
    ARCHIVE_BROKEN = "ArchiveBroken", "The archive lacks a part of the log, is damaged, or can't be written."
    DRILL_STALE = "DrillStale", "The last exact drill is older than its schedule allows."
    DRILL_FAILED = "DrillFailed", "The last drill failed or was not exact."
    CREDENTIALS_OLD = "CredentialsOld", "A credential is older than its interval and was not replaced."
    ROTATION_FAILED = "RotationFailed", "A Job that changes a login of the application failed."
    BACKING_UP = "BackingUp", "A fresh backup of the live database is made before the schema is changed."
    WAITING_FOR_DATA_OPERATION = (
        "WaitingForDataOperation",
        "A backup, a restore or a migration is under way; one follows after the other.",
    )
    GATES_OPEN = "GatesOpen", "A go-live gate that must pass does not; the message names the first."
    GLASS_BROKEN = "GlassBroken", "Gates are open, and somebody took the responsibility to go on for a few hours."
    CHECKLIST_MISSING = "ChecklistMissing", "The GoLiveChecklist that the spec names is not there."
    NO_READY_PODS = "NoReadyPods", "No pod of the active colour is ready."
    NO_ACTIVE_RELEASE = "NoActiveRelease", "No release was ever active."
    IMAGE_UNAVAILABLE = "ImageUnavailable", "A node can't get the image."
    IMAGE_UNSUITABLE = "ImageUnsuitable", "The image does not describe itself as a ValeoERP release."
    VOLUME_UNAVAILABLE = (
        "VolumeUnavailable",
        "The volume of the database is not bound; often its storage class is missing.",
    )
    DATABASE_UNREACHABLE = "DatabaseUnreachable", "No connection to the database server came about."
    DATABASE_REFUSED_LOGIN = "DatabaseRefusedLogin", "The database server refused the user or the password."
    SECRET_MISSING = "SecretMissing", "A Secret that the spec names, or a key in it, is not there."
    PODS_FAILING = "PodsFailing", "Pods of a colour crash or can't be scheduled."
    PROVISION_FAILED = "ProvisionFailed", "The Job that creates roles, database and grants failed."
    MIGRATION_FAILED = "MigrationFailed", "The migration failed and the schema still has its old revision."
    SCHEMA_DIRTY = "SchemaDirty", "The migration left the schema at an unexpected revision; rollouts are blocked."
    SCHEMA_OUT_OF_RANGE = "SchemaOutOfRange", "The live revision is one that the active release can't run on."
    ANSWER_MISMATCH = "AnswerMismatch", "A request through the Service was answered by another release."
    ABORT_REQUESTED = "AbortRequested", "A person ended the rollout before the switch."
    SMOKE_TESTS_FAILED = "SmokeTestsFailed", "A smoke test of the release failed; no user's request reached it."
    SMOKE_TESTS_BROKEN = "SmokeTestsBroken", "The Job with the smoke tests came to no result."
    MIGRATION_REFUSED = "MigrationRefused", "A release that runs or would run can't work on the schema that would be."
    BREACH = "Breach", "The watched release broke a limit."
    ANALYSIS_UNKNOWN = "AnalysisUnknown", "The watch ended without numbers that tell how the release does."
    ROLLED_BACK = "RolledBack", "The release before was made active again."
    ROLLBACK_BLOCKED = "RollbackBlocked", "The release before can't be made active again; nothing was touched."
    DEADLINE_EXCEEDED = "DeadlineExceeded", "A phase did not end in its time."
    SUPERSEDED = "Superseded", "A newer release took the place of this one before it was active."
    SPEC_INVALID = (
        "SpecInvalid",
        "The operator can't read the spec: it and the CustomResourceDefinition are not in step.",
    )
    HOST_TAKEN = "HostTaken", "Another installation's Ingress has the host that the spec names."
    REQUEST_REFUSED = "RequestRefused", "The API server refused an object that the operator needs."


class Condition(Model):
    """One observed fact about the resource, in the shape that Kubernetes tools understand."""

    type: ConditionType
    """What the condition speaks of."""
    status: ConditionStatus
    """Whether it holds, or that this is not known."""
    reason: Reason
    """Why, in one word of the closed list in the reference."""
    message: Message = ""
    """Why, in sentences for a person: object, observed, expected, next step."""
    last_transition_time: Moment
    """When the status last changed."""
    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation of the spec that this was observed for."""
