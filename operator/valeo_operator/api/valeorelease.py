"""ValeoRelease: one immutable release of an installation, and how far its rollout came."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from valeo_operator.api.conditions import Condition
from valeo_operator.api.model import Described, Model, ObjectMeta, Rule
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.api.values import Image, Message, Moment, ShortText

Revision = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[-_.A-Za-z0-9]+$")]


class StepKind(Described):
    """What a schema revision does to what is there."""

    ADDITIVE = "additive", "It only adds; releases that were written before it run on it."
    CONTRACTING = "contracting", "It takes something away that releases of before may use."
    IRREVERSIBLE = "irreversible", "It changes data in a way that can't be undone."


class BreakingStep(Model):
    """A schema revision that not every older release can run on."""

    revision: Revision
    """The revision."""
    kind: StepKind
    """What it does."""
    tolerated_from: Revision | None = None
    """Releases that were written for this revision or a later one run on it all the same."""


class ValeoReleaseSpec(Model):
    """What the release is."""

    RULES: ClassVar[tuple[Rule, ...]] = (Rule("a release is immutable", "self == oldSelf"),)

    installation: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    """ValeoERP in the same namespace that the release belongs to."""
    version: ShortText
    """Version that the image reports of itself."""
    image: Image
    """Image as the spec of the installation named it."""
    digest: Annotated[str, Field(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
    """Digest of the image, as the node reported it."""
    config_hash: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[0-9a-f]+$")]
    """Hash of the configuration that the release runs with."""
    secret_versions: Annotated[
        dict[str, Annotated[str, Field(max_length=128)]],
        Field(max_length=16, default_factory=dict),
    ]
    """Version of each Secret that the release was recorded with."""
    schema_revision: Revision
    """Schema revision that the release migrates to."""
    oldest_schema_revision: Revision
    """Oldest schema revision that the release can run on."""
    schema_chain: Annotated[tuple[Revision, ...], Field(max_length=512)] = ()
    """Every schema revision that the release knows, the oldest first."""
    breaking_steps: Annotated[tuple[BreakingStep, ...], Field(max_length=64)] = ()
    """Those of them that do more than add."""
    smoke_tests: Annotated[tuple[ShortText, ...], Field(max_length=64)] = ()
    """Names of the smoke tests that the image describes."""
    colour: Colour
    """Deployment that the release is staged in."""
    requested_by: ShortText | None = None
    """Field manager of the change that asked for the release, as the API server recorded it."""


class Step(Model):
    """One phase that the rollout went through."""

    phase: Phase
    """The phase."""
    at: Moment
    """When it began."""
    message: Message = ""
    """What was told then."""


class ReleaseVerdict(Model):
    """What a look at the numbers of the release came to."""

    at: Moment
    """When it came to this first."""
    result: ShortText
    """Pass, Fail or Unknown."""
    sentence: Message = ""
    """The result in words."""
    numbers: Annotated[dict[str, ShortText], Field(max_length=32, default_factory=dict)]
    """What was measured, with limit and baseline."""


class ValeoReleaseStatus(Model):
    """How far the rollout of the release came."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation that this status speaks of."""
    phase: Phase | None = None
    """How far the release has come."""
    message: Message | None = None
    """What the rollout is doing or waiting for, in a sentence."""
    started_at: Moment | None = None
    """When the rollout began."""
    deadline: Moment | None = None
    """When the present phase must have ended; absent in a final phase."""
    completed_at: Moment | None = None
    """When the rollout ended, well or not."""
    history: Annotated[tuple[Step, ...], Field(max_length=32)] = ()
    """The phases that it went through, the latest ones."""
    verdicts: Annotated[tuple[ReleaseVerdict, ...], Field(max_length=10)] = ()
    """What looks at the numbers came to, the latest ones."""
    conditions: Annotated[
        tuple[Condition, ...],
        Field(
            max_length=32,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
        ),
    ] = ()
    """Observed facts, one per type."""


class ValeoRelease(Model):
    """One immutable release of an installation, and how far its rollout came. All of them are the history."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "metadata.name must have at most 63 characters: it is a label value of the pods",
            "self.metadata.name.size() <= 63",
            ".metadata.name",
        ),
        Rule(
            "metadata.name must begin with the name of the installation and -",
            "self.metadata.name.startsWith(self.spec.installation + '-')",
            ".metadata.name",
        ),
    )

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["ValeoRelease"] = "ValeoRelease"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: ValeoReleaseSpec
    """What the release is. Written once by the operator, never changed."""
    status: ValeoReleaseStatus = ValeoReleaseStatus()
    """How far its rollout came."""
