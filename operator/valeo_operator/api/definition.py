"""The CustomResourceDefinitions: names, printer columns and the schemas of the models."""

from dataclasses import dataclass
from typing import Any, Final

from valeo_operator.api import GROUP, VERSION
from valeo_operator.api.goliveapproval import GoLiveApproval, GoLiveWaiver
from valeo_operator.api.golivechecklist import GoLiveChecklist
from valeo_operator.api.golivegate import GoLiveGate
from valeo_operator.api.model import Model
from valeo_operator.api.schema import Schema, structural_schema, without_defaults
from valeo_operator.api.valeobackup import ValeoBackup
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.api.valeorestore import ValeoRestore


@dataclass(frozen=True)
class Column:
    """One column of `kubectl get`. Wide columns show with `-o wide` only."""

    name: str
    path: str
    what: str
    type: str = "string"
    wide: bool = False

    def for_crd(self) -> dict[str, Any]:
        """The column as an entry of `additionalPrinterColumns`."""
        shown = {"name": self.name, "type": self.type, "jsonPath": self.path, "description": self.what}
        return {**shown, "priority": 1} if self.wide else shown


@dataclass(frozen=True)
class Kind:
    """A kind of the group: its model, its names and its columns."""

    model: type[Model]
    plural: str
    short_name: str
    columns: tuple[Column, ...]
    selectable: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the kind, as `ValeoERP`."""
        return self.model.__name__

    @property
    def file_name(self) -> str:
        """The file below crds/ that holds the definition."""
        return f"{GROUP}_{self.plural}.yaml"


AGE: Final = Column("Age", ".metadata.creationTimestamp", "How long ago the resource was created.", type="date")

VALEO_ERP: Final = Kind(
    model=ValeoERP,
    plural="valeoerps",
    short_name="verp",
    columns=(
        Column("Version", ".status.version", "Version that the active release reports."),
        Column("Phase", ".status.phase", "How far the wanted release has come."),
        Column("Active", ".status.activeColour", "Colour that the Service selects."),
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status', "Whether it answers and matches the spec."),
        Column("Gates", ".status.goLive.gates", "Go-live gates that pass, of all."),
        Column("Backup", ".status.backup", "When the last good backup was made."),
        Column("Target", ".status.targetRelease", "Release that the spec asks for.", wide=True),
        Column("Schema", ".status.schemaRevision", "Schema revision read back from the database.", wide=True),
        Column(
            "Rollback",
            '.status.conditions[?(@.type=="RollbackPossible")].status',
            "Whether the release before can be made active again.",
            wide=True,
        ),
        Column("Message", ".status.message", "What the operator is doing or waiting for.", wide=True),
        AGE,
    ),
)

VALEO_RELEASE: Final = Kind(
    model=ValeoRelease,
    plural="valeoreleases",
    short_name="vrel",
    columns=(
        Column("Version", ".spec.version", "Version that the image reports."),
        Column("Phase", ".status.phase", "How far the rollout came."),
        Column("Colour", ".spec.colour", "Deployment that the release is staged in."),
        Column("Schema", ".spec.schemaRevision", "Schema revision that the release migrates to."),
        Column("Digest", ".spec.digest", "Digest of the image.", wide=True),
        AGE,
    ),
    selectable=(".spec.installation",),
)

GO_LIVE_CHECKLIST: Final = Kind(
    model=GoLiveChecklist,
    plural="golivechecklists",
    short_name="checklist",
    columns=(Column("Summary", ".spec.summary", "Name of the checklist."), AGE),
)

GO_LIVE_GATE: Final = Kind(
    model=GoLiveGate,
    plural="golivegates",
    short_name="gate",
    other_names=("gates",),
    columns=(
        Column("Result", ".status.result", "What is known."),
        Column("Kind", ".spec.kind", "How the gate comes to its result."),
        Column("Severity", ".spec.severity", "How much it weighs."),
        Column("Age", ".status.since", "Since when the result is this one.", type="date"),
        Column("Message", ".status.message", "Why."),
        Column("Next step", ".status.nextStep", "What to do about it.", wide=True),
        Column("Checked", ".status.checkedAt", "When it was last looked at and written down.", type="date", wide=True),
        Column("Line", ".spec.line", "The line of the checklist.", wide=True),
    ),
    selectable=(".spec.installation",),
)

_SIGNED: Final = (
    Column("Gate", ".spec.gate", "Gate that is meant."),
    Column("Expires", ".spec.expiresAt", "When it ends, where it says so.", type="string"),
    Column("Used", ".status.usedFor", "Release that it was used for."),
    Column("Digest", ".spec.releaseDigest", "Digest of the image that it speaks of.", wide=True),
    AGE,
)

GO_LIVE_APPROVAL: Final = Kind(
    model=GoLiveApproval,
    plural="goliveapprovals",
    short_name="approval",
    other_names=("approvals",),
    columns=(
        Column("Decision", ".spec.decision", "What was decided."),
        Column("Approver", ".spec.approver.user", "Who decided."),
        Column("Role", ".spec.role", "Role in which it was decided."),
        *_SIGNED,
    ),
    selectable=(".spec.installation",),
)

GO_LIVE_WAIVER: Final = Kind(
    model=GoLiveWaiver,
    plural="golivewaivers",
    short_name="waiver",
    other_names=("waivers",),
    columns=(
        Column("Granted by", ".spec.grantedBy.user", "Who takes the responsibility."),
        Column("Break glass", ".spec.breakGlass", "Whether it is an emergency.", type="boolean"),
        *_SIGNED,
    ),
    selectable=(".spec.installation",),
)

VALEO_BACKUP: Final = Kind(
    model=ValeoBackup,
    plural="valeobackups",
    short_name="vbak",
    columns=(
        Column("Installation", ".spec.installation", "ValeoERP that is backed up."),
        Column("Phase", ".status.phase", "How far it has come."),
        Column("Reason", ".spec.reason", "Why it is made."),
        Column("Began", ".status.began", "When its snapshot was taken.", type="date"),
        Column("Bytes", ".status.bytes", "Size in the store.", type="integer"),
        Column("Drilled", ".status.drilledAt", "When a drill last restored it exactly.", type="date"),
        Column("Destination", ".status.destination", "Where it is.", wide=True),
        Column("Rows", ".status.rows", "Rows of all tables.", type="integer", wide=True),
        Column("Schema", ".status.revision", "Schema revision of the data.", wide=True),
        Column("Kept because", ".status.keptBecause", "Why retention keeps it.", wide=True),
        Column("Message", ".status.message", "What it is doing, or why it failed.", wide=True),
        AGE,
    ),
    selectable=(".spec.installation",),
)

VALEO_RESTORE: Final = Kind(
    model=ValeoRestore,
    plural="valeorestores",
    short_name="vres",
    columns=(
        Column("Installation", ".spec.installation", "ValeoERP whose backup is restored."),
        Column("Mode", ".spec.mode", "What it is for."),
        Column("Phase", ".status.phase", "How far it has come."),
        Column("Backup", ".status.backup", "Backup that is restored."),
        Column("Exact", ".status.exact", "Whether the data is exactly that of the backup.", type="boolean"),
        Column("Seconds", ".status.seconds", "How long it took.", type="integer"),
        Column("Message", ".status.message", "What it is doing, or why it failed.", wide=True),
        AGE,
    ),
    selectable=(".spec.installation",),
)

KINDS: Final = (
    VALEO_ERP,
    VALEO_RELEASE,
    VALEO_BACKUP,
    VALEO_RESTORE,
    GO_LIVE_CHECKLIST,
    GO_LIVE_GATE,
    GO_LIVE_APPROVAL,
    GO_LIVE_WAIVER,
)


def definition_of(kind: Kind) -> dict[str, Any]:
    """The CustomResourceDefinition of a kind, ready for the API server."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}", "labels": {"app.kubernetes.io/part-of": "valeo-erp"}},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind.name,
                "listKind": f"{kind.name}List",
                "plural": kind.plural,
                "singular": kind.name.lower(),
                "shortNames": [kind.short_name, *kind.other_names],
                "categories": ["valeo"],
            },
            "versions": [_version_of(kind)],
        },
    }


def _version_of(kind: Kind) -> dict[str, Any]:
    selectable = {"selectableFields": [{"jsonPath": path} for path in kind.selectable]} if kind.selectable else {}
    subresources: Schema = {"subresources": {"status": {}}} if "status" in kind.model.model_fields else {}
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        **subresources,
        "additionalPrinterColumns": [column.for_crd() for column in kind.columns],
        **selectable,
        "schema": {"openAPIV3Schema": resource_schema(kind.model)},
    }


def resource_schema(model: type[Model]) -> Schema:
    """The schema of a whole resource. The API server keeps metadata; a status says only what was observed."""
    schema = structural_schema(model)
    parts: dict[str, Schema] = schema["properties"]
    properties = {
        "apiVersion": {"type": "string", "description": parts["apiVersion"]["description"]},
        "kind": {"type": "string", "description": parts["kind"]["description"]},
        # Named so that rules can point at it; what else metadata holds is the API server's business.
        "metadata": {"type": "object", "properties": {"name": {"type": "string"}}},
        "spec": parts["spec"],
        **({"status": without_defaults(parts["status"])} if "status" in parts else {}),
    }
    return {**schema, "properties": properties, "required": ["spec"]}
