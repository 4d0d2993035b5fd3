"""Manifests: read back as written, refused when they are anything else, compared to the row."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.manifest import Fingerprint, Manifest, StoredFile, TableMark, differences, read, written
from valeo_erp.backups.naming import (
    checked_database,
    checked_name,
    exported_file,
    kept_database,
    name_at,
    scratch_database,
)

NAME = "20260102-030405"
MARKS = Fingerprint({"party": TableMark(2, "17"), "item": TableMark(0, "0")}, {"outbox_id_seq": 9})
MANIFEST = Manifest(
    name=NAME,
    installation="valeo/production",
    version="0.1.0",
    revision="0005",
    server="17",
    began=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    ended=datetime(2026, 1, 2, 3, 4, 9, tzinfo=UTC),
    encrypted_with="key-2026",
    files=(StoredFile("toc.dat", 12, "ab" * 32), StoredFile("1.dat.zst", 30, "cd" * 32)),
    fingerprint=MARKS,
)


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(written(MANIFEST)) | fields).encode()


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    assert read(written(MANIFEST), NAME) == MANIFEST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        written(MANIFEST)[:-3],
        changed(format=2),
        changed(files=[{"name": "../../etc/passwd", "bytes": 1, "sha256": "x"}]),
        changed(files=[{"name": "manifest.json", "bytes": 1, "sha256": "x"}]),
        changed(files=[{"name": "a", "bytes": "many", "sha256": "x"}]),
        changed(began="yesterday"),
        changed(fingerprint={"tables": [], "sequences": {}}),
        b"[" * 100_000,
    ],
)
def test_what_is_no_manifest_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(BrokenBackupError, match="manifest"):
        read(content, NAME)


def test_the_manifest_of_another_backup_is_refused() -> None:
    with pytest.raises(BrokenBackupError, match="is that of 20260102-030405"):
        read(written(MANIFEST), "20260102-030406")


def test_the_same_fingerprint_has_no_differences() -> None:
    assert differences(MARKS, Fingerprint(dict(MARKS.tables), {"outbox_id_seq": 12})) == []


def test_every_difference_is_named() -> None:
    found = Fingerprint({"party": TableMark(2, "18"), "period": TableMark(1, "1")}, {"outbox_id_seq": 8})
    assert differences(MARKS, found) == [
        "table item: not restored",
        "table party: 2 rows, but not the same ones",
        "table period: not in the backup",
        "sequence outbox_id_seq: at 8 instead of 9 or later",
    ]


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3),
        st.builds(TableMark, st.integers(0, 9), st.integers(0, 99).map(str)),
        max_size=4,
    )
)
def test_the_digest_tells_every_two_fingerprints_apart(tables: dict[str, TableMark]) -> None:
    other = Fingerprint(tables, {})
    same = other.tables == MARKS.tables
    assert (other.digest == MARKS.digest) is same


def test_names_are_times_in_utc() -> None:
    moment = datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC) - timedelta(hours=1)
    assert name_at(moment) == NAME
    assert name_at(moment, "pre-0006") == f"{NAME}-pre-0006"
    assert exported_file(f"{NAME}-pre") == "valeo_erp_backup_20260102_030405.tar"
    assert scratch_database("valeo", NAME) == "valeo_drill_20260102_030405"
    assert kept_database("valeo_restored_1") == "valeo_restored_1_replaced"
    assert len(kept_database("v" * 63)) == 63


@pytest.mark.parametrize("name", ["", "..", "20260102", f"{NAME}/..", f"{NAME}-", f"{NAME}-UP", f" {NAME}"])
def test_what_is_no_name_never_becomes_a_path(name: str) -> None:
    with pytest.raises(BackupError, match="YYYYMMDD"):
        checked_name(name)


@pytest.mark.parametrize("name", ["", "a b", 'a"; drop database valeo', "1a", "A", "a" * 64])
def test_what_needs_quoting_is_no_database(name: str) -> None:
    with pytest.raises(BackupError, match="small letters"):
        checked_database(name)
