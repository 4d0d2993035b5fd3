"""`kubectl valeo status`: installation, releases, colours, pods, database, gates and conditions as a tree. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from valeo_operator.api.golive import Result
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.cluster.objects import Object, dig, holds, label, name_of
from valeo_operator.golive.report.gates import result_of
from valeo_operator.installations.names import COLOUR_LABEL, COMPONENT_LABEL, Component
from valeo_operator.plugin.sight import Sight
from valeo_operator.plugin.trees import Mood, Node

# Conditions that are good when they do not hold.
_BETTER_FALSE: Final = frozenset({"Reconciling", "Stalled", "Held"})
_MOODS: Final = {Phase.COMPLETE.value: Mood.GOOD, Phase.FAILED.value: Mood.BAD, Phase.SCHEMA_DIRTY.value: Mood.BAD}


def tree(sight: Sight) -> Node:
    """The whole installation."""
    status = sight.erp.get("status") or {}
    phase = status.get("phase")
    detail = ", ".join(
        part
        for part in (
            f"version {status['version']}" if status.get("version") else "",
            str(phase or "not looked at yet"),
            str(status.get("url") or ""),
        )
        if part
    )
    children = (
        *_releases(sight),
        *(_colour(colour, sight) for colour in Colour),
        *_databases(sight),
        *_pods_of(Component.IDENTITY, "identity provider for development", sight),
        *_gates(sight),
        _conditions(sight.erp),
        *(Node("not seen", reason, Mood.WAITING) for reason in sight.unseen),
    )
    return Node(f"ValeoERP {sight.name}", detail, _MOODS.get(str(phase), Mood.WAITING), children)


def _releases(sight: Sight) -> Iterable[Node]:
    status = sight.erp.get("status") or {}
    active, target = status.get("activeRelease"), status.get("targetRelease")
    if active:
        yield _release(sight, str(active), "active release")
    if target and target != active:
        yield _release(sight, str(target), "wanted release")


def _release(sight: Sight, name: str, what: str) -> Node:
    found = sight.release(name)
    if found is None:
        return Node(f"{what} {name}", "not recorded", Mood.BAD)
    spec, phase = found["spec"], str(dig(found, "status", "phase") or Phase.PENDING.value)
    detail = f"{spec.get('version')}, {spec.get('image')}, schema {spec.get('schemaRevision')}, {phase}"
    return Node(f"{what} {name}", detail, _MOODS.get(phase, Mood.WAITING))


def _colour(colour: Colour, sight: Sight) -> Node:
    active = dig(sight.erp, "status", "activeColour") == colour.value
    name = f"{colour.value} (active)" if active else colour.value
    found = next((each for each in sight.deployments if label(each, COLOUR_LABEL) == colour.value), None)
    if found is None:
        return Node(name, "not there", Mood.BAD if active else Mood.PLAIN)
    pods = [pod for pod in sight.pods if label(pod, COLOUR_LABEL) == colour.value]
    return _workload(name, found, pods)


def _workload(name: str, found: Object, pods: Iterable[Object]) -> Node:
    wanted, ready = dig(found, "spec", "replicas") or 0, dig(found, "status", "readyReplicas") or 0
    whole = Mood.GOOD if wanted else Mood.PLAIN
    mood = whole if ready == wanted else Mood.WAITING
    return Node(name, f"{ready} of {wanted} pods ready", mood, tuple(map(_pod, sorted(pods, key=name_of))))


def _pod(pod: Object) -> Node:
    containers = dig(pod, "status", "containerStatuses") or ()
    restarts = sum(each.get("restartCount", 0) for each in containers)
    waits = next((reason for each in containers if (reason := dig(each, "state", "waiting", "reason"))), None)
    ready = holds(pod, "Ready")
    told = [str(waits or dig(pod, "status", "phase") or "unknown"), "ready" if ready else "not ready"]
    if restarts:
        told.append(f"{restarts} restarts")
    return Node(f"pod {name_of(pod)}", ", ".join(told), Mood.GOOD if ready else Mood.WAITING)


def _databases(sight: Sight) -> Iterable[Node]:
    external = dig(sight.erp, "spec", "database", "external")
    revision = dig(sight.erp, "status", "schemaRevision") or "unknown"
    if external:
        good = holds(sight.erp, "DatabaseReady")
        yield Node(
            "database",
            f"{external.get('host')}:{external.get('port')}/{external.get('name')}, schema {revision}",
            Mood.GOOD if good else Mood.WAITING,
        )
    for found in sight.stateful_sets:
        pods = [pod for pod in sight.pods if label(pod, COMPONENT_LABEL) == Component.DATABASE.value]
        node = _workload(f"database {name_of(found)}", found, pods)
        yield Node(node.title, f"{node.detail}, schema {revision}", node.mood, node.children)


def _pods_of(component: Component, title: str, sight: Sight) -> Iterable[Node]:
    for found in sight.deployments:
        if label(found, COMPONENT_LABEL) == component.value:
            pods = [pod for pod in sight.pods if label(pod, COMPONENT_LABEL) == component.value]
            yield _workload(title, found, pods)


def _gates(sight: Sight) -> Iterable[Node]:
    if sight.gates:
        counted = Counter(result_of(gate, sight.now) for gate in sight.gates)
        told = ", ".join(f"{counted[result]} {result.value}" for result in Result if counted[result])
        whole = counted[Result.PASS] == len(sight.gates)
        passed = f"{counted[Result.PASS]}/{len(sight.gates)} pass"
        yield Node("go-live gates", f"{passed}: {told}", Mood.GOOD if whole else Mood.WAITING)


def _conditions(erp: Object) -> Node:
    found = dig(erp, "status", "conditions") or ()
    return Node("conditions", "" if found else "none yet", Mood.PLAIN, tuple(map(_condition, found)))


def _condition(told: Object) -> Node:
    kind, status = str(told.get("type")), str(told.get("status"))
    good = status == ("False" if kind in _BETTER_FALSE else "True")
    bad = Mood.BAD if kind in {"Ready", "Stalled", "Available"} else Mood.WAITING
    detail = f"{status}, {told.get('reason')}" + (f": {told['message']}" if told.get("message") else "")
    return Node(kind, detail, Mood.GOOD if good else (Mood.WAITING if status == "Unknown" else bad))
