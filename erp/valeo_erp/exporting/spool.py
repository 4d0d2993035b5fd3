"""A file under way: kept in memory while small, on disk when it grows, with its size and digest at hand."""

import errno
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from valeo_erp.kernel.problems import unavailable

IN_MEMORY_BYTES = 2 * 1024 * 1024
CHUNK_BYTES = 64 * 1024


class Spool:
    """Complete before its first byte is sent: a cut connection never looks like a whole file."""

    def __init__(self) -> None:
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self.size = 0
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        """Append.

        Raises:
            Problem: 503 when the disk is full.
        """
        with disk_space():
            self.file.write(data)
        self._digest.update(data)
        self.size += len(data)

    def measure(self) -> None:
        """Take size and digest of a file that something else wrote into `file`."""
        for chunk in self.chunks():
            self._digest.update(chunk)
            self.size += len(chunk)

    @property
    def sha256(self) -> bytes:
        """Of everything written so far."""
        return self._digest.digest()

    def chunks(self, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The whole file from its beginning."""
        self.file.seek(0)
        while chunk := self.file.read(size):
            yield chunk

    def close(self) -> None:
        """Remove the file."""
        self.file.close()


@contextmanager
def disk_space() -> Iterator[None]:
    """Turns a full disk into an answer."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise unavailable(
            "disk_full", "There is no space left for the file. Narrow the filter, or try later."
        ) from error
