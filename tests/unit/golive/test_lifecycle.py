"""How a gate stands. Only what was seen, imported or signed, by the right one and not too long ago, makes a pass."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from valeo_operator.api.golive import Environment, Result
from valeo_operator.api.golivechecklist import ChecklistEntry, SignOff
from valeo_operator.golive.catalogue import entry_of, shipped
from valeo_operator.golive.lifecycle import (
    Report,
    Seen,
    Standing,
    Subject,
    glass_broken,
    result_now,
    standing,
)
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.golive.signatures import Approval, Waiver

Approve = Callable[..., Approval]
Waive = Callable[..., Waiver]
OTHER = f"sha256:{'cd' * 32}"


def entry(gate: str) -> ChecklistEntry:
    found = entry_of(shipped(), gate)
    assert found is not None
    return found


AUTOMATED = entry("healthz" if entry_of(shipped(), "healthz") else "jwks-accessible")
EVIDENCE, SIGNED, YEARLY = entry("unit-tests"), entry("business-owner"), entry("dpia-documented")


def two(of: ChecklistEntry) -> ChecklistEntry:
    assert of.sign_off is not None
    return of.model_copy(update={"sign_off": SignOff(role=of.sign_off.role, quorum=2)})


# --- automated ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [passed("ok", seen=1), failed("no", "mend it"), unknown("dark", "wait")])
def test_a_check_decides_its_gate_and_gives_its_reason(outcome: Outcome, subject: Subject, now: datetime) -> None:
    stands = standing(AUTOMATED, Seen(outcome), subject, now)

    assert (stands.result, stands.reason, stands.message) == (outcome.result, outcome.reason, outcome.message)


def test_a_gate_that_nobody_looked_at_is_unknown(subject: Subject, now: datetime) -> None:
    assert standing(AUTOMATED, Seen(), subject, now).result is Result.UNKNOWN


def test_an_automated_pass_ends_when_the_checklist_says(subject: Subject, now: datetime) -> None:
    assert standing(AUTOMATED, Seen(passed("ok", a=1)), subject, now).valid_until == now + timedelta(hours=24)


def test_signatures_do_not_open_an_automated_gate(subject: Subject, now: datetime, approve: Approve) -> None:
    forged = approve()
    forged = replace(forged, spec=forged.spec.model_copy(update={"gate": AUTOMATED.id}))

    assert standing(AUTOMATED, Seen(approvals=(forged,)), subject, now).result is Result.UNKNOWN


def test_a_pass_without_evidence_can_not_be_made() -> None:
    with pytest.raises(ValueError, match="without evidence"):
        passed("trust me")


def test_a_check_can_not_waive() -> None:
    with pytest.raises(ValueError, match="can't come to"):
        Outcome(Result.WAIVED, "Waived", "")


# --- evidence -------------------------------------------------------------------------------------------------------


def report(now: datetime, outcome: Outcome, days: float = 1) -> Report:
    return Report(f"configmap/r{days}", OTHER, now - timedelta(days=days), outcome)


def test_without_a_report_an_evidence_gate_is_unknown_and_says_what_to_import(subject: Subject, now: datetime) -> None:
    stands = standing(EVIDENCE, Seen(), subject, now)

    assert (stands.result, stands.reason) == (Result.UNKNOWN, "NoEvidence")
    assert "junit" in stands.next_step


def test_a_report_that_was_not_taken_says_why(subject: Subject, now: datetime) -> None:
    stands = standing(EVIDENCE, Seen(refused=("r1 is about another image",)), subject, now)

    assert (stands.result, "r1 is about another image" in stands.message) == (Result.UNKNOWN, True)


def test_a_good_report_passes_until_its_age(subject: Subject, now: datetime) -> None:
    stands = standing(EVIDENCE, Seen(reports=(report(now, passed("412 tests", n=412)),)), subject, now)

    assert (stands.result, stands.valid_until) == (Result.PASS, now + timedelta(days=29))


@pytest.mark.parametrize(("days", "result"), [(29.999, Result.PASS), (30, Result.STALE), (400, Result.STALE)])
def test_a_report_goes_stale_at_the_end_of_its_age(
    days: float, result: Result, subject: Subject, now: datetime
) -> None:
    assert standing(EVIDENCE, Seen(reports=(report(now, passed("ok", n=1), days),)), subject, now).result is result


def test_a_report_from_the_future_shows_nothing(subject: Subject, now: datetime) -> None:
    seen = Seen(reports=(report(now, passed("ok", n=1), days=-1),))

    assert standing(EVIDENCE, seen, subject, now).reason == "FromTheFuture"


def test_an_older_pass_does_not_outweigh_a_newer_failure(subject: Subject, now: datetime) -> None:
    reports = report(now, passed("ok", n=1), days=3), report(now, failed("2 failed", "mend"), days=2)

    assert standing(EVIDENCE, Seen(reports=reports), subject, now).result is Result.FAIL


def test_a_report_that_shows_nothing_is_unknown(subject: Subject, now: datetime) -> None:
    assert standing(EVIDENCE, Seen(reports=(report(now, unknown("0 tests", "")),)), subject, now).result is (
        Result.UNKNOWN
    )


# --- signatures -----------------------------------------------------------------------------------------------------


def signed(entry: ChecklistEntry, subject: Subject, now: datetime, *approvals: Approval) -> Standing:
    return standing(entry, Seen(approvals=approvals), subject, now)


def test_nobody_signed_is_pending_and_names_who_can(subject: Subject, now: datetime) -> None:
    stands = signed(SIGNED, subject, now)

    assert (stands.result, stands.reason) == (Result.PENDING, "NotSigned")
    assert "valeo:business-owners" in stands.next_step


def test_the_right_person_opens_the_gate(subject: Subject, now: datetime, approve: Approve) -> None:
    stands = signed(SIGNED, subject, now, approve())

    assert (stands.result, stands.approvals) == (Result.PASS, ("business-owner-bob",))


def test_the_author_of_the_release_can_not_be_its_only_approver(
    subject: Subject, now: datetime, approve: Approve
) -> None:
    stands = signed(SIGNED, subject, now, approve(user="alice"))

    assert (stands.result, stands.reason) == (Result.PENDING, "FourEyes")


def test_the_author_may_be_one_of_two(subject: Subject, now: datetime, approve: Approve) -> None:
    assert signed(two(SIGNED), subject, now, approve(user="alice"), approve()).result is Result.PASS


def test_a_quorum_needs_different_persons(subject: Subject, now: datetime, approve: Approve) -> None:
    twice = approve(), replace(approve(), name="again")

    stands = signed(two(SIGNED), subject, now, *twice)

    assert (stands.result, stands.reason) == (Result.PENDING, "QuorumOpen")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"release_digest": OTHER}, "another image"),
        ({"checklist_hash": OTHER}, "another checklist"),
        ({"installation": "another"}, "another installation"),
        ({"role": "it-manager"}, "signed as it-manager"),
        ({"approver": {"user": "bob", "groups": ["valeo:trainers"]}}, "no group of the role"),
        ({"doubt": "the policy is not in force"}, "not in force"),
    ],
)
def test_an_approval_that_is_not_exactly_this_one_does_not_count_and_says_why(
    changed: dict[str, Any], why: str, subject: Subject, now: datetime, approve: Approve
) -> None:
    stands = signed(SIGNED, subject, now, approve(**changed))

    assert (stands.result, why in stands.message) == (Result.PENDING, True), stands.message


def test_an_approval_of_another_gate_does_not_count(subject: Subject, now: datetime, approve: Approve) -> None:
    assert signed(SIGNED, subject, now, approve("it-manager")).reason == "NotSigned"


def test_a_signature_about_the_surroundings_survives_a_new_image(
    subject: Subject, now: datetime, approve: Approve
) -> None:
    assert signed(YEARLY, subject, now, approve(YEARLY.id, release_digest=OTHER)).result is Result.PASS


@pytest.mark.parametrize(("days", "result"), [(89, Result.PASS), (90, Result.STALE)])
def test_a_signature_goes_stale(days: int, result: Result, subject: Subject, now: datetime, approve: Approve) -> None:
    assert signed(SIGNED, subject, now, approve(made=now - timedelta(days=days))).result is result


def test_what_was_approved_is_stale_also_beside_approvals_that_never_counted(
    subject: Subject, now: datetime, approve: Approve
) -> None:
    over, wrong = approve(made=now - timedelta(days=91)), approve(user="eve", release_digest=OTHER)

    assert signed(SIGNED, subject, now, over, wrong).result is Result.STALE


def test_a_signature_may_end_earlier_than_the_checklist_says(subject: Subject, now: datetime, approve: Approve) -> None:
    stands = signed(SIGNED, subject, now, approve(expires_at=now + timedelta(hours=1)))

    assert (stands.result, stands.valid_until) == (Result.PASS, now + timedelta(hours=1))
    assert signed(SIGNED, subject, now, approve(expires_at=now)).result is Result.STALE


def test_a_quorum_holds_until_the_first_of_it_ends(subject: Subject, now: datetime, approve: Approve) -> None:
    soon, late = approve(expires_at=now + timedelta(hours=1)), approve(user="carl")

    assert signed(two(SIGNED), subject, now, soon, late).valid_until == now + timedelta(hours=1)


def test_a_rejection_wins_over_every_approval(subject: Subject, now: datetime, approve: Approve) -> None:
    stands = signed(SIGNED, subject, now, approve(), approve(user="carl", decision="Reject", comment="No tests."))

    assert (stands.result, stands.reason, "No tests." in stands.message) == (Result.FAIL, "Rejected", True)


@pytest.mark.parametrize("changed", [{"made_days": 1000}, {"checklist_hash": OTHER}])
def test_neither_time_nor_another_checklist_takes_a_rejection_back(
    changed: dict[str, Any], subject: Subject, now: datetime, approve: Approve
) -> None:
    made = now - timedelta(days=changed.pop("made_days", 1))

    assert signed(SIGNED, subject, now, approve(decision="Reject", made=made, **changed)).reason == "Rejected"


def test_a_rejection_of_another_image_is_history(subject: Subject, now: datetime, approve: Approve) -> None:
    stands = signed(SIGNED, subject, now, approve(decision="Reject", release_digest=OTHER), approve(user="carl"))

    assert stands.result is Result.PASS


@pytest.mark.parametrize("changed", [{"doubt": "x"}, {"approver": {"user": "eve", "groups": ["system:authenticated"]}}])
def test_nobody_without_the_role_can_reject(
    changed: dict[str, Any], subject: Subject, now: datetime, approve: Approve
) -> None:
    stands = signed(SIGNED, subject, now, approve(decision="Reject", **changed), approve(user="carl"))

    assert stands.result is Result.PASS


# --- waivers --------------------------------------------------------------------------------------------------------


def waived(gate: str, subject: Subject, now: datetime, *waivers: Waiver) -> Standing:
    return standing(entry(gate), Seen(unknown("no drill", ""), waivers=waivers), subject, now)


def test_a_waiver_takes_the_gate_out_of_the_way_until_it_ends(subject: Subject, now: datetime, waive: Waive) -> None:
    stands = waived("restore-tested", subject, now, waive())

    assert (stands.result, stands.valid_until) == (Result.WAIVED, now + timedelta(days=7))
    assert "Unknown, no drill" in stands.message


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"user": "alice"}, "can't waive its gates"),
        ({"granted_by": {"user": "eve", "groups": ["system:authenticated"]}}, "showed no group"),
        ({"release_digest": OTHER}, "another installation or image"),
        ({"checklist_hash": OTHER}, "another checklist"),
        ({"days": 31}, "would end more than 30 days"),
        ({"days": 0}, "it is over"),
        ({"doubt": "the policy is not in force"}, "not in force"),
    ],
)
def test_a_waiver_that_may_not_be_changes_nothing_and_says_why(
    changed: dict[str, Any], why: str, subject: Subject, now: datetime, waive: Waive
) -> None:
    if "days" in changed:
        changed = {"expires_at": now + timedelta(days=changed["days"])}

    stands = waived("restore-tested", subject, now, waive(**changed))

    assert (stands.result, why in stands.message) == (Result.UNKNOWN, True), stands.message


def test_some_gates_can_not_be_waived(subject: Subject, now: datetime, waive: Waive) -> None:
    stands = waived("jwks-accessible", subject, now, waive("jwks-accessible"))

    assert (stands.result, "can't be waived" in stands.message) == (Result.UNKNOWN, True)


def test_a_pass_is_not_turned_into_a_waiver(subject: Subject, now: datetime, waive: Waive) -> None:
    stands = standing(entry("restore-tested"), Seen(passed("exact", n=1), waivers=(waive(),)), subject, now)

    assert stands.result is Result.PASS


def test_a_rejection_can_not_be_waived(subject: Subject, now: datetime, approve: Approve, waive: Waive) -> None:
    gate = "operators-trained"
    seen = Seen(
        approvals=(approve(gate, decision="Reject", approver={"user": "tina", "groups": ["valeo:trainers"]}),),
        waivers=(waive(gate),),
    )

    assert standing(entry(gate), seen, subject, now).result is Result.FAIL


def test_breaking_the_glass_waives_no_gate(subject: Subject, now: datetime, waive: Waive) -> None:
    emergency = waive(None, break_glass=True, expires_at=now + timedelta(hours=2))

    assert waived("restore-tested", subject, now, emergency).result is Result.UNKNOWN
    assert glass_broken([emergency], subject, now) == emergency


@pytest.mark.parametrize("hours", [0, 4])
def test_a_broken_glass_is_whole_again_after_four_hours_at_most(
    hours: int, subject: Subject, now: datetime, waive: Waive
) -> None:
    made = now - timedelta(hours=1)
    emergency = waive(None, break_glass=True, made=made, expires_at=now + timedelta(hours=hours))

    assert glass_broken([emergency], subject, now) is None


# --- environments and stored results --------------------------------------------------------------------------------


def test_a_line_about_staging_is_unknown_in_production(subject: Subject, now: datetime) -> None:
    stands = standing(entry("staging-healthz"), Seen(passed("200", status=200)), subject, now)

    assert (stands.result, stands.reason) == (Result.UNKNOWN, "SeenInStaging")


def test_a_line_about_production_does_not_concern_staging(subject: Subject, now: datetime) -> None:
    staging = replace(subject, environment=Environment.STAGING)

    assert standing(entry("pods-running"), Seen(), staging, now).result is Result.NOT_APPLICABLE
    assert standing(entry("staging-healthz"), Seen(passed("200", s=1)), staging, now).result is Result.PASS


@pytest.mark.parametrize(
    ("stored", "minutes", "result"),
    [
        (Result.PASS, 1, Result.PASS),
        (Result.PASS, 0, Result.STALE),
        (Result.WAIVED, -1, Result.STALE),
        (Result.WAIVED, 1, Result.WAIVED),
        (Result.FAIL, -1, Result.FAIL),
        (Result.PASS, None, Result.UNKNOWN),
    ],
)
def test_a_stored_pass_goes_stale_while_waiting(
    stored: Result, minutes: int | None, result: Result, now: datetime
) -> None:
    until = None if minutes is None else now + timedelta(minutes=minutes)

    assert result_now(stored, until, now) is result


def test_an_entry_that_does_not_say_who_signs_never_passes(subject: Subject, now: datetime, approve: Approve) -> None:
    broken = SIGNED.model_copy(update={"sign_off": None})

    assert signed(broken, subject, now, approve()).result is Result.UNKNOWN
