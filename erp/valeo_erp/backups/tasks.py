"""What the commands of `valeo-erp backup` run. What restores loads much more of the ERP, and only then."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from valeo_erp.backups.bucket import bucket_at
from valeo_erp.backups.catalogue import listing
from valeo_erp.backups.exporting import export
from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.making import Place, Say, make
from valeo_erp.backups.naming import checked_name, name_at
from valeo_erp.backups.settings import BackupSettings
from valeo_erp.backups.store import FolderStore, Store
from valeo_erp.backups.verifying import verify
from valeo_erp.kernel.settings import Settings

Result = Coroutine[Any, Any, dict[str, Any]]


def store_at(address: str, settings: BackupSettings) -> Store:
    """The store of an address: `file:///folder` or `s3://bucket/prefix`.

    Raises:
        BackupError: it is none.
    """
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return FolderStore(Path(parts.path))
    if parts.scheme == "s3":
        return bucket_at(address, settings)
    raise BackupError("store_unknown", f"A store is file:///folder or s3://bucket/prefix, not {address!r}.")


async def _make(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    return await make(place, options.name or name_at(datetime.now(UTC)))


async def _verify(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    async with place.workroom() as room:
        manifest = await verify(place.store, place.keys, options.name, room)
    return {**manifest.summary(place.store.manifest(options.name)), "verified": True}


async def _list(place: Place, _: argparse.Namespace) -> dict[str, Any]:
    return {"backups": await asyncio.to_thread(listing, place.store)}


async def _delete(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    await asyncio.to_thread(place.store.delete, checked_name(options.name))
    return {"name": options.name, "deleted": True}


async def _export(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    return await export(place, options.name, options.to)


async def _restore_or_drill(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    from valeo_erp.backups.restore_tasks import IN_STORE  # noqa: PLC0415 - it loads the trade with all its tables

    return await IN_STORE[options.word](place, options)


_OF_STORE: dict[str, Callable[[Place, argparse.Namespace], Result]] = {
    "make": _make,
    "verify": _verify,
    "list": _list,
    "delete": _delete,
    "export": _export,
    "restore": _restore_or_drill,
    "drill": _restore_or_drill,
}


async def told(settings: Settings, say: Say, options: argparse.Namespace) -> dict[str, Any]:
    """Run the command that was asked for and give its result.

    Raises:
        BackupError: it did not come about.
    """
    backup = BackupSettings()
    if options.word in _OF_STORE:
        place = Place(settings=settings, backup=backup, store=store_at(options.store, backup), say=say)
        return await _OF_STORE[options.word](place, options)
    from valeo_erp.backups.restore_tasks import on_server  # noqa: PLC0415 - as above

    return await on_server(settings, backup, say, options)
