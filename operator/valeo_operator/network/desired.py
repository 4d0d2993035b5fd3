"""Services, NetworkPolicies, Ingress, ServiceAccount and PodDisruptionBudget of an installation. Pure."""

from typing import Any, Final
from urllib.parse import urlsplit

from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeoerp import ServiceType, ValeoERPSpec
from valeo_operator.cluster.objects import Object
from valeo_operator.databases import desired as databases
from valeo_operator.identity.desired import PORT as IDENTITY_PORT
from valeo_operator.installations.names import COLOUR_LABEL, INSTANCE_LABEL, Component, Names

ERP_PORT: Final = 8000
SERVICE_PORT: Final = 80
_HTTPS: Final = 443
_DNS: Final = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}


def service_account(names: Names) -> Object:
    """The account of every pod of the installation. It has no rights, and its token is not mounted."""
    meta = names.metadata(names.name, Component.ERP)
    return {"metadata": meta, "automountServiceAccountToken": False}


def disruption_budget(names: Names) -> Object:
    """A drained node takes one pod of the ERP at a time."""
    return {
        "metadata": names.metadata(names.name, Component.ERP),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": names.pods_of(Component.ERP)}},
    }


def quota(spec: ValeoERPSpec, names: Names) -> Object | None:
    """What the namespace may use; None where nobody limits it."""
    asked = spec.quota
    if asked is None:
        return None
    hard = {"requests.cpu": asked.cpu, "limits.memory": asked.memory, "pods": str(asked.pods)}
    return {"metadata": names.metadata(names.name, Component.ERP), "spec": {"hard": hard}}


def limit_range(spec: ValeoERPSpec, names: Names) -> Object | None:
    """What a container gets that asks for nothing; without it the quota would keep its pod out."""
    asked = spec.quota
    if asked is None:
        return None
    given = {"cpu": asked.containers.cpu, "memory": asked.containers.memory}
    limits = {"type": "Container", "default": {"memory": given["memory"]}, "defaultRequest": given}
    return {"metadata": names.metadata(names.name, Component.ERP), "spec": {"limits": [limits]}}


def active_service(spec: ValeoERPSpec, names: Names, colour: Colour) -> Object:
    """The Service that users reach; it selects one colour."""
    port: dict[str, Any] = _service_port()
    if spec.service.node_port is not None:
        port["nodePort"] = spec.service.node_port
    wanted = _service(names, names.active_service, colour, [port])
    wanted["spec"]["type"] = spec.service.type.value
    return wanted


def preview_service(names: Names, colour: Colour) -> Object:
    """The Service through which a staged colour is asked before it is active."""
    wanted = _service(names, names.preview_service, colour, [_service_port()])
    wanted["spec"]["type"] = ServiceType.CLUSTER_IP.value
    return wanted


def _service_port() -> dict[str, Any]:
    return {"name": "http", "port": SERVICE_PORT, "targetPort": "http", "protocol": "TCP"}


def _service(names: Names, name: str, colour: Colour, ports: list[dict[str, Any]]) -> Object:
    selector = {**names.pods_of(Component.ERP), COLOUR_LABEL: colour.value}
    return {"metadata": names.metadata(name, Component.ERP), "spec": {"selector": selector, "ports": ports}}


def ingress(spec: ValeoERPSpec, names: Names) -> Object | None:
    """The way in by name; None where no host is asked for."""
    asked = spec.ingress
    if asked is None:
        return None
    backend = {"service": {"name": names.active_service, "port": {"name": "http"}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    wanted: Object = {
        "metadata": names.metadata(names.name, Component.ERP),
        "spec": {"rules": [{"host": asked.host, "http": {"paths": [path]}}]},
    }
    if asked.class_name:
        wanted["spec"]["ingressClassName"] = asked.class_name
    if asked.tls:
        secret = asked.tls.secret_name or f"{names.name}-tls"
        wanted["spec"]["tls"] = [{"hosts": [asked.host], "secretName": secret}]
        if asked.tls.cert_manager_issuer:
            annotations = {"cert-manager.io/cluster-issuer": asked.tls.cert_manager_issuer}
            wanted["metadata"]["annotations"] = annotations
    return wanted


def policies(spec: ValeoERPSpec, names: Names) -> tuple[Object, ...]:
    """Nothing may speak with anything, then what is needed."""
    return (
        _deny_all(names),
        _erp(spec, names),
        _jobs(spec, names),
        *([_database(names)] if spec.database.external is None else []),
        *([_identity(names)] if spec.auth.development_provider else []),
    )


def _policy(names: Names, name: str, component: Component, spec: Object) -> Object:
    return {"metadata": names.metadata(name, component), "spec": spec}


def _deny_all(names: Names) -> Object:
    everything = {"podSelector": {"matchLabels": {INSTANCE_LABEL: names.name}}, "policyTypes": ["Ingress", "Egress"]}
    return _policy(names, f"{names.name}-deny-all", Component.ERP, everything)


def _ports(*ports: int) -> list[dict[str, Any]]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def _to_database(spec: ValeoERPSpec, names: Names) -> dict[str, Any]:
    if spec.database.external is not None:  # a host name can't stand in a NetworkPolicy, so only the port is bound
        return {"ports": _ports(spec.database.external.port)}
    return {
        "to": [{"podSelector": {"matchLabels": names.pods_of(Component.DATABASE)}}],
        "ports": _ports(databases.PORT),
    }


def _to_erp(names: Names) -> dict[str, Any]:
    """The smoke tests ask the pods of a staged colour; every pod of the ERP asks which release is active."""
    return {"to": [{"podSelector": {"matchLabels": names.pods_of(Component.ERP)}}], "ports": _ports(ERP_PORT)}


def _to_issuer(spec: ValeoERPSpec, names: Names) -> dict[str, Any]:
    if spec.auth.development_provider:
        to = [{"podSelector": {"matchLabels": names.pods_of(Component.IDENTITY)}}]
        return {"to": to, "ports": _ports(IDENTITY_PORT)}
    addresses = [urlsplit(url) for url in (spec.auth.issuer, spec.auth.internal_url) if url]
    return {"ports": _ports(*sorted({each.port or _default_port(each.scheme) for each in addresses}))}


def _to_traces(spec: ValeoERPSpec) -> list[dict[str, Any]]:
    """The receiver of traces. A host name can't stand in a NetworkPolicy, so only its port does."""
    if spec.tracing is None:
        return []
    address = urlsplit(spec.tracing.otlp_url)
    return [{"ports": _ports(address.port or _default_port(address.scheme))}]


def _default_port(scheme: str) -> int:
    return SERVICE_PORT if scheme == "http" else _HTTPS


def _erp(spec: ValeoERPSpec, names: Names) -> Object:
    rules = {
        "podSelector": {"matchLabels": names.pods_of(Component.ERP)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": _ports(ERP_PORT)}],
        "egress": [_DNS, _to_database(spec, names), _to_issuer(spec, names), _to_erp(names), *_to_traces(spec)],
    }
    return _policy(names, f"{names.name}-erp", Component.ERP, rules)


def _jobs(spec: ValeoERPSpec, names: Names) -> Object:
    rules = {
        "podSelector": {"matchLabels": names.pods_of(Component.JOB)},
        "policyTypes": ["Egress"],
        "egress": [_DNS, _to_database(spec, names), _to_erp(names), *_to_stores(spec)],
    }
    return _policy(names, f"{names.name}-job", Component.JOB, rules)


def _to_stores(spec: ValeoERPSpec) -> list[dict[str, Any]]:
    """The stores of backups outside of the cluster. A host name can't stand in a NetworkPolicy, so only ports do."""
    buckets = [each.s3 for each in spec.backup.destinations if each.s3] if spec.backup else []
    addresses = [urlsplit(each.endpoint) for each in buckets]
    ports = sorted({each.port or _default_port(each.scheme) for each in addresses})
    return [{"ports": _ports(*ports)}] if ports else []


def _database(names: Names) -> Object:
    clients = [{"podSelector": {"matchLabels": names.pods_of(each)}} for each in (Component.ERP, Component.JOB)]
    rules = {
        "podSelector": {"matchLabels": names.pods_of(Component.DATABASE)},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": clients, "ports": _ports(databases.PORT)}],
    }
    return _policy(names, f"{names.name}-database", Component.DATABASE, rules)


def _identity(names: Names) -> Object:
    rules = {
        "podSelector": {"matchLabels": names.pods_of(Component.IDENTITY)},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": _ports(IDENTITY_PORT)}],
    }
    return _policy(names, f"{names.name}-identity", Component.IDENTITY, rules)
