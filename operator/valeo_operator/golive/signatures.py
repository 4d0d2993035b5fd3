"""What persons signed, as the cluster keeps it: approvals and waivers with the time of their creation."""

from dataclasses import dataclass
from datetime import datetime

from valeo_operator.api.goliveapproval import GoLiveApproval, GoLiveApprovalSpec, GoLiveWaiver, GoLiveWaiverSpec


@dataclass(frozen=True)
class Approval:
    """A GoLiveApproval. `doubt` says why it can't be believed who made it; empty where admission proved it."""

    name: str
    made: datetime
    spec: GoLiveApprovalSpec
    doubt: str = ""


@dataclass(frozen=True)
class Waiver:
    """A GoLiveWaiver. `doubt` as with an approval."""

    name: str
    made: datetime
    spec: GoLiveWaiverSpec
    doubt: str = ""


@dataclass(frozen=True)
class Proof:
    """Whether the admission policy that proves who signs is in force, and since when. `problem` says why not."""

    since: datetime | None = None
    problem: str = ""

    def doubt(self, made: datetime) -> str:
        """Why a signature of that time can't be believed; empty where it can."""
        if self.problem or self.since is None:
            return self.problem or "the policy that proves who signs is not in force"
        if made < self.since:
            return "it was made before the policy that proves who signs was in force"
        return ""


def approval(found: GoLiveApproval, proof: Proof) -> Approval | None:
    """The approval; None for one that the API server has not stored yet."""
    made = found.metadata.creation_timestamp
    return None if made is None else Approval(found.metadata.name, made, found.spec, proof.doubt(made))


def waiver(found: GoLiveWaiver, proof: Proof) -> Waiver | None:
    """The waiver; None for one that the API server has not stored yet."""
    made = found.metadata.creation_timestamp
    return None if made is None else Waiver(found.metadata.name, made, found.spec, proof.doubt(made))
