"""Results of staging count in production for the same image, signed by the right key, whole, fresh; no cheat does."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from valeo_operator.api.golive import Environment, Requirement, Result
from valeo_operator.api.valeoerp import RequiredElsewhere
from valeo_operator.cluster.objects import Object
from valeo_operator.evidence.carriers import Shelf
from valeo_operator.evidence.dsse import WrongPrivateKeyError, sealed
from valeo_operator.golive.bundles import GATE, Results, line_reports, statement, with_required
from valeo_operator.golive.catalogue import checklist_hash, entry_of, shipped
from valeo_operator.golive.imports import reports
from valeo_operator.golive.lifecycle import Seen, Standing, Subject, standing
from valeo_operator.plugin.bundles import carrier

DIGEST, OTHER = f"sha256:{'ab' * 32}", f"sha256:{'cd' * 32}"
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
STAGING, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
REQUIRED = RequiredElsewhere(signed_by=("staging",), maximum_age="7d")
SUBJECT = Subject(
    "production",
    Environment.PRODUCTION,
    "production-1",
    DIGEST,
    "alice",
    with_required(shipped(), REQUIRED),
    checklist_hash(shipped()),
    "uid-of-production",
    REQUIRED,
)
ALL_PASS = {each.id: "Pass" for each in shipped().entries}
GO = Results(
    "staging",
    "valeo-staging",
    "uid-of-staging",
    "staging",
    "staging-1",
    DIGEST,
    checklist_hash(shipped()),
    ALL_PASS,
    7,
    OTHER,
)


def pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


KEYS = {"staging": public(STAGING)}


def brought(
    results: Results = GO,
    *,
    key: Ed25519PrivateKey = STAGING,
    issued: datetime = NOW - timedelta(hours=1),
    edit: Callable[[Object], Object] = lambda envelope: envelope,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """The ConfigMap that carries a bundle, as `bundle import` makes it and the API server keeps it."""
    envelope = edit(sealed(statement(results, "sam", issued, "0.1.0"), pem(key)))
    made = carrier("production", json.dumps(envelope).encode(), results.digest, issued, "rita")
    made["metadata"]["annotations"] |= annotations or {}
    made["metadata"] |= {
        "uid": "u",
        "resourceVersion": "1",
        "creationTimestamp": (NOW - timedelta(minutes=5)).isoformat(),
    }
    return made


def stands(
    *carriers: Object, subject: Subject = SUBJECT, keys: Mapping[str, str] = KEYS, gate: str = GATE, now: datetime = NOW
) -> Standing:
    entry = entry_of(subject.checklist, gate)
    assert entry is not None
    evidence = Shelf().read(
        [{**each, "metadata": {**each["metadata"], "uid": str(n)}} for n, each in enumerate(carriers)], keys
    )
    taken, refused = reports(entry, evidence, subject, {})
    return standing(
        entry, Seen(reports=taken, refused=refused, elsewhere=line_reports(entry, evidence, subject, {})), subject, now
    )


def test_an_image_that_was_ready_in_staging_passes_until_the_results_are_too_old() -> None:
    found = stands(brought())

    assert (found.result, found.valid_until) == (Result.PASS, NOW - timedelta(hours=1) + timedelta(days=7))
    assert "valeo-staging/staging" in found.message


def test_without_results_nothing_is_known() -> None:
    assert (stands().result, stands().reason) == (Result.UNKNOWN, "NoEvidence")


@pytest.mark.parametrize("result", ["Fail", "Unknown", "Stale", "Pending"])
def test_an_image_with_open_lines_in_staging_fails_and_names_them(result: str) -> None:
    found = stands(brought(replace(GO, results={**ALL_PASS, "zap-scan": result})))

    assert found.result is Result.FAIL
    assert f"1 lines were open: zap-scan {result}" in found.message


def test_waived_lines_of_staging_are_no_obstacle_as_they_are_none_there() -> None:
    assert stands(brought(replace(GO, results={**ALL_PASS, "zap-scan": "Waived"}))).result is Result.PASS


@pytest.mark.parametrize(
    "results",
    [
        {"zap-scan": "Pass"},
        {**ALL_PASS, "zap-scan": "Splendid"},
        dict.fromkeys(ALL_PASS, "NotApplicable"),
        {},
    ],
)
def test_results_that_are_not_whole_show_nothing(results: dict[str, str]) -> None:
    assert stands(brought(replace(GO, results=results))).result is Result.UNKNOWN


def edited(envelope: Object) -> Object:
    """The Fail in the payload becomes a Pass; the signature stays."""
    payload = base64.b64decode(envelope["payload"]).replace(b'"Fail"', b'"Pass"')
    return {**envelope, "payload": base64.b64encode(payload).decode()}


def bare(envelope: Object) -> Object:
    found: Object = json.loads(base64.b64decode(envelope["payload"]))
    return found


BAD = replace(GO, results={**ALL_PASS, "zap-scan": "Fail"})
CHEATS: dict[str, tuple[Object, str]] = {
    "another image": (brought(replace(GO, digest=OTHER)), f"about the image {OTHER}"),
    "another image under this one's name": (
        brought(replace(GO, digest=OTHER), annotations={"valeoerp.io/digest": DIGEST}),
        "the report itself is about",
    ),
    "edited": (brought(BAD, edit=edited), "no signature of the envelope holds"),
    "unsigned": (brought(edit=bare), "not signed"),
    "a stranger's key": (brought(key=STRANGER), "no signature of the envelope holds"),
    "another checklist": (brought(replace(GO, checklist_hash=OTHER)), "another checklist"),
    "not of staging": (brought(replace(GO, environment="production")), "about production, not staging"),
    "its own results": (brought(replace(GO, uid="uid-of-production")), "can't vouch for itself"),
    "of nobody": (brought(replace(GO, uid="")), "can't vouch for itself"),
}


@pytest.mark.parametrize(("cheat", "why"), CHEATS.values(), ids=CHEATS.keys())
def test_no_cheat_passes_nor_shows_a_line_about_staging(cheat: Object, why: str) -> None:
    assert stands(cheat).result is Result.UNKNOWN
    assert why in stands(cheat).message
    assert (stands(cheat, gate="staging-healthz").result, stands(cheat, gate="staging-healthz").reason) == (
        Result.UNKNOWN,
        "SeenInStaging",
    )


@pytest.mark.parametrize("cheat", [each for each, _ in CHEATS.values()], ids=CHEATS.keys())
def test_a_cheat_takes_no_good_result_away(cheat: Object) -> None:
    assert stands(brought(), cheat).result is Result.PASS


def test_a_key_of_the_operator_that_is_not_named_does_not_count() -> None:
    found = stands(brought(key=STRANGER), keys={**KEYS, "ci": public(STRANGER)})

    assert found.result is Result.UNKNOWN
    assert "signed by ci, and spec.goLive.requires believes staging" in found.message


def test_an_operator_without_keys_believes_no_bundle() -> None:
    assert "not signed by a key that the operator knows" in stands(brought(), keys={}).message


def test_other_statements_are_no_results_of_staging() -> None:
    other = bare(sealed(statement(GO, "sam", NOW, ""), pem(STAGING))) | {
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {"result": "PASSED", "passedTests": ["a"]},
    }
    cheat = brought(edit=lambda _: sealed(json.dumps(other).encode(), pem(STAGING)))

    assert "holds no results of an installation" in stands(cheat).message


def test_old_results_become_stale_and_a_replay_does_not_make_them_younger() -> None:
    old = brought(issued=NOW - timedelta(days=8), annotations={"valeoerp.io/collected-at": NOW.isoformat()})

    assert (stands(old).result, stands(old).reason) == (Result.STALE, "TooOld")
    assert stands(brought(), now=NOW + timedelta(days=7)).result is Result.STALE


def test_results_from_the_future_show_nothing() -> None:
    early = brought(issued=NOW + timedelta(days=1))
    early["metadata"]["creationTimestamp"] = (NOW + timedelta(days=1)).isoformat()

    assert stands(early).reason == "FromTheFuture"


def test_the_newest_results_decide() -> None:
    assert stands(brought(issued=NOW - timedelta(days=1)), brought(BAD)).result is Result.FAIL
    assert stands(brought(BAD, issued=NOW - timedelta(days=1)), brought()).result is Result.PASS


@pytest.mark.parametrize(
    ("told", "result"),
    [("Pass", Result.PASS), ("Fail", Result.FAIL), ("Waived", Result.UNKNOWN), ("Stale", Result.UNKNOWN)],
)
def test_a_line_about_staging_stands_as_it_stood_there(told: str, result: Result) -> None:
    found = stands(brought(replace(GO, results={**ALL_PASS, "staging-healthz": told})), gate="staging-healthz")

    assert found.result is result
    assert found.shown is not None


def test_a_line_about_staging_needs_that_staging_is_asked_for() -> None:
    assert stands(brought(), subject=replace(SUBJECT, requires=None), gate="staging-healthz").reason == "SeenInStaging"


def test_a_requirement_of_an_own_checklist_without_keys_shows_nothing() -> None:
    assert "spec.goLive.requires asks for none" in stands(brought(), subject=replace(SUBJECT, requires=None)).message


def test_the_gate_takes_the_place_of_a_line_of_its_name() -> None:
    kept = with_required(shipped(), REQUIRED)
    fake = kept.entries[0].model_copy(update={"id": GATE})
    replaced = with_required(shipped().model_copy(update={"entries": (*shipped().entries, fake)}), REQUIRED)
    entry = entry_of(replaced, GATE)

    assert len(replaced.entries) == len(shipped().entries) + 1
    assert entry is not None
    assert entry.evidence is not None
    assert entry.evidence.requirement is Requirement.PASSED_ELSEWHERE
    assert with_required(shipped(), None) == shipped()


@pytest.mark.parametrize("key", [b"", b"no key", public(STAGING).encode()])
def test_what_is_no_private_key_signs_nothing(key: Any) -> None:
    with pytest.raises(WrongPrivateKeyError):
        sealed(b"{}", key)
