"""GoLiveChecklist: the ordered catalogue of gates. One is built in; a customer may replace or extend it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from valeo_operator.api.golive import (
    Check,
    Duration,
    Environment,
    GateId,
    GateKind,
    GroupName,
    Requirement,
    Role,
    Scope,
    Severity,
    Stage,
)
from valeo_operator.api.model import Model, ObjectMeta, Refusal, Rule
from valeo_operator.api.values import Message, ShortText
from valeo_operator.evidence.summary import Format


class EvidenceWanted(Model):
    """Which report shows that a gate holds."""

    formats: Annotated[tuple[Format, ...], Field(min_length=1, max_length=12)]
    """Formats that are taken."""
    requirement: Requirement
    """What the report must show."""


class DocumentWanted(Model):
    """Which document must be in the image, and what it must speak of."""

    path: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_./-]+\.md$")]
    """Path of the document in the handbook of the ERP, as `guides/PRINT.md`."""
    headings: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    """Words of which each must stand in a heading of it, in any case."""


class SignOff(Model):
    """Who must confirm a gate."""

    role: Role
    """Role of `spec.roles` that signs."""
    quorum: Annotated[int, Field(ge=1, le=5)] = 1
    """How many different persons must sign. One of them must be another one than the author of the release."""


class ChecklistEntry(Model):
    """One line of the checklist."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "an automated gate names its check, and no other gate does",
            "(self.kind == 'automated') == has(self.check)",
            ".check",
            Refusal.REQUIRED,
        ),
        Rule(
            "the check document names its document, and no other check does",
            "(has(self.check) && self.check == 'document') == has(self.document)",
            ".document",
            Refusal.REQUIRED,
        ),
        Rule(
            "an evidence gate says which report it takes, and no other gate does",
            "(self.kind == 'evidence') == has(self.evidence)",
            ".evidence",
            Refusal.REQUIRED,
        ),
        Rule(
            "a signOff gate says who signs, and no other gate does",
            "(self.kind == 'signOff') == has(self.signOff)",
            ".signOff",
            Refusal.REQUIRED,
        ),
    )

    id: GateId
    """Name of the gate, unique within the checklist."""
    line: Annotated[str, Field(min_length=1, max_length=200)]
    """The line of the checklist."""
    phase: Stage
    """When the gate is due."""
    section: Annotated[str, Field(min_length=1, max_length=100)]
    """Heading that the line stands under."""
    group: Annotated[str, Field(min_length=1, max_length=100)]
    """Group of the section that the line belongs to."""
    position: Annotated[str, Field(max_length=20, pattern=r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$")]
    """Place of the line: phase, section, group, line."""
    kind: GateKind
    """How the gate comes to its result."""
    severity: Severity
    """How much it weighs."""
    scope: Scope
    """What its result belongs to."""
    environment: Environment | None = None
    """Environment that it speaks of; absent, it speaks of every one."""
    check: Check | None = None
    """What the operator looks at."""
    document: DocumentWanted | None = None
    """What the check `document` reads."""
    evidence: EvidenceWanted | None = None
    """Which report is imported."""
    sign_off: SignOff | None = None
    """Who confirms it."""
    maximum_age: Duration
    """How long a check, a report or a signature holds."""
    runbook: Annotated[str, Field(max_length=253)] | None = None
    """Page that says what to do."""
    waivable: bool = True
    """Whether the gate may be waived at all."""


class RoleGroups(Model):
    """Which groups of the API server have a role."""

    role: Role
    """Name of the role."""
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1, max_length=20)]
    """Groups whose members have it."""


class GoLiveChecklistSpec(Model):
    """The catalogue."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "name the role go-live-waivers: without it nobody could waive anything",
            "self.roles.exists(each, each.role == 'go-live-waivers')",
            ".roles",
            Refusal.REQUIRED,
        ),
    )

    summary: ShortText = "Go-live checklist"
    """Name of the checklist, for people."""
    description: Message = ""
    """What it is for."""
    roles: Annotated[
        tuple[RoleGroups, ...],
        Field(
            min_length=1,
            max_length=50,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["role"]},
        ),
    ]
    """Who may sign: groups of each role."""
    entries: Annotated[
        tuple[ChecklistEntry, ...],
        Field(
            min_length=1,
            max_length=300,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"]},
        ),
    ]
    """The gates in their order."""


class GoLiveChecklist(Model):
    """The ordered catalogue of go-live gates. A shipped one is built into the operator."""

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["GoLiveChecklist"] = "GoLiveChecklist"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: GoLiveChecklistSpec
    """The catalogue."""
