"""GoLiveApproval and GoLiveWaiver: what named persons decided. Immutable; admission proves who they are."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from valeo_operator.api.golive import Decision, Digest, GateId, GroupName, Role, UserName
from valeo_operator.api.model import Model, ObjectMeta, Refusal, Rule
from valeo_operator.api.values import Message, Moment, ShortText

_Installation = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
_Sentence = Annotated[str, Field(min_length=20, max_length=2000)]


class Person(Model):
    """Somebody as the API server knows him. Admission refuses another user than the one who asks."""

    user: UserName
    """User name; it must be the one of the request."""
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1, max_length=50)]
    """Groups on which the decision rests; each must be one of the request."""


class Used(Model):
    """The operator has relied on the decision: it can't be taken back any more."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation that this status speaks of."""
    used_at: Moment | None = None
    """When the installation was found ready to go live with it."""
    used_for: ShortText | None = None
    """ValeoRelease that it was used for."""


class GoLiveApprovalSpec(Model):
    """What was decided, by whom, about what."""

    RULES: ClassVar[tuple[Rule, ...]] = (Rule("an approval is immutable", "self == oldSelf", "", Refusal.FORBIDDEN),)

    installation: _Installation
    """ValeoERP in the same namespace."""
    gate: GateId
    """Gate that is signed."""
    release_digest: Digest
    """Digest of the image that the decision speaks of. Another image needs another decision."""
    checklist_hash: Digest
    """Checklist that the person had before the eyes, as the status of the ValeoERP tells it."""
    decision: Decision
    """What was decided."""
    role: Role
    """Role in which it was decided."""
    approver: Person
    """Who decided."""
    comment: Message = ""
    """Why, in the person's own words."""
    expires_at: Moment | None = None
    """When it ends, if earlier than the checklist says."""


class GoLiveApproval(Model):
    """A sign-off: a named person approves or rejects one gate of one release."""

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["GoLiveApproval"] = "GoLiveApproval"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: GoLiveApprovalSpec
    """The decision."""
    status: Used = Used()
    """Whether it was used."""


class GoLiveWaiverSpec(Model):
    """What is waived, by whom, why, and until when."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule("a waiver is immutable", "self == oldSelf", "", Refusal.FORBIDDEN),
        Rule(
            "name a gate, or set breakGlass; not both",
            "has(self.gate) != self.breakGlass",
            ".gate",
            Refusal.REQUIRED,
        ),
    )

    installation: _Installation
    """ValeoERP in the same namespace."""
    gate: GateId | None = None
    """Gate that is waived."""
    break_glass: bool = False
    """An emergency: go live with every gate as it is. No gate passes by it; it holds four hours at most, and is told
    everywhere."""
    release_digest: Digest
    """Digest of the image that it speaks of."""
    checklist_hash: Digest
    """Checklist that it speaks of."""
    reason: _Sentence
    """Why the gate can't be passed now."""
    compensating_control: _Sentence
    """What is done instead, until it passes."""
    granted_by: Person
    """Who takes the responsibility."""
    expires_at: Moment
    """When it ends: 30 days after it was made at the latest; with breakGlass, four hours."""


class GoLiveWaiver(Model):
    """An exemption: a named person takes the responsibility for an open gate, for a while."""

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["GoLiveWaiver"] = "GoLiveWaiver"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: GoLiveWaiverSpec
    """What is waived."""
    status: Used = Used()
    """Whether it was used."""
