"""The names and labels of everything that belongs to one ValeoERP. Deterministic: the same wish has the same name."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from valeo_operator.api.model import ObjectMeta
from valeo_operator.api.rollout import Colour
from valeo_operator.cluster.objects import Object

FINALIZER: Final = "valeoerp.io/installation"
COLOUR_LABEL: Final = "valeoerp.io/colour"
RELEASE_LABEL: Final = "valeoerp.io/release"
REQUEST_LABEL: Final = "valeoerp.io/request"
ERRAND_LABEL: Final = "valeoerp.io/errand"
ATTEMPT_LABEL: Final = "valeoerp.io/attempt"
COMPONENT_LABEL: Final = "app.kubernetes.io/component"
INSTANCE_LABEL: Final = "app.kubernetes.io/instance"
MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
INTENT_ANNOTATION: Final = "valeoerp.io/intent"
RETRY_ANNOTATION: Final = "valeoerp.io/retry"
ABORT_ANNOTATION: Final = "valeoerp.io/abort"
PROMOTE_ANNOTATION: Final = "valeoerp.io/promote"
ROLLBACK_ANNOTATION: Final = "valeoerp.io/rollback"
CONTRACT_ANNOTATION: Final = "valeoerp.io/contract"
ROTATE_ANNOTATION: Final = "valeoerp.io/rotate"
MANAGER: Final = "valeo-operator"
OURS: Final = {MANAGED_BY_LABEL: MANAGER}


class Component(StrEnum):
    """The parts of an installation, as the label app.kubernetes.io/component names them."""

    ERP = "erp"
    DATABASE = "database"
    IDENTITY = "identity"
    JOB = "job"


@dataclass(frozen=True)
class Names:
    """Everything that is named after one ValeoERP."""

    name: str
    namespace: str
    uid: str

    @classmethod
    def of(cls, meta: ObjectMeta) -> "Names":
        """The names of the installation with this metadata."""
        return cls(meta.name, meta.namespace, meta.uid)

    @property
    def database(self) -> str:
        """StatefulSet and Service of the embedded database."""
        return f"{self.name}-database"

    @property
    def database_volume(self) -> str:
        """PersistentVolumeClaim of the embedded database."""
        return f"{self.name}-database-data"

    @property
    def archive_volume(self) -> str:
        """PersistentVolumeClaim with the archive of the embedded database, for recovery to points in time."""
        return f"{self.name}-database-archive"

    @property
    def backups_prefix(self) -> str:
        """What the PersistentVolumeClaims of backups are called; the name of the destination follows."""
        return f"{self.name}-backups-"

    @property
    def admin_secret(self) -> str:
        """Login of the superuser of the embedded database."""
        return f"{self.name}-database-admin"

    @property
    def migrator_secret(self) -> str:
        """Login that owns and migrates the schema."""
        return f"{self.name}-database-migrator"

    @property
    def application_secrets(self) -> tuple[str, str]:
        """The two logins of the application, which take turns at a rotation."""
        return f"{self.application_prefix}a", f"{self.application_prefix}b"

    @property
    def application_prefix(self) -> str:
        """What the Secrets with logins of the application are called; the turn, and then a version, follow."""
        return f"{self.name}-database-app-"

    def rotated_login(self, turn: str, version: int) -> str:
        """A login of the application that took the place of another one. `turn` is `a` or `b`."""
        return f"{self.application_prefix}{turn}-{version}"

    @property
    def keys_secret(self) -> str:
        """Signing keys of the ERP, as they were made with the installation."""
        return f"{self.name}-keys"

    def rotated_keys(self, version: int) -> str:
        """Signing keys that took the place of other ones."""
        return f"{self.keys_secret}-{version}"

    def has_keys(self, secret: str) -> bool:
        """Whether a Secret is one with signing keys."""
        return secret == self.keys_secret or secret.removeprefix(f"{self.keys_secret}-").isdecimal()

    @property
    def smoke_secret(self) -> str:
        """Key with which the smoke tests sign in, in a tenant of their own."""
        return f"{self.name}-smoke"

    @property
    def shown_gates(self) -> str:
        """ConfigMap with how the go-live gates stand, for the ERP's own page."""
        return f"{self.name}-golive-shown"

    @property
    def identity_secret(self) -> str:
        """Key with which the development identity provider signs, whatever image and pod it runs from."""
        return f"{self.name}-identity"

    @property
    def identity(self) -> str:
        """Deployment and Service of the development identity provider."""
        return f"{self.name}-identity"

    @property
    def active_service(self) -> str:
        """Service that users reach."""
        return self.name

    @property
    def preview_service(self) -> str:
        """Service that reaches the colour which is staged."""
        return f"{self.name}-preview"

    @property
    def dashboard(self) -> str:
        """ConfigMap with the dashboard for Grafana."""
        return f"{self.name}-dashboard"

    @property
    def test_alert(self) -> str:
        """ConfigMap in which it is noted that a test alert was sent, and what became of it."""
        return f"{self.name}-test-alert"

    def colour(self, colour: Colour) -> str:
        """Deployment of a colour."""
        return f"{self.name}-{colour.value}"

    def config(self, config_hash: str) -> str:
        """Immutable ConfigMap of a release."""
        return f"{self.name}-config-{config_hash}"

    def release(self, request: str, colour: Colour) -> str:
        """ValeoRelease of a request in a colour."""
        return f"{self.name}-{request}-{colour.value}"

    def request_of(self, release: str) -> str:
        """The request that a release was recorded for, from its name."""
        return release.removeprefix(f"{self.name}-").rpartition("-")[0]

    @property
    def host_of_database(self) -> str:
        """DNS name of the embedded database."""
        return f"{self.database}.{self.namespace}.svc"

    @property
    def selector(self) -> dict[str, str]:
        """What every object of the installation carries."""
        return {INSTANCE_LABEL: self.name, MANAGED_BY_LABEL: MANAGER}

    def labels(self, component: Component) -> dict[str, str]:
        """Labels of an object that belongs to a component."""
        return {"app.kubernetes.io/name": "valeo-erp", **self.selector, COMPONENT_LABEL: component.value}

    def pods_of(self, component: Component) -> dict[str, str]:
        """Selector of the pods of a component."""
        return {INSTANCE_LABEL: self.name, COMPONENT_LABEL: component.value}

    def metadata(self, name: str, component: Component, *, owned: bool = True) -> Object:
        """Metadata of an object. What must outlive the resource is not `owned`: garbage collection would take it."""
        meta: Object = {"name": name, "namespace": self.namespace, "labels": self.labels(component)}
        if owned:
            meta["ownerReferences"] = [self.owner]
        return meta

    @property
    def owner(self) -> Object:
        """The reference by which garbage collection removes an object with its ValeoERP."""
        return {
            "apiVersion": "valeoerp.io/v1alpha1",
            "kind": "ValeoERP",
            "name": self.name,
            "uid": self.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
