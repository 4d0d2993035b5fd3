"""A signed statement: believed when a configured key signed exactly these bytes."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support import reports
from tests.support.reports import written

from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, RefusedEvidenceError

KIND = "application/vnd.in-toto+json"
PAYLOAD = written(reports.IN_TOTO)
SIGNED = b"DSSEv1 28 application/vnd.in-toto+json " + str(len(PAYLOAD)).encode() + b" " + PAYLOAD

ED25519 = ed25519.Ed25519PrivateKey.generate()
ECDSA = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def envelope(*signatures: bytes, payload: bytes = PAYLOAD, kind: str = KIND) -> dict[str, Any]:
    return {
        "payloadType": kind,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()} for signature in signatures],
    }


def pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


def signed_by(report: object, keys: dict[str, str]) -> str:
    return read_report(Format.IN_TOTO, written(report), keys).signed_by


SIGNATURES = (
    (ED25519, ED25519.sign(SIGNED)),
    (ECDSA, ECDSA.sign(SIGNED, ec.ECDSA(hashes.SHA256()))),
    (RSA, RSA.sign(SIGNED, padding.PKCS1v15(), hashes.SHA256())),
)


@pytest.mark.parametrize(("key", "signature"), SIGNATURES)
def test_a_statement_signed_by_a_configured_key_is_taken(key: Any, signature: bytes) -> None:
    assert signed_by(envelope(signature), {"ci": pem(key)}) == "ci"


def test_one_good_signature_of_several_suffices() -> None:
    assert signed_by(envelope(b"nonsense", SIGNATURES[0][1]), {"old": pem(RSA), "ci": pem(ED25519)}) == "ci"


def test_base64_for_addresses_is_read_too() -> None:
    signature = base64.urlsafe_b64encode(SIGNATURES[0][1]).decode().rstrip("=")
    report = {**envelope(), "signatures": [{"sig": signature}]}

    assert signed_by(report, {"ci": pem(ED25519)}) == "ci"


def test_without_a_configured_key_nobody_is_said_to_have_signed() -> None:
    assert signed_by(envelope(SIGNATURES[0][1]), {}) == ""


@pytest.mark.parametrize(
    ("report", "keys", "complaint"),
    [
        (reports.IN_TOTO, {"ci": pem(ED25519)}, "not signed, and keys are configured"),
        (envelope(), {"ci": pem(ED25519)}, "no signature"),
        (envelope(b""), {"ci": pem(ED25519)}, "no signature"),
        (envelope(SIGNATURES[0][1]), {"ci": pem(ECDSA)}, "no signature"),
        (envelope(SIGNATURES[1][1]), {"ci": pem(ED25519)}, "no signature"),
        (envelope(ED25519.sign(PAYLOAD)), {"ci": pem(ED25519)}, "no signature"),
        (envelope(SIGNATURES[0][1], payload=PAYLOAD + b" "), {"ci": pem(ED25519)}, "no signature"),
        (envelope(SIGNATURES[0][1], kind="text/plain"), {}, "carries text/plain"),
        (envelope(SIGNATURES[0][1]), {"ci": "no key"}, "ci is no public key"),
        (envelope(SIGNATURES[0][1]), {"ci": pem(x25519.X25519PrivateKey.generate())}, "no signature"),
        ({**envelope(), "payload": "%%%"}, {}, "base64"),
        ({**envelope(), "signatures": None}, {"ci": pem(ED25519)}, "expected a list"),
        (envelope(payload=json.dumps(envelope()).encode()), {}, "_type: expected a text"),
    ],
)
def test_a_statement_that_no_configured_key_signed_is_refused(
    report: object, keys: dict[str, str], complaint: str
) -> None:
    with pytest.raises(RefusedEvidenceError) as refused:
        signed_by(report, keys)

    assert complaint in str(refused.value)
