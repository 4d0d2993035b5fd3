"""The admission policies that prove who signs, and whether they are in force. Pure.

The API server checks them itself (ValidatingAdmissionPolicy, in all supported versions): a person writes the own name
into an approval, and the API server refuses every other one. They fail closed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from valeo_operator.api import GROUP, VERSION
from valeo_operator.cluster.objects import Object, born, dig, name_of
from valeo_operator.golive.signatures import Proof
from valeo_operator.golive.trail import TRAIL_LABEL

EVIDENCE_LABEL: Final = f"{GROUP}/evidence"
ISSUER: Final = f"{GROUP}/issuer"
_PART_OF: Final = "app.kubernetes.io/part-of"
LABELS: Final = {_PART_OF: "valeo-golive"}
_NAMESPACE_CONTROLLER: Final = "system:serviceaccount:kube-system:namespace-controller"
APPROVALS_POLICY: Final = "valeo-golive-approvals"
WAIVERS_POLICY: Final = "valeo-golive-waivers"
# A new policy is enforced a moment after it was stored; what was signed in between is not believed.
SETTLING: Final = timedelta(minutes=1)
EVIDENCE_POLICY: Final = "valeo-golive-evidence"


def objects(operator: str) -> list[Object]:
    """Every policy with its binding. `operator` is the user name of the operator's service account."""
    policies = [
        _signatures(APPROVALS_POLICY, "goliveapprovals", "approver", also=_REJECTION_STAYS),
        _signatures(WAIVERS_POLICY, "golivewaivers", "grantedBy"),
        _used(operator),
        _author(),
        _trail(operator),
        _evidence(),
    ]
    return [each for policy in policies for each in (policy, _binding(name_of(policy)))]


_REJECTION_STAYS: Final = {
    "expression": f"request.operation != 'DELETE' || request.userInfo.username == '{_NAMESPACE_CONTROLLER}'"
    " || oldObject.spec.decision != 'Reject'",
    "message": "a rejection is final and can't be deleted",
    "reason": "Forbidden",
}


def _signatures(name: str, plural: str, person: str, also: Mapping[str, str] | None = None) -> Object:
    own = f"object.spec.{person}"
    old = f"oldObject.spec.{person}"
    rules = [
        _rule(
            f"request.operation != 'CREATE' || {own}.user == request.userInfo.username",
            f"spec.{person}.user must be the user who asks: nobody signs for another",
        ),
        _rule(
            f"request.operation != 'CREATE' || {own}.groups.all(group, group in request.userInfo.groups)",
            f"spec.{person}.groups must be groups of the user who asks",
        ),
        _rule(
            "request.operation == 'DELETE' || !has(object.metadata.ownerReferences)",
            "a signature belongs to nobody: an owner would let it be deleted by garbage collection",
        ),
        _rule("request.operation != 'UPDATE' || object.spec == oldObject.spec", "a signature can't be changed"),
        _rule(
            f"request.operation != 'DELETE' || request.userInfo.username == '{_NAMESPACE_CONTROLLER}'"
            f" || {old}.user == request.userInfo.username",
            "only the person who signed can take a signature back",
        ),
        _rule(
            f"request.operation != 'DELETE' || request.userInfo.username == '{_NAMESPACE_CONTROLLER}'"
            " || !has(oldObject.status) || !has(oldObject.status.usedAt)",
            "it was used: what rests on it can't be taken back",
        ),
        *([dict(also)] if also else []),
    ]
    return _policy(name, GROUP, VERSION, [plural], ["CREATE", "UPDATE", "DELETE"], rules)


def _used(operator: str) -> Object:
    rule = _rule(f"request.userInfo.username == '{operator}'", "only the operator says whether a signature was used")
    plurals = ["goliveapprovals/status", "golivewaivers/status"]
    return _policy("valeo-golive-used", GROUP, VERSION, plurals, ["UPDATE"], [rule])


def _author() -> Object:
    """Who changes what is asked for is the author, whatever the change is."""
    changed = "oldObject == null || object.spec != oldObject.spec"
    rule = _rule(
        f"!has(object.spec.goLive) || !({changed}) || object.spec.goLive.requestedBy == request.userInfo.username",
        "spec.goLive.requestedBy must be the user who changes the spec",
    )
    return _policy("valeo-golive-author", GROUP, VERSION, ["valeoerps"], ["CREATE", "UPDATE"], [rule])


def _trail(operator: str) -> Object:
    rule = _rule(
        f"request.userInfo.username == '{operator}'"
        f" || (request.operation == 'DELETE' && request.userInfo.username == '{_NAMESPACE_CONTROLLER}')",
        "only the operator writes the trail, and nobody takes it away",
    )
    return _policy(
        "valeo-golive-trail", "", "v1", ["configmaps"], ["CREATE", "UPDATE", "DELETE"], [rule], with_label=TRAIL_LABEL
    )


def _evidence() -> Object:
    """A report is immutable from the beginning; its deletion needs no rule: without it the gate is Unknown again."""
    named = f"object.metadata.annotations['{ISSUER}']"
    rules = [
        _rule(
            f"request.operation != 'CREATE' || (has(object.metadata.annotations)"
            f" && '{ISSUER}' in object.metadata.annotations && {named} == request.userInfo.username)",
            f"the annotation {ISSUER} must be the user who asks",
        ),
        _rule(
            "request.operation != 'CREATE' || (has(object.immutable) && object.immutable)",
            "evidence must be immutable: true",
        ),
        _rule(
            "request.operation != 'UPDATE' || (has(object.metadata.annotations) && has(oldObject.metadata.annotations)"
            " && object.metadata.annotations == oldObject.metadata.annotations"
            " && object.metadata.labels == oldObject.metadata.labels)",
            "labels and annotations of evidence can't be changed",
        ),
    ]
    return _policy(EVIDENCE_POLICY, "", "v1", ["configmaps"], ["CREATE", "UPDATE"], rules, with_label=EVIDENCE_LABEL)


def _rule(expression: str, message: str) -> dict[str, str]:
    return {"expression": expression, "message": message, "reason": "Forbidden"}


def _policy(
    name: str,
    group: str,
    version: str,
    resources: list[str],
    operations: list[str],
    rules: list[dict[str, str]],
    *,
    with_label: str = "",
) -> Object:
    """Defaults are written out: what is found is compared letter by letter."""
    selector = {"matchExpressions": [{"key": with_label, "operator": "Exists"}]} if with_label else {}
    matched = {
        "apiGroups": [group],
        "apiVersions": [version],
        "operations": operations,
        "resources": resources,
        "scope": "*",
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, "labels": LABELS},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": {},
                "objectSelector": selector,
                "resourceRules": [matched],
            },
            "validations": rules,
        },
    }


def _binding(policy: str) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": policy, "labels": LABELS},
        "spec": {"policyName": policy, "validationActions": ["Deny"]},
    }


def proof(found: Iterable[Object], operator: str, *needed: str) -> Proof:
    """Whether the policies of these names are in force just as they were shipped, and since when."""
    there = {(each["kind"], name_of(each)): each for each in found}
    wanted = [each for each in objects(operator) if name_of(each) in needed]
    if problem := next(_problems(wanted, there), ""):
        return Proof(problem=problem)
    times = [born(there[each["kind"], name_of(each)]) for each in wanted]
    known = [time for time in times if time is not None]
    if not known or len(known) != len(times):
        return Proof(problem="the age of the policy that proves who signs is not known")
    return Proof(since=max(known) + SETTLING)


def _problems(wanted: Iterable[Object], there: Mapping[tuple[str, str], Object]) -> Iterator[str]:
    for each in wanted:
        held = there.get((each["kind"], name_of(each)))
        if held is None or dig(held, "metadata", "deletionTimestamp"):
            yield f"{each['kind']}/{name_of(each)} is not there: nothing proves who signs"
        elif held.get("spec") != each["spec"]:
            yield f"{each['kind']}/{name_of(each)} is not the shipped one: nothing proves who signs"
