"""Who signs is proven by the API server: every way to sign for another, to change or to forge is refused.

The policies are installed as they are shipped, for a copy of the definitions under a group of their own.
"""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest

from valeo_operator.api import GROUP, VERSION
from valeo_operator.golive.admission import EVIDENCE_LABEL, ISSUER, objects
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.trail import TRAIL_LABEL

OPERATOR = "system:serviceaccount:valeo-system:valeo-operator"
DIGEST, OTHER = f"sha256:{'ab' * 32}", f"sha256:{'cd' * 32}"
BOB, CARL = ("bob", "valeo:business-owners"), ("carl", "valeo:business-owners", "valeo:go-live-waivers")
ALLOWED = "allowed"


class World:
    """The API server as several users reach it, in one namespace."""

    def __init__(self, server: ApiServer, namespace: str, group: str) -> None:
        self.server, self.namespace, self.group = server, namespace, group

    def as_user(self, who: tuple[str, ...], *arguments: str, stdin: Manifest | None = None) -> str:
        """What comes of it: `allowed`, or the words of the refusal."""
        user, *groups = who
        impersonated = [f"--as={user}", *(f"--as-group={group}" for group in (*groups, "system:authenticated"))]
        done = subprocess.run(
            [self.server.kubectl_binary, "-n", self.namespace, *impersonated, *arguments],
            input=None if stdin is None else json.dumps(stdin),
            env={**os.environ, "KUBECONFIG": str(self.server.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stderr.strip() if done.returncode else ALLOWED

    def create(self, who: tuple[str, ...], manifest: Manifest) -> str:
        return self.as_user(who, "create", "-f", "-", stdin=manifest)

    def patch(self, who: tuple[str, ...], what: str, name: str, change: Any, *more: str) -> str:
        return self.as_user(who, "patch", what, name, "--type=merge", "-p", json.dumps(change), *more)

    def delete(self, who: tuple[str, ...], what: str, name: str) -> str:
        return self.as_user(who, "delete", what, name)

    @property
    def approvals(self) -> str:
        return f"goliveapprovals.{self.group}"

    @property
    def waivers(self) -> str:
        return f"golivewaivers.{self.group}"


def copies(group: str, namespace: str, mark: str) -> Iterator[Manifest]:
    """The shipped policies under other names, for the copied group; those about ConfigMaps for one namespace only."""
    for each in deepcopy(objects(OPERATOR)):
        each["metadata"] = {"name": f"{each['metadata']['name']}-{mark}"}
        if "policyName" in each["spec"]:
            each["spec"]["policyName"] += f"-{mark}"
        else:
            matched = each["spec"]["matchConstraints"]
            matched["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
            for rule in matched["resourceRules"]:
                rule["apiGroups"] = [group if named == GROUP else named for named in rule["apiGroups"]]
        yield each


@pytest.fixture(scope="module")
def world(api_server: ApiServer, sandbox: str) -> Iterator[World]:
    """Everybody may do everything with the copied kinds and with ConfigMaps; only the policies stand in the way."""
    mark = secrets.token_hex(3)
    namespace = f"valeo-golive-{mark}"
    api_server.core.create_namespace({"metadata": {"name": namespace}})
    rules = [
        {"apiGroups": [sandbox], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
    ]
    rbac = "rbac.authorization.k8s.io"
    meta = {"name": "everybody", "namespace": namespace}
    role = {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": meta, "rules": rules}
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": meta,
        "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "everybody"},
        "subjects": [{"apiGroup": rbac, "kind": "Group", "name": "system:authenticated"}],
    }
    policies = list(copies(sandbox, namespace, mark))
    everything = json.dumps({"apiVersion": "v1", "kind": "List", "items": [role, binding, *policies]})
    api_server.kubectl("apply", "-f", "-", stdin=everything)
    found = World(api_server, namespace, sandbox)
    wait_until_enforced(found)
    yield found
    api_server.core.delete_namespace(namespace)
    for each in policies:
        api_server.kubectl("delete", each["kind"], each["metadata"]["name"], "--wait=false")


def wait_until_enforced(world: World) -> None:
    """A new policy takes the API server a moment; each of them must be seen to refuse."""
    forged: list[Callable[[], str]] = [
        lambda: world.create(BOB, approval(world, approver={"user": "eve", "groups": ["system:authenticated"]})),
        lambda: world.create(BOB, waiver(world, grantedBy={"user": "eve", "groups": ["system:authenticated"]})),
        lambda: world.create(BOB, config_map({TRAIL_LABEL: "page"})),
        lambda: world.create(BOB, config_map({EVIDENCE_LABEL: "junit"})),
        lambda: world.create(BOB, installation(world, "eve")),
    ]
    for forge in forged:
        for _ in range(150):
            if "denied" in forge():
                break
            time.sleep(0.2)
        else:
            pytest.fail("a policy is not enforced")


def approval(world: World, name: str = "", **changed: Any) -> Manifest:
    spec = {
        "installation": "production",
        "gate": "business-owner",
        "releaseDigest": DIGEST,
        "checklistHash": checklist_hash(shipped()),
        "decision": "Approve",
        "role": "business-owner",
        "approver": {"user": "bob", "groups": ["valeo:business-owners"]},
    }
    return {
        "apiVersion": f"{world.group}/{VERSION}",
        "kind": "GoLiveApproval",
        "metadata": {"name": name or f"a-{secrets.token_hex(4)}"},
        "spec": {**spec, **changed},
    }


def waiver(world: World, name: str = "", **changed: Any) -> Manifest:
    spec = {
        "installation": "production",
        "gate": "restore-tested",
        "releaseDigest": DIGEST,
        "checklistHash": checklist_hash(shipped()),
        "reason": "The storage for backups arrives next week.",
        "compensatingControl": "The database server is copied every night.",
        "grantedBy": {"user": "carl", "groups": ["valeo:go-live-waivers"]},
        "expiresAt": "2126-01-01T00:00:00Z",
    }
    return {
        "apiVersion": f"{world.group}/{VERSION}",
        "kind": "GoLiveWaiver",
        "metadata": {"name": name or f"w-{secrets.token_hex(4)}"},
        "spec": {**spec, **changed},
    }


def config_map(labels: dict[str, str], **more: Any) -> Manifest:
    meta = {"name": f"c-{secrets.token_hex(4)}", "labels": labels, **more.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"file": "x"}, **more}


def installation(world: World, requested_by: str, name: str = "", **spec: Any) -> Manifest:
    asked = {
        "image": "valeo-erp:0.1.0",
        "publicURL": "http://127.0.0.1:8080",
        "auth": {"developmentProvider": {}},
        "goLive": {"environment": "production", "requestedBy": requested_by},
    }
    return {
        "apiVersion": f"{world.group}/{VERSION}",
        "kind": "ValeoERP",
        "metadata": {"name": name or f"e-{secrets.token_hex(4)}"},
        "spec": {**asked, **spec},
    }


@pytest.fixture
def signed(world: World) -> str:
    """An approval by bob."""
    name = f"a-{secrets.token_hex(4)}"
    assert world.create(BOB, approval(world, name)) == ALLOWED
    return name


@pytest.fixture
def waived(world: World) -> str:
    """A waiver by carl."""
    name = f"w-{secrets.token_hex(4)}"
    assert world.create(CARL, waiver(world, name)) == ALLOWED
    return name


# --- signing --------------------------------------------------------------------------------------------------------


def test_nobody_approves_for_another(world: World) -> None:
    assert "nobody signs for another" in world.create(CARL, approval(world))


def test_not_even_an_administrator_approves_for_another(world: World) -> None:
    assert "nobody signs for another" in world.create(("kubernetes-admin", "system:masters"), approval(world))


def test_nobody_claims_a_group_that_he_has_not(world: World) -> None:
    claimed = {"user": "bob", "groups": ["valeo:business-owners", "valeo:security-officers"]}

    assert "must be groups of the user" in world.create(BOB, approval(world, approver=claimed))


def test_nobody_waives_for_another(world: World) -> None:
    assert "nobody signs for another" in world.create(BOB, waiver(world))


def test_an_approval_without_a_person_is_no_approval(world: World) -> None:
    assert "groups" in world.create(BOB, approval(world, approver={"user": "bob", "groups": []}))


def test_a_waiver_needs_its_reason_and_what_is_done_instead(world: World) -> None:
    told = world.create(CARL, waiver(world, reason="because", compensatingControl=""))

    assert "spec.reason" in told
    assert "spec.compensatingControl" in told


def test_a_waiver_names_a_gate_or_breaks_the_glass(world: World) -> None:
    assert "name a gate, or set breakGlass" in world.create(CARL, waiver(world, breakGlass=True))


# --- changing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [BOB, CARL, ("kubernetes-admin", "system:masters")])
@pytest.mark.parametrize(
    "change",
    [
        {"releaseDigest": OTHER},
        {"decision": "Reject"},
        {"approver": {"user": "carl"}},
        {"gate": "it-manager"},
        {"comment": "another one"},
    ],
)
def test_an_approval_can_not_be_changed(
    world: World, signed: str, who: tuple[str, ...], change: dict[str, Any]
) -> None:
    assert "immutable" in world.patch(who, world.approvals, signed, {"spec": change})


def test_a_waiver_can_not_be_changed(world: World, waived: str) -> None:
    change = {"spec": {"expiresAt": "2127-01-01T00:00:00Z"}}

    assert "immutable" in world.patch(CARL, world.waivers, waived, change)


def test_only_the_operator_says_that_a_signature_was_used_or_was_not(world: World, signed: str) -> None:
    change = {"status": {"usedAt": None}}

    assert "only the operator" in world.patch(BOB, world.approvals, signed, change, "--subresource=status")


def test_no_owner_can_take_a_signature_along_into_garbage_collection(world: World, signed: str) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "0000"}

    told = world.patch(BOB, world.approvals, signed, {"metadata": {"ownerReferences": [owner]}})

    assert "belongs to nobody" in told


# --- taking back ----------------------------------------------------------------------------------------------------


def test_who_signed_can_take_it_back_until_it_was_used(world: World, signed: str, waived: str) -> None:
    assert world.delete(BOB, world.approvals, signed) == ALLOWED
    assert world.delete(CARL, world.waivers, waived) == ALLOWED


@pytest.mark.parametrize("who", [CARL, ("kubernetes-admin", "system:masters"), (OPERATOR,)])
def test_nobody_else_can_take_it_back(world: World, signed: str, who: tuple[str, ...]) -> None:
    assert "only the person who signed" in world.delete(who, world.approvals, signed)


def test_a_used_signature_can_not_be_taken_back(world: World, signed: str, waived: str) -> None:
    used = {"status": {"usedAt": "2026-01-05T08:00:00Z", "usedFor": "r1"}}
    for kind, name in ((world.approvals, signed), (world.waivers, waived)):
        assert world.patch((OPERATOR,), kind, name, used, "--subresource=status") == ALLOWED

    assert "it was used" in world.delete(BOB, world.approvals, signed)
    assert "it was used" in world.delete(CARL, world.waivers, waived)


def test_a_rejection_is_final(world: World) -> None:
    name = f"a-{secrets.token_hex(4)}"
    assert world.create(BOB, approval(world, name, decision="Reject")) == ALLOWED

    assert "a rejection is final" in world.delete(BOB, world.approvals, name)


def test_deleting_all_of_them_at_once_is_no_way_around(world: World, signed: str) -> None:
    path = f"/apis/{world.group}/{VERSION}/namespaces/{world.namespace}/goliveapprovals"

    assert "only the person who signed" in world.as_user(CARL, "delete", "--raw", path)


# --- the author of a release ----------------------------------------------------------------------------------------


def test_who_asks_for_a_release_writes_himself_in(world: World) -> None:
    assert world.create(BOB, installation(world, "bob")) == ALLOWED
    assert "requestedBy must be the user" in world.create(BOB, installation(world, "carl"))


def test_whoever_changes_the_spec_is_the_author(world: World) -> None:
    kind, name = f"valeoerps.{world.group}", f"e-{secrets.token_hex(4)}"
    assert world.create(BOB, installation(world, "bob", name)) == ALLOWED

    change = {"spec": {"image": "valeo-erp:0.2.0"}}
    mine = {"spec": {**change["spec"], "goLive": {"requestedBy": "carl"}}}

    assert "requestedBy must be the user" in world.patch(CARL, kind, name, change)
    assert world.patch(CARL, kind, name, mine) == ALLOWED


def test_metadata_may_be_changed_by_anybody_who_may(world: World) -> None:
    kind, name = f"valeoerps.{world.group}", f"e-{secrets.token_hex(4)}"
    assert world.create(BOB, installation(world, "bob", name)) == ALLOWED

    assert world.patch((OPERATOR,), kind, name, {"metadata": {"labels": {"a": "b"}}}) == ALLOWED


# --- the trail and the evidence -------------------------------------------------------------------------------------


def test_only_the_operator_writes_the_trail(world: World) -> None:
    page = config_map({TRAIL_LABEL: "page"})
    name = page["metadata"]["name"]

    assert "only the operator writes the trail" in world.create(BOB, page)
    assert world.create((OPERATOR,), page) == ALLOWED
    assert "only the operator" in world.patch(BOB, "configmap", name, {"data": {"file": "forged"}})
    assert "only the operator" in world.patch(BOB, "configmap", name, {"metadata": {"labels": {TRAIL_LABEL: None}}})
    assert "nobody takes it away" in world.delete(("kubernetes-admin", "system:masters"), "configmap", name)


def test_evidence_names_its_true_issuer_and_is_immutable(world: World) -> None:
    def carrier(issuer: str, *, immutable: bool = True) -> Manifest:
        meta = {"annotations": {ISSUER: issuer}}
        return config_map({EVIDENCE_LABEL: "junit"}, metadata=meta, immutable=immutable)

    good = carrier("bob")

    assert world.create(BOB, good) == ALLOWED
    assert "denied" in world.create(BOB, carrier("ci"))
    assert "denied" in world.create(BOB, config_map({EVIDENCE_LABEL: "junit"}, immutable=True))
    assert "denied" in world.create(BOB, carrier("bob", immutable=False))
    change = {"metadata": {"annotations": {ISSUER: "ci"}}}
    assert "denied" in world.patch(BOB, "configmap", good["metadata"]["name"], change)


def test_an_ordinary_config_map_does_not_become_evidence(world: World) -> None:
    ordinary = config_map({"a": "b"})
    assert world.create(BOB, ordinary) == ALLOWED

    change = {"metadata": {"labels": {EVIDENCE_LABEL: "junit"}, "annotations": {ISSUER: "ci"}}}

    assert "denied" in world.patch(BOB, "configmap", ordinary["metadata"]["name"], change)


# --- what is stored is what is compared -----------------------------------------------------------------------------


def test_the_api_server_stores_the_policies_letter_by_letter(world: World, api_server: ApiServer) -> None:
    """The operator compares what it finds with what was shipped: a default that is not written out would hide there."""
    mark = world.namespace.rpartition("-")[2]

    for wanted in copies(world.group, world.namespace, mark):
        found = json.loads(api_server.kubectl("get", wanted["kind"], wanted["metadata"]["name"], "-o", "json"))
        assert found["spec"] == wanted["spec"]
        assert not found.get("status", {}).get("typeChecking", {}).get("expressionWarnings")
