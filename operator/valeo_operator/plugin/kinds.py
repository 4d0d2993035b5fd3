"""The kinds of the go-live gates."""

from typing import Final

from valeo_operator.api import GROUP
from valeo_operator.cluster.kinds import Kind

GATES: Final = Kind(GROUP, "v1alpha1", "golivegates", "GoLiveGate")
APPROVALS: Final = Kind(GROUP, "v1alpha1", "goliveapprovals", "GoLiveApproval")
WAIVERS: Final = Kind(GROUP, "v1alpha1", "golivewaivers", "GoLiveWaiver")
CHECKLISTS: Final = Kind(GROUP, "v1alpha1", "golivechecklists", "GoLiveChecklist")
