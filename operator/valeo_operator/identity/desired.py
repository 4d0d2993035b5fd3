"""Deployment and Service of the development identity provider. Pure."""

from typing import Any, Final

from valeo_operator.api.valeoerp import DevelopmentProvider, ServiceType, ValeoERPSpec
from valeo_operator.cluster.objects import Object
from valeo_operator.credentials.desired import IDENTITY_KEY
from valeo_operator.installations.names import Component, Names

PORT: Final = 8081
_USER_ID: Final = 10001
_KEY_DIR: Final = "/etc/valeo/identity"


def internal_url(names: Names) -> str:
    """Where the pods of the ERP reach the provider, which users reach under another address."""
    return f"http://{names.identity}.{names.namespace}.svc:{PORT}"


def service(provider: DevelopmentProvider, names: Names) -> Object:
    """The address of the provider."""
    port: dict[str, Any] = {"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}
    kind = ServiceType.CLUSTER_IP
    if provider.node_port is not None:
        port["nodePort"] = provider.node_port
        kind = ServiceType.NODE_PORT
    return {
        "metadata": names.metadata(names.identity, Component.IDENTITY),
        "spec": {"type": kind.value, "selector": names.pods_of(Component.IDENTITY), "ports": [port]},
    }


def deployment(spec: ValeoERPSpec, provider: DevelopmentProvider, names: Names) -> Object:
    """One pod of the provider, from the image of the ERP."""
    return {
        "metadata": names.metadata(names.identity, Component.IDENTITY),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": names.pods_of(Component.IDENTITY)},
            "template": {
                "metadata": {"labels": names.labels(Component.IDENTITY)},
                "spec": {
                    "serviceAccountName": names.name,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "runAsUser": _USER_ID,
                        "runAsGroup": _USER_ID,
                        "fsGroup": _USER_ID,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "containers": [_container(spec, provider)],
                    "volumes": [
                        {"name": "tmp", "emptyDir": {}},
                        {"name": "key", "secret": {"secretName": names.identity_secret, "defaultMode": 0o440}},
                    ],
                },
            },
        },
    }


def _container(spec: ValeoERPSpec, provider: DevelopmentProvider) -> Object:
    return {
        "name": "identity",
        "image": spec.image,
        "imagePullPolicy": spec.image_pull_policy.value,
        "args": ["identity", "--public-url", provider.public_url],
        "env": [{"name": "VALEO_IDENTITY_KEY_FILE", "value": f"{_KEY_DIR}/{IDENTITY_KEY}"}],
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "readinessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 2},
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of the pod
            {"name": "key", "mountPath": _KEY_DIR, "readOnly": True},
        ],
    }
