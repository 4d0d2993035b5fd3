"""Go-live gates as people meet them: an honest beginning, four users who sign, and everybody who tries to cheat."""

import json
import os
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.api_server import ApiServer, Manifest
from tests.support.installed import OPERATOR_NAMESPACE, Place, on_node, place, until
from tests.support.rights import counted_calls, rights

from valeo_operator.golive.trail import LINES, verify

pytestmark = pytest.mark.timeout(600)

ADMIN = "kubernetes-admin"
USERS = {
    "bob": ["valeo:business-owners"],
    "carl": ["valeo:business-owners"],
    "sara": ["valeo:security-officers"],
    "walter": ["valeo:go-live-waivers"],
    "eve": ["valeo:trainers"],
}
OTHER = f"sha256:{'cd' * 32}"
LOOK = 130  # two rounds of the operator, and what they take
GOOD_TESTS = (
    '<testsuite name="unit" tests="2" failures="0" errors="0"><testcase name="a"/><testcase name="b"/></testsuite>'
)
NO_TESTS = '<testsuite name="unit" tests="0" failures="0" errors="0"></testsuite>'


DROPPED = ("-p", "tcp", "--dport", "5432", "-j", "DROP")


def line(place: str, gate: str, **how: Any) -> Manifest:
    return {
        "id": gate,
        "line": gate,
        "phase": "preDeployment",
        "section": "Own",
        "group": "Own",
        "position": f"1.1.1.{place}",
        "severity": "blocker",
        "scope": "release",
        "maximumAge": "24h",
        **how,
    }


# What a customer may write: few lines, one of each kind.
CHECKLIST = {
    "apiVersion": "valeoerp.io/v1alpha1",
    "kind": "GoLiveChecklist",
    "metadata": {"name": "small"},
    "spec": {
        "roles": [
            {"role": "owner", "groups": ["valeo:business-owners"]},
            {"role": "security", "groups": ["valeo:security-officers"]},
            {"role": "go-live-waivers", "groups": ["valeo:go-live-waivers"]},
        ],
        "entries": [
            line("1", "healthz", kind="automated", check="healthz"),
            line("2", "tests", kind="evidence", evidence={"formats": ["junit"], "requirement": "tests-passed"}),
            line("3", "owners", kind="signOff", signOff={"role": "owner", "quorum": 2}),
            line("4", "security", kind="signOff", signOff={"role": "security"}),
            line("5", "backup", kind="automated", check="backup-schedule"),
            line("6", "restore", kind="automated", check="restore-drill", waivable=False, severity="advisory"),
            line("7", "network", kind="automated", check="network-policies", severity="advisory"),
        ],
    },
}


@dataclass(frozen=True)
class Shop:
    """A namespace with a ValeoERP whose gates are looked at, and users who have rights in it."""

    place: Place

    def gate(self, gate: str) -> Manifest:
        """The status of a gate."""
        found = self.place.get("golivegates.valeoerp.io", f"acme-{gate}") or {}
        status: Manifest = found.get("status", {})
        return status

    @property
    def go_live(self) -> Manifest:
        """The summary."""
        told: Manifest = self.place.status.get("goLive", {})
        return told

    def until(self, gate: str, result: str) -> Manifest:
        """Wait until a gate has the result."""
        until(lambda: self.gate(gate).get("result") == result, lambda: json.dumps(self.gate(gate)), LOOK)
        return self.gate(gate)

    def as_user(self, user: str, *arguments: str, stdin: Manifest | None = None) -> str:
        """What comes of it: nothing where it was allowed, else the words of the refusal."""
        groups = [f"--as-group={group}" for group in (*USERS[user], "system:authenticated")]
        done = subprocess.run(
            [self.place.cluster.kubectl_binary, "-n", self.place.namespace, f"--as={user}", *groups, *arguments],
            input=None if stdin is None else json.dumps(stdin),
            env={**os.environ, "KUBECONFIG": str(self.place.cluster.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stderr.strip() if done.returncode else ""

    def approve(self, user: str, gate: str, role: str, name: str = "", **changed: Any) -> str:
        """A GoLiveApproval, made by the user."""
        spec = {
            "installation": "acme",
            "gate": gate,
            "releaseDigest": self.go_live["digest"],
            "checklistHash": self.go_live["checklistHash"],
            "decision": "Approve",
            "role": role,
            "approver": {"user": user, "groups": USERS[user]},
            **changed,
        }
        return self.as_user(user, "create", "-f", "-", stdin=resource("GoLiveApproval", name or f"{gate}-{user}", spec))

    def waive(self, user: str, gate: str) -> str:
        """A GoLiveWaiver, made by the user."""
        spec = {
            "installation": "acme",
            "gate": gate,
            "releaseDigest": self.go_live["digest"],
            "checklistHash": self.go_live["checklistHash"],
            "reason": "This version of the operator makes no backups.",
            "compensatingControl": "The volume of the database is copied every night.",
            "grantedBy": {"user": user, "groups": USERS[user]},
            "expiresAt": stamp(days=7),
        }
        return self.as_user(user, "create", "-f", "-", stdin=resource("GoLiveWaiver", f"{gate}-{user}", spec))

    def bring(self, user: str, name: str, report: str, **collected: float) -> str:
        """A JUnit report for the gate `tests`, brought by the user."""
        annotations = {
            "valeoerp.io/gates": "tests",
            "valeoerp.io/digest": self.go_live["digest"],
            "valeoerp.io/issuer": user,
            "valeoerp.io/collected-at": stamp(**collected),
        }
        carrier = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "labels": {"valeoerp.io/evidence": "junit"}, "annotations": annotations},
            "immutable": True,
            "data": {"junit.xml": report},
        }
        return self.as_user(user, "create", "-f", "-", stdin=carrier)

    def trail(self) -> list[str]:
        """The exported trail."""
        pages = [each for each in self.place.all("configmap") if "golive-trail" in each["metadata"]["name"]]
        return [entry for page in pages for entry in page["data"][LINES].splitlines()]


def resource(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": "valeoerp.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def stamp(**ahead: float) -> str:
    return f"{datetime.now(UTC) + timedelta(**ahead):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(scope="module")
def shop(operator: ApiServer) -> Iterator[Shop]:
    """A fresh installation that asks for its gates. Everybody may do everything here that RBAC can allow."""
    with place(operator, "golive") as there:
        subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"}
        kinds = ["goliveapprovals", "golivewaivers", "golivegates", "golivegates/status", "goliveapprovals/status"]
        rules = [
            {"apiGroups": ["valeoerp.io"], "resources": kinds, "verbs": ["*"]},
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
        ]
        role = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "all"},
            "rules": rules,
        }
        binding = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "all"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "all"},
            "subjects": [subject],
        }
        for each in (role, binding, CHECKLIST):
            there.kubectl("apply", "-f", "-", stdin=json.dumps(each))
        there.apply(goLive={"environment": "production", "requestedBy": ADMIN})
        there.ready(180)
        found = Shop(there)
        until(lambda: found.go_live.get("totals", {}).get("pass", 0) > 5, lambda: json.dumps(found.go_live), LOOK)
        yield found


def test_a_fresh_installation_is_an_honest_mixture(shop: Shop) -> None:
    totals = shop.go_live["totals"]

    assert sum(totals.values()) == 143
    assert min(totals["pass"], totals["fail"], totals["unknown"], totals["pending"]) > 5
    assert shop.go_live["gates"] == f"{totals['pass']}/143"
    assert len(shop.go_live["open"]) == 10


def test_open_gates_do_not_make_the_running_release_unready(shop: Shop) -> None:
    assert shop.place.condition("Ready")["status"] == "True"
    assert (shop.place.condition("GoLiveReady")["status"], shop.place.condition("GoLiveReady")["reason"]) == (
        "False",
        "GatesOpen",
    )


def test_what_no_check_can_see_says_so_and_never_passes(shop: Shop) -> None:
    for gate in ("api-keys-rotated", "rate-limit-restores"):
        assert shop.gate(gate)["result"] == "Unknown"
        assert shop.gate(gate)["message"].startswith("No check can see this yet: ")


def test_backups_that_nobody_asked_for_are_unknown_and_never_pass(shop: Shop) -> None:
    for gate in ("backup-schedule", "restore-tested"):
        assert (shop.gate(gate)["result"], shop.gate(gate)["reason"]) == ("Unknown", "NotConfigured")


def test_policies_count_only_if_a_forbidden_connection_is_refused(shop: Shop) -> None:
    """What is right depends on the network of the cluster; the gate says what it saw."""
    gate = shop.gate("network-policies")
    seen = json.loads(gate["shown"]["summary"])["forbidden"]

    assert (gate["result"], seen) in {("Fail", "accepted"), ("Pass", "refused")}


def test_kubectl_shows_gates_and_finds_them_by_label(shop: Shop) -> None:
    shown = shop.place.kubectl(
        "get", "gates", "-l", "valeoerp.io/section=security,valeoerp.io/result=Pass"
    ).splitlines()

    assert shown[0].split() == ["NAME", "RESULT", "KIND", "SEVERITY", "AGE", "MESSAGE"]
    assert any(row.startswith("acme-jwks-accessible") for row in shown[1:])
    wide = shop.place.kubectl("get", "gates", "-o", "wide").splitlines()[0]
    assert "NEXT STEP" in wide
    assert "CHECKED" in wide
    assert f"{shop.go_live['totals']['pass']}/143" in shop.place.kubectl("get", "verp")


def test_a_first_look_is_one_event_and_not_143(shop: Shop) -> None:
    assert len(shop.place.events("GoLiveGate")) <= 10
    assert shop.place.events("GoLiveEvaluated")


@pytest.fixture(scope="module")
def small(shop: Shop) -> Shop:
    """The customer's own checklist has taken the place of the shipped one."""
    shop.place.apply(goLive={"environment": "production", "requestedBy": ADMIN, "checklist": "small"})
    until(lambda: shop.go_live.get("gates", "").endswith("/7"), lambda: json.dumps(shop.go_live), LOOK)
    return shop


def test_another_checklist_takes_the_gates_of_the_old_one_away(small: Shop) -> None:
    assert len(small.place.all("golivegates.valeoerp.io")) == 7


@pytest.fixture(scope="module")
def guarded(small: Shop) -> Iterator[Shop]:
    """The node refuses what the policies forbid, as a network plugin would: the operator at the database."""
    cluster = small.place.cluster
    pods = json.loads(cluster.kubectl("-n", OPERATOR_NAMESPACE, "get", "pods", "-o", "json"))["items"]
    database = small.place.get("pod", "acme-database-0") or {}
    rules = [
        ("FORWARD", "-s", pod["status"]["podIP"], "-d", database["status"]["podIP"], *DROPPED)
        for pod in pods
        if pod["status"].get("podIP")
    ]
    for rule in rules:
        on_node(cluster, "iptables", "-I", *rule)
    yield small
    for rule in rules:
        on_node(cluster, "iptables", "-D", *rule)


@pytest.fixture(scope="module")
def cheated(guarded: Shop) -> Shop:
    """Everything that the API server lets a cheat do, done at once; the operator must see through it."""
    small = guarded
    change = json.dumps({"status": {"result": "Pass", "message": "trust me", "checkedAt": "2126-01-01T00:00:00Z"}})
    target = ("patch", "golivegates.valeoerp.io", "acme-backup", "--subresource=status", "--type=merge", "-p", change)
    assert small.as_user("eve", *target) == ""
    assert small.approve("eve", "security", "security") == ""
    assert small.approve("sara", "security", "security", "another-image", releaseDigest=OTHER) == ""
    assert small.approve("bob", "owners", "owner") == ""
    assert small.approve("bob", "owners", "owner", "owners-bob-again") == ""
    assert small.bring("eve", "empty", NO_TESTS) == ""
    assert small.waive("walter", "restore") == ""
    assert small.waive("eve", "backup") == ""
    until(lambda: small.gate("owners").get("reason") == "QuorumOpen", lambda: json.dumps(small.gate("owners")), LOOK)
    return small


def test_nobody_signs_for_another(small: Shop) -> None:
    told = small.approve("eve", "owners", "owner", "forged", approver={"user": "bob", "groups": USERS["bob"]})

    assert "nobody signs for another" in told


def test_a_status_that_was_edited_by_hand_is_overwritten_and_told(cheated: Shop) -> None:
    assert cheated.gate("backup")["result"] == "Unknown"
    assert "trust me" not in json.dumps(cheated.gate("backup"))
    assert any("wrote into the status" in message for message in cheated.place.events("GoLiveOverwritten"))


def test_neither_the_wrong_group_nor_another_image_counts(cheated: Shop) -> None:
    gate = cheated.gate("security")

    assert gate["result"] == "Pending"
    assert "eve showed no group of the role security" in gate["message"]
    assert "another image" in gate["message"]


def test_with_a_network_that_refuses_what_is_forbidden_the_policies_pass(cheated: Shop) -> None:
    assert cheated.gate("network")["result"] == "Pass"
    assert json.loads(cheated.gate("network")["shown"]["summary"])["forbidden"] == "refused"


def test_one_person_twice_is_no_quorum(cheated: Shop) -> None:
    assert cheated.gate("owners")["message"] == "1 of 2 persons approved it: bob."


def test_a_report_without_a_test_shows_nothing(cheated: Shop) -> None:
    assert cheated.gate("tests")["result"] == "Unknown"
    assert "empty" in cheated.gate("tests")["message"]


def test_what_can_not_be_waived_and_who_may_not_waive(cheated: Shop) -> None:
    assert (cheated.gate("restore")["result"], cheated.gate("backup")["result"]) == ("Unknown", "Unknown")
    assert "this gate can't be waived" in cheated.gate("restore")["message"]
    assert "eve showed no group" in cheated.gate("backup")["message"]


@pytest.fixture(scope="module")
def ready(cheated: Shop) -> Shop:
    """Four users do what is theirs to do. Old evidence is replayed beside the new one."""
    assert cheated.bring("sara", "old", GOOD_TESTS, days=-400) == ""
    assert cheated.bring("sara", "new", GOOD_TESTS) == ""
    assert cheated.approve("carl", "owners", "owner") == ""
    assert cheated.approve("sara", "security", "security", expiresAt=stamp(minutes=4)) == ""
    assert cheated.waive("walter", "backup") == ""
    until(
        lambda: cheated.place.condition("GoLiveReady")["status"] == "True",
        lambda: json.dumps(cheated.place.condition("GoLiveReady")),
        LOOK,
    )
    return cheated


def test_four_users_drive_it_to_go(ready: Shop) -> None:
    results = {each["spec"]["gate"]: each["status"]["result"] for each in ready.place.all("golivegates.valeoerp.io")}

    assert results == {
        "healthz": "Pass",
        "tests": "Pass",
        "owners": "Pass",
        "security": "Pass",
        "backup": "Waived",
        "restore": "Unknown",
        "network": "Pass",
    }


def test_the_new_report_counts_and_not_the_old_one(ready: Shop) -> None:
    assert ready.gate("tests")["shown"]["source"] == "configmap/new"


def test_what_was_used_can_not_be_taken_back(ready: Shop) -> None:
    until(
        lambda: bool(
            (ready.place.get("goliveapprovals.valeoerp.io", "owners-carl") or {}).get("status", {}).get("usedAt")
        ),
        lambda: "owners-carl is not used",
        LOOK,
    )

    assert "it was used" in ready.as_user("carl", "delete", "goliveapprovals.valeoerp.io", "owners-carl")
    assert "it was used" in ready.as_user("walter", "delete", "golivewaivers.valeoerp.io", "backup-walter")


def test_a_pass_goes_stale_while_waiting(ready: Shop) -> None:
    until(lambda: ready.gate("security")["result"] == "Stale", lambda: json.dumps(ready.gate("security")), 300)

    until(
        lambda: ready.place.condition("GoLiveReady")["status"] == "False",
        lambda: json.dumps(ready.place.condition("GoLiveReady")),
        LOOK,
    )


@pytest.fixture(scope="module")
def exported(ready: Shop) -> list[str]:
    """The trail after all of it."""
    return ready.trail()


def test_an_export_of_the_trail_verifies_and_tells_everything(exported: list[str], ready: Shop) -> None:
    entries, broken = verify(exported)

    assert broken == ""
    told = {(each["event"], each["after"]) for each in entries}
    assert {("Verdict", "Open"), ("Verdict", "Ready"), ("Gate", "Waived"), ("Signed", "believed")} <= told
    assert any(each["event"] == "Overwritten" for each in entries)
    assert any("eve: Approve security" in each["message"] for each in entries)
    assert ready.go_live["trail"]["head"] in {each["hash"] for each in entries}


def test_a_changed_export_does_not_verify(exported: list[str]) -> None:
    forged = deepcopy(exported)
    forged[3] = forged[3].replace("Pending", "Pass").replace("Unknown", "Pass")

    assert verify(forged)[1]


def test_nobody_touches_the_trail(ready: Shop) -> None:
    assert "nobody takes it away" in ready.as_user("eve", "delete", "configmap", "acme-golive-trail-00001")


def test_without_the_wish_the_gates_go_and_the_trail_stays(ready: Shop) -> None:
    ready.place.apply(goLive=None)

    until(lambda: not ready.place.all("golivegates.valeoerp.io"), lambda: "gates are left", LOOK)
    until(lambda: "goLive" not in ready.place.status, lambda: json.dumps(ready.place.status), LOOK)
    assert ready.trail()


# Asked only where the cluster has the kind.
ONLY_THERE = {
    ("list", "prometheuses.monitoring.coreos.com"),
    ("list", "servicemonitors.monitoring.coreos.com"),
    ("list", "pods.metrics.k8s.io"),
}


def test_the_gates_have_the_rights_that_they_use_and_no_other(ready: Shop) -> None:
    cluster = ready.place.cluster
    given = rights(cluster, "clusterrole", "valeo-operator-golive")  # no wildcard in it

    assert given - counted_calls(cluster) - ONLY_THERE == set(), "rights without a call"
