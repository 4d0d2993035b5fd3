"""The kinds that only the go-live checks read."""

from typing import Final

from valeo_operator.api import GROUP
from valeo_operator.cluster.kinds import (
    AUTOSCALERS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    INGRESSES,
    JOBS,
    NETWORK_POLICIES,
    PODS,
    QUOTAS,
    RELEASES,
    SERVICES,
    Kind,
)

CHECKLISTS: Final = Kind(GROUP, "v1alpha1", "golivechecklists", "GoLiveChecklist")
GATES: Final = Kind(GROUP, "v1alpha1", "golivegates", "GoLiveGate")
APPROVALS: Final = Kind(GROUP, "v1alpha1", "goliveapprovals", "GoLiveApproval")
WAIVERS: Final = Kind(GROUP, "v1alpha1", "golivewaivers", "GoLiveWaiver")
NAMESPACES: Final = Kind("", "v1", "namespaces", "Namespace", namespaced=False)
INGRESS_CLASSES: Final = Kind("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False)
PROMETHEUSES: Final = Kind("monitoring.coreos.com", "v1", "prometheuses", "Prometheus")
SERVICE_MONITORS: Final = Kind("monitoring.coreos.com", "v1", "servicemonitors", "ServiceMonitor")
POD_METRICS: Final = Kind("metrics.k8s.io", "v1beta1", "pods", "PodMetrics")
ADMISSION_POLICIES: Final = Kind(
    "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", namespaced=False
)
ADMISSION_BINDINGS: Final = Kind(
    "admissionregistration.k8s.io",
    "v1",
    "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding",
    namespaced=False,
)

# Listed in the namespace of the installation at every look.
LISTED: Final = (
    RELEASES,
    PODS,
    DEPLOYMENTS,
    JOBS,
    SERVICES,
    CONFIG_MAPS,
    NETWORK_POLICIES,
    INGRESSES,
    QUOTAS,
    AUTOSCALERS,
    SERVICE_MONITORS,
    POD_METRICS,
)
