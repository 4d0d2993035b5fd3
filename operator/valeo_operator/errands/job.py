"""The form of a Job with the ERP's image: one attempt, no rights, a read-only root, its result at the end. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from valeo_operator.cluster.objects import Object
from valeo_operator.databases.desired import Connection
from valeo_operator.installations.names import ATTEMPT_LABEL, ERRAND_LABEL, Component, Names

USER_ID: Final = 10001
RESULT: Final = "/dev/termination-log"
_CREDENTIALS: Final = "/etc/valeo"
_KEPT_SECONDS: Final = 3600


def attempt_of(name: str, key: str, attempt: int, seconds: int, names: Names, of: Object) -> Object:
    """The Job of one attempt. It is never retried by Kubernetes: we count the attempts and say which one it is.

    Args:
        name: of the Job.
        key: the label by which all attempts are found.
        attempt: from 1.
        seconds: after which it is ended.
        names: of the installation.
        of: what its pod is, from `pod_of`.
    """
    meta = names.metadata(name, Component.JOB)
    meta["labels"] |= {ERRAND_LABEL: key, ATTEMPT_LABEL: str(attempt)}
    return {
        "metadata": meta,
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": seconds,
            "ttlSecondsAfterFinished": _KEPT_SECONDS,
            "template": {"metadata": {"labels": {**names.labels(Component.JOB), ERRAND_LABEL: key}}, "spec": of},
        },
    }


def pod_of(container: Object, volumes: Sequence[Object], **security: str) -> Object:
    """A pod of one container. `security` adds to what holds for the whole pod."""
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 10,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            **security,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {}}, *volumes],
    }


def hardened(
    name: str,
    image: str,
    pull_policy: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    mounts: Sequence[Object],
    resources: Object,
) -> Object:
    """The container of a Job; it can write to `/tmp` and to what `mounts` brings."""
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": pull_policy,
        "args": list(arguments),
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": resources,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, *mounts],  # noqa: S108 - an emptyDir of the pod
    }


def secret_mounts(secrets: Iterable[tuple[str, str]]) -> tuple[list[Object], list[Object]]:
    """Mounts and volumes of Secrets, each with the folder where it is mounted."""
    mounts: list[Object] = []
    volumes: list[Object] = []
    for number, (secret, path) in enumerate(secrets):
        mounts.append({"name": f"secret-{number}", "mountPath": path, "readOnly": True})
        volumes.append({"name": f"secret-{number}", "secret": {"secretName": secret, "defaultMode": 0o440}})
    return mounts, volumes


def database_environment(way: Connection) -> dict[str, str]:
    """Where the database is, as the ERP's commands read it."""
    environment = {
        "VALEO_DATABASE_HOST": way.host,
        "VALEO_DATABASE_PORT": str(way.port),
        "VALEO_DATABASE_NAME": way.name,
        "VALEO_DATABASE_SSLMODE": way.ssl_mode,
    }
    return environment | ({"VALEO_DATABASE_CA_FILE": f"{_CREDENTIALS}/{way.ca_secret}/ca.crt"} if way.ca_secret else {})
