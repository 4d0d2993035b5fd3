"""The kinds of objects that the operator reads or writes, and where the API server keeps them."""

from dataclasses import dataclass
from typing import Final, Self

from valeo_operator.api import GROUP


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of object, below: each stands once, so identity is equality. `group` is empty for the core API."""

    group: str
    version: str
    plural: str
    name: str
    namespaced: bool = True

    def __deepcopy__(self, _: object) -> Self:
        """A kind stands once: also in a copy of what it is a key of."""
        return self

    @property
    def api_version(self) -> str:
        """As it stands in a manifest."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """As RBAC and `kubectl` name it: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


ERPS: Final = Kind(GROUP, "v1alpha1", "valeoerps", "ValeoERP")
RELEASES: Final = Kind(GROUP, "v1alpha1", "valeoreleases", "ValeoRelease")
BACKUPS: Final = Kind(GROUP, "v1alpha1", "valeobackups", "ValeoBackup")
RESTORES: Final = Kind(GROUP, "v1alpha1", "valeorestores", "ValeoRestore")
SECRETS: Final = Kind("", "v1", "secrets", "Secret")
CONFIG_MAPS: Final = Kind("", "v1", "configmaps", "ConfigMap")
SERVICES: Final = Kind("", "v1", "services", "Service")
SERVICE_ACCOUNTS: Final = Kind("", "v1", "serviceaccounts", "ServiceAccount")
PODS: Final = Kind("", "v1", "pods", "Pod")
CLAIMS: Final = Kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
EVENTS: Final = Kind("", "v1", "events", "Event")
DEPLOYMENTS: Final = Kind("apps", "v1", "deployments", "Deployment")
STATEFUL_SETS: Final = Kind("apps", "v1", "statefulsets", "StatefulSet")
JOBS: Final = Kind("batch", "v1", "jobs", "Job")
DISRUPTION_BUDGETS: Final = Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
AUTOSCALERS: Final = Kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
NETWORK_POLICIES: Final = Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
INGRESSES: Final = Kind("networking.k8s.io", "v1", "ingresses", "Ingress")
QUOTAS: Final = Kind("", "v1", "resourcequotas", "ResourceQuota")
LIMIT_RANGES: Final = Kind("", "v1", "limitranges", "LimitRange")
ENDPOINT_SLICES: Final = Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
STORAGE_CLASSES: Final = Kind("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False)
LEASES: Final = Kind("coordination.k8s.io", "v1", "leases", "Lease")
POD_MONITORS: Final = Kind("monitoring.coreos.com", "v1", "podmonitors", "PodMonitor")
PROMETHEUS_RULES: Final = Kind("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule")

# What belongs to one ValeoERP and is read live, by label, at every pass.
OWNED: Final = (
    RELEASES,
    BACKUPS,
    LEASES,
    CONFIG_MAPS,
    SERVICES,
    SERVICE_ACCOUNTS,
    PODS,
    CLAIMS,
    DEPLOYMENTS,
    STATEFUL_SETS,
    JOBS,
    DISRUPTION_BUDGETS,
    AUTOSCALERS,
    NETWORK_POLICIES,
    INGRESSES,
    QUOTAS,
    LIMIT_RANGES,
    ENDPOINT_SLICES,
)

# The same, where the cluster knows the kind: others install it, perhaps later than the ERP.
OWNED_WHERE_SERVED: Final = (POD_MONITORS, PROMETHEUS_RULES)

# What is watched, so that a change wakes the driver of its installation at once. The rest is seen at the next look, a
# minute later at most: every watch costs a connection and half a megabyte. Secrets are never listed, so never watched.
WATCHED: Final = (JOBS, DEPLOYMENTS, STATEFUL_SETS, SERVICES, CLAIMS, NETWORK_POLICIES)
