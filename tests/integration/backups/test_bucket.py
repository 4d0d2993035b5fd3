"""A store that speaks S3, served by a process of its own over HTTP."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from tests.integration.backups.conftest import NAME
from tests.support.sign_in import free_port

from valeo_erp.backups.bucket import BucketStore, bucket_at
from valeo_erp.backups.catalogue import listing
from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.making import Place, make
from valeo_erp.backups.manifest import MANIFEST
from valeo_erp.backups.restoring import drop, restore
from valeo_erp.backups.settings import BackupSettings
from valeo_erp.backups.verifying import verify

BESIDE = "valeo_restored_s3"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of the server."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(address)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def bucket(endpoint: str) -> Any:
    """Another client of the same bucket, empty at first."""
    resource = boto3.resource(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="key"
    )
    made = resource.create_bucket(Bucket="backups")
    made.objects.all().delete()
    return made


@pytest.fixture
def settings_of_store(endpoint: str, tmp_path: Path) -> BackupSettings:
    """With a mounted login."""
    login = tmp_path / "login"
    login.mkdir()
    (login / "access-key-id").write_text("id\n")
    (login / "secret-access-key").write_text("key\n")
    return BackupSettings(s3_endpoint=endpoint, s3_credentials_dir=login)


@pytest.fixture
def store(bucket: Any, settings_of_store: BackupSettings) -> BucketStore:
    """Under a prefix."""
    return bucket_at("s3://backups/valeo/production", settings_of_store)


async def test_a_backup_goes_into_the_bucket_and_comes_back_exactly(place: Place, store: BucketStore) -> None:
    used = replace(place, store=store)
    await make(used, NAME)
    try:
        assert (await restore(used, NAME, BESIDE)).differences == []
    finally:
        await drop(place, BESIDE)
    [listed] = listing(store)
    assert (listed["name"], listed["good"]) == (NAME, True)
    store.delete(NAME)
    store.delete(NAME)
    assert listing(store) == []


async def test_a_lost_object_is_told_whatever_else_is_there(place: Place, store: BucketStore, bucket: Any) -> None:
    used = replace(place, store=store)
    await make(used, NAME)
    lost = max(bucket.objects.all(), key=lambda each: each.size)
    await asyncio.to_thread(lost.delete)
    [listed] = listing(store)
    assert (listed["good"], "is not in the store" in listed["reason"]) == (False, True)
    with pytest.raises(BrokenBackupError):
        await verify(store, place.keys, NAME, place.backup.work_dir)


async def test_an_object_that_was_changed_in_the_store_is_found(place: Place, store: BucketStore, bucket: Any) -> None:
    await make(replace(place, store=store), NAME)
    victim = max(bucket.objects.all(), key=lambda each: each.size)
    content = bytearray(await asyncio.to_thread(victim.get()["Body"].read))
    content[-1] ^= 1
    await asyncio.to_thread(victim.put, Body=bytes(content))
    with pytest.raises(BrokenBackupError):
        await verify(store, place.keys, NAME, place.backup.work_dir)


def test_a_prefix_without_a_manifest_was_never_finished(store: BucketStore, bucket: Any) -> None:
    bucket.put_object(Key=f"valeo/production/{NAME}/toc.dat.gz", Body=b"half")
    [listed] = listing(store)
    assert listed["reason"] == f"{NAME} has no manifest: it was never finished."


def test_a_large_file_goes_in_parts_and_comes_back_as_it_was(store: BucketStore) -> None:
    block = bytes(range(256)) * 4096
    store.put(NAME, "large", (block for _ in range(20)))
    assert store.files(NAME) == {"large": 20 * len(block)}
    assert all(piece in block * 3 for piece in store.read(NAME, "large"))


def test_a_bucket_that_is_not_there_is_told_in_words(settings_of_store: BackupSettings) -> None:
    gone = bucket_at("s3://nowhere/valeo", settings_of_store)
    with pytest.raises(BackupError, match="The store s3://nowhere/valeo does not take"):
        gone.put(NAME, MANIFEST, [b"{}"])


def test_a_login_that_is_not_mounted_is_named() -> None:
    with pytest.raises(BackupError, match="lacks access-key-id"):
        bucket_at("s3://backups", BackupSettings(s3_credentials_dir=None))
    with pytest.raises(BackupError, match="names no bucket"):
        bucket_at("s3:///prefix", BackupSettings())
