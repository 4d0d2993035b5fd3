"""What holds for every gate, whatever was seen, imported and signed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from valeo_operator.api.golive import Environment, GateKind, Result
from valeo_operator.api.goliveapproval import GoLiveApprovalSpec, GoLiveWaiverSpec
from valeo_operator.api.golivechecklist import ChecklistEntry, SignOff
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.lifecycle import Report, Seen, Subject, standing
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.golive.signatures import Approval, Waiver

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DIGESTS = [f"sha256:{mark * 64}" for mark in "ab"]
HASHES = [checklist_hash(shipped()), f"sha256:{'0' * 64}"]
ROLES = sorted(each.role for each in shipped().roles)
SUBJECT = Subject("production", Environment.PRODUCTION, "r", DIGESTS[0], "alice", shipped(), HASHES[0])

times = st.integers(-800 * 24, 24).map(lambda hours: NOW + timedelta(hours=hours))
persons = st.builds(
    lambda user, role: {"user": user, "groups": [f"valeo:{role}s", "system:authenticated"]},
    st.sampled_from(["alice", "bob", "carl"]),
    st.sampled_from(["business-owner", "training", "go-live-waiver", "nobody"]),
)
outcomes: st.SearchStrategy[Outcome] = st.sampled_from([passed("ok", n=1), failed("no", "x"), unknown("?", "x")])


@st.composite
def entries(draw: st.DrawFn) -> ChecklistEntry:
    entry = draw(st.sampled_from(shipped().entries))
    if entry.sign_off is None:
        return entry
    return entry.model_copy(update={"sign_off": SignOff(role="business-owner", quorum=draw(st.integers(1, 2)))})


@st.composite
def approvals(draw: st.DrawFn, gate: str) -> Approval:
    spec = GoLiveApprovalSpec.model_validate(
        {
            "installation": "production",
            "gate": gate,
            "releaseDigest": draw(st.sampled_from(DIGESTS)),
            "checklistHash": draw(st.sampled_from(HASHES)),
            "decision": draw(st.sampled_from(["Approve", "Approve", "Approve", "Reject"])),
            "role": draw(st.sampled_from(["business-owner", "training"])),
            "approver": draw(persons),
            "expiresAt": draw(st.none() | times),
        }
    )
    return Approval(draw(st.uuids()).hex, draw(times), spec, draw(st.sampled_from(["", "", "forged"])))


@st.composite
def waivers(draw: st.DrawFn, gate: str) -> Waiver:
    made = draw(times)
    spec = GoLiveWaiverSpec.model_validate(
        {
            "installation": "production",
            "gate": gate,
            "releaseDigest": draw(st.sampled_from(DIGESTS)),
            "checklistHash": draw(st.sampled_from(HASHES)),
            "reason": "A reason that is long enough.",
            "compensatingControl": "Something that is done instead.",
            "grantedBy": draw(persons),
            "expiresAt": made + timedelta(hours=draw(st.integers(0, 40 * 24))),
        }
    )
    return Waiver(draw(st.uuids()).hex, made, spec, draw(st.sampled_from(["", "", "forged"])))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    return Report(f"configmap/{draw(st.integers(0, 9))}", DIGESTS[1], draw(times), draw(outcomes))


@st.composite
def situations(draw: st.DrawFn) -> tuple[ChecklistEntry, Seen]:
    entry = draw(entries())
    return entry, Seen(
        draw(st.none() | outcomes),
        tuple(draw(st.lists(reports(), max_size=3))),
        (),
        tuple(draw(st.lists(approvals(entry.id), max_size=4))),
        tuple(draw(st.lists(waivers(entry.id), max_size=2))),
    )


@given(situations())
def test_a_pass_always_rests_on_something_that_still_holds(situation: tuple[ChecklistEntry, Seen]) -> None:
    stands = standing(*situation, SUBJECT, NOW)

    if stands.result in {Result.PASS, Result.WAIVED}:
        assert stands.valid_until is not None
        assert stands.valid_until > NOW
    if stands.result is Result.PASS:
        assert stands.shown is not None


@given(situations())
def test_a_pass_by_signature_needs_the_quorum_and_another_one_than_the_author(
    situation: tuple[ChecklistEntry, Seen],
) -> None:
    entry, seen = situation
    stands = standing(entry, seen, SUBJECT, NOW)

    if entry.sign_off and stands.result is Result.PASS:
        by = {each.name: each for each in seen.approvals}
        users = {by[name].spec.approver.user for name in stands.approvals}
        assert len(users) >= entry.sign_off.quorum
        assert users - {"alice"}
        assert all(not by[name].doubt and by[name].spec.checklist_hash == HASHES[0] for name in stands.approvals)


@given(situations())
def test_without_anything_seen_imported_or_signed_nothing_passes(situation: tuple[ChecklistEntry, Seen]) -> None:
    assert standing(situation[0], Seen(), SUBJECT, NOW).result not in {Result.PASS, Result.WAIVED}


@given(situations())
def test_what_can_not_be_waived_is_never_waived(situation: tuple[ChecklistEntry, Seen]) -> None:
    entry, seen = situation

    assert entry.waivable or standing(entry, seen, SUBJECT, NOW).result is not Result.WAIVED


@given(situations(), st.integers(0, 4000 * 24))
def test_waiting_never_makes_a_signature_pass(situation: tuple[ChecklistEntry, Seen], hours: int) -> None:
    entry, seen = situation
    if entry.kind is GateKind.SIGN_OFF and standing(entry, seen, SUBJECT, NOW).result is not Result.PASS:
        honest = all(each.made <= NOW for each in seen.approvals)
        later = standing(entry, seen, SUBJECT, NOW + timedelta(hours=hours))

        assert not honest or later.result is not Result.PASS


@given(situations())
def test_a_result_always_says_why_and_an_open_one_what_to_do(situation: tuple[ChecklistEntry, Seen]) -> None:
    stands = standing(*situation, SUBJECT, NOW)

    assert stands.reason
    assert stands.message
    assert stands.next_step or stands.result in {Result.PASS, Result.WAIVED, Result.NOT_APPLICABLE}
