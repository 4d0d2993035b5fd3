"""A store that speaks S3: one key prefix for each backup, over the well-kept client of Apache Arrow's object_store."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.manifest import LARGEST_MANIFEST, MANIFEST
from valeo_erp.backups.naming import checked_name
from valeo_erp.backups.settings import BackupSettings

_PART = 8 << 20
_BLOCK = 1 << 20
_RETRIES = 3
_GONE = (NotFoundError, FileNotFoundError)
_FAILED = (BaseError, *_GONE, PermissionError)


def _credential(folder: Path | None, name: str) -> str:
    path = None if folder is None else folder / name
    if path is None or not path.is_file():
        raise BackupError(
            "store_login_missing",
            f"The login of the store lacks {name}. Mount a Secret with access-key-id and secret-access-key.",
        )
    return path.read_text(encoding="utf-8").strip()


def bucket_at(address: str, settings: BackupSettings) -> "BucketStore":
    """The store of `s3://bucket/prefix`.

    Raises:
        BackupError: the address names no bucket, or the login is not mounted.
    """
    parts = urlsplit(address)
    if not parts.netloc:
        raise BackupError("store_unknown", f"{address!r} names no bucket: s3://bucket/prefix.")
    endpoint = settings.s3_endpoint
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        endpoint=endpoint,
        region=settings.s3_region,
        access_key_id=_credential(settings.s3_credentials_dir, "access-key-id"),
        secret_access_key=_credential(settings.s3_credentials_dir, "secret-access-key"),
        client_options={"allow_http": endpoint is not None and endpoint.startswith("http://")},
        retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(minutes=2)},
    )
    return BucketStore(store, address)


class BucketStore:
    """Implements `Store`. What a listing says is never believed alone: a backup is read before it counts."""

    def __init__(self, store: S3Store, address: str) -> None:
        self._store = store
        self._address = address

    def names(self) -> list[str]:
        """The prefixes under the store's own."""
        try:
            found = obstore.list_with_delimiter(self._store)
        except _FAILED as error:
            raise self._refused("be listed", error) from error
        return sorted(prefix.rstrip("/").rpartition("/")[2] for prefix in found["common_prefixes"])

    def files(self, name: str) -> dict[str, int]:
        """Sizes as the listing tells them."""
        try:
            pages = list(obstore.list(self._store, prefix=f"{checked_name(name)}/"))
        except _FAILED as error:
            raise self._refused("be listed", error) from error
        sizes = {each["path"].rpartition("/")[2]: each["size"] for page in pages for each in page}
        return {file: size for file, size in sizes.items() if file != MANIFEST}

    def put(self, name: str, file: str, blocks: Iterable[bytes]) -> None:
        """In parts; a large file needs the memory of a few of them."""
        try:
            obstore.put(self._store, f"{name}/{file}", iter(blocks), chunk_size=_PART, max_concurrency=2)
        except _FAILED as error:
            raise self._refused(f"take {name}/{file}", error) from error

    def read(self, name: str, file: str) -> Iterator[bytes]:
        """Blocks of a mebibyte at least."""
        try:
            for block in obstore.get(self._store, f"{name}/{file}").stream(min_chunk_size=_BLOCK):
                yield bytes(block)
        except _GONE as error:
            raise BrokenBackupError(f"{name}/{file} is not in the store.") from error
        except _FAILED as error:
            raise self._refused(f"give {name}/{file}", error) from error

    def publish(self, name: str, manifest: bytes) -> None:
        """The last object."""
        self.put(name, MANIFEST, [manifest])

    def manifest(self, name: str) -> bytes:
        """At most four megabytes of it are read."""
        try:
            size = obstore.head(self._store, f"{checked_name(name)}/{MANIFEST}")["size"]
        except _GONE as error:
            raise BrokenBackupError(f"{name} has no manifest: it was never finished.") from error
        except _FAILED as error:
            raise self._refused(f"give {name}/{MANIFEST}", error) from error
        if size > LARGEST_MANIFEST:
            raise BrokenBackupError(f"The manifest of {name} is too large to be one.")
        return b"".join(self.read(name, MANIFEST))

    def delete(self, name: str) -> None:
        """The manifest first, then what the listing shows."""
        try:
            obstore.delete(self._store, f"{checked_name(name)}/{MANIFEST}")
        except _GONE:
            pass  # most stores don't tell; those that do say that there is nothing to do
        except _FAILED as error:
            raise self._refused(f"delete {name}", error) from error
        for file in self.files(name):
            obstore.delete(self._store, f"{name}/{file}")

    def _refused(self, what: str, error: Exception) -> BackupError:
        words = " ".join(str(error).partition("Debug source")[0].split())[:400]
        return BackupError("store_refused", f"The store {self._address} does not {what}: {words}")
