"""The pod that brings a point in time back: a copy of the server, recovered, and dumped into a folder of the pod. Pure.

What follows is a restore like every other: the ERP's image restores the dump beside the live data and compares it.
"""

from typing import Any, Final

from valeo_operator.api.point_in_time import Point, PointInTime
from valeo_operator.api.valeoerp import EmbeddedDatabase
from valeo_operator.cluster.objects import Object
from valeo_operator.errands.job import RESULT
from valeo_operator.installations.names import Component, Names
from valeo_operator.recovery.desired import environment, hardening, mounts, pod_volume

PORT: Final = 5433
COPY: Final = "copy"
STORE: Final = "file:///recovery/store"
_ROOM: Final = "/recovery"
_COPY: Final = ("--data", f"{_ROOM}/pgdata", "--sockets", "/tmp")  # noqa: S108 - an emptyDir of the pod
_LONGEST_SECONDS: Final = 3 * 3600
_USER_ID: Final = 10002  # the user of the database's image, whose files the archive holds


def room_mount() -> dict[str, str]:
    """Where the copy and its dump are, in every container of the pod."""
    return {"name": "recovery", "mountPath": _ROOM}


def words_of(point: Point) -> tuple[str, str]:
    """The point as the archivist takes it."""
    if point.time is not None:
        return "--time", point.time.isoformat()
    return ("--transaction", str(point.transaction)) if point.transaction is not None else ("--name", str(point.name))


def with_recovery(
    pod: Object, point: Point, embedded: EmbeddedDatabase, asked: PointInTime, dump: Object, names: Names
) -> Object:
    """A pod of the ERP's image, before which a copy is recovered and dumped.

    It runs where the database runs: both have the volume of the archive, this one for reading only.

    Args:
        pod: what is done with the dump.
        point: where recovery ends.
        embedded: the database that is copied.
        asked: its archive.
        dump: the container that dumps the copy.
        names: of the installation.
    """
    beside_database = {
        "labelSelector": {"matchLabels": names.pods_of(Component.DATABASE)},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {
        **pod,
        "securityContext": {**pod["securityContext"], "fsGroup": _USER_ID},
        "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [beside_database]}},
        "initContainers": [_recover(point, embedded, asked), _server(embedded, asked), dump],
        "volumes": [*pod["volumes"], pod_volume(names), _room(embedded)],
    }


def _room(embedded: EmbeddedDatabase) -> dict[str, Any]:
    """As large as the volume of the database, and gone with the pod."""
    claim: Object = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": embedded.storage.size}},
    }
    if embedded.storage.class_name:
        claim["storageClassName"] = embedded.storage.class_name
    return {"name": "recovery", "ephemeral": {"volumeClaimTemplate": {"spec": claim}}}


def _recover(point: Point, embedded: EmbeddedDatabase, asked: PointInTime) -> Object:
    limits = ("--seconds", str(_LONGEST_SECONDS), "--result", RESULT)
    return _of_database("recover", embedded, asked, ["recover", *_COPY, *words_of(point), *limits])


def _server(embedded: EmbeddedDatabase, asked: PointInTime) -> Object:
    ready = {"exec": {"command": ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(PORT)]}, "timeoutSeconds": 5}
    return {
        **_of_database(COPY, embedded, asked, ["serve", *_COPY, "--port", str(PORT)]),
        "restartPolicy": "Always",  # it goes on beside what follows, and ends with it
        "startupProbe": {**ready, "periodSeconds": 1, "failureThreshold": 120},
    }


def _of_database(name: str, embedded: EmbeddedDatabase, asked: PointInTime, arguments: list[str]) -> Object:
    return {
        "name": name,
        "image": embedded.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-m", "valeo_archivist"],
        "args": arguments,
        "env": environment(asked),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": embedded.resources.to_object(),
        "securityContext": {**hardening(), "runAsUser": _USER_ID, "runAsGroup": _USER_ID},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, room_mount(), *mounts(read_only=True)],  # noqa: S108
    }
