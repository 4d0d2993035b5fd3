"""What `kubectl valeo approve` and `waive` create, and when they decline."""

from typing import Any

import pytest
from tests.support.installation import BEFORE, DIGEST, HASH, NOON, erp, gate, release, sight

from valeo_operator.api.golive import Decision
from valeo_operator.api.goliveapproval import GoLiveApproval, GoLiveWaiver
from valeo_operator.golive.catalogue import shipped
from valeo_operator.plugin import entry
from valeo_operator.plugin.completion import candidates
from valeo_operator.plugin.connection import Person, PluginError
from valeo_operator.plugin.signing import (
    Matter,
    any_matter,
    approval,
    ends,
    groups_for,
    matter,
    role_of,
    waiver,
)

OLIVIA = Person("olivia@example.com", ("system:authenticated", "valeo:business-owners", "staff"))
OWNER = Matter("production", "business-owner", DIGEST, HASH)


def stored(wanted: dict[str, Any]) -> dict[str, Any]:
    return {**wanted, "metadata": {"name": "given", "namespace": "valeo"}}


def test_a_gate_is_signed_for_the_image_that_it_was_seen_for() -> None:
    about = matter(sight(gates=(gate("business-owner", "Pending", digest=BEFORE),)), "business-owner")

    assert about == Matter("production", "business-owner", BEFORE, HASH)


def test_a_gate_that_nobody_saw_is_signed_for_the_wanted_release() -> None:
    assert matter(sight(gates=(gate("business-owner", digest=None),)), "business-owner").digest == DIGEST
    assert any_matter(sight(gates=(gate("business-owner", digest=None),))).digest == DIGEST


def test_another_image_can_be_named() -> None:
    assert matter(sight(gates=(gate("business-owner"),)), "business-owner", BEFORE).digest == BEFORE


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({}, "has no gate 'business-owner'"),
        ({"gates": (gate("business-owner", digest=None),), "releases": (), "erp": erp()}, "has no release yet"),
    ],
)
def test_what_is_not_there_can_not_be_signed(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PluginError, match=complaint):
        matter(sight(**parts), "business-owner")


def test_an_emergency_needs_gates() -> None:
    with pytest.raises(PluginError, match=r"set spec\.goLive"):
        any_matter(sight(releases=(release(),)))


def test_the_role_is_that_of_the_checklist_or_the_one_asked_for() -> None:
    assert role_of("business-owner", shipped(), "") == "business-owner"
    assert role_of("business-owner", None, "it-manager") == "it-manager"


@pytest.mark.parametrize(
    ("gate_id", "complaint"),
    [("unit-tests", "is evidence: no signature"), ("readyz-nowhere", "is unknown: no signature")],
)
def test_a_gate_that_no_person_decides_is_not_signed(gate_id: str, complaint: str) -> None:
    with pytest.raises(PluginError, match=complaint):
        role_of(gate_id, shipped(), "")


def test_without_the_checklist_the_role_must_be_named() -> None:
    with pytest.raises(PluginError, match="name the role by --role"):
        role_of("business-owner", None, "")


def test_a_decision_rests_on_the_groups_of_its_role() -> None:
    assert groups_for(OLIVIA, "business-owner", shipped()) == ("valeo:business-owners",)
    assert groups_for(OLIVIA, "business-owner", None) == ("valeo:business-owners", "staff")


def test_who_is_in_no_group_of_the_role_is_told_which() -> None:
    with pytest.raises(PluginError) as refused:
        groups_for(OLIVIA, "security-officer", shipped())

    assert "Expected: valeo:security-officers. Groups: valeo:business-owners, staff" in str(refused.value)


@pytest.mark.parametrize(
    ("after", "until"),
    [("30m", "2026-01-05T12:30:00Z"), ("4h", "2026-01-05T16:00:00Z"), ("7d", "2026-01-12T12:00:00Z")],
)
def test_an_end_is_a_span_from_now(after: str, until: str) -> None:
    assert ends(NOON, after) == until


@pytest.mark.parametrize("after", ["0h", "1w", "soon", "-1d", "7"])
def test_an_end_that_is_no_span_is_declined(after: str) -> None:
    with pytest.raises(PluginError, match="no time span"):
        ends(NOON, after)


@pytest.mark.parametrize("decision", Decision)
def test_an_approval_is_what_the_definition_asks_for(decision: Decision) -> None:
    made = approval(OWNER, decision, "business-owner", OLIVIA, comment="As agreed.", expires_at="2026-01-12T12:00:00Z")

    read = GoLiveApproval.model_validate(stored(made))
    assert (read.spec.gate, read.spec.decision, read.spec.approver.user) == ("business-owner", decision, OLIVIA.user)
    assert made["metadata"] == {"generateName": "production-business-owner-"}


@pytest.mark.parametrize(("gate_id", "glass"), [("zap-scan", False), ("", True)])
def test_a_waiver_names_a_gate_or_breaks_the_glass(gate_id: str, glass: bool) -> None:
    about = Matter("production", gate_id, DIGEST, HASH)
    made = waiver(
        about,
        OLIVIA,
        reason="The scanner is not licensed yet.",
        instead="A manual review every week.",
        expires_at="2026-01-12T12:00:00Z",
    )

    read = GoLiveWaiver.model_validate(stored(made))
    assert (read.spec.gate or "", read.spec.break_glass) == (gate_id, glass)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([""], {"approve", "gates", "history", "status", "waive", "why"}),
        (["st"], {"status"}),
        (["gates", "--res"], {"--result"}),
        (["gates", "--result", "Unk"], {"Unknown"}),
        (["gates", "-o", ""], {"json", "text", "wide"}),
        (["approve", "business"], {"business-owner"}),
        (["approve", "unit"], set()),
        (["waive", "unit"], {"unit-tests"}),
        (["approve", "--comment", ""], set()),
    ],
)
def test_the_shell_is_told_what_fits_next(words: list[str], expected: set[str]) -> None:
    assert expected <= set(candidates(words))
    assert expected or candidates(words) == []


def test_a_shell_without_a_cluster_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "nowhere")

    assert candidates(["status", "--context", "nowhere", ""]) == []


def test_the_command_runs_where_its_libraries_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kubectl_complete-valeo", "hist"])

    assert entry.complete() == 0
    assert capsys.readouterr().out == "history\n:4\n"


def test_the_command_shows_what_it_can(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["kubectl-valeo", "--help"])

    with pytest.raises(SystemExit):
        entry.main()

    assert "status" in capsys.readouterr().out
