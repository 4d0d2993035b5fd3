"""The words of a rollout that both resources use: phases and colours."""

from valeo_operator.api.model import Described


class Phase(Described):
    """How far a release has come."""

    PENDING = "Pending", "The release is asked for; database and image are being looked at."
    MIGRATING = "Migrating", "The schema is brought to the revision of the release."
    STAGING = "Staging", "The pods of the new colour start beside the active ones."
    SWITCHING = "Switching", "The Service is led to the new colour."
    COMPLETE = "Complete", "The release is active and was reached through the Service."
    FAILED = "Failed", "The rollout ended without success. What was active before still is."
    SCHEMA_DIRTY = "SchemaDirty", "The migration left the schema at an unexpected revision; rollouts are blocked."
    SUPERSEDED = "Superseded", "A newer release took the place of this one before it was active."


class Colour(Described):
    """One of the two Deployments that take turns."""

    BLUE = "blue", "The colour of the first release."
    GREEN = "green", "The other colour."
