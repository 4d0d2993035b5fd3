"""The admission policies as they are shipped, and how the operator knows that they are in force."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from valeo_operator.api.generate import out_of_step
from valeo_operator.cluster.objects import Object
from valeo_operator.golive.admission import APPROVALS_POLICY, EVIDENCE_POLICY, SETTLING, WAIVERS_POLICY, objects, proof
from valeo_operator.golive.shipping import files, main

ROOT = Path(__file__).parents[3]
OPERATOR = "system:serviceaccount:valeo-system:valeo-operator"
MADE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def installed() -> list[Object]:
    found = deepcopy(objects(OPERATOR))
    for each in found:
        each["metadata"]["creationTimestamp"] = MADE.isoformat()
    return found


def test_what_is_shipped_is_in_step_with_the_program() -> None:
    assert out_of_step(ROOT, files()) == []


def test_shipping_writes_what_check_then_finds_in_step(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_check_names_a_file_that_is_not_in_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--check"]) == 1
    assert "golive-admission.yaml is not what the program says" in capsys.readouterr().err


@pytest.mark.parametrize("policy", [each for each in objects(OPERATOR) if "validations" in each["spec"]])
def test_every_policy_fails_closed_and_says_why(policy: Object) -> None:
    assert policy["spec"]["failurePolicy"] == "Fail"
    assert all(rule["message"] for rule in policy["spec"]["validations"])


def test_every_policy_is_bound_and_denies() -> None:
    bound = {each["spec"]["policyName"] for each in objects(OPERATOR) if each["kind"].endswith("Binding")}

    assert bound == {each["metadata"]["name"] for each in objects(OPERATOR)}


def test_as_shipped_they_prove_who_signs_from_their_creation_on() -> None:
    found = proof(installed(), OPERATOR, APPROVALS_POLICY, WAIVERS_POLICY)

    assert (found.since, found.problem) == (MADE + SETTLING, "")


def changed(kind: str, name: str, **spec: Any) -> list[Object]:
    found = installed()
    for each in found:
        if each["kind"] == kind and each["metadata"]["name"] == name:
            each["spec"].update(spec)
    return found


POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"


@pytest.mark.parametrize(
    "found",
    [
        [],
        [each for each in installed() if each["kind"] == POLICY],
        [each for each in installed() if each["kind"] == BINDING],
        changed(POLICY, APPROVALS_POLICY, failurePolicy="Ignore"),
        changed(POLICY, APPROVALS_POLICY, validations=[]),
        changed(POLICY, APPROVALS_POLICY, matchConditions=[{"name": "never", "expression": "false"}]),
        changed(BINDING, APPROVALS_POLICY, validationActions=["Audit"]),
        changed(BINDING, APPROVALS_POLICY, matchResources={"namespaceSelector": {"matchLabels": {"a": "b"}}}),
    ],
)
def test_anything_else_proves_nothing(found: list[Object]) -> None:
    assert proof(found, OPERATOR, APPROVALS_POLICY).problem


def test_a_policy_that_is_being_deleted_proves_nothing() -> None:
    found = installed()
    found[0]["metadata"]["deletionTimestamp"] = MADE.isoformat()

    assert proof(found, OPERATOR, APPROVALS_POLICY).problem


def test_a_change_of_another_policy_does_not_matter() -> None:
    assert not proof(changed(POLICY, EVIDENCE_POLICY, failurePolicy="Ignore"), OPERATOR, APPROVALS_POLICY).problem


def test_a_signature_from_before_the_policy_is_not_believed() -> None:
    found = proof(installed(), OPERATOR, APPROVALS_POLICY)

    assert "before the policy" in found.doubt(MADE - timedelta(seconds=1))
    assert "before the policy" in found.doubt(MADE + SETTLING - timedelta(seconds=1))
    assert found.doubt(MADE + SETTLING) == ""
