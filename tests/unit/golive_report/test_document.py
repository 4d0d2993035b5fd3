"""What the go-live report says: everything that is known, and loudly what is not."""

from dataclasses import replace
from typing import Any

import pytest
from tests.support.installation import BEFORE, DIGEST, HASH, NOON, erp, gate, release

from valeo_operator.api.golive import Result
from valeo_operator.golive.catalogue import shipped
from valeo_operator.golive.report.document import Answer, Document, Made, Source, document
from valeo_operator.golive.trail import Chain, Happening, written

MADE = Made(at=NOON, by="adam@example.com", version="0.1.0")
TRAIL = Chain(entries=tuple(written(Chain(), [Happening("Gate", "zap-scan", "It passes.")], DIGEST, NOON)))
ALL = tuple(entry.id for entry in shipped().entries)


def approval(name: str, gate_id: str, decision: str = "Approve") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": "2026-01-05T11:00:00Z"},
        "spec": {
            "installation": "production",
            "gate": gate_id,
            "releaseDigest": DIGEST,
            "checklistHash": HASH,
            "decision": decision,
            "role": "business-owner",
            "approver": {"user": "olivia@example.com", "groups": ["valeo:business-owners"]},
            "comment": "As agreed.",
        },
    }


def waiver(name: str, gate_id: str = "", expires: str = "2026-01-12T12:00:00Z") -> dict[str, Any]:
    spec: dict[str, Any] = {
        "installation": "production",
        "breakGlass": not gate_id,
        "releaseDigest": DIGEST,
        "checklistHash": HASH,
        "reason": "The collector comes next month.",
        "compensatingControl": "Requests are followed by their id.",
        "grantedBy": {"user": "wanda@example.com", "groups": ["valeo:go-live-waivers"]},
        "expiresAt": expires,
    }
    named = {"gate": gate_id} if gate_id else {}
    return {"metadata": {"name": name, "creationTimestamp": "2026-01-05T11:00:00Z"}, "spec": {**spec, **named}}


def source(**parts: Any) -> Source:
    installed = erp()
    installed["spec"]["goLive"] = {"environment": "production"}
    whole = Source(
        erp=installed,
        release=release(),
        gates=tuple(gate(gate_id, "Pass") for gate_id in ALL),
        approvals=(),
        waivers=(),
        checklist=shipped(),
        trail=TRAIL,
    )
    return replace(whole, **parts)


def told_head(head: str) -> dict[str, Any]:
    return erp(goLive={"trail": {"entries": 1, "head": head}})


def made(**parts: Any) -> Document:
    return document(source(**parts), MADE)


def other_than(gate_id: str, **status: Any) -> tuple[dict[str, Any], ...]:
    return tuple(gate(each, **(status if each == gate_id else {"result": "Pass"})) for each in ALL)


def test_the_report_is_about_one_release() -> None:
    subject = made().subject

    assert (subject.installation, subject.namespace, subject.environment) == ("production", "valeo", "production")
    assert (subject.release, subject.digest, subject.checklist_hash) == ("production-1a2b", DIGEST, HASH)


def test_the_report_ends_where_the_trail_ends() -> None:
    report = made(erp=told_head(TRAIL.head))

    assert (report.trail.entries, report.trail.head, report.trail.broken) == (1, TRAIL.head, "")
    assert report.remarks == ("The installation does not say which environment it is.",)


def test_with_every_gate_passed_the_answer_is_go() -> None:
    report = made()

    assert (report.answer, report.totals[Result.PASS], report.remarks) == (Answer.GO, 143, ())


def test_the_author_is_the_person_who_asked_for_the_release() -> None:
    assert made().subject.requested_by == "kubectl"
    assert made(erp=erp(goLive={"author": "adam@example.com"})).subject.requested_by == "adam@example.com"


@pytest.mark.parametrize("result", ["Fail", "Unknown", "Stale", "Pending", None])
def test_one_open_blocker_is_no_go(result: str | None) -> None:
    report = made(gates=other_than("zap-scan", result=result))

    assert (report.answer, report.in_the_way) == (Answer.NO_GO, ("zap-scan",))


def test_an_advisory_gate_stands_in_nobodys_way() -> None:
    assert made(gates=other_than("grafana-dashboard", result="Fail")).answer is Answer.GO


def test_a_pass_that_ended_before_the_report_is_stale_in_it() -> None:
    report = made(gates=other_than("zap-scan", result="Pass", validUntil="2026-01-05T11:59:59Z"))

    assert (report.totals[Result.STALE], report.in_the_way) == (1, ("zap-scan",))


def test_a_line_without_a_gate_is_unknown_and_in_the_way() -> None:
    report = made(gates=tuple(each for each in source().gates if each["spec"]["gate"] != "zap-scan"))

    (missing,) = [each for each in report.gates if each.result is Result.UNKNOWN]
    assert (missing.gate, missing.reason, report.answer) == ("zap-scan", "NoGate", Answer.NO_GO)
    assert len(report.gates) == 143


def test_without_gates_nothing_is_known() -> None:
    report = made(gates=(), checklist=None)

    assert (report.answer, report.gates) == (Answer.NO_GO, ())
    assert "No gate was there." in report.remarks


@pytest.mark.parametrize(
    ("parts", "remark"),
    [
        ({"checklist": None}, "whether lines of it have no gate is not known"),
        ({"release": None}, "No release was there"),
        ({"erp": erp()}, "does not say which environment"),
        ({"trail": Chain()}, "No trail of the gates was found."),
        ({"trail": Chain(entries=TRAIL.entries, broken="entry 2 was changed")}, "does not verify: entry 2 was changed"),
        ({"erp": told_head(BEFORE)}, f"the operator last told {BEFORE}"),
        ({"unseen": ("golivewaivers is forbidden",)}, "Not read: golivewaivers is forbidden"),
        ({"checklist": shipped().model_copy(update={"summary": "another"})}, "made from another checklist"),
    ],
)
def test_what_the_report_can_not_vouch_for_is_said(parts: dict[str, Any], remark: str) -> None:
    assert any(remark in each for each in made(**parts).remarks)


def test_gates_of_two_checklists_are_noticed() -> None:
    mixed = [*source().gates]
    mixed[0]["spec"]["checklistHash"] = BEFORE

    assert "The gates were made from 2 different checklists." in made(gates=tuple(mixed)).remarks


def test_sign_offs_tell_who_and_whether_they_count() -> None:
    gates = other_than("business-owner", result="Pass", approvals=["a-1"])
    report = made(gates=gates, approvals=(approval("a-2", "business-owner"), approval("a-1", "business-owner")))

    assert [(each.name, each.user, each.counts) for each in report.sign_offs] == [
        ("a-1", "olivia@example.com", True),
        ("a-2", "olivia@example.com", False),
    ]


def test_waivers_are_told_with_reason_and_control() -> None:
    report = made(gates=other_than("tracing", result="Waived", waiver="w-1"), waivers=(waiver("w-1", "tracing"),))

    (told,) = report.exemptions
    assert (told.gate, told.emergency, told.counts) == ("tracing", False, True)
    assert told.compensating_control == "Requests are followed by their id."
    assert report.totals[Result.WAIVED] == 1


@pytest.mark.parametrize(("expires", "counts"), [("2026-01-05T12:00:01Z", True), ("2026-01-05T12:00:00Z", False)])
def test_an_emergency_is_told_and_makes_no_go_of_it(expires: str, counts: bool) -> None:
    report = made(gates=other_than("zap-scan", result="Fail"), waivers=(waiver("w-1", expires=expires),))

    (told,) = report.exemptions
    assert (told.emergency, told.counts, report.answer) == (True, counts, Answer.NO_GO)


def test_evidence_is_told_with_its_digest() -> None:
    shown = {"source": "configmap/trivy", "digest": BEFORE, "summary": "found nothing"}
    report = made(gates=other_than("trivy-scan", result="Pass", shown=shown))

    (told,) = [each for each in report.gates if each.evidence]
    assert (told.gate, told.evidence_digest, told.seen) == ("trivy-scan", BEFORE, "found nothing")
