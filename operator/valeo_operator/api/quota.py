"""What all pods of the namespace together may use."""

from typing import Annotated

from pydantic import Field

from valeo_operator.api.model import Model
from valeo_operator.api.values import Quantity


class ContainerDefaults(Model):
    """What a container gets that asks for nothing: a quota lets no pod in that does not say what it uses."""

    cpu: Quantity = "50m"
    """CPU that is set aside for it."""
    memory: Quantity = "1Gi"
    """Memory that it may use at most; a pod of the ERP that prints needs more than a quarter of this."""


class Quota(Model):
    """A ResourceQuota and a LimitRange. They hold for everything in the namespace, also for pods of others.

    While a release is staged both colours run at full size, and Jobs beside them: leave room for that.
    """

    cpu: Quantity
    """CPU that all containers together may ask for."""
    memory: Quantity
    """Memory that all containers together may use at most."""
    pods: Annotated[int, Field(ge=4, le=10000)]
    """How many pods there may be at a time."""
    containers: ContainerDefaults = ContainerDefaults()
    """What a container gets that asks for nothing."""
