"""What the embedded database gets so that points in time can be recovered: its archive and an archivist. Pure."""

from typing import Any, Final

from valeo_operator.api.point_in_time import PointInTime
from valeo_operator.api.valeoerp import EmbeddedDatabase
from valeo_operator.cluster.objects import Object
from valeo_operator.installations.names import Component, Names

CONTAINER: Final = "archivist"
REPOSITORY: Final = "/var/lib/pgbackrest"
DATA: Final = "/var/lib/postgresql/data/pgdata"
_LOGIN: Final = "/etc/valeo/admin"
_SWITCHED_AFTER_SECONDS: Final = 30  # with a beat every ten seconds the recovery point stays below a minute
# A log that the archive refuses fills the volume of the database. When so much of it waits, it is dropped: the ERP goes
# on, the gap is told, and a new full copy begins the next window.
_MOST_THAT_WAITS: Final = "512MiB"


def hardening() -> dict[str, Any]:
    """What holds for every container with the database's image."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def archiving(embedded: EmbeddedDatabase) -> PointInTime | None:
    """What is asked for; None where it is switched off."""
    asked = embedded.point_in_time
    return asked if asked is not None and asked.enabled else None


def volume(asked: PointInTime, names: Names) -> Object:
    """The volume of the archive. It has no owner: it stays when the resource goes."""
    spec: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": asked.volume.size}}}
    if asked.volume.storage_class_name:
        spec["storageClassName"] = asked.volume.storage_class_name
    return {"metadata": names.metadata(names.archive_volume, Component.DATABASE, owned=False), "spec": spec}


def server_arguments() -> list[str]:
    """What the server is started with, so that its log goes into the archive."""
    settings = {
        "archive_mode": "on",
        "archive_command": "pgbackrest archive-push %p",
        "archive_timeout": str(_SWITCHED_AFTER_SECONDS),
    }
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def environment(asked: PointInTime) -> list[dict[str, str]]:
    """The settings of pgBackRest, the same for the server, the archivist and a recovery."""
    settings = {
        "PGBACKREST_REPO1_PATH": REPOSITORY,
        "PGBACKREST_REPO1_RETENTION_FULL": str(asked.keep_days),
        "PGBACKREST_REPO1_RETENTION_FULL_TYPE": "time",
        "PGBACKREST_ARCHIVE_PUSH_QUEUE_MAX": _MOST_THAT_WAITS,
    }
    return [{"name": name, "value": value} for name, value in settings.items()]


def mounts(*, read_only: bool = False) -> list[dict[str, Any]]:
    """Where the archive is."""
    return [{"name": "archive", "mountPath": REPOSITORY, **({"readOnly": True} if read_only else {})}]


def pod_volume(names: Names) -> dict[str, Any]:
    """The volume of the archive in a pod."""
    return {"name": "archive", "persistentVolumeClaim": {"claimName": names.archive_volume}}


def archivist(embedded: EmbeddedDatabase, asked: PointInTime, server_mounts: list[Object]) -> Object:
    """The container beside the server. It never ends by itself: the pod would not be ready without it."""
    return {
        "name": CONTAINER,
        "image": embedded.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-m", "valeo_archivist", "keep"],
        "args": [
            *("--login", _LOGIN),
            *("--full-days", str(asked.full_every_days)),
            *("--differential-hours", str(asked.differential_every_hours)),
        ],
        "env": environment(asked),
        "resources": {"requests": {"cpu": "20m", "memory": "48Mi"}, "limits": {"memory": "384Mi"}},
        "securityContext": hardening(),
        "volumeMounts": [*server_mounts, *mounts()],
    }
