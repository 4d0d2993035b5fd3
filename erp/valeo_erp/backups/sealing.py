"""Client-side encryption of files, in chunks, so that a file of any size needs the memory of one chunk.

AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): every chunk has a nonce of its own
made of a random prefix, its number, and whether it is the last, so that chunks can't be reordered, dropped or cut off.
"""

import os
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from valeo_erp.backups.faults import BackupError, BrokenBackupError

CHUNK = 1 << 20
"""Bytes of plain text in a chunk."""
_MAGIC = b"VALEOBK1"
_PREFIX = 7
_TAG = 16
_KEY_HEX = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"[-_.A-Za-z0-9]{1,63}")


class Keyring:
    """The keys of a mounted Secret, one file each, named by its id. Old ones stay to read old backups."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def cipher(self, key_id: str) -> AESGCM:
        """The cipher of a key.

        Raises:
            BackupError: the key is not there, or is none.
        """
        if self._folder is None or not _KEY_ID.fullmatch(key_id) or not (self._folder / key_id).is_file():
            raise BackupError(
                "key_missing",
                f"The key {key_id!r} is not mounted; backups encrypted with it can't be read. Put it back into the"
                " Secret that spec.backup.encryption names.",
            )
        text = (self._folder / key_id).read_text(encoding="ascii").strip().lower()
        if not _KEY_HEX.fullmatch(text):
            raise BackupError("key_invalid", f"The key {key_id!r} is not 64 hex digits (256 bits).")
        return AESGCM(bytes.fromhex(text))


def chunked(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in chunks of one size; the last may be shorter, and there is at least one."""
    waiting = bytearray()
    for block in blocks:
        waiting += block
        while len(waiting) > size:
            yield bytes(waiting[:size])
            del waiting[:size]
    yield bytes(waiting)


def sealed(blocks: Iterable[bytes], cipher: AESGCM) -> Iterator[bytes]:
    """The encrypted file: its head, then every chunk with its tag."""
    prefix = os.urandom(_PREFIX)
    yield _MAGIC + prefix
    for number, chunk, last in _counted(chunked(blocks, CHUNK)):
        yield cipher.encrypt(_nonce(prefix, number, last=last), chunk, _MAGIC)


def opened(blocks: Iterable[bytes], cipher: AESGCM, name: str) -> Iterator[bytes]:
    """The plain file.

    Raises:
        BrokenBackupError: a byte is another one, or something is missing.
    """
    head, rest = _split(iter(blocks), len(_MAGIC) + _PREFIX)
    if not head.startswith(_MAGIC) or len(head) != len(_MAGIC) + _PREFIX:
        raise BrokenBackupError(f"{name} does not begin as an encrypted file of a backup.")
    prefix = head[len(_MAGIC) :]
    for number, chunk, last in _counted(chunked(rest, CHUNK + _TAG)):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=last), chunk, _MAGIC)
        except (InvalidTag, ValueError) as error:
            raise BrokenBackupError(
                f"{name} can't be decrypted at chunk {number}: it was changed or cut off, or the key is another one."
            ) from error


def _counted(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    present = next(chunks)
    number = 0
    for following in chunks:
        yield number, present, False
        present, number = following, number + 1
    yield number, present, True


def _split(blocks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    head = bytearray()
    for block in blocks:
        head += block
        if len(head) >= size:
            break

    def rest() -> Iterator[bytes]:
        yield bytes(head[size:])
        yield from blocks

    return bytes(head[:size]), rest()


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, last)
