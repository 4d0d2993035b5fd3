"""How a report comes into the cluster, and when it counts for a release."""

import base64
import gzip
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support import reports
from tests.support.reports import DIGEST, OTHER_DIGEST, changed, written

from valeo_operator.evidence.binding import unbound, verdict
from valeo_operator.evidence.carriers import Evidence, Refusal, Shelf, read_carrier
from valeo_operator.evidence.judging import Judgement, NoFindings
from valeo_operator.evidence.limits import LIMITS
from valeo_operator.evidence.summary import Format, RefusedEvidenceError

CI = "system:serviceaccount:ci:pipeline"
OTHER_REPORT = changed(changed(reports.TRIVY, "Metadata", "ImageID", to=OTHER_DIGEST), "Metadata", "RepoDigests", to=[])


def carrier(**changes: Any) -> dict[str, Any]:
    """A ConfigMap as `kubectl create configmap`, `label` and `annotate` make it."""
    annotations = {
        "valeoerp.io/digest": DIGEST,
        "valeoerp.io/issuer": CI,
        "valeoerp.io/collected-at": "2026-01-05T09:00:00Z",
        "valeoerp.io/gates": "trivy-image-scan, security-scanning",
    }
    made: dict[str, Any] = {
        "metadata": {
            "name": "trivy",
            "uid": "1",
            "resourceVersion": "7",
            "creationTimestamp": "2026-01-05T10:00:00Z",
            "labels": {"valeoerp.io/evidence": "trivy"},
            "annotations": annotations,
        },
        "immutable": True,
        "data": {"report.json": written(reports.TRIVY).decode()},
    }
    return made | changes


def annotated(key: str, value: object) -> dict[str, Any]:
    made: dict[str, Any] = changed(carrier(), "metadata", "annotations", f"valeoerp.io/{key}", to=value)
    return made


def packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content)).decode()


def test_a_carrier_tells_what_it_claims_and_what_the_report_says() -> None:
    evidence = read_carrier(carrier(), {})

    assert evidence.format is Format.TRIVY
    assert evidence.gates == {"trivy-image-scan", "security-scanning"}
    assert (evidence.digest, evidence.issuer) == (DIGEST, CI)
    assert evidence.summary.tool == "Trivy"
    assert len(evidence.sha256) == 64


def test_a_packed_report_is_the_same_evidence() -> None:
    binary = carrier(data=None, binaryData={"report.json.gz": packed(written(reports.TRIVY))})

    assert read_carrier(binary, {}) == read_carrier(carrier(), {})


@pytest.mark.parametrize(
    ("report", "claimed", "created", "expected"),
    [
        ("2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z", 8),
        ("2026-01-05T11:00:00Z", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z", 9),
        ("2027-01-05T08:00:00Z", "2027-01-05T09:00:00Z", "2026-01-05T10:00:00Z", 10),
    ],
)
def test_a_report_is_never_younger_than_anything_that_is_known_of_it(
    report: str, claimed: str, created: str, expected: int
) -> None:
    made = annotated("collected-at", claimed)
    made["metadata"]["creationTimestamp"] = created
    made["data"] = {"report.json": written(changed(reports.TRIVY, "CreatedAt", to=report)).decode()}

    assert read_carrier(made, {}).collected_at == datetime(2026, 1, 5, expected, tzinfo=UTC)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (annotated("digest", ...), "valeoerp.io/digest is missing"),
        (annotated("digest", "latest"), "'latest', not sha256"),
        (annotated("issuer", ...), "valeoerp.io/issuer is missing"),
        (annotated("collected-at", ...), "valeoerp.io/collected-at is missing"),
        (annotated("collected-at", "today"), "'today', not a time"),
        (changed(carrier(), "metadata", "labels", to={}), "known are junit, cobertura"),
        (changed(carrier(), "metadata", "labels", "valeoerp.io/evidence", to="pdf"), "'pdf'"),
        (carrier(data={}), "exactly one file, it holds 0"),
        (carrier(data={"a.json": "{}", "b.json": "{}"}), "exactly one file, it holds 2"),
        (carrier(binaryData={"b.json": "e30="}), "exactly one file, it holds 2"),
        (carrier(data=None, binaryData={"a.json": "?"}), "not base64"),
        (carrier(data=None, binaryData={"a.json.gz": "e30="}), "can't be unpacked"),
        (carrier(data=None, binaryData={"a.json.gz": packed(b"{}")[:-8]}), "can't be unpacked"),
        (carrier(data=None, binaryData={"a.json.gz": packed(b" " * (LIMITS.size + 1))}), "more than 8388608 bytes"),
        (carrier(data={"a.json": "{}"}), "SchemaVersion"),
    ],
)
def test_a_broken_carrier_is_refused_with_its_reason(broken: dict[str, Any], complaint: str) -> None:
    with pytest.raises(RefusedEvidenceError) as refused:
        read_carrier(broken, {})

    assert complaint in str(refused.value)


def test_the_shelf_keeps_refusals_beside_evidence() -> None:
    changeable = carrier(immutable=None) | {"metadata": {**carrier()["metadata"], "uid": "2"}}
    wrong = carrier(data={"a.json": "{}"}) | {"metadata": {**carrier()["metadata"], "uid": "3"}}

    whole, loose, unread = Shelf().read([carrier(), changeable, wrong], {})

    assert isinstance(whole, Evidence)
    assert isinstance(loose, Refusal)
    assert "not immutable" in loose.reason
    assert isinstance(unread, Refusal)
    assert unread.gates == {"trivy-image-scan", "security-scanning"}


def test_the_shelf_reads_a_carrier_once_and_forgets_what_is_gone() -> None:
    shelf = Shelf()
    (first,) = shelf.read([carrier()], {})

    assert shelf.read([carrier()], {})[0] is first
    assert shelf.read([], {}) == ()
    assert shelf.read([carrier()], {})[0] is not first


@pytest.mark.parametrize(
    ("report", "digest", "release", "trusted", "why"),
    [
        (reports.TRIVY, DIGEST, DIGEST, (), ""),
        (reports.TRIVY, DIGEST, DIGEST, (CI,), ""),
        (reports.TRIVY, DIGEST, OTHER_DIGEST, (), f"is about the image {DIGEST}"),
        (OTHER_REPORT, DIGEST, DIGEST, (), f"the report itself is about {OTHER_DIGEST}"),
        (reports.TRIVY, DIGEST, DIGEST, ("somebody else",), f"issued by {CI}, who is not trusted"),
    ],
)
def test_evidence_counts_for_its_own_image_and_from_trusted_issuers_only(
    report: object, digest: str, release: str, trusted: tuple[str, ...], why: str
) -> None:
    made = annotated("digest", digest)
    made["data"] = {"report.json": written(report).decode()}
    evidence = read_carrier(made, {})

    told = unbound(evidence, release_digest=release, trusted_issuers=trusted)
    judged = verdict(NoFindings(), evidence, release_digest=release, trusted_issuers=trusted)

    assert why in told
    assert bool(told) == bool(why)
    assert judged.judgement is (Judgement.UNKNOWN if why else Judgement.PASS)
