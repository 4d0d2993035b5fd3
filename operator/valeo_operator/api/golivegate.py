"""GoLiveGate: one gate of one installation, with its result and what showed it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from valeo_operator.api.golive import Digest, GateId, GateKind, Result, Scope, Severity, Stage
from valeo_operator.api.model import Model, ObjectMeta, Rule
from valeo_operator.api.values import Message, Moment, ShortText


class GoLiveGateSpec(Model):
    """Which line of the checklist the gate is. The operator writes it."""

    installation: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    """ValeoERP in the same namespace."""
    gate: GateId
    """Id of the entry in the checklist."""
    line: Annotated[str, Field(max_length=200)]
    """The line of the checklist."""
    phase: Stage
    """When it is due."""
    section: ShortText
    """Heading that the line stands under."""
    group: ShortText
    """Group that the line belongs to."""
    position: Annotated[str, Field(max_length=20)]
    """Place of the line in the checklist."""
    kind: GateKind
    """How it comes to its result."""
    severity: Severity
    """How much it weighs."""
    scope: Scope
    """What its result belongs to."""
    checklist_hash: Digest
    """Checklist that the gate was made from."""
    runbook: Annotated[str, Field(max_length=253)] | None = None
    """Page that says what to do when it does not pass."""


class Shown(Model):
    """What showed a result."""

    source: ShortText
    """What was looked at, as `check/readyz` or `configmap/unit-tests`."""
    digest: Digest
    """Digest of what was seen."""
    summary: Message = ""
    """What was seen, in short."""


class GoLiveGateStatus(Model):
    """What is known. The operator overwrites what anybody else writes here."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation that this status speaks of."""
    result: Result | None = None
    """What is known."""
    reason: ShortText | None = None
    """Why, in one word."""
    message: Message | None = None
    """Why, in a sentence."""
    next_step: Message | None = None
    """What to do about it."""
    since: Moment | None = None
    """Since when the result is this one."""
    checked_at: Moment | None = None
    """When this was last looked at and written down; an unchanged result is written again before it becomes stale."""
    valid_until: Moment | None = None
    """When the result becomes stale; absent where it has nothing that could."""
    release: ShortText | None = None
    """ValeoRelease that was looked at."""
    digest: Digest | None = None
    """Digest of the image of that release."""
    shown: Shown | None = None
    """What showed the result."""
    approvals: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    """GoLiveApprovals that count."""
    waiver: ShortText | None = None
    """GoLiveWaiver that holds."""


class GoLiveGate(Model):
    """One go-live gate of one installation: its result, and what showed it."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "metadata.name must be the name of the installation, -, and the id of the gate",
            "self.metadata.name == self.spec.installation + '-' + self.spec.gate",
            ".metadata.name",
        ),
    )

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["GoLiveGate"] = "GoLiveGate"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: GoLiveGateSpec
    """Which line of the checklist it is."""
    status: GoLiveGateStatus = GoLiveGateStatus()
    """What is known."""
