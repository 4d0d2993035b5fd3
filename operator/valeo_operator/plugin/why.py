"""`kubectl valeo why`: what an installation waits for, as full sentences. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.objects import condition, dig
from valeo_operator.golive.report.gates import Row, in_the_way, rows
from valeo_operator.plugin.sight import Sight
from valeo_operator.upkeep.troubles import pod_trouble

_EXPECTED: Final = ". Expected: "
_NEXT_STEP: Final = ". Next step: "
_MOST_GATES: Final = 10
_CONDITIONS: Final = ("Ready", "DatabaseReady", "SchemaCompatible", "CredentialsFresh", "BackupHealthy")


@dataclass(frozen=True)
class Because:
    """One thing that is waited for. `urgent` keeps the installation from what the spec asks for."""

    subject: str
    observed: str
    expected: str
    next_step: str
    urgent: bool = True


def why(sight: Sight) -> tuple[Because, ...]:
    """Everything that is waited for; what keeps the installation itself comes first. Empty: nothing."""
    found = [*_unread(sight), *_held_back(sight), *_pods(sight), *_open_conditions(sight), *_open_gates(sight)]
    return tuple(dict.fromkeys(found))


def _subject(sight: Sight) -> str:
    return f"ValeoERP/{sight.name}"


def _unread(sight: Sight) -> Iterator[Because]:
    """The status does not speak of this spec: the operator has not looked."""
    wanted, seen = dig(sight.erp, "metadata", "generation"), dig(sight.erp, "status", "observedGeneration")
    if seen is None or seen < wanted:
        yield Because(
            _subject(sight),
            "the operator has not looked at it yet" if seen is None else f"the operator has seen generation {seen}",
            f"a status of generation {wanted}",
            "wait a few seconds; if it stays so, look at the operator: "
            "kubectl get pods -A -l app.kubernetes.io/name=valeo-operator",
        )
    for reason in sight.unseen:
        yield Because("You", reason, "the right to read it", "ask who grants rights in this namespace", urgent=False)


def _held_back(sight: Sight) -> Iterator[Because]:
    status = sight.erp.get("status") or {}
    if dig(sight.erp, "metadata", "deletionTimestamp"):
        told = status.get("message") or "it is being deleted"
        yield Because(_subject(sight), told, "nothing of it is left", "none; deletion goes on by itself")
    elif status.get("phase") not in {None, Phase.COMPLETE.value}:
        yield _sentence(_subject(sight), str(status.get("message") or ""), f"phase {Phase.COMPLETE.value}")
    held = condition(sight.erp, "Held")
    if held and held.get("status") == "True":
        told = str(held.get("message") or "forward movement is held by spec.suspend")
        yield _sentence(_subject(sight), told, "spec.suspend is false")


def _pods(sight: Sight) -> Iterator[Because]:
    for pod in sight.pods:
        trouble = pod_trouble([pod], sight.now)
        if trouble is not None:
            yield Because(trouble.subject, trouble.observed, trouble.expected, trouble.next_step)


def _open_conditions(sight: Sight) -> Iterator[Because]:
    for kind in _CONDITIONS:
        found = condition(sight.erp, kind)
        if found is not None and found.get("status") != "True":
            told = str(found.get("message") or found.get("reason") or "")
            urgent = kind == "Ready"
            yield _sentence(f"{_subject(sight)} {kind}", told, f"the condition {kind} is True", urgent=urgent)


def _sentence(subject: str, told: str, expected: str, *, urgent: bool = True) -> Because:
    """Take the operator's sentence apart again: subject and observed, expected, next step."""
    before, _, rest = told.partition(_EXPECTED)
    wanted, _, step = rest.partition(_NEXT_STEP)
    named, colon, observed = before.partition(": ")
    if colon and "/" in named and " " not in named:
        return Because(named, observed, wanted or expected, step.rstrip("."), urgent)
    return Because(subject, before.rstrip("."), wanted or expected, step.rstrip("."), urgent)


def _open_gates(sight: Sight) -> Iterator[Because]:
    still_open = in_the_way(rows(sight.gates, sight.now))
    yield from map(_gate, still_open[:_MOST_GATES])
    if len(still_open) > _MOST_GATES:
        left = len(still_open) - _MOST_GATES
        yield Because("GoLiveGates", f"{left} more are open", "Pass or Waived", "kubectl valeo gates", urgent=False)


def _gate(row: Row) -> Because:
    observed = f"{row.line}: {row.result.value}, {row.message.rstrip('.')}"
    return Because(f"GoLiveGate/{row.gate}", observed, "Pass, or Waived for a while", row.next_step, urgent=False)
