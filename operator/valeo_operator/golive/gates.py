"""GoLiveGate objects: what they shall say, and whether the stored one must be written. Pure."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from valeo_operator.api import GROUP
from valeo_operator.api.golivechecklist import ChecklistEntry
from valeo_operator.cluster.objects import Object, dig, moment
from valeo_operator.golive.catalogue import span
from valeo_operator.golive.lifecycle import Standing, Subject
from valeo_operator.installations.names import Names
from valeo_operator.installations.status import stamp
from valeo_operator.upkeep.differences import differences

MANAGER: Final = "valeo-operator-golive"
PHASE_LABEL: Final = f"{GROUP}/phase"
SECTION_LABEL: Final = f"{GROUP}/section"
RESULT_LABEL: Final = f"{GROUP}/result"
KIND_LABEL: Final = f"{GROUP}/kind"
SEVERITY_LABEL: Final = f"{GROUP}/severity"
_OFTEN: Final = timedelta(hours=1)
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_NUMBERS: Final = re.compile(r"[0-9]+")
_COMPARED: Final = ("result", "reason", "nextStep", "release", "digest", "approvals", "waiver")


def gate_object(entry: ChecklistEntry, stands: Standing, subject: Subject, names: Names) -> Object:
    """The gate without its status. Labels lead to it: by phase, section, kind, severity and result."""
    return {
        "metadata": {
            "name": f"{names.name}-{entry.id}",
            "namespace": names.namespace,
            "labels": {
                **names.selector,
                PHASE_LABEL: entry.phase.value,
                SECTION_LABEL: section_slug(entry.section),
                KIND_LABEL: entry.kind.value,
                SEVERITY_LABEL: entry.severity.value,
                RESULT_LABEL: stands.result.value,
            },
            "ownerReferences": [names.owner],
        },
        "spec": {
            "installation": names.name,
            "gate": entry.id,
            "line": entry.line,
            "phase": entry.phase.value,
            "section": entry.section,
            "group": entry.group,
            "position": entry.position,
            "kind": entry.kind.value,
            "severity": entry.severity.value,
            "scope": entry.scope.value,
            "checklistHash": subject.checklist_hash,
            **({"runbook": entry.runbook} if entry.runbook else {}),
        },
    }


def section_slug(section: str) -> str:
    """A section as a label value: `Monitoring & Observability` is `monitoring-observability`."""
    return _NO_SLUG.sub("-", section.lower()).strip("-")[:63].rstrip("-")


def gate_status(stands: Standing, subject: Subject, stored: Object | None, now: datetime) -> Object:
    """The whole status; a result that stays keeps the time since which it is so."""
    same = dig(stored, "status", "result") == stands.result.value
    since = dig(stored, "status", "since") if same else None
    status: dict[str, Any] = {
        "observedGeneration": int(dig(stored, "metadata", "generation") or 1),
        "result": stands.result.value,
        "reason": stands.reason,
        "message": stands.message[:4000],
        "nextStep": stands.next_step or None,
        "since": since or stamp(now),
        "checkedAt": stamp(now),
        "validUntil": stamp(stands.valid_until) if stands.valid_until else None,
        "release": subject.release or None,
        "digest": subject.digest or None,
        "shown": None
        if stands.shown is None
        else {
            "source": stands.shown.source,
            "digest": stands.shown.digest,
            "summary": stands.shown.summary[:1000],
        },
        "approvals": list(stands.approvals) or None,
        "waiver": stands.waiver or None,
    }
    return {key: value for key, value in status.items() if value is not None}


def meddlers(stored: Object) -> tuple[str, ...]:
    """Who else wrote into the status of a gate since we did, as the API server recorded it."""
    entries = [each for each in dig(stored, "metadata", "managedFields") or () if each.get("subresource") == "status"]
    ours = max((str(each.get("time")) for each in entries if each.get("manager") == MANAGER), default="")
    others = (each for each in entries if each.get("manager") != MANAGER and str(each.get("time")) >= ours)
    return tuple(sorted({str(each.get("manager")) for each in others}))


def must_be_applied(wanted: Object, stored: Object | None) -> bool:
    """Whether labels or spec of the stored gate are not the wanted ones."""
    return stored is None or any(differences(wanted, stored))


def must_be_told(status: Object, stored: Object | None, entry: ChecklistEntry, now: datetime) -> bool:
    """Whether the stored status is another one, was written by somebody else, or gets old.

    Numbers in a message change at every look: alone they are no news.
    """
    held: Object = dig(stored, "status") or {}
    checked = moment(held.get("checkedAt"))
    if stored is None or checked is None or checked > now or meddlers(stored):
        return True
    if any(held.get(key) != status.get(key) for key in _COMPARED):
        return True
    if _without_numbers(held.get("message")) != _without_numbers(status["message"]):
        return True
    return now - checked >= min(_OFTEN, span(entry.maximum_age) / 2)


def _without_numbers(message: object) -> str:
    return _NUMBERS.sub("0", str(message))
