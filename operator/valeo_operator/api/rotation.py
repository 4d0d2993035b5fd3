"""spec.rotation and status.rotation: how old credentials may get, and how their replacement stands."""

from typing import Annotated

from pydantic import Field

from valeo_operator.api.golive import Duration
from valeo_operator.api.model import Described, Model
from valeo_operator.api.values import Message, Moment, ObjectName


class RotationPhase(Described):
    """How far the replacement of a credential has come."""

    IDLE = "Idle", "One value is in use; nothing is being replaced."
    PREPARING = "Preparing", "The new value is recorded, given to the database, and tried as the application."
    RELEASING = "Releasing", "A release with the new value is rolled out like any other one."
    PROVING = "Proving", "It is proven that nobody is connected with the old value."
    OVERLAPPING = "Overlapping", "Both values are good, so that a rollback is possible."
    RETIRING = "Retiring", "The value that is no longer used is closed."
    TAKING_BACK = "TakingBack", "The release with the new value did not hold; the value from before is in use again."


class RotationInterval(Model):
    """How old a credential may get."""

    every: Duration = "90d"
    """Age at which it is replaced, as `90d`."""
    suspend: bool = False
    """Nothing is replaced by schedule. What persons ask for is done all the same."""


class Rotation(Model):
    """When credentials are replaced by themselves. Every replacement is a release, with its gates."""

    database: RotationInterval = RotationInterval()
    """The login of the application at the embedded database."""
    signing_keys: RotationInterval | None = None
    """What the ERP signs sessions and the codes on papers with; absent, they are replaced only when somebody asks."""
    overlap: Duration = "24h"
    """How long the old value stays good after the new one is in use alone: so long a rollback is possible."""


class CredentialStatus(Model):
    """One credential: which Secret is in use, since when, and how its replacement stands."""

    phase: RotationPhase = RotationPhase.IDLE
    """How far its replacement has come."""
    phase_since: Moment | None = None
    """When this phase began."""
    version: Annotated[int, Field(ge=1)] = 1
    """Number of the newest value that was made."""
    secret: ObjectName | None = None
    """Secret that releases are made with; absent, the first one."""
    previous: ObjectName | None = None
    """Secret that is no longer wanted and not yet retired."""
    coming: ObjectName | None = None
    """Secret that is being prepared."""
    since: Moment | None = None
    """When the value in use was made."""
    next_at: Moment | None = None
    """When it is replaced by schedule; absent where it is not."""
    asked: bool = False
    """Somebody asked for a replacement that has not begun."""
    emergency: bool = False
    """It goes on without overlap."""
    message: Message | None = None
    """What it waits for, or what came of the last replacement."""


class RotationStatus(Model):
    """How old each credential is, and how its replacement stands."""

    database: CredentialStatus | None = None
    """The login of the application at the embedded database."""
    signing_keys: CredentialStatus | None = None
    """What the ERP signs sessions and the codes on papers with."""
