"""Whom the operator believes."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support import reports

from valeo_operator.evidence.carriers import Evidence, Refusal
from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format
from valeo_operator.evidence.times import iso_time
from valeo_operator.evidence.trust import Trust, WrongKeyError, trust

KIND = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
GOOD = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*KIND)
USELESS = x25519.X25519PrivateKey.generate().public_key().public_bytes(*KIND)
EVIDENCE = Evidence(
    carrier="tests",
    format=Format.JUNIT,
    gates=frozenset({"unit-tests"}),
    digest=reports.DIGEST,
    issuer="pipeline",
    collected_at=iso_time("2026-01-05T08:00:00Z"),
    sha256="ab" * 32,
    summary=read_report(Format.JUNIT, reports.clean(Format.JUNIT), {}),
)


def test_without_issuers_everybody_who_may_import_is_believed() -> None:
    assert trust(None, []).doubts([EVIDENCE, Refusal("broken", frozenset(), "it is empty")]) == {}


def test_with_issuers_only_they_are_believed() -> None:
    foreign = replace(EVIDENCE, carrier="foreign", issuer="mallory")

    doubts = trust(None, ["pipeline"]).doubts([EVIDENCE, foreign])

    assert doubts == {"foreign": "it was issued by mallory, who is not trusted with evidence"}


def test_keys_are_named_after_their_files(tmp_path: Path) -> None:
    (tmp_path / "ci.pem").write_bytes(GOOD)
    (tmp_path / "readme.txt").write_text("not a key")

    assert trust(tmp_path, []) == Trust({"ci": GOOD.decode()})


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("ci.pub", GOOD, "holds no key"),
        ("ci.pem", b"\xff", "ci is no public key"),
        ("ci.pem", b"", "ci is no public key"),
        ("ci.pem", USELESS, "of a kind that confirms nothing"),
    ],
)
def test_the_operator_does_not_start_with_a_wrong_key(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(WrongKeyError, match=complaint):
        trust(tmp_path, [])
