"""What `kubectl valeo status`, `why`, `history` and `gates` tell of an installation."""

import io
from datetime import timedelta
from typing import Any

import pytest
from tests.support import installation as seen
from tests.support.installation import NOON, condition, erp, gate, pod, release, sight

from valeo_operator.api.golive import Result
from valeo_operator.golive.catalogue import shipped
from valeo_operator.golive.report.gates import rows, totals
from valeo_operator.plugin.drawing import Pen, as_json
from valeo_operator.plugin.gates import Wanted
from valeo_operator.plugin.history import history
from valeo_operator.plugin.status import tree
from valeo_operator.plugin.trees import Mood, Node
from valeo_operator.plugin.why import Because, why


def drawn(**parts: Any) -> str:
    return Pen().tree(tree(sight(**parts)))


def subjects(**parts: Any) -> list[str]:
    return [each.subject for each in why(sight(**parts))]


def test_the_tree_leads_from_the_installation_to_pods_and_database() -> None:
    assert drawn().splitlines() == [
        "✔ ValeoERP production  version 0.1.0, Complete, http://127.0.0.1:8080",
        "├─ ✔ active release production-1a2b  0.1.0, valeo-erp:0.1.0, schema 0001, Complete",
        "├─ ✔ blue (active)  1 of 1 pods ready",
        "│  └─ ✔ pod production-blue-1  Running, ready",
        "├─ · green  not there",
        "├─ ✔ database production-database  1 of 1 pods ready, schema 0001",
        "│  └─ ✔ pod production-database-0  Running, ready",
        "└─ · conditions",
        "   ├─ ✔ Ready  True, Running",
        "   ├─ ✔ Stalled  False, Running",
        "   └─ ✔ DatabaseReady  True, Running",
    ]


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"erp": erp(phase="SchemaDirty")}, "✘ ValeoERP production  version 0.1.0, SchemaDirty"),
        ({"erp": {**erp(), "status": {}}}, "… ValeoERP production  not looked at yet"),
        ({"erp": erp(targetRelease="production-9z")}, "✘ wanted release production-9z  not recorded"),
        ({"deployments": ()}, "✘ blue (active)  not there"),
        ({"deployments": (seen.deployment("blue", 2, 1),)}, "… blue (active)  1 of 2 pods ready"),
        ({"deployments": (seen.deployment("green", 0, 0),)}, "· green  0 of 0 pods ready"),
        ({"pods": (pod("b", colour="blue", waiting="ImagePullBackOff"),)}, "… pod b  ImagePullBackOff, not ready"),
        ({"pods": (pod("b", colour="blue", restarts=3),)}, "✔ pod b  Running, ready, 3 restarts"),
        ({"gates": (gate("coverage", "Pass"), gate("zap-scan", "Fail"))}, "… go-live gates  1/2 pass: 1 Pass, 1 Fail"),
        ({"unseen": ("you may not list pods",)}, "… not seen  you may not list pods"),
        (
            {"erp": erp(conditions=[condition("Ready", "False", "PodsFailing", "no node takes it")])},
            "✘ Ready  False, PodsFailing: no node takes it",
        ),
        ({"erp": erp(conditions=[condition("BackupHealthy", "Unknown", "NotObserved")])}, "… BackupHealthy  Unknown"),
    ],
)
def test_the_tree_shows_how_each_part_stands(parts: dict[str, Any], line: str) -> None:
    assert line in drawn(**parts)


def test_an_external_database_is_named_by_its_address() -> None:
    elsewhere = erp()
    external = {"host": "db.example.com", "port": 5432, "name": "valeo"}
    elsewhere["spec"]["database"] = {"engine": "External", "external": external}

    assert "✔ database  db.example.com:5432/valeo, schema 0001" in drawn(erp=elsewhere, stateful_sets=())


def test_the_tree_is_the_same_for_scripts() -> None:
    root = Node("a", "b", Mood.BAD, (Node("c"),))

    assert root.to_object() == {
        "title": "a",
        "detail": "b",
        "mood": "bad",
        "children": [{"title": "c", "detail": "", "mood": "plain", "children": []}],
    }


def test_an_installation_that_runs_well_waits_for_nothing() -> None:
    assert why(sight()) == ()


def test_the_sentence_of_the_operator_is_told_in_its_parts() -> None:
    told = "Job/production-migrate-1: it failed twice. Expected: revision 0002. Next step: read its log."

    assert why(sight(erp=erp(phase="Failed", message=told)))[0] == Because(
        "Job/production-migrate-1", "it failed twice", "revision 0002", "read its log"
    )


@pytest.mark.parametrize(
    ("parts", "subject", "observed"),
    [
        ({"erp": {**erp(), "status": {}}}, "ValeoERP/production", "the operator has not looked at it yet"),
        ({"erp": erp(observedGeneration=1)}, "ValeoERP/production", "the operator has seen generation 1"),
        ({"erp": erp(phase="Staging", message="Pods start.")}, "ValeoERP/production", "Pods start"),
        (
            {"erp": erp(conditions=[condition("Held", "True", "Suspended", "spec.suspend is true.")])},
            "ValeoERP/production",
            "spec.suspend is true",
        ),
        (
            {"erp": erp(conditions=[condition("BackupHealthy", "False", "NeverBackedUp", "No backup was ever made.")])},
            "ValeoERP/production BackupHealthy",
            "No backup was ever made",
        ),
        (
            {"pods": (pod("b", colour="blue", waiting="ErrImagePull"),)},
            "Pod/b",
            "node node-1 can't get image valeo-erp:0.1.0 (ErrImagePull)",
        ),
        ({"unseen": ("pods is forbidden",)}, "You", "pods is forbidden"),
        (
            {"gates": (gate("zap-scan", "Fail", message="1 high."),)},
            "GoLiveGate/zap-scan",
            "OWASP ZAP Full-Scan passed (no high/critical findings): Fail, 1 high",
        ),
        (
            {"erp": {**erp(), "metadata": {**erp()["metadata"], "deletionTimestamp": "2026-01-05T11:59:00Z"}}},
            "ValeoERP/production",
            "The release is active.",
        ),
    ],
)
def test_what_is_waited_for_is_told(parts: dict[str, Any], subject: str, observed: str) -> None:
    told = why(sight(**parts))[0]

    assert (told.subject, told.observed) == (subject, observed)


def test_what_keeps_the_installation_comes_before_the_gates() -> None:
    told = subjects(erp=erp(phase="Failed", message="It failed."), gates=(gate("zap-scan", "Fail"),))

    assert told == ["ValeoERP/production", "GoLiveGate/zap-scan"]


def test_gates_that_pass_are_waived_or_only_advise_are_not_waited_for() -> None:
    advisory = gate("grafana-dashboard", "Fail")
    done = (gate("zap-scan", "Pass"), gate("coverage", "Waived"), gate("unit-tests", "NotApplicable", validUntil=None))

    assert why(sight(gates=(advisory, *done))) == ()


def test_ten_gates_are_told_and_the_rest_is_counted() -> None:
    names = [entry.id for entry in shipped().entries if entry.severity.value != "advisory"][:13]

    told = why(sight(gates=tuple(gate(name, "Unknown") for name in names)))

    assert len(told) == 11
    assert told[-1].observed == "3 more are open"


@pytest.mark.parametrize(
    ("result", "valid_until", "expected"),
    [
        ("Pass", "2026-01-05T12:00:01Z", Result.PASS),
        ("Pass", "2026-01-05T12:00:00Z", Result.STALE),
        ("Pass", None, Result.UNKNOWN),
        ("Waived", "2026-01-05T11:00:00Z", Result.STALE),
        ("Fail", "2026-01-05T11:00:00Z", Result.FAIL),
        (None, None, Result.UNKNOWN),
        ("Splendid", None, Result.UNKNOWN),
    ],
)
def test_a_gate_is_told_as_it_stands_now(result: str | None, valid_until: str | None, expected: Result) -> None:
    (row,) = rows([gate("coverage", result, validUntil=valid_until)], NOON)

    assert row.result is expected


def test_gates_stand_in_the_order_of_the_checklist() -> None:
    shuffled = [gate("business-owner"), gate("zap-scan"), gate("database-provisioned")]

    assert [row.gate for row in rows(shuffled, NOON)] == ["database-provisioned", "zap-scan", "business-owner"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["coverage", "zap-scan"]),
        (Wanted(result="Pass"), ["coverage"]),
        (Wanted(section="security"), ["zap-scan"]),
        (Wanted(severity="blocker", result="Pass"), []),
        (Wanted(phase="preDeployment"), ["coverage", "zap-scan"]),
    ],
)
def test_gates_are_filtered(wanted: Wanted, found: list[str]) -> None:
    listed = rows([gate("coverage", "Pass"), gate("zap-scan", "Fail")], NOON)

    assert sorted(row.gate for row in listed if row in wanted) == found


def test_totals_name_every_result() -> None:
    counted = totals(rows([gate("coverage", "Pass"), gate("zap-scan", "Fail")], NOON))

    assert (counted[Result.PASS], counted[Result.FAIL], len(counted)) == (1, 1, len(Result))


def test_the_history_begins_with_the_newest_release() -> None:
    earlier = release("production-0a", startedAt="2026-01-04T10:00:00Z", completedAt=None, phase="Failed")
    waiting = release("production-2c", startedAt=None, completedAt=None, phase=None)

    told = history(sight(releases=(release(), earlier, waiting)))

    assert [(each.release, each.active, each.phase, each.took) for each in told] == [
        ("production-1a2b", True, "Complete", timedelta(seconds=21)),
        ("production-2c", False, "Pending", None),
        ("production-0a", False, "Failed", None),
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Pen.for_stream(Terminal()).paint("no", Mood.BAD) == "\x1b[31mno\x1b[0m"
    assert Pen.for_stream(io.StringIO()).paint("no", Mood.BAD) == "no"

    monkeypatch.setenv("NO_COLOR", "1")
    assert Pen.for_stream(Terminal()).paint("no", Mood.BAD) == "no"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert Pen().table(("A", "B"), [("long", "x"), ("s", "y  ")]) == "A      B\nlong   x\ns      y"


def test_scripts_get_times_as_iso_and_spans_as_seconds() -> None:
    assert as_json({"at": NOON, "took": timedelta(seconds=21)}).split() == [
        *("{", '"at":', '"2026-01-05T12:00:00+00:00",'),
        *('"took":', "21.0", "}"),
    ]
    with pytest.raises(TypeError):
        as_json({"a": object()})
