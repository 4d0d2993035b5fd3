"""The Deployment of a colour for a recorded release. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.objects import Object
from valeo_operator.installations.names import COLOUR_LABEL, RELEASE_LABEL, REQUEST_LABEL, Component, Names
from valeo_operator.network.desired import ERP_PORT
from valeo_operator.releases.desired import (
    CA_DIR,
    CLIENT_SECRET_DIR,
    CREDENTIALS_DIR,
    GOLIVE_DIR,
    KEYS_DIR,
    PINNED_ANNOTATION,
    POD_KEY,
    SMOKE_DIR,
)

USER_ID: Final = 10001
VERSION_ANNOTATION: Final = "valeoerp.io/credential-version"


def image_of(release: ValeoRelease) -> str:
    """The image by digest where a registry knows it, else as the spec named it.

    An image that was loaded into the node, not pulled, has a digest that no registry would know. Then the digest of
    every pod is compared with the recorded one instead, see `colours.plan`.
    """
    return release.metadata.annotations.get(PINNED_ANNOTATION, release.spec.image)


def deployment(
    release: ValeoRelease, config: Mapping[str, str], names: Names, colour: Colour, replicas: int | None
) -> Object:
    """The pods of a release in a colour. `replicas` is None where their number is somebody else's."""
    meta = names.metadata(names.colour(colour), Component.ERP)
    belongs = {
        COLOUR_LABEL: colour.value,
        RELEASE_LABEL: release.metadata.name,
        REQUEST_LABEL: release.metadata.labels.get(REQUEST_LABEL, ""),
    }
    meta["labels"] |= belongs
    chosen = {**names.pods_of(Component.ERP), COLOUR_LABEL: colour.value}
    return {
        "metadata": meta,
        "spec": {
            **({} if replicas is None else {"replicas": replicas}),
            "revisionHistoryLimit": 2,
            "progressDeadlineSeconds": 600,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {"matchLabels": chosen},
            "template": {
                "metadata": {
                    "labels": {**names.labels(Component.ERP), **belongs},
                    "annotations": {VERSION_ANNOTATION: _login_version(release, config)},
                },
                "spec": _pod(release, config, names, colour),
            },
        },
    }


def _settings(config: Mapping[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(config[POD_KEY])
    return settings


def _login_version(release: ValeoRelease, config: Mapping[str, str]) -> str:
    return release.spec.secret_versions.get(_settings(config)["loginSecret"], "")


def _pod(release: ValeoRelease, config: Mapping[str, str], names: Names, colour: Colour) -> Object:
    settings = _settings(config)
    folders = _folders(settings, names, takes_smoke_tests="VALEO_SMOKE_DIR" in config)
    if "VALEO_GOLIVE_DIR" in config:
        folders.append(("golive", GOLIVE_DIR, {"configMap": {"name": names.shown_gates, "optional": True}}))
    chosen = {**names.pods_of(Component.ERP), COLOUR_LABEL: colour.value}
    return {
        "serviceAccountName": names.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": chosen},
            }
        ],
        "containers": [_container(release, config, names, colour, folders)],
        "volumes": [{"name": "tmp", "emptyDir": {}}, *({"name": name, **source} for name, _, source in folders)],
    }


def _folders(settings: Mapping[str, Any], names: Names, *, takes_smoke_tests: bool) -> list[tuple[str, str, Object]]:
    """Name, path and source of every Secret that is mounted."""
    folders = [
        ("database", CREDENTIALS_DIR, _login(settings["loginSecret"], names)),
        ("keys", KEYS_DIR, _secret(settings.get("keysSecret", names.keys_secret))),
    ]
    if takes_smoke_tests:
        folders.append(("smoke", SMOKE_DIR, _secret(names.smoke_secret)))
    if settings["caSecret"]:
        folders.append(("database-ca", CA_DIR, _secret(settings["caSecret"])))
    if settings["clientSecret"]:
        folders.append(("oidc", CLIENT_SECRET_DIR, _secret(settings["clientSecret"])))
    return folders


def _secret(name: str) -> Object:
    return {"secret": {"secretName": name, "defaultMode": 0o440}}


def _login(name: str, names: Names) -> Object:
    if name.startswith(names.application_prefix):
        return _secret(name)
    # A Secret of the user has no version; the ERP reports the one under which the release was recorded.
    version = {"path": "version", "fieldRef": {"fieldPath": f"metadata.annotations['{VERSION_ANNOTATION}']"}}
    sources = [{"secret": {"name": name}}, {"downwardAPI": {"items": [version]}}]
    return {"projected": {"defaultMode": 0o440, "sources": sources}}


def _container(
    release: ValeoRelease,
    config: Mapping[str, str],
    names: Names,
    colour: Colour,
    folders: list[tuple[str, str, Object]],
) -> Object:
    settings = _settings(config)
    from_config = {"name": names.config(release.spec.config_hash)}
    return {
        "name": "erp",
        "image": image_of(release),
        "imagePullPolicy": settings["imagePullPolicy"],
        "args": ["serve", "--host", "0.0.0.0", "--port", str(ERP_PORT)],  # noqa: S104 - inside its pod
        "ports": [{"name": "http", "containerPort": ERP_PORT, "protocol": "TCP"}],
        "env": [
            {"name": "VALEO_RELEASE_ID", "value": release.metadata.name},
            {"name": "VALEO_COLOUR", "value": colour.value},
            *(
                {"name": key, "valueFrom": {"configMapKeyRef": {**from_config, "key": key}}}
                for key in sorted(config)
                if key != POD_KEY
            ),
        ],
        "resources": settings["resources"],
        "startupProbe": {**_probe("/healthz"), "periodSeconds": 1, "failureThreshold": 120},
        "readinessProbe": {**_probe("/readyz"), "periodSeconds": 2, "failureThreshold": 3},
        "livenessProbe": {**_probe("/healthz"), "periodSeconds": 10, "failureThreshold": 6},
        # Endpoints need a moment to forget a pod, and a replaced release one to send users on; until then it answers.
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of the pod
            *({"name": name, "mountPath": path, "readOnly": True} for name, path, _ in folders),
        ],
    }


def _probe(path: str) -> Object:
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 3}
