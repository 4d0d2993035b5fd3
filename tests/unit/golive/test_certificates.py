"""Certificates are read as OpenSSL wrote them; anything else is refused with a sentence."""

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from valeo_operator.golive.certificates import Certificate, UnreadableCertificateError, read_certificate

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Landhandel Hofmann")])


def made(begins: datetime, ends: datetime, *hosts: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("ends", [datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC), datetime(2061, 1, 1, tzinfo=UTC)])
def test_validity_and_hosts_are_those_of_the_certificate(ends: datetime) -> None:
    begins = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)

    found = read_certificate(made(begins, ends, "erp.example.com", "*.example.org"))

    assert found == Certificate(begins, ends, ("erp.example.com", "*.example.org"))


def test_of_a_chain_the_first_certificate_counts() -> None:
    begins, ends = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)

    chain = made(begins, ends, "erp.example.com") + made(begins, ends, "authority.example.com")

    assert read_certificate(chain).hosts == ("erp.example.com",)


def test_a_certificate_may_name_no_host() -> None:
    found = read_certificate(made(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)))

    assert not found.covers("erp.example.com")


@pytest.mark.parametrize(
    ("host", "covered"), [("erp.example.com", True), ("a.example.org", True), ("a.b.example.org", False)]
)
def test_a_wildcard_stands_for_one_label(host: str, covered: bool) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert Certificate(now, now, ("erp.example.com", "*.example.org")).covers(host) is covered


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(content) + b"\n-----END CERTIFICATE-----\n"

    with pytest.raises(UnreadableCertificateError):
        read_certificate(pem)


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_damaged_certificate_never_ends_the_look(place: int, flip: int) -> None:
    content = bytearray(base64.b64decode("".join(GOOD.decode().splitlines()[1:-1])))
    content[place % len(content)] ^= flip
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(bytes(content)) + b"\n-----END CERTIFICATE-----\n"

    with suppress(UnreadableCertificateError):
        assert read_certificate(pem).hosts is not None


GOOD = made(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), "erp.example.com")
