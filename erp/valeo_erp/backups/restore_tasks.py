"""What the commands run that bring a database back, from a store or by name."""

import argparse
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

from valeo_erp.backups.erasures import carry_erasures
from valeo_erp.backups.making import Place, Say, Server
from valeo_erp.backups.restoring import restore
from valeo_erp.backups.settings import BackupSettings
from valeo_erp.backups.swapping import drop_replaced, swap, swap_back
from valeo_erp.kernel.settings import Settings

Result = Coroutine[Any, Any, dict[str, Any]]


async def _restore(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    begun = monotonic()
    done = await restore(place, options.name, options.into)
    return done.told(monotonic() - begun)


async def _drill(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    from valeo_erp.backups.drilling import drill  # noqa: PLC0415 - it loads the whole application

    return await drill(place, options.name)


async def _carry_erasures(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return {"erased": await carry_erasures(server, options.restored)}


async def _swap(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return await swap(server, options.restored, erasures=not options.without_erasures)


async def _swap_back(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return await swap_back(server, options.restored)


async def _drop_replaced(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    return await drop_replaced(server, options.restored)


IN_STORE: dict[str, Callable[[Place, argparse.Namespace], Result]] = {"restore": _restore, "drill": _drill}
_ON_SERVER: dict[str, Callable[[Server, argparse.Namespace], Result]] = {
    "carry-erasures": _carry_erasures,
    "swap": _swap,
    "swap-back": _swap_back,
    "drop-replaced": _drop_replaced,
}


async def on_server(
    settings: Settings, backup: BackupSettings, say: Say, options: argparse.Namespace
) -> dict[str, Any]:
    """Run a command that needs no store.

    Raises:
        BackupError: it did not come about.
    """
    return await _ON_SERVER[options.word](Server(settings=settings, backup=backup, say=say), options)
