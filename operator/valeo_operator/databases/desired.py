"""The objects of the embedded PostgreSQL, and how an ERP pod reaches the database of its installation. Pure."""

from dataclasses import dataclass
from typing import Final

from valeo_operator.api.valeoerp import EmbeddedDatabase, ValeoERPSpec
from valeo_operator.cluster.objects import Object
from valeo_operator.installations.names import Component, Names
from valeo_operator.recovery.desired import archiving, archivist, environment, mounts, pod_volume, server_arguments

PORT: Final = 5432
USER_ID: Final = 10002
EMBEDDED_NAME: Final = "valeo"
_DATA: Final = "/var/lib/postgresql/data"
_LONGEST_RECOVERY_SECONDS: Final = 4 * 3600
_PROBE: Final = {"exec": {"command": ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(PORT)]}, "timeoutSeconds": 5}


@dataclass(frozen=True)
class Connection:
    """Where the database is and which Secrets open it."""

    host: str
    port: int
    name: str
    ssl_mode: str
    migrator_secret: str
    ca_secret: str | None = None


def connection(spec: ValeoERPSpec, names: Names) -> Connection:
    """How the pods of the installation reach their database."""
    external = spec.database.external
    if external is None:
        # In the clear, but only ever from pod to pod, and only from the pods that the NetworkPolicy lets in.
        return Connection(names.host_of_database, PORT, EMBEDDED_NAME, "disable", names.migrator_secret)
    return Connection(
        external.host,
        external.port,
        external.name,
        external.ssl_mode.value,
        external.migrator_secret,
        external.ca_secret,
    )


def service(names: Names) -> Object:
    """The address of the embedded database."""
    return {
        "metadata": names.metadata(names.database, Component.DATABASE),
        "spec": {
            "type": "ClusterIP",
            "selector": names.pods_of(Component.DATABASE),
            "ports": [{"name": "postgresql", "port": PORT, "targetPort": "postgresql", "protocol": "TCP"}],
        },
    }


def volume(embedded: EmbeddedDatabase, names: Names) -> Object:
    """The volume of the embedded database. It has no owner: it stays when the resource goes."""
    spec: Object = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": embedded.storage.size}},
    }
    if embedded.storage.class_name:
        spec["storageClassName"] = embedded.storage.class_name
    return {"metadata": names.metadata(names.database_volume, Component.DATABASE, owned=False), "spec": spec}


def stateful_set(embedded: EmbeddedDatabase, names: Names) -> Object:
    """One PostgreSQL server on the volume."""
    return {
        "metadata": names.metadata(names.database, Component.DATABASE),
        "spec": {
            "serviceName": names.database,
            "replicas": 1,
            "selector": {"matchLabels": names.pods_of(Component.DATABASE)},
            "template": {
                "metadata": {"labels": names.labels(Component.DATABASE)},
                "spec": _pod(embedded, names),
            },
        },
    }


def _pod(embedded: EmbeddedDatabase, names: Names) -> Object:
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": _containers(embedded),
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": names.database_volume}},
            {"name": "admin", "secret": {"secretName": names.admin_secret, "defaultMode": 0o440}},
            {"name": "tmp", "emptyDir": {}},
            *([pod_volume(names)] if archiving(embedded) else []),
        ],
    }


def _containers(embedded: EmbeddedDatabase) -> list[Object]:
    server, archived = _container(embedded), archiving(embedded)
    if archived is None:
        return [server]
    beside = archivist(embedded, archived, server["volumeMounts"])
    server |= {"args": server_arguments(), "env": environment(archived)}
    # On an empty volume the database comes back from its archive first.
    server["startupProbe"] = {**server["startupProbe"], "failureThreshold": _LONGEST_RECOVERY_SECONDS}
    server["volumeMounts"] = [*server["volumeMounts"], *mounts()]
    return [server, beside]


def _container(embedded: EmbeddedDatabase) -> Object:
    return {
        "name": "postgresql",
        "image": embedded.image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "postgresql", "containerPort": PORT, "protocol": "TCP"}],
        "resources": embedded.resources.to_object(),
        "startupProbe": {**_PROBE, "periodSeconds": 1, "failureThreshold": 300},
        "readinessProbe": {**_PROBE, "periodSeconds": 5},
        "livenessProbe": {**_PROBE, "periodSeconds": 20, "failureThreshold": 6},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "data", "mountPath": _DATA},
            {"name": "admin", "mountPath": "/etc/valeo/admin", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of the pod, nobody else writes there
        ],
    }
