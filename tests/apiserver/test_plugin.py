"""`kubectl valeo` against the real API server, as persons with their own rights use it."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.api_server import ApiServer, Manifest, Resource, taken
from tests.support.installation import DIGEST, HASH
from tests.support.room import Said, fill, grant

from valeo_operator.api import VERSION
from valeo_operator.api.golivechecklist import GoLiveChecklistSpec
from valeo_operator.golive.catalogue import checklist_hash
from valeo_operator.plugin import completion

OLIVIA = ("--as", "olivia@example.com", "--as-group", "valeo:business-owners", "--as-group", "readers")


@pytest.fixture(scope="module")
def room(api_server: ApiServer, sandbox: str) -> Iterator[str]:
    """A namespace with one installation, its release and two gates; the group `readers` may read and sign."""
    name = f"valeo-plugin-{secrets.token_hex(3)}"
    api_server.core.create_namespace({"metadata": {"name": name}})
    grant(api_server, sandbox, name)
    fill(api_server, sandbox, name)
    yield name
    api_server.core.delete_namespace(name)


def test_status_is_a_tree_of_what_is_there(say: Said) -> None:
    told = say("status")

    assert told.startswith("✔ ValeoERP production  version 0.1.0, Complete")
    assert "✔ active release production-1a2b  0.1.0, valeo-erp:0.1.0, schema 0001, Complete" in told
    assert "go-live gates  0/2 pass: 1 Fail, 1 Pending" in told


def test_status_for_scripts_is_json(say: Said) -> None:
    told = json.loads(say("status", "production", "-o", "json"))

    assert told["title"] == "ValeoERP production"


def test_why_tells_the_gates_that_stand_in_the_way(say: Said) -> None:
    told = say("why")

    assert "GoLiveGate/zap-scan" in told
    assert "next step  Mend it." in told


def test_history_lists_the_releases(say: Said) -> None:
    head, row = say("history").strip().splitlines()

    assert head.split()[:3] == ["RELEASE", "VERSION", "PHASE"]
    assert row.split()[:4] == ["production-1a2b", "(active)", "0.1.0", "Complete"]


def test_gates_are_listed_and_filtered(say: Said) -> None:
    assert say("gates").strip().endswith("2 gates: 1 Fail, 1 Pending")
    assert "business-owner" not in say("gates", "--result", "Fail", "-o", "wide")
    assert json.loads(say("gates", "-o", "json"))["totals"]["Fail"] == 1


def test_a_person_without_rights_is_told_what_stays_unseen(say: Said) -> None:
    assert 'not seen  pods is forbidden: User "olivia@example.com" cannot list' in say("status", *OLIVIA)


def test_an_approval_is_made_in_the_name_of_the_person(
    say: Said, api_server: ApiServer, sandbox: str, room: str
) -> None:
    told = say("approve", "business-owner", "--comment", "As agreed on Monday.", "-o", "json", *OLIVIA)

    made = json.loads(told)
    stored = api_server.read(Resource(sandbox, VERSION, "goliveapprovals"), room, made["metadata"]["name"])
    assert stored["spec"] == {
        "installation": "production",
        "gate": "business-owner",
        "releaseDigest": DIGEST,
        "checklistHash": HASH,
        "decision": "Approve",
        "role": "business-owner",
        "approver": {"user": "olivia@example.com", "groups": ["valeo:business-owners"]},
        "comment": "As agreed on Monday.",
    }


def test_a_dry_run_prints_what_plain_kubectl_creates(say: Said, api_server: ApiServer, sandbox: str, room: str) -> None:
    told = say("approve", "business-owner", "--reject", "--dry-run", *OLIVIA)

    manifest = yaml.safe_load(told)
    manifest["apiVersion"] = f"{sandbox}/{VERSION}"
    created = api_server.kubectl("create", *OLIVIA, "-n", room, "-o", "json", "-f", "-", stdin=json.dumps(manifest))
    assert json.loads(created)["spec"]["decision"] == "Reject"


REASONS = ("--reason", "The scanner is not licensed yet.", "--instead", "A manual review every week.")
WANDA = ("--as", "wanda@example.com", "--as-group", "valeo:go-live-waivers", "--as-group", "readers")


def test_a_waiver_has_reason_control_and_end(say: Said) -> None:
    made: dict[str, Any] = json.loads(say("waive", "zap-scan", *REASONS, "--expires", "3d", "-o", "json", *WANDA))

    assert made["spec"]["grantedBy"] == {"user": "wanda@example.com", "groups": ["valeo:go-live-waivers"]}
    assert (made["spec"]["gate"], made["spec"]["breakGlass"]) == ("zap-scan", False)
    assert made["spec"]["expiresAt"] > time.strftime("%Y-%m-%d")


def test_the_glass_is_broken_for_four_hours(say: Said) -> None:
    made = json.loads(say("waive", "--break-glass", *REASONS, "-o", "json", *WANDA))

    assert made["spec"]["breakGlass"] is True
    assert "gate" not in made["spec"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("status", "elsewhere"), "there is no ValeoERP elsewhere in the namespace"),
        (("approve", "nothing", *OLIVIA), "has no gate 'nothing'"),
        (("approve", "zap-scan", *OLIVIA), "the gate zap-scan is evidence"),
        (("approve", "business-owner", *WANDA), "is in no group of the role business-owner"),
        (("waive", "zap-scan", *REASONS, *OLIVIA), "is in no group of the role go-live-waivers"),
        (("waive", *REASONS, *WANDA), "name a gate, or use --break-glass"),
        (("waive", "zap-scan", "--reason", "no", "--instead", "nothing", *WANDA), "should be at least 20 chars long"),
        (("status", "--as", "nobody@example.com"), "cannot list resource"),
        (("status", "--context", "nowhere"), "no cluster"),
    ],
)
def test_what_can_not_be_done_is_told_in_a_sentence(say: Said, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in say(*words, fails=True)


@pytest.mark.parametrize(
    ("name", "language"), [("report.json", "en"), ("report.html", "de"), ("report.html", "en"), ("report.pdf", "de")]
)
def test_the_report_is_written_and_verified(say: Said, tmp_path: Path, name: str, language: str) -> None:
    file = tmp_path / name

    told, digest = say("report", "--file", str(file), "--language", language).splitlines()

    assert told == f"{file}: NoGo, 1 Fail, 141 Unknown, 1 Pending"
    assert "is whole: production production-1a2b, NoGo" in say("report", "--verify", str(file), "--digest", digest)


def test_a_report_tells_what_its_maker_could_not_read(say: Said, tmp_path: Path) -> None:
    say("report", "--file", str(tmp_path / "report.json"), *OLIVIA)

    remarks = json.loads((tmp_path / "report.json").read_text())["report"]["remarks"]
    assert any("configmaps is forbidden" in remark for remark in remarks)


def test_a_changed_or_exchanged_report_is_not_verified(say: Said, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    say("report", "--file", str(file))

    assert "another report: its digest is" in say(
        "report", "--verify", str(file), "--digest", f"sha256:{'0' * 64}", fails=True
    )
    file.write_text(file.read_text().replace("No go:", "Go:"))
    assert "is not what was made" in say("report", "--verify", str(file), fails=True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--file", "report.docx"), "not as .docx"),
        (("--file", "/nowhere/report.html"), "can't be written: No such file"),
        (("--verify", "/nowhere/report.html"), "can't be read: No such file"),
    ],
)
def test_a_report_that_can_not_be_written_or_read_is_told(say: Said, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in say("report", *words, fails=True)


OURS: Manifest = {
    "roles": [
        {"role": "harbour-master", "groups": ["harbour"]},
        {"role": "go-live-waivers", "groups": ["harbour"]},
    ],
    "entries": [
        {
            "id": "quay-free",
            "line": "The quay is free",
            "phase": "deployment",
            "section": "Harbour",
            "group": "Quay",
            "position": "2.1.1.1",
            "kind": "signOff",
            "severity": "blocker",
            "scope": "release",
            "signOff": {"role": "harbour-master"},
            "maximumAge": "7d",
        }
    ],
}


@pytest.fixture
def with_own_checklist(api_server: ApiServer, sandbox: str) -> Iterator[str]:
    """A namespace with an installation that goes by a checklist of its own."""
    name = f"valeo-plugin-{secrets.token_hex(3)}"
    api_server.core.create_namespace({"metadata": {"name": name}})
    go_live = {"environment": "production", "checklist": "ours", "requestedBy": "kubernetes-admin"}
    fill(api_server, sandbox, name, gates=[_quay()], go_live=go_live)
    yield name
    api_server.core.delete_namespace(name)


def _quay() -> Manifest:
    entry = OURS["entries"][0]
    known = ("line", "phase", "section", "group", "position", "kind", "severity", "scope")
    spec = {
        "installation": "production",
        "gate": "quay-free",
        "checklistHash": checklist_hash(GoLiveChecklistSpec.model_validate(OURS)),
        **{key: entry[key] for key in known},
    }
    return {
        "metadata": {"name": "production-quay-free"},
        "spec": spec,
        "status": {"result": "Pending", "digest": DIGEST},
    }


def test_roles_come_from_the_checklist_of_the_installation(
    say: Said, api_server: ApiServer, sandbox: str, with_own_checklist: str
) -> None:
    harbour = ("--as", "hanna@example.com", "--as-group", "harbour", "--as-group", "system:masters")
    room = with_own_checklist
    assert "the checklist ours is not there" in say("approve", "quay-free", *harbour, fails=True, namespace=room)
    checklist = {
        "apiVersion": f"{sandbox}/{VERSION}",
        "kind": "GoLiveChecklist",
        "metadata": {"name": "ours"},
        "spec": OURS,
    }
    taken(api_server.create(Resource(sandbox, VERSION, "golivechecklists"), room, checklist))

    made = json.loads(say("approve", "quay-free", "-o", "json", *harbour, namespace=room))

    assert (made["spec"]["role"], made["spec"]["approver"]["groups"]) == ("harbour-master", ["harbour"])


def test_the_shell_is_told_the_installations(
    api_server: ApiServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], installed: ApiServer
) -> None:
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(api_server.kubeconfig))

    completion.main(["status", "-n", "default", ""])

    *names, directive = capsys.readouterr().out.splitlines()
    listed = installed.kubectl("get", "valeoerps", "-n", "default", "-o", "name").split()
    assert (names, directive) == ([name.partition("/")[2] for name in listed], ":4")


def test_an_empty_namespace_is_told(say: Said, namespace: str) -> None:
    assert "there is no ValeoERP in the namespace" in say("why", fails=True, namespace=f"{namespace}-empty")
