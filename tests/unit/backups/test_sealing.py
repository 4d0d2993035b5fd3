"""Encrypted files come back byte for byte, and not at all when a single bit, chunk or end is another one."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.backups import sealing
from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.sealing import Keyring, chunked, opened, sealed

CIPHER = AESGCM(bytes(32))


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few bytes are many chunks."""
    monkeypatch.setattr(sealing, "CHUNK", 8)


@given(content=st.binary(max_size=70), written=st.integers(1, 80), read=st.integers(1, 80))
def test_what_was_sealed_is_opened_however_it_arrives(content: bytes, written: int, read: int) -> None:
    stored = b"".join(sealed(pieces(content, written), CIPHER))
    assert b"".join(opened(pieces(stored, read), CIPHER, "f")) == content


@given(content=st.binary(min_size=1, max_size=40), where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_flipped_bit_is_found(content: bytes, where: int, bit: int) -> None:
    stored = bytearray(b"".join(sealed([content], CIPHER)))
    stored[where % len(stored)] ^= 1 << bit
    with pytest.raises(BrokenBackupError):
        list(opened([bytes(stored)], CIPHER, "f"))


@given(content=st.binary(min_size=1, max_size=40), kept=st.integers(0, 10_000))
def test_a_cut_file_is_found_wherever_it_is_cut(content: bytes, kept: int) -> None:
    stored = b"".join(sealed([content], CIPHER))
    with pytest.raises(BrokenBackupError):
        list(opened([stored[: kept % len(stored)]], CIPHER, "f"))


def test_chunks_in_another_order_are_found() -> None:
    stored = b"".join(sealed([bytes(range(16)), bytes(8)], CIPHER))
    head, size = 15, 8 + 16
    swapped = (
        stored[:head] + stored[head + size : head + 2 * size] + stored[head : head + size] + stored[head + 2 * size :]
    )
    with pytest.raises(BrokenBackupError, match="chunk 0"):
        list(opened([swapped], CIPHER, "f"))


def test_another_key_opens_nothing() -> None:
    stored = b"".join(sealed([b"content"], CIPHER))
    with pytest.raises(BrokenBackupError, match="or the key is another one"):
        list(opened([stored], AESGCM(b"k" * 32), "f"))


def test_the_same_content_is_never_sealed_to_the_same_bytes() -> None:
    assert list(sealed([b"content"], CIPHER)) != list(sealed([b"content"], CIPHER))


@given(blocks=st.lists(st.binary(max_size=20)), size=st.integers(1, 9))
def test_chunks_have_one_size_but_the_last(blocks: list[bytes], size: int) -> None:
    chunks = list(chunked(blocks, size))
    assert b"".join(chunks) == b"".join(blocks)
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert len(chunks[-1]) <= size


def test_a_key_is_64_hex_digits_in_a_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("ab")
    with pytest.raises(BackupError, match="64 hex digits"):
        Keyring(tmp_path).cipher("short")
    with pytest.raises(BackupError, match="is not mounted"):
        Keyring(None).cipher("k")
    with pytest.raises(BackupError, match="is not mounted"):
        Keyring(None).cipher("../session")
