"""Reading a certificate: until when it is valid and for which hosts.

Only what these two need of X.509 (RFC 5280) in DER (X.690). Whether clients trust its issuer is not told here.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE: Final = 0x30
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_OBJECT_ID: Final = 0x06
_OCTETS: Final = 0x04
_DNS_NAME: Final = 0x82
_ALTERNATIVE_NAMES: Final = bytes([0x55, 0x1D, 0x11])
_LONG: Final = 0x80
_LONGEST_LENGTH: Final = 4


class UnreadableCertificateError(ValueError):
    """This is no certificate."""


@dataclass(frozen=True)
class Certificate:
    """What is read of a certificate."""

    not_before: datetime
    not_after: datetime
    hosts: tuple[str, ...]

    def covers(self, host: str) -> bool:
        """Whether it speaks of the host; a wildcard stands for one label (RFC 6125)."""
        _, _, parent = host.partition(".")
        return host in self.hosts or (bool(parent) and f"*.{parent}" in self.hosts)


def read_certificate(pem: bytes) -> Certificate:
    """The first certificate of a chain: that of the server itself. Raises UnreadableCertificateError."""
    found = _PEM.search(pem.decode("ascii", "replace"))
    if found is None:
        raise UnreadableCertificateError("there is no certificate in it")
    try:
        content = base64.b64decode("".join(found[1].split()), validate=True)
        return _certificate(content)
    except (binascii.Error, IndexError, ValueError) as wrong:
        raise UnreadableCertificateError(f"the certificate can't be read: {wrong}") from wrong


def _certificate(content: bytes) -> Certificate:
    body = list(_parts(_only(_only(content))))  # Certificate, its first part: what is signed
    if body and body[0][0] == _VERSION:
        body = body[1:]
    begins, ends = (_time(*each) for each in _parts(body[3][1]))
    extensions = next((value for tag, value in body if tag == _EXTENSIONS), b"")
    return Certificate(begins, ends, tuple(_hosts(extensions)))


def _only(content: bytes) -> bytes:
    return _first(_SEQUENCE, list(_parts(content))[:1])


def _first(wanted: int, parts: Iterable[tuple[int, bytes]]) -> bytes:
    for tag, value in parts:
        if tag == wanted:
            return value
    raise ValueError(f"an element {wanted:#x} is missing")


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each element."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length >= _LONG:
            size = length - _LONG
            if not 0 < size <= _LONGEST_LENGTH:
                raise ValueError("a length that no certificate has")
            length, at = int.from_bytes(content[at : at + size]), at + size
        if at + length > len(content):
            raise ValueError("it is cut off")
        yield tag, content[at : at + length]
        at += length


def _time(tag: int, value: bytes) -> datetime:
    """Years of two digits are those from 1950 to 2049."""
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        century = "19" if text[:2] >= "50" else "20"
        text = century + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("a time was expected")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _hosts(extensions: bytes) -> Iterator[str]:
    if not extensions:
        return
    for _, extension in _parts(_only(extensions)):
        parts = list(_parts(extension))
        if parts[0] == (_OBJECT_ID, _ALTERNATIVE_NAMES):
            names = _parts(_only(_first(_OCTETS, parts)))
            yield from (name.decode("ascii").lower() for tag, name in names if tag == _DNS_NAME)
