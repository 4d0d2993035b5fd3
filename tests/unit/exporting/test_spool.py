"""The file under way."""

import errno
import hashlib

import pytest

from valeo_erp.exporting.spool import Spool, disk_space
from valeo_erp.kernel.problems import Problem


def test_size_and_digest_are_those_of_the_whole_file() -> None:
    with Spool() as spool:
        spool.write(b"a" * 100_000)
        spool.write(b"b")

        whole = b"".join(spool.chunks())

        assert (spool.size, spool.sha256) == (len(whole), hashlib.sha256(whole).digest())


def test_a_file_that_another_writer_made_is_measured() -> None:
    with Spool() as spool:
        spool.file.write(b"made elsewhere")
        spool.measure()

        assert (spool.size, spool.sha256) == (14, hashlib.sha256(b"made elsewhere").digest())


def test_a_full_disk_is_an_answer_and_other_errors_are_not() -> None:
    with pytest.raises(Problem) as refused, disk_space():
        raise OSError(errno.ENOSPC, "No space left on device")

    assert (refused.value.status, refused.value.code) == (503, "disk_full")
    with pytest.raises(OSError, match="broken"), disk_space():
        raise OSError(errno.EIO, "broken")
