"""`kubectl valeo approve` and `waive`: the object that a person creates, and what stands against it. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.golive import Decision, GateKind
from valeo_operator.api.golivechecklist import GoLiveChecklistSpec
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.golive.catalogue import entry_of, groups_of, span
from valeo_operator.installations.status import stamp
from valeo_operator.plugin.connection import Person, PluginError
from valeo_operator.plugin.sight import Sight

_SPAN: Final = re.compile(r"[1-9][0-9]{0,3}[mhd]")
_OF_THE_SYSTEM: Final = "system:"


@dataclass(frozen=True)
class Matter:
    """What is decided: a gate of an installation, for an image, under a checklist."""

    installation: str
    gate: str
    digest: str
    checklist_hash: str

    def to_spec(self) -> Object:
        """The part of the spec that approvals and waivers have in common."""
        return {
            "installation": self.installation,
            "gate": self.gate,
            "releaseDigest": self.digest,
            "checklistHash": self.checklist_hash,
        }


def matter(sight: Sight, gate: str, digest: str = "") -> Matter:
    """The gate as it stands, and the image that it was looked at for. `digest` names another image."""
    found = next((each for each in sight.gates if dig(each, "spec", "gate") == gate), None)
    if found is None:
        raise PluginError(f"{sight.name} has no gate {gate!r}; kubectl valeo gates lists them")
    image = digest or dig(found, "status", "digest") or _digest_of_release(sight)
    return Matter(sight.name, gate, str(image), str(found["spec"]["checklistHash"]))


def any_matter(sight: Sight, digest: str = "") -> Matter:
    """All gates together, as an emergency needs it."""
    if not sight.gates:
        raise PluginError(f"{sight.name} has no gates: set spec.goLive")
    first = sight.gates[0]
    image = digest or dig(first, "status", "digest") or _digest_of_release(sight)
    return Matter(sight.name, "", str(image), str(first["spec"]["checklistHash"]))


def _digest_of_release(sight: Sight) -> str:
    release = sight.gated_release
    if release is None:
        raise PluginError(f"{sight.name} has no release yet that could be signed; name an image by --digest")
    return str(release["spec"]["digest"])


def role_of(gate: str, checklist: GoLiveChecklistSpec | None, asked: str) -> str:
    """The role that signs the gate."""
    if asked:
        return asked
    if checklist is None:
        raise PluginError("the checklist of the gate is not known here; name the role by --role")
    entry = entry_of(checklist, gate)
    if entry is None or entry.kind is not GateKind.SIGN_OFF or entry.sign_off is None:
        kind = entry.kind.value if entry else "unknown"
        raise PluginError(f"the gate {gate} is {kind}: no signature makes it pass")
    return entry.sign_off.role


def groups_for(person: Person, role: str, checklist: GoLiveChecklistSpec | None) -> tuple[str, ...]:
    """The person's groups on which a decision in this role rests."""
    own = [group for group in person.groups if not group.startswith(_OF_THE_SYSTEM)]
    if checklist is None:
        return tuple(own or person.groups)
    wanted = groups_of(checklist, role)
    shared = tuple(group for group in person.groups if group in wanted)
    if not shared:
        asked = ", ".join(sorted(wanted)) or "no group: the checklist does not know the role"
        has = ", ".join(own) or "none"
        raise PluginError(f"{person.user} is in no group of the role {role}. Expected: {asked}. Groups: {has}")
    return shared


def ends(now: datetime, after: str) -> str:
    """The time after a span like `12h`, as Kubernetes writes it."""
    if not _SPAN.fullmatch(after):
        raise PluginError(f"{after!r} is no time span; write it as 30m, 12h or 7d")
    longest: timedelta = span(after)
    return stamp(now + longest)


def approval(
    about: Matter, decision: Decision, role: str, person: Person, *, comment: str = "", expires_at: str = ""
) -> Object:
    """The GoLiveApproval; the API server gives it its name."""
    spec = {
        **about.to_spec(),
        "decision": decision.value,
        "role": role,
        "approver": {"user": person.user, "groups": list(person.groups)},
        **({"comment": comment} if comment else {}),
        **({"expiresAt": expires_at} if expires_at else {}),
    }
    return {"metadata": {"generateName": f"{about.installation}-{about.gate}-"}, "spec": spec}


def waiver(about: Matter, person: Person, *, reason: str, instead: str, expires_at: str) -> Object:
    """The GoLiveWaiver; without a gate it breaks the glass."""
    spec = {key: value for key, value in about.to_spec().items() if value}
    spec |= {
        "breakGlass": not about.gate,
        "reason": reason,
        "compensatingControl": instead,
        "grantedBy": {"user": person.user, "groups": list(person.groups)},
        "expiresAt": expires_at,
    }
    name = about.gate or "break-glass"
    return {"metadata": {"generateName": f"{about.installation}-{name}-"}, "spec": spec}
