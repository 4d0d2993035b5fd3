"""What the ERP's own page shows of the gates: one ConfigMap that its pods mount. Pure.

The pods have no rights at the API server; they read a file. It says when it was written, so that the page can tell what
is known from what was known once.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from valeo_operator.api.golivechecklist import ChecklistEntry
from valeo_operator.cluster.objects import Object, dig, moment, name_of
from valeo_operator.golive.assess import Assessment
from valeo_operator.installations.names import Component, Names
from valeo_operator.installations.status import stamp

FORM: Final = "valeoerp.io/shown-gates/v1"
FILE: Final = "gates.json"
WRITTEN_ANEW_AFTER: Final = timedelta(minutes=10)
_LONGEST: Final = 500


def shown_if_due(found: Assessment, config_maps: Iterable[Object], names: Names, now: datetime) -> Object | None:
    """The ConfigMap, where it says something new or was written too long ago; None where it is good as it is."""
    held = next((each for each in config_maps if name_of(each) == names.shown_gates), None)
    told = _read(held)
    wanted = content(found, now)
    written = moment(told.get("at"))
    young = written is not None and now - written < WRITTEN_ANEW_AFTER
    if young and {**told, "at": ""} == {**wanted, "at": ""}:
        return None
    text = json.dumps(wanted, sort_keys=True, ensure_ascii=False)
    return {"metadata": names.metadata(names.shown_gates, Component.ERP), "data": {FILE: text}}


def content(found: Assessment, now: datetime) -> dict[str, Any]:
    """Every gate as it stands, in the order of the checklist, and whether the installation may go live."""
    subject = found.subject
    return {
        "form": FORM,
        "at": stamp(now),
        "environment": subject.environment.value,
        "release": subject.release,
        "digest": subject.digest,
        "ready": found.verdict.ready,
        "emergency": found.verdict.emergency is not None,
        "gates": [_gate(entry, found) for entry in subject.checklist.entries],
    }


def _gate(entry: ChecklistEntry, found: Assessment) -> dict[str, Any]:
    stands = found.standings[entry.id]
    return {
        "gate": entry.id,
        "line": entry.line,
        "phase": entry.phase.value,
        "section": entry.section,
        "severity": entry.severity.value,
        "result": stands.result.value,
        "message": stands.message[:_LONGEST],
        "nextStep": stands.next_step[:_LONGEST],
        "inTheWay": entry.id in found.verdict.open_gates,
    }


def _read(held: Object | None) -> dict[str, Any]:
    try:
        told = json.loads(str(dig(held, "data", FILE) or "{}"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
