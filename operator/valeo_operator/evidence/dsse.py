"""DSSE envelopes: a payload, and signatures over it that a configured key must confirm.

`sealed` makes one, with a private key; nothing of the operator does: it holds only public keys.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from valeo_operator.evidence.json_reading import Part, tidy
from valeo_operator.evidence.summary import RefusedEvidenceError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"


def is_envelope(document: Part) -> bool:
    """Whether the document is an envelope and not a bare statement."""
    return document.is_object and document["payload"].there


def opened(envelope: Part, keys: Mapping[str, str]) -> tuple[bytes, str]:
    """The payload, and the name of the key that confirms it; without configured keys the name is empty.

    `keys` are public keys in PEM (Ed25519, ECDSA or RSA, as cosign makes them) by name.
    """
    kind = envelope["payloadType"].text()
    if kind != PAYLOAD_TYPE:
        raise RefusedEvidenceError(f"the envelope carries {kind}, not {PAYLOAD_TYPE}")
    payload = _bytes(envelope["payload"])
    return payload, _confirmed_by(_signed(kind, payload), envelope, keys) if keys else ""


class WrongPrivateKeyError(Exception):
    """What should sign is no private key that can."""


def sealed(payload: bytes, pem: bytes) -> dict[str, Any]:
    """The envelope with the payload, signed with a private key in PEM without a passphrase (Ed25519, ECDSA or RSA)."""
    signature = base64.b64encode(_signature(pem, _signed(PAYLOAD_TYPE, payload))).decode()
    body = base64.b64encode(payload).decode()
    return {"payloadType": PAYLOAD_TYPE, "payload": body, "signatures": [{"keyid": "", "sig": signature}]}


def _signature(pem: bytes, signed: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise WrongPrivateKeyError("it is no private key in PEM without a passphrase") from wrong
    match key:
        case ed25519.Ed25519PrivateKey():
            return key.sign(signed)
        case ec.EllipticCurvePrivateKey():
            return key.sign(signed, ec.ECDSA(hashes.SHA256()))
        case rsa.RSAPrivateKey():
            return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    raise WrongPrivateKeyError("it is a private key of a kind that signs nothing here: use Ed25519, ECDSA or RSA")


def check_public_key(name: str, pem: str) -> None:
    """Refuse what is no public key that could confirm anything."""
    if not list(_ways(_public_key(name, pem))):
        raise RefusedEvidenceError(f"the configured key {tidy(name)} is of a kind that confirms nothing")


def _confirmed_by(signed: bytes, envelope: Part, keys: Mapping[str, str]) -> str:
    signatures = [_bytes(each["sig"]) for each in envelope["signatures"].items()]
    for name, pem in keys.items():
        key = _public_key(name, pem)
        if any(_holds(key, signature, signed) for signature in signatures):
            return name
    raise RefusedEvidenceError(f"no signature of the envelope holds for a configured key ({', '.join(keys)})")


def _signed(kind: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def _bytes(part: Part) -> bytes:
    if not isinstance(part.value, str):
        part.refuse("a text in base64")
    plain = part.value.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        part.refuse("a text in base64")


def _public_key(name: str, pem: str) -> "PublicKeyTypes":
    # Imported only where a key is configured: the library is large.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        return load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise RefusedEvidenceError(f"the configured key {tidy(name)} is no public key in PEM") from wrong


def _holds(key: "PublicKeyTypes", signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    try:
        for arguments in _ways(key):
            key.verify(signature, signed, *arguments)  # type: ignore[union-attr]
            return True
    except InvalidSignature:
        return False
    return False


def _ways(key: "PublicKeyTypes") -> Iterator[tuple[Any, ...]]:
    """How a key of this kind is asked; a kind that is not named confirms nothing."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa  # noqa: PLC0415

    match key:
        case ed25519.Ed25519PublicKey():
            yield ()
        case ec.EllipticCurvePublicKey():
            yield (ec.ECDSA(hashes.SHA256()),)
        case rsa.RSAPublicKey():
            yield (padding.PKCS1v15(), hashes.SHA256())
