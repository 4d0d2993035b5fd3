"""The words of a rollout that both resources use: phases and colours."""

from valeo_operator.api.model import Described


class Phase(Described):
    """How far a release has come."""

    PENDING = "Pending", "The release is asked for; database and image are being looked at."
    GATING = "Gating", "Gates that must pass before a deployment are waited for, where spec.goLive.enforce is set."
    BACKING_UP = "BackingUp", "A fresh, verified backup of the live schema is made, where spec.backup asks for backups."
    MIGRATING = "Migrating", "The schema is brought to the revision of the release."
    STAGING = "Staging", "The pods of the new colour start beside the active ones and must stay ready for a while."
    VERIFYING = "Verifying", "The smoke tests of the release run through the preview Service."
    AWAITING_PROMOTION = "AwaitingPromotion", "The release is verified; a person must promote it."
    SWITCHING = "Switching", "The Service is led to the new colour."
    DRAINING = "Draining", "The new colour serves; connections to the old one come to their end."
    WATCHING = "Watching", "The new colour serves and is watched; the old one stands by at full size."
    COMPLETE = "Complete", "The release is active and was reached through the Service."
    ROLLING_BACK = "RollingBack", "The Service is led back to the release before."
    ROLLED_BACK = (
        "RolledBack",
        "The release before is active again; this one begins anew only if somebody asks.",
    )
    FAILED = "Failed", "The rollout ended without success. What was active before still is."
    ABORTED = "Aborted", "The rollout was ended before the switch; no user's request reached the release."
    EXPIRED = "Expired", "Somebody's decision did not come in time. What is active stays."
    SCHEMA_DIRTY = "SchemaDirty", "The migration left the schema at an unexpected revision; rollouts are blocked."
    ROLLBACK_BLOCKED = "RollbackBlocked", "The release before can't be made active again; nothing was touched."
    SUPERSEDED = "Superseded", "A newer release took the place of this one before it was active."


class Colour(Described):
    """One of the two Deployments that take turns."""

    BLUE = "blue", "The colour of the first release."
    GREEN = "green", "The other colour."


OTHER = {Colour.BLUE: Colour.GREEN, Colour.GREEN: Colour.BLUE}
