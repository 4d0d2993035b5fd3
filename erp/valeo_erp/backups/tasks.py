"""The commands of `valeo-erp backup` and what each of them runs."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from valeo_erp.backups.bucket import bucket_at
from valeo_erp.backups.catalogue import listing
from valeo_erp.backups.erasures import carry_erasures
from valeo_erp.backups.exporting import export
from valeo_erp.backups.faults import BackupError
from valeo_erp.backups.making import Place, Say, Server, make
from valeo_erp.backups.naming import checked_name, name_at
from valeo_erp.backups.restoring import restore
from valeo_erp.backups.settings import BackupSettings
from valeo_erp.backups.store import FolderStore, Store
from valeo_erp.backups.swapping import drop_replaced, swap, swap_back
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


async def _restore(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    begun = monotonic()
    done = await restore(place, options.name, options.into)
    return done.told(monotonic() - begun)


async def _drill(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    from valeo_erp.backups.drilling import drill  # noqa: PLC0415 - it loads the whole application

    return await drill(place, options.name)


async def _export(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    return await export(place, options.name, options.to)


async def _carry_erasures(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return {"erased": await carry_erasures(server, options.restored)}


async def _swap(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return await swap(server, options.restored, erasures=not options.without_erasures)


async def _swap_back(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return await swap_back(server, options.restored)


async def _drop_replaced(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return await drop_replaced(server, options.restored)


IN_STORE: dict[str, Callable[[Place, argparse.Namespace], Result]] = {
    "make": _make,
    "verify": _verify,
    "list": _list,
    "delete": _delete,
    "restore": _restore,
    "drill": _drill,
    "export": _export,
}
ON_SERVER: dict[str, Callable[[Server, argparse.Namespace], Result]] = {
    "carry-erasures": _carry_erasures,
    "swap": _swap,
    "swap-back": _swap_back,
    "drop-replaced": _drop_replaced,
}


async def told(settings: Settings, say: Say, options: argparse.Namespace) -> dict[str, Any]:
    """Run the command that was asked for and give its result.

    Raises:
        BackupError: it did not come about.
    """
    backup = BackupSettings()
    if options.word in ON_SERVER:
        return await ON_SERVER[options.word](Server(settings=settings, backup=backup, say=say), options)
    store = store_at(options.store, backup)
    return await IN_STORE[options.word](Place(settings=settings, backup=backup, store=store, say=say), options)
