"""One installation as the API server keeps it, for tests of what is told about it."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.plugin.sight import Sight

NOON: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)
DIGEST: Final = f"sha256:{'ab' * 32}"
BEFORE: Final = f"sha256:{'cd' * 32}"
HASH: Final = checklist_hash(shipped())
LABELS: Final = {"app.kubernetes.io/instance": "production", "app.kubernetes.io/managed-by": "valeo-operator"}


def condition(kind: str, status: str, reason: str = "Running", message: str = "") -> dict[str, Any]:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": "2026-01-05T11:00:00Z",
    }


def erp(**status: Any) -> dict[str, Any]:
    """A running installation; `status` changes what is told of it."""
    told: dict[str, Any] = {
        "observedGeneration": 2,
        "version": "0.1.0",
        "phase": "Complete",
        "activeColour": "blue",
        "activeRelease": "production-1a2b",
        "targetRelease": "production-1a2b",
        "schemaRevision": "0001",
        "url": "http://127.0.0.1:8080",
        "message": "The release is active.",
        "conditions": [condition("Ready", "True"), condition("Stalled", "False"), condition("DatabaseReady", "True")],
    }
    return {
        "metadata": {"name": "production", "namespace": "valeo", "generation": 2},
        "spec": {"database": {"engine": "Embedded"}},
        "status": {key: value for key, value in {**told, **status}.items() if value is not None},
    }


def release(name: str = "production-1a2b", **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": "2026-01-05T10:00:00Z"},
        "spec": {
            "installation": "production",
            "version": "0.1.0",
            "image": "valeo-erp:0.1.0",
            "digest": DIGEST,
            "colour": "blue",
            "schemaRevision": "0001",
            "requestedBy": "kubectl",
        },
        "status": {
            "phase": "Complete",
            "startedAt": "2026-01-05T10:00:01Z",
            "completedAt": "2026-01-05T10:00:22Z",
            **status,
        },
    }


def deployment(colour: str, wanted: int, ready: int) -> dict[str, Any]:
    labels = {**LABELS, "app.kubernetes.io/component": "erp", "valeoerp.io/colour": colour}
    return {
        "metadata": {"name": f"production-{colour}", "labels": labels},
        "spec": {"replicas": wanted},
        "status": {"readyReplicas": ready} if ready else {},
    }


def database(ready: int = 1) -> dict[str, Any]:
    labels = {**LABELS, "app.kubernetes.io/component": "database"}
    return {
        "metadata": {"name": "production-database", "labels": labels},
        "spec": {"replicas": 1},
        "status": {"readyReplicas": ready},
    }


def pod(name: str, component: str = "erp", colour: str = "", *, waiting: str = "", restarts: int = 0) -> dict[str, Any]:
    labels = {**LABELS, "app.kubernetes.io/component": component}
    container = {
        "name": component,
        "image": "valeo-erp:0.1.0",
        "restartCount": restarts,
        "ready": not waiting,
        "state": {"waiting": {"reason": waiting}} if waiting else {"running": {}},
    }
    return {
        "metadata": {
            "name": name,
            "labels": {**labels, "valeoerp.io/colour": colour} if colour else labels,
            "creationTimestamp": "2026-01-05T10:00:00Z",
        },
        "spec": {"nodeName": "node-1"},
        "status": {
            "phase": "Pending" if waiting else "Running",
            "containerStatuses": [container],
            "conditions": [{"type": "Ready", "status": "False" if waiting else "True"}],
        },
    }


def gate(gate_id: str, result: str | None = None, **status: Any) -> dict[str, Any]:
    """A gate of the shipped checklist."""
    entry = next(entry for entry in shipped().entries if entry.id == gate_id)
    told = {"result": result, "validUntil": "2026-01-06T12:00:00Z", "digest": DIGEST, **status}
    return {
        "metadata": {"name": f"production-{gate_id}"},
        "spec": {
            "installation": "production",
            "gate": gate_id,
            "line": entry.line,
            "phase": entry.phase.value,
            "section": entry.section,
            "group": entry.group,
            "position": entry.position,
            "kind": entry.kind.value,
            "severity": entry.severity.value,
            "scope": entry.scope.value,
            "checklistHash": HASH,
        },
        "status": {key: value for key, value in told.items() if value is not None},
    }


def sight(**parts: Any) -> Sight:
    """An installation that runs well; `parts` replaces what is seen of it."""
    whole: dict[str, Any] = {
        "erp": erp(),
        "now": NOON,
        "releases": (release(),),
        "deployments": (deployment("blue", 1, 1),),
        "stateful_sets": (database(),),
        "pods": (pod("production-blue-1", colour="blue"), pod("production-database-0", "database")),
    }
    return Sight(**deepcopy({**whole, **parts}))
